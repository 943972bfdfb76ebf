/**
 * Which calls a policy wants a human to approve because of the data in them.
 * Pure. Static: what could be untrusted counts, whatever the plan endorses.
 */
import { builtInLabels } from "../../plan/built-in-labels.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { isAgentGiven, optionsOf, rulesOf } from "../../plan/walk.ts";
import type { Policy } from "../policy.ts";
import { isAgentShaped, openReach, reachOf } from "../reach.ts";
import { rolesAt, type ToolNode, toolNodesOf } from "../select.ts";

/** Whether a label is untrusted in a plan; one that nobody declares is. */
export function isUntrustedLabel({ plan, labels }: Pick<FrozenPlan, "plan" | "labels">, name: string): boolean {
  const table = [plan.labels ?? {}, labels, builtInLabels].find((each) => Object.hasOwn(each, name));
  return table?.[name]?.integrity !== "trusted";
}

/**
 * Names of the nodes that untrusted data reaches in an argument of one of the roles that `approve.untrusted` names.
 * @param before - the tools as the catalogue has them: a role that was raised still counts.
 */
export function untrustedNodes(frozen: FrozenPlan, policy: Policy, before: FrozenPlan["tools"]): ReadonlySet<string> {
  const roles = policy.approve?.untrusted ?? [];
  if (roles.length === 0) return new Set();
  const subject = openReach(frozen);
  const reach = reachOf(subject, {
    isFollowed: (label) => isUntrustedLabel(frozen, label),
    acceptsEndorsement: () => false,
    acceptsRemoval: () => true,
  });
  const isReached = (toolNode: ToolNode, arg: string): boolean => {
    if (reach.into(toolNode.name, arg).length > 0) return true;
    if (!isAgentShaped(subject, toolNode, arg)) return false;
    return reach.shown.length > 0 || isEndorsed(toolNode, arg) || rolesAt(toolNode, arg).has("content");
  };
  const found = toolNodesOf(frozen, before).filter((toolNode) =>
    Object.keys(toolNode.node.args ?? {}).some((arg) => {
      const has = rolesAt(toolNode, arg);
      return roles.some((role) => has.has(role)) && isReached(toolNode, arg);
    }),
  );
  return new Set(found.map(({ name }) => name));
}

/** Whether the agent gives an argument that an endorsement covers: what it has read in an earlier session may choose it. */
function isEndorsed({ name, node }: ToolNode, arg: string): boolean {
  const rule = node.args?.[arg];
  if (rule === undefined || !isAgentGiven(rule)) return false;
  return rulesOf(name, node).some((visited) => visited.arg === arg && optionsOf(visited.rule).endorse !== undefined);
}
