/**
 * Reads a tool catalogue: the tools that a plan may use, the servers that they live on, the labels that their results carry.
 * Pure. Never lets one tool stand for another: a name that two definitions claim is an error.
 */
import { type Json, isArray, isObject, jsonEqual, member } from "../json/value.ts";
import { catalogueToolsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import type { FrozenTool } from "../plan/plan.ts";
import { bareName } from "../plan/tool-name.ts";
import { type Result, err, ok } from "../result.ts";
import { isName, readLabels } from "./declared.ts";
import type { Catalogue } from "./form.ts";
import { type Place, type Report, openReport, quote } from "./report.ts";
import { readTool } from "./tool.ts";

export type { Catalogue } from "./form.ts";
export {
  type BeforeAfter,
  type CatalogueDiff,
  catalogueDigest,
  diffCatalogues,
  type ServerDiff,
  type ToolDiff,
  type ToolWarning,
  type Voided,
  voidedBy,
} from "./diff.ts";
export { inferEffects } from "./effects.ts";
export { type Reviewed, reviewCatalogue, type ToolReview } from "./review.ts";
export { inferRole, roleOf } from "./roles.ts";
export { argumentDefault, inputProperties, outputSchema, requiredArguments, resolveSchema } from "./schema.ts";

/** How a catalogue is read. */
export interface CatalogueOptions {
  /** The server that the whole list came from (an MCP connection). Then no name in it is read as another server's. */
  readonly server?: string;
  /** `ignore`: the list was written by the server itself, so its `sluice` members say nothing. Default `accept` (the operator's file). */
  readonly declarations?: "accept" | "ignore";
  /**
   * What is done about one name with two definitions. `first`: the first counts, with a warning, for what only proposes (a draft). Default
   * `refuse`, since one would shadow the other.
   */
  readonly duplicates?: "refuse" | "first";
}

const fileMembers: ReadonlySet<string> = new Set([
  "tools",
  "server",
  "servers",
  "labels",
  "nextCursor",
  "_meta",
  "$schema",
  "description",
]);

/**
 * Reads `{"tools": […], "server"?, "servers"?, "labels"?}` or a bare list of tools, each in the shape of MCP `tools/list` (or of the
 * OpenAI and Anthropic APIs), with an optional `sluice` member. Every error comes with its pointer.
 *
 * @example
 * const catalogue = readCatalogue(value);
 * if (catalogue.ok) catalogue.value.resolve("broker/order");
 */
export function readCatalogue(value: Json, options: CatalogueOptions = {}): Result<Catalogue, readonly Finding[]> {
  const report = openReport();
  const list = isArray(value) ? value : member(value, "tools");
  const place: Place = isArray(value) ? [] : ["tools"];
  if (!isArray(list)) {
    report.error(isObject(value) ? place : [], 'a catalogue is {"tools": [...]} or a list of tools');
    return err(report.findings);
  }
  if (list.length > catalogueToolsMax) {
    report.error(place, `more than ${catalogueToolsMax} tools`, "CATALOGUE_TOO_LARGE");
    return err(report.findings);
  }
  if (options.server !== undefined && !isName(options.server))
    report.error([], "the server's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
  const file = isObject(value) ? value : {};
  for (const key of Object.keys(file))
    if (!fileMembers.has(key)) report.warn([key], "unknown member, ignored", "CATALOGUE_IGNORED");
  const cursor = member(file, "nextCursor");
  if (cursor !== undefined && cursor !== null)
    report.warn(["nextCursor"], "the list goes on: tools may be missing", "CATALOGUE_IGNORED");
  const { identities, server } = readServers(file, report);
  const labels = readLabels(member(file, "labels"), report);
  const tools = readTools(list, place, { report, server: options.server ?? server ?? "local", identities, options });
  if (report.findings.some(({ severity }) => severity === "error")) return err(report.findings);
  return ok({ tools, servers: identities, labels, resolve: resolver(tools), findings: report.findings });
}

function readTools(
  list: readonly Json[],
  place: Place,
  context: {
    readonly report: Report;
    readonly server: string;
    readonly identities: Map<string, Json>;
    readonly options: CatalogueOptions;
  },
): ReadonlyMap<string, FrozenTool> {
  const { report, server, identities, options } = context;
  const tools = new Map<string, FrozenTool>();
  const toolContext = {
    report,
    server,
    isServerKnown: options.server !== undefined,
    isTrusted: options.declarations !== "ignore",
  };
  for (const [index, entry] of list.entries()) {
    const at = [...place, index];
    const read = readTool(entry, at, toolContext);
    if (read === undefined) continue;
    const { name, definition } = read.tool;
    const earlier = tools.get(name);
    if (earlier === undefined) tools.set(name, read.tool);
    else if (jsonEqual(earlier.definition, definition)) report.warn(at, `${quote(name)} is listed twice`, "CATALOGUE_DUPLICATE");
    else if (options.duplicates === "first")
      report.warn(at, `${quote(name)} has two different definitions; this one is left out`, "CATALOGUE_DUPLICATE");
    else report.error(at, `${quote(name)} has two different definitions; one would shadow the other`, "CATALOGUE_DUPLICATE");
    if (!identities.has(read.server)) identities.set(read.server, { name: read.server });
  }
  return tools;
}

/** Reads `server` (a name or an object with `name`) and `servers` (a list of such, or identities by name). */
function readServers(
  file: Json,
  report: Report,
): { readonly identities: Map<string, Json>; readonly server: string | undefined } {
  const identities = new Map<string, Json>();
  const own = member(file, "server");
  const server = own === undefined ? undefined : addServer(own, ["server"], { identities, report });
  const others = member(file, "servers");
  if (isArray(others))
    for (const [index, entry] of others.entries()) addServer(entry, ["servers", index], { identities, report });
  else if (isObject(others)) {
    for (const [name, identity] of Object.entries(others)) {
      if (!isName(name))
        report.error(["servers", name], "a server's name has letters, digits, `_`, `.` and `-` only", "CATALOGUE_NAME");
      else if (identities.has(name))
        report.error(["servers", name], `server ${quote(name)} is given twice`, "CATALOGUE_DUPLICATE");
      else identities.set(name, identity);
    }
  } else if (others !== undefined) report.error(["servers"], "must be a list of servers, or identities by name");
  return { identities, server };
}

function addServer(
  value: Json,
  place: Place,
  context: { readonly identities: Map<string, Json>; readonly report: Report },
): string | undefined {
  const { identities, report } = context;
  const name = typeof value === "string" ? value : member(value, "name");
  if (typeof name !== "string" || !isName(name)) {
    report.error(
      place,
      "must be a server's name (letters, digits, `_`, `.`, `-`) or an object with such a `name`",
      "CATALOGUE_NAME",
    );
    return undefined;
  }
  const identity = typeof value === "string" ? { name } : value;
  const earlier = identities.get(name);
  if (earlier !== undefined && !jsonEqual(earlier, identity))
    report.error(place, `server ${quote(name)} is given twice`, "CATALOGUE_DUPLICATE");
  identities.set(name, identity);
  return name;
}

/** Looks up qualified names, and bare names that exactly one tool has. */
function resolver(tools: ReadonlyMap<string, FrozenTool>): Catalogue["resolve"] {
  const bare = new Map<string, FrozenTool | "several">();
  for (const [name, tool] of tools) {
    const own = bareName(name);
    bare.set(own, bare.has(own) ? "several" : tool);
  }
  return (name, place = []) => {
    // `broker/order` names that server's tool and no other, even if some server calls a tool of its own so.
    const isQualified = isName(name.slice(0, Math.max(0, name.indexOf("/"))));
    const tool = tools.get(name) ?? (isQualified ? undefined : bare.get(name));
    if (tool !== undefined && tool !== "several") return ok(tool);
    const report = openReport();
    if (tool === "several")
      report.error(place, `several servers have a tool ${quote(name)}; write server/tool`, "TOOL_AMBIGUOUS");
    else report.error(place, `the catalogue has no tool ${quote(name)}`, "TOOL_UNKNOWN");
    const [finding] = report.findings;
    return err(finding as Finding);
  };
}
