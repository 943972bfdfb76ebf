/**
 * How much free text a plan lets the agent write in one session.
 * Pure. Counts the longest texts and the most runs; never what is likely.
 */
import { pointerOf } from "../../json/pointer.ts";
import { callBytesMax, callsPerSessionMax } from "../../limits.ts";
import type { Finding } from "../../plan/finding.ts";
import type { FrozenPlan, PlanNode } from "../../plan/plan.ts";
import { classify, rulesOf } from "../../plan/walk.ts";
import type { Policy } from "../policy.ts";

/** Bits of one code point: log2 of the 1,112,064 scalar values (The Unicode Standard, D76). */
const bitsOfCodePoint = Math.log2(1_112_064);

/** `POLICY_TEXT`: the free texts of a session hold more bits than the policy allows. */
export function checkTexts({ plan }: FrozenPlan, { limits }: Policy): readonly Finding[] {
  const bitsMax = limits?.text?.bits;
  if (bitsMax === undefined) return [];
  const calls = plan.limits?.calls ?? callsPerSessionMax;
  let total = 0;
  for (const name of Object.keys(plan.nodes).sort()) {
    const node = plan.nodes[name] as PlanNode;
    const runs = node.constraints?.idempotent === true ? calls : Math.min(calls, runsOf(plan.nodes, name));
    for (const { path, rule } of rulesOf(name, node)) {
      const classed = classify(rule);
      if (classed.kind !== "write") continue;
      total += runs * bitsOfCodePoint * (classed.rule.write.maxLength ?? callBytesMax);
      if (total <= bitsMax) continue;
      const bits = Math.round(total);
      const message = `the texts that the agent writes hold ${bits} bits a session, the policy allows ${bitsMax}: lower \`maxLength\` or the runs`;
      return [{ code: "POLICY_TEXT", severity: "error", pointer: pointerOf(path), message, bits }];
    }
  }
  return [];
}

/** The most runs of a node in one session: its times, times its rows, times the runs of the node that it loops over. */
function runsOf(nodes: { readonly [name: string]: PlanNode }, name: string): number {
  let runs = 1;
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const node: PlanNode | undefined = Object.hasOwn(nodes, at) ? nodes[at] : undefined;
    runs *= typeof node?.times === "number" ? node.times : (node?.times?.max ?? 1);
    if (typeof node?.each === "object") runs *= node.each.max;
    at = typeof node?.each === "string" ? node.each : undefined;
  }
  return runs;
}
