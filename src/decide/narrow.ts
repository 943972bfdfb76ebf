/**
 * Which of the nodes of one tool a call can be, by the constants among their arguments: one look-up where there are many nodes.
 * Pure. No I/O, no clock. Never leaves out a node that the call could fit: what is left out has another constant where a value was sent.
 */
import type { Json, JsonObject } from "../json/value.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";

/** From so many candidates on it is worth it. */
const candidatesMin = 4;
/** So many candidates may take any value: they stand in the list of every constant. */
const othersMax = 16;

/** The candidates by the constant that one argument has in them. */
interface Index {
  readonly arg: string;
  /** The nodes that take a value of the argument, in the plan's order. */
  readonly byValue: ReadonlyMap<Json, readonly CompiledNode[]>;
  /** The nodes that take any other value: it is no constant of theirs, or one that is not looked up. */
  readonly others: readonly CompiledNode[];
}

/** Indexes by the list of candidates that they are for, which is the plan's own; `null`: no argument tells them apart. */
const known = new WeakMap<readonly CompiledNode[], Index | null>();

/** The candidates that could take these arguments. The list itself if nothing can be left out. */
export function narrow(candidates: readonly CompiledNode[], args: JsonObject): readonly CompiledNode[] {
  if (candidates.length < candidatesMin) return candidates;
  let index = known.get(candidates);
  if (index === undefined) {
    index = indexOf(candidates);
    known.set(candidates, index);
  }
  if (index === null || !Object.hasOwn(args, index.arg)) return candidates;
  const sent = args[index.arg];
  return isLookedUp(sent) ? (index.byValue.get(sent) ?? index.others) : candidates;
}

/** Only values that are equal where they are the same to a `Map`. Handles are texts, and no constant is one. */
function isLookedUp(value: Json | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function constantOf(node: CompiledNode, arg: string): string | number | boolean | undefined {
  const rule = node.args.find(({ name }) => name === arg)?.rule;
  return rule?.kind === "const" && isLookedUp(rule.value) ? rule.value : undefined;
}

/** An index on the argument that has the most different constants; none where what the nodes read counts, whichever of them is called. */
function indexOf(candidates: readonly CompiledNode[]): Index | null {
  if (candidates.some(({ hiddenReads }) => hiddenReads.length > 0)) return null;
  const values = new Map<string, Set<Json>>();
  for (const { args } of candidates)
    for (const { name, rule } of args)
      if (rule.kind === "const" && isLookedUp(rule.value)) {
        const seen = values.get(name) ?? new Set();
        values.set(name, seen.add(rule.value));
      }
  let most: { readonly arg: string; readonly values: ReadonlySet<Json> } | undefined;
  for (const [arg, seen] of values) if (seen.size > (most?.values.size ?? 1)) most = { arg, values: seen };
  if (most === undefined) return null;
  const { arg } = most;
  const others = candidates.filter((node) => constantOf(node, arg) === undefined);
  if (others.length > othersMax) return null;
  const byValue = new Map([...most.values].map((value): [Json, CompiledNode[]] => [value, []]));
  for (const node of candidates) {
    const constant = constantOf(node, arg);
    if (constant !== undefined) byValue.get(constant)?.push(node);
    else for (const list of byValue.values()) list.push(node);
  }
  return { arg, byValue, others };
}
