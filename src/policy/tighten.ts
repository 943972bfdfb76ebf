/**
 * A frozen plan under a policy → the stricter plan that the engine runs, so that deciding needs no notion of a policy.
 * Pure. Monotone: whatever the tightened plan allows, the plan itself allows. Keeps the digest, which names what was frozen.
 */
import { leastOf } from "../lang/match/kinds.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";
import type { ArgRule, Budget, Constraints, FlowRule, FrozenPlan, Limits, Plan, PlanNode } from "../plan/plan.ts";
import { classify } from "../plan/walk.ts";
import type { Policy, PolicyConstraint, PolicyLimits } from "./policy.ts";
import { isNamed, isSelected, type ToolNode } from "./select.ts";
import { untrustedNodes } from "./tighten/approvals.ts";
import { labelsOf } from "./tighten/labels.ts";
import { keptFlows, raisedRoles, tightenTool } from "./tighten/tools.ts";

/** Tightens a frozen plan by a composed policy. */
export function tighten(frozen: FrozenPlan, policy: Policy): FrozenPlan {
  const raised = raisedRoles(frozen, policy);
  const tools = Object.fromEntries(Object.entries(frozen.tools).map(([name, tool]) => [name, tightenTool(tool, policy, raised)]));
  const limits = limitsOf(frozen.plan.limits, policy.limits);
  const nodes = Object.entries(frozen.plan.nodes).map(([name, node]): [string, PlanNode] => {
    const tool = node.tool !== undefined && Object.hasOwn(tools, node.tool) ? tools[node.tool] : undefined;
    return [name, tool === undefined ? node : tightenNode({ name, node, tool }, policy)];
  });
  const flows = [...(frozen.plan.flows ?? []), ...policyFlows(policy)];
  const plan: Plan = {
    ...frozen.plan,
    ...(limits === undefined ? {} : { limits }),
    nodes: Object.fromEntries(nodes),
    flows: [...flows, ...raised.flatMap((each) => keptFlows(flows, each))],
  };
  const labels = labelsOf({ ...frozen, plan, tools }, policy);
  const tightened: FrozenPlan = { ...frozen, plan: Object.keys(labels).length === 0 ? plan : { ...plan, labels }, tools };
  const asked = untrustedNodes(tightened, policy, frozen.tools);
  if (asked.size === 0) return tightened;
  const all = Object.entries(tightened.plan.nodes).map(([name, node]): [string, PlanNode] => [
    name,
    asked.has(name) ? holdBoth(node, { approve: "human" }) : node,
  ]);
  return { ...tightened, plan: { ...tightened.plan, nodes: Object.fromEntries(all) } };
}

/** The flow rules of a policy as rules of a plan. That no plan endorses them away is checked when the plan is. */
function policyFlows(policy: Policy): readonly FlowRule[] {
  const flows = (policy.flows ?? []).map(({ accepts: _, ...flow }): FlowRule => ({ ...flow, id: `policy.${flow.id}` }));
  const sanitizers = (policy.sanitizers ?? []).map(
    ({ through: _, labels, ...rule }): FlowRule => ({ ...rule, id: `policy.${rule.id}`, deny: labels }),
  );
  return [...flows, ...sanitizers];
}

function limitsOf(own: Limits | undefined, limits: PolicyLimits | undefined): Limits | undefined {
  if (limits === undefined) return own;
  const least3 = {
    calls: leastOf([own?.calls, limits.calls]),
    seconds: leastOf([own?.seconds, limits.seconds]),
    maxBytes: leastOf([own?.maxBytes, limits.maxBytes]),
  };
  const kept = Object.entries(least3).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? own : { ...own, ...(Object.fromEntries(kept) as Limits) };
}

function tightenNode(toolNode: ToolNode, policy: Policy): PlanNode {
  const { node, tool } = toolNode;
  const constraints = (policy.constraints ?? []).filter((rule) => isSelected(rule, tool)).map(holdOf);
  const { approve, limits } = policy;
  const isApproved =
    (approve?.tools !== undefined && isNamed(approve.tools, tool.name)) ||
    approve?.effects?.some((effect) => tool.facts.effects.includes(effect)) === true;
  const all: readonly Constraints[] = isApproved ? [...constraints, { approve: "human" }] : constraints;
  const held = all.reduce<PlanNode>(holdBoth, node);
  const maxLength = limits?.text?.maxLength;
  if (maxLength === undefined || node.args === undefined) return held;
  return { ...held, args: Object.fromEntries(Object.entries(node.args).map(([arg, rule]) => [arg, shorter(rule, maxLength)])) };
}

/** A node that holds further constraints: what can be merged is merged, and what cannot is held beside its own. */
function holdBoth(node: PlanNode, more: Constraints): PlanNode {
  const own = node.constraints ?? {};
  const { budget, maxBytes, approve, idempotent: _, ...others } = more;
  const isApart = (name: string): boolean => Object.hasOwn(own, name);
  const beside = Object.fromEntries(Object.entries(others).filter(([name]) => isApart(name)));
  const joined = Object.fromEntries(Object.entries(others).filter(([name]) => !isApart(name)));
  const bytes = leastOf([own.maxBytes, maxBytes]);
  const budgets = [...budgetsOf(own), ...budgetsOf(more)];
  const constraints: Constraints = {
    ...own,
    ...joined,
    ...(bytes === undefined ? {} : { maxBytes: bytes }),
    ...(approve === undefined ? {} : { approve }),
    ...(budget === undefined ? {} : { budget: budgets }),
  };
  return {
    ...node,
    constraints,
    ...(Object.keys(beside).length === 0 ? {} : { within: [...(node.within ?? []), beside] }),
  };
}

/** What a rule of the policy holds a node to. Its budgets are one for all nodes, and for all plans where the scope is the principal. */
function holdOf({ id, hold }: PolicyConstraint): Constraints {
  const budgets = budgetsOf(hold).map((budget, i) => ({
    ...budget,
    id: `policy:${id}/${i}/${canonicalJson(budget as unknown as Json)}`,
  }));
  return budgets.length === 0 ? hold : { ...hold, budget: budgets };
}

function budgetsOf({ budget }: Constraints): readonly Budget[] {
  return budget === undefined ? [] : Array.isArray(budget) ? budget : [budget as Budget];
}

/** A rule whose free texts are no longer than `maxLength` code points. Depth is bounded by `ruleDepthMax`. */
function shorter(rule: ArgRule, maxLength: number): ArgRule {
  const classed = classify(rule);
  if (classed.kind === "write")
    return {
      ...classed.rule,
      write: { ...classed.rule.write, maxLength: Math.min(classed.rule.write.maxLength ?? maxLength, maxLength) },
    };
  if (classed.kind === "list") return classed.rules.map((part) => shorter(part, maxLength));
  if (classed.kind !== "object") return rule;
  const object = Object.entries(classed.rule.object).map(([name, part]) => [name, shorter(part, maxLength)]);
  return { ...classed.rule, object: Object.fromEntries(object) };
}
