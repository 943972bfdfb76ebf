/**
 * The envelope of a plan as nodes: what amendments may add by themselves is checked and counted as if it had been added.
 * Pure. The nodes are for reading a plan; a plan is never enforced with them.
 */
import { pointerOf } from "../json/pointer.ts";
import type { Finding } from "./finding.ts";
import type { EnvelopeEntry, Plan, PlanNode } from "./plan.ts";

/** Runs that an entry allows, over all nodes that spend it. */
export function runsOfEntry({ times }: EnvelopeEntry): number {
  return times ?? 1;
}

/** The node that an entry of an envelope stands for: it need not run. */
export function nodeOfEntry(entry: EnvelopeEntry): PlanNode {
  const { tool, args } = entry;
  return { tool, ...(args === undefined ? {} : { args }), times: { min: 0, max: runsOfEntry(entry) } };
}

/** A plan with its envelope as further nodes, and what these are called. The plan itself, if it has no envelope. */
export function withEnvelope(plan: Plan): { readonly plan: Plan; readonly names: readonly string[] } {
  if (plan.envelope === undefined || plan.envelope.length === 0) return { plan, names: [] };
  const names: string[] = [];
  const nodes: Record<string, PlanNode> = { ...plan.nodes };
  for (const [i, entry] of plan.envelope.entries()) {
    let name = `envelope.${i}`;
    while (Object.hasOwn(nodes, name)) name += "-";
    names.push(name);
    nodes[name] = nodeOfEntry(entry);
  }
  return { plan: { ...plan, nodes }, names };
}

/** Findings about a plan with its envelope as nodes, at their places in the plan itself. */
export function placedInEnvelope(findings: readonly Finding[], names: readonly string[]): readonly Finding[] {
  if (names.length === 0) return findings;
  const places = new Map(names.map((name, i) => [pointerOf(["nodes", name]), pointerOf(["envelope", i])]));
  return findings.map((finding) => {
    for (const [from, to] of places)
      if (finding.pointer === from || finding.pointer.startsWith(`${from}/`))
        return { ...finding, pointer: to + finding.pointer.slice(from.length) };
    return finding;
  });
}
