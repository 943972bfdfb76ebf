/**
 * A plan as it is once a person approves whatever is asked.
 * Pure. For looking ahead only: what it allows is not allowed without the person.
 */
import type { Constraints, FrozenPlan, PlanNode } from "../plan/plan.ts";

/** The plan without its approvals; a flow rule that asks a person denies nothing then. A policy must have been applied before. */
export function withoutApprovals({ policy: _, ...frozen }: FrozenPlan): FrozenPlan {
  const nodes = Object.entries(frozen.plan.nodes).map(([name, node]): [string, PlanNode] => {
    if (node.constraints === undefined && node.within === undefined) return [name, node];
    const { constraints, within, ...rest } = node;
    return [
      name,
      {
        ...rest,
        ...(constraints === undefined ? {} : { constraints: unasked(constraints) }),
        ...(within === undefined ? {} : { within: within.map(unasked) }),
      },
    ];
  });
  const { flows, ...plan } = frozen.plan;
  const kept = flows?.filter(({ approve }) => approve === undefined);
  return { ...frozen, plan: { ...plan, nodes: Object.fromEntries(nodes), ...(kept === undefined ? {} : { flows: kept }) } };
}

function unasked({ approve: _, ...constraints }: Constraints): Constraints {
  return constraints;
}

/** Whether a person approves each call of a node, by the plan or by a policy that was applied to it. */
export function isAsked({ constraints, within = [] }: PlanNode): boolean {
  return [constraints, ...within].some((each) => each?.approve !== undefined);
}
