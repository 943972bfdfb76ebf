/**
 * Names of tools as MCP clients see them: `server__tool`, which every model API takes, or the server's own.
 * Pure. Never gives two tools one name: those that would share one have none.
 */
import { domainDigest } from "../../plan/digest.ts";
import { bareName, serverName } from "../../plan/tool-name.ts";
import { plainName } from "../tool-spelling.ts";

/** How names are shown. `bare`: as the server has them, where there is only one server. */
export type Naming = "qualified" | "bare";

/** Names of one plan's tools. */
export interface ShownNames {
  /** The shown name of a qualified one; `undefined`: it has none. */
  shownOf(tool: string): string | undefined;
  /** The qualified name of a shown one. */
  toolOf(shown: string): string | undefined;
  /** Qualified names that would be shown alike. */
  readonly clashes: readonly string[];
}

/** Characters of a shown name: what the strictest model API takes. */
const shownCharsMax = 64;

/** The names of these tools. */
export function showNames(tools: readonly string[], naming: Naming): ShownNames {
  const shown = new Map<string, string>();
  const owners = new Map<string, string[]>();
  for (const tool of tools) {
    const name = naming === "bare" ? bareName(tool) : qualifiedShown(tool);
    shown.set(tool, name);
    owners.set(name, [...(owners.get(name) ?? []), tool]);
  }
  const clashes = [...owners.values()].filter((each) => each.length > 1).flat();
  const isClear = (tool: string | undefined): tool is string => tool !== undefined && !clashes.includes(tool);
  return {
    shownOf: (tool) => (isClear(tool) ? shown.get(tool) : undefined),
    toolOf: (name) => {
      const [tool] = owners.get(name) ?? [];
      return isClear(tool) ? tool : undefined;
    },
    clashes,
  };
}

/** `server__name` of what a server calls `name`: a tool, a prompt. A long name ends in a digest of the whole. */
export function qualifiedShown(tool: string): string {
  const plain = plainName(`${serverName(tool)}__${bareName(tool)}`);
  if (plain.length <= shownCharsMax) return plain;
  const digest = domainDigest("mcp-name", tool).slice(-8);
  return `${plain.slice(0, shownCharsMax - digest.length - 1)}_${digest}`;
}
