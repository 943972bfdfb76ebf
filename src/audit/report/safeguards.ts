/**
 * What a plan does at one node to keep data where it belongs, in words: sanitizers, downgrades, constraints, flow rules, hidden results, approvals.
 * Pure. Says what the plan says, and never that it is enough.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";
import type { CompiledNode, CompiledPlan } from "../../plan/compile/compiled.ts";
import type { Constraints, Downgrade, PlanNode } from "../../plan/plan.ts";
import { optionsOf, rulesOf } from "../../plan/walk.ts";

/** One safeguard of a node. */
export interface NodeSafeguard {
  readonly kind: "sanitizer" | "declassification" | "endorsement" | "constraint" | "flow-rule" | "hidden" | "human-approval";
  readonly what: string;
  readonly why?: string;
  /** Whether it applies to what comes back, and not to what is asked. */
  readonly isOfResult?: true;
}

/** The safeguards of a node, in the order of the plan. */
export function safeguardsOf(plan: CompiledPlan, node: CompiledNode): readonly NodeSafeguard[] {
  const spec = plan.frozen.plan.nodes[node.name] as PlanNode;
  const found: NodeSafeguard[] = [];
  if (spec.removes !== undefined) {
    const { labels, paths } = spec.removes;
    const what = `takes ${labels.join(", ")} from ${paths.join(", ")} of the result, whose schema is bounded there`;
    found.push({ kind: "sanitizer", what, isOfResult: true });
  }
  for (const { place, rule } of rulesOf(node.name, spec)) {
    const { endorse, declassify } = optionsOf(rule);
    if (endorse !== undefined) found.push(downgrade("endorsement", place, endorse));
    if (declassify !== undefined) found.push(downgrade("declassification", place, declassify));
  }
  for (const [i, constraints] of [spec.constraints ?? {}, ...(spec.within ?? [])].entries())
    for (const what of constraintsIn(constraints))
      found.push({ kind: "constraint", what: i === 0 ? what : `${what} (by the policy)` });
  if (node.needsApproval)
    found.push({ kind: "human-approval", what: "each call waits until a person has approved its very bytes" });
  if (spec.show === "none" || (Array.isArray(spec.show) && spec.show.length === 0))
    found.push({ kind: "hidden", what: "the agent never sees the result", isOfResult: true });
  else if (Array.isArray(spec.show))
    found.push({ kind: "hidden", what: `the agent sees only ${spec.show.join(", ")} of the result`, isOfResult: true });
  for (const { id, deny, to, approve } of (plan.frozen.plan.flows ?? []).filter((_, i) => node.flows.includes(i))) {
    const then = approve === undefined ? "never reaches" : "reaches only with a person's approval";
    found.push({ kind: "flow-rule", what: `rule ${id}: data of ${deny.join(", ")} ${then} ${[to].flat().join(", ")}` });
  }
  return found;
}

function downgrade(kind: "endorsement" | "declassification", place: string, { from, to, why }: Downgrade): NodeSafeguard {
  const [before, after] = [[from].flat().join(", "), [to].flat().join(", ")];
  const what =
    kind === "endorsement" ? `${place}: ${before} counts as ${after}` : `${place}: ${before} may also be read by ${after}`;
  return { kind, what, why };
}

/** Each constraint in words; `approve` is told apart. */
function constraintsIn(constraints: Constraints): readonly string[] {
  const { approve: _approve, ...others } = constraints;
  return Object.entries(others).map(([name, value]) => {
    if (value === true) return words[name] ?? name;
    const shown =
      Array.isArray(value) && value.every((each) => typeof each === "string") ? value.join(", ") : canonicalJson(value as Json);
    return `${words[name] ?? name}: ${shown}`;
  });
}

const words: { readonly [name: string]: string } = {
  readOnly: "only reads",
  noExternalNetwork: "reaches no network outside, by the tool's declaration",
  maxBytes: "bytes of a call and of a result, at most",
  hosts: "only these hosts",
  paths: "only below these paths",
  emails: "only these addresses",
  domains: "only these domains",
  sql: "only such SQL",
  argv: "only these programs",
  sandbox: "sandbox, by the operator's word",
  idempotent: "may be tried again after a failure",
  rate: "rate",
  budget: "budget",
};
