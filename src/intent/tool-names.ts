/**
 * Finds the tool that a format means: by its qualified name, its bare name, or a spelling that clients make of both.
 * Pure. Never takes the first of several: a name that two tools could have is an error.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { suggestion } from "../plan/schema-issue.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { bareName, serverName } from "../plan/tool-name.ts";
import { err, ok, type Result } from "../result.ts";
import type { ImportError } from "./intent.ts";

/** Why a name is no tool. The place is the caller's. */
export type ToolNameError = Pick<ImportError, "code" | "message">;

/** Looks up the tool of a written name. Errors: `IMPORT_TOOL_UNKNOWN`, `IMPORT_TOOL_AMBIGUOUS`, each with the names that would do. */
export type ToolFinder = (written: string) => Result<FrozenTool, ToolNameError>;

/** Tool names that are compared with one that is not there; a longer list is not what a slip of the pen is compared with. */
const suggestionsMax = 1_000;
/** Names of tools in one message. */
const namedMax = 4;

/**
 * A finder over a catalogue. A qualified name (`server/tool`) means that tool. Any other name means the one tool whose bare name it is, or
 * of which it is a spelling: `server__tool` and `mcp__server__tool` (Claude), `server.tool`, `server:tool`, `server-tool` and `server_tool`
 * (agent frameworks), `functions.tool` (OpenAI), each also with `_` for the characters that APIs do not take in names.
 */
export function toolFinder(catalogue: Catalogue): ToolFinder {
  let spelled: ReadonlyMap<string, ReadonlySet<FrozenTool>> | undefined;
  return (written) => {
    const own = written.includes("/") ? catalogue.tools.get(written) : undefined;
    if (own !== undefined) return ok(own);
    spelled ??= spellingsOf(catalogue);
    const found = [...(spelled.get(written) ?? [])];
    const [only, second] = found;
    if (only !== undefined && second === undefined) return ok(only);
    return err(only === undefined ? unknown(written, catalogue) : ambiguous(written, found));
  };
}

function spellingsOf(catalogue: Catalogue): ReadonlyMap<string, ReadonlySet<FrozenTool>> {
  const spelled = new Map<string, Set<FrozenTool>>();
  for (const tool of catalogue.tools.values()) {
    const server = serverName(tool.name);
    const bare = bareName(tool.name);
    const plain = [bare, ...["__", ".", ":", "-", "_"].map((between) => `${server}${between}${bare}`)];
    const written = [...plain, `mcp__${server}__${bare}`, `functions.${bare}`];
    for (const name of new Set(written.flatMap((each) => [each, each.replace(/[^A-Za-z0-9_-]/g, "_")]))) {
      const tools = spelled.get(name);
      if (tools === undefined) spelled.set(name, new Set([tool]));
      else tools.add(tool);
    }
  }
  return spelled;
}

function unknown(written: string, { tools }: Catalogue): ToolNameError {
  const names = tools.size > suggestionsMax ? [] : [...tools.keys()];
  const bare = names.map(bareName);
  const near = suggestion(written, [...names, ...bare]);
  const hint = near.startsWith(": did") ? near : suggestion(written, names);
  return { code: "IMPORT_TOOL_UNKNOWN", message: `the catalogue has no tool ${quotedName(written)}${hint}` };
}

function ambiguous(written: string, found: readonly FrozenTool[]): ToolNameError {
  const names = found.slice(0, namedMax).map(({ name }) => `\`${name}\``);
  const more = found.length > namedMax ? `, and ${found.length - namedMax} more` : "";
  const message = `${quotedName(written)} could be ${names.join(", ")}${more}: write the one that is meant, as \`server/tool\``;
  return { code: "IMPORT_TOOL_AMBIGUOUS", message };
}

/** A name out of an imported text, fit for one line of a message. */
export function quotedName(name: string): string {
  const line = name.replace(/[^\x20-\x7e]|`/g, "?");
  return `\`${line.length > 80 ? `${line.slice(0, 79)}…` : line}\``;
}
