/**
 * How many bits of choice an argument rule leaves to whoever gives its value, and how often a node may run.
 * Pure. `undefined` always means: cannot be counted. Never too few.
 */
import { leastOf } from "../../lang/match/kinds.ts";
import type { JsonObject } from "../../json/value.ts";
import { addBits } from "../../lang/bits.ts";
import { compileMatch } from "../../lang/match.ts";
import type { ArgRule, PlanNode } from "../plan.ts";
import { classify, optionsOf, partsOf } from "../walk.ts";

/**
 * Upper bound on log2 of the number of values that the argument can have, in bits; 0 for what the plan fixes; `undefined` if the
 * values cannot be counted. A value that may also be left out counts as one value more.
 */
export function bitsOf(rule: ArgRule): number | undefined {
  const { match, optional } = optionsOf(rule);
  const free = leastOf([bitsOfClass(rule), match === undefined ? undefined : bitsOfMatch(match)]);
  return free !== undefined && optional === true && free < 52 ? Math.ceil(Math.log2(2 ** free + 1) * 100) / 100 : free;
}

function bitsOfClass(rule: ArgRule): number | undefined {
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
    case "param":
      return 0;
    case "choose":
      return bitsOfMatch(classed.rule.choose);
    case "list":
    case "object":
    case "template":
      return partsOf(rule).reduce<number | undefined>((sum, part) => addBits(sum, bitsOf(part.rule)), 0);
    default:
      return undefined;
  }
}

function bitsOfMatch(spec: JsonObject): number | undefined {
  const match = compileMatch(spec);
  return match.ok ? match.value.bits : undefined;
}

/** The most runs of a node in one session: its times, times its rows, times the runs of the node that it loops over. */
export function runsMax(nodes: { readonly [name: string]: PlanNode }, name: string): number {
  let runs = 1;
  let at: string | undefined = name;
  // A circle of loops is an error elsewhere; the walk ends where it began.
  const seen = new Set<string>();
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const node: PlanNode | undefined = Object.hasOwn(nodes, at) ? nodes[at] : undefined;
    if (node === undefined) break;
    runs *= typeof node.times === "number" ? node.times : (node.times?.max ?? 1);
    if (typeof node.each === "object") runs *= node.each.max;
    at = typeof node.each === "string" ? node.each : undefined;
  }
  return runs;
}
