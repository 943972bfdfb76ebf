/**
 * Which resources the tool of a node reads and writes, as its catalogue declares them.
 * Pure. Never takes a tool that acts beside declared resources for one that touches none of them.
 */
import type { FrozenTool, ResourceSpec, ToolFacts } from "../plan.ts";
import { serverName } from "../tool-name.ts";

/** A declared resource, ready to be filled in from the arguments of a call; `undefined`: everything that the server holds. */
export type CompiledResource =
  | {
      readonly kind: string;
      /** Text, and the places of arguments in it, as member names. */
      readonly parts: readonly (string | readonly string[])[];
    }
  | undefined;

/** What the tool of a node reads and writes. */
export interface CompiledResources {
  readonly server: string;
  readonly reads: readonly CompiledResource[];
  readonly writes: readonly CompiledResource[];
  /** Whether what it writes may be what it read itself: then its own labels are written too. */
  readonly isCopying: boolean;
}

/** The servers of which some tool declares a resource. */
export function trackedServers(tools: { readonly [name: string]: FrozenTool }): ReadonlySet<string> {
  const declaring = Object.values(tools).filter(({ facts }) => facts.resource !== undefined);
  return new Set(declaring.map(({ name }) => serverName(name)));
}

/** The resources of a tool; absent: it touches none that anybody declared. */
export function compileResources(tool: FrozenTool | undefined, tracked: ReadonlySet<string>): CompiledResources | undefined {
  if (tool === undefined) return undefined;
  const server = serverName(tool.name);
  const access = accessOf(tool.facts);
  const isExecuting = tool.facts.effects.includes("execute");
  const specs = tool.facts.resource === undefined || isExecuting ? [] : specsOf(tool.facts.resource);
  if (specs.length === 0 && !isExecuting && !tracked.has(server)) return undefined;
  // A tool that says nothing beside tools that do, or that runs whatever it is told to, may touch all of it.
  const all = specs.length === 0 ? [{ resource: undefined, access }] : specs.map((spec) => compileSpec(spec, access));
  const having = (kind: "read" | "write"): readonly CompiledResource[] =>
    all.filter((one) => one.access === "both" || one.access === kind).map(({ resource }) => resource);
  const reads = having("read");
  const isFetching = tool.facts.effects.some((effect) => effect === "read" || effect === "network" || effect === "execute");
  return { server, reads, writes: having("write"), isCopying: reads.length > 0 || isFetching };
}

function specsOf(resource: NonNullable<ToolFacts["resource"]>): readonly ResourceSpec[] {
  const list = Array.isArray(resource) ? (resource as readonly (string | ResourceSpec)[]) : [resource as string | ResourceSpec];
  return list.map((one) => (typeof one === "string" ? { template: one } : one));
}

/** What a tool does with its resources if it does not say: by its effects, and both where nobody declared these. */
function accessOf({ effects, inferred }: ToolFacts): "read" | "write" | "both" {
  const isReading = effects.includes("read");
  const isWriting = effects.some((effect) => effect === "write" || effect === "money" || effect === "message");
  if (effects.includes("execute") || isReading === isWriting) return "both";
  if (isReading) return "read";
  return inferred.includes("effects") ? "both" : "write";
}

function compileSpec(
  spec: ResourceSpec,
  fallback: "read" | "write" | "both",
): { readonly resource: CompiledResource; readonly access: "read" | "write" | "both" } {
  const colon = spec.template.indexOf(":");
  const parts = spec.template
    .slice(colon + 1)
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("{") ? part.slice(1, -1).split(".") : part));
  return { resource: { kind: spec.template.slice(0, colon), parts }, access: spec.access ?? fallback };
}
