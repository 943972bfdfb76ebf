/**
 * Whether a server still is what the plan was frozen with: its tools' definitions, its identity, its instructions.
 * Never mends a difference: a plan whose tools have changed allows nothing until a person has looked.
 */
import { showPointer } from "../../json/pointer.ts";
import { readCatalogue } from "../../catalogue/catalogue.ts";
import { definitionChanges } from "../../catalogue/definition-changes.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member } from "../../json/value.ts";
import { catalogueToolsMax, mcpPagesMax } from "../../limits.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { serverName } from "../../plan/tool-name.ts";
import { err, ok, type Result } from "../../result.ts";
import { isMethodTool } from "./methods.ts";
import type { ServerIdentity, Upstream, UpstreamFailure } from "./upstream.ts";

/** What a server lists. */
export type Listing = readonly Json[];

/** A difference between a plan and a server, for the operator. */
export interface PinFault {
  /** Qualified name of the tool, or the server's name. */
  readonly what: string;
  /** JSON pointers of what differs, or why there is nothing to compare. */
  readonly where: readonly string[];
}

/** All tools that a server lists. */
export async function listTools(upstream: Upstream, signal: AbortSignal): Promise<Result<Listing, UpstreamFailure>> {
  const tools: Json[] = [];
  let cursor: string | undefined;
  // A server without tools has none that could change; asking it would be an error.
  if (!isObject(member(upstream.identity.capabilities, "tools"))) return ok(tools);
  for (let page = 0; page < mcpPagesMax; page++) {
    const answer = await upstream.request("tools/list", cursor === undefined ? {} : { cursor }, { signal });
    if (!answer.ok) return answer;
    if (!answer.value.ok) return err("broken");
    const { result } = answer.value;
    const listed = member(result, "tools");
    if (!isArray(listed) || tools.length + listed.length > catalogueToolsMax) return err("broken");
    for (const tool of listed) tools.push(tool);
    const next = member(result, "nextCursor");
    if (next === undefined || next === null) return ok(tools);
    if (typeof next !== "string" || next === cursor) return err("broken");
    cursor = next;
  }
  return err("broken");
}

/** Members of a definition that are pinned: what a model or a client acts on. */
const pinnedMembers = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"] as const;

/** Where a server differs from what the plan has pinned of it. Empty: nowhere. */
export function pinFaults(
  plan: FrozenPlan,
  server: string,
  live: { readonly identity: ServerIdentity; readonly listing: Listing },
): readonly PinFault[] {
  const faults: PinFault[] = identityFaults(member(plan.servers, server), server, live.identity);
  for (const { name, definition } of Object.values(plan.tools)) {
    if (serverName(name) !== server || isMethodTool(name)) continue;
    const bare = member(definition, "name");
    const listed = live.listing.filter((tool) => member(tool, "name") === bare);
    const [first] = listed;
    if (first === undefined) faults.push({ what: name, where: ["(not listed any more)"] });
    else if (listed.some((other) => !jsonEqual(other, first))) faults.push({ what: name, where: ["(listed twice)"] });
    else {
      const where = changesOf(definition, first, server);
      if (where.length > 0) faults.push({ what: name, where });
    }
  }
  return faults;
}

function identityFaults(pinned: Json | undefined, server: string, live: ServerIdentity): PinFault[] {
  const where: string[] = [];
  const info = member(pinned, "serverInfo");
  if (info !== undefined && !jsonEqual(info, live.info)) where.push("/serverInfo");
  const instructions = member(pinned, "instructions");
  if (instructions !== undefined && instructions !== (live.instructions ?? null)) where.push("/instructions");
  return where.length === 0 ? [] : [{ what: server, where }];
}

/** Pointers of the pinned members that differ, both read by the same reader. */
function changesOf(pinned: JsonObject, listed: Json, server: string): readonly string[] {
  const read = readCatalogue([listed], { server, declarations: "ignore" });
  const [tool] = read.ok ? read.value.tools.values() : [];
  if (tool === undefined) return ["(cannot be read)"];
  return definitionChanges(onlyPinned(pinned), onlyPinned(tool.definition)).map(({ pointer }) =>
    // Names of members are the server's own, and end in a log.
    showPointer(pointer),
  );
}

function onlyPinned(definition: JsonObject): JsonObject {
  return Object.fromEntries(
    pinnedMembers.flatMap((name) => {
      const value = member(definition, name);
      // What says nothing and what is not there are the same to a model.
      return value === undefined || value === null ? [] : [[name, value] as const];
    }),
  );
}

/** What a plan pins of the instructions of its servers: all that an agent is told. */
export function pinnedInstructions(plan: FrozenPlan): string | undefined {
  const said = Object.entries(plan.servers).flatMap(([server, identity]) => {
    const instructions = member(identity, "instructions");
    return typeof instructions === "string" && instructions !== "" ? [{ server, instructions }] : [];
  });
  const [only] = said;
  if (said.length <= 1) return only?.instructions;
  return said.map(({ server, instructions }) => `# ${server}\n\n${instructions}`).join("\n\n");
}
