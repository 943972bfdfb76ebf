/**
 * Checks a plan against a policy statically: what violates it whatever happens at run time, and what an approver should know.
 * Pure. Says nothing of what the tightened plan denies by itself; never judges the policy (that is `lintPolicy`).
 */
import { pointerOf } from "../json/pointer.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import { type Finding, oneLine } from "../plan/finding.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { classOf, optionsOf, rulesOf, type VisitedRule } from "../plan/walk.ts";
import { roleOf } from "../catalogue/roles.ts";
import { checkFlows } from "./check/flows.ts";
import { checkTexts } from "./check/texts.ts";
import type { Forbidden, Policy } from "./policy.ts";
import { isSelected, type ToolNode, toolNodesOf } from "./select.ts";
import { type DisputedRole, disputedRoles, type RaisedRole, raisedRoles } from "./tighten/tools.ts";

/**
 * Findings of a plan under a composed policy; `tightened` is what `tighten` made of the plan. Errors: `POLICY_FLOW`, `POLICY_SANITIZER`,
 * `POLICY_ENDORSE` (data that must not come there does, or comes where the engine no longer knows what it is), `POLICY_FORBIDDEN`,
 * `POLICY_NODES`, `POLICY_TEXT`, `POLICY_DECLASSIFY`, `POLICY_ROLE_DISPUTED`, `POLICY_ROLE_UNSAFE`. Infos: `POLICY_FLOW_RUNTIME`, `POLICY_APPROVE`, `POLICY_ROLE`.
 */
export function checkPolicy(frozen: FrozenPlan, policy: Policy, tightened: FrozenPlan): readonly Finding[] {
  const toolNodes = toolNodesOf(tightened, frozen.tools);
  return [
    ...checkFlows(tightened, policy, frozen.tools),
    ...(policy.forbid ?? []).flatMap((rule) => toolNodes.flatMap((toolNode) => forbidden(rule, toolNode))),
    ...checkTexts(tightened, policy),
    ...nodeCount(toolNodes, policy),
    ...checkRoles(frozen, toolNodes, policy),
    ...declassified(frozen, tightened, toolNodes),
    ...approvals(frozen, toolNodes),
  ];
}

function forbidden(rule: Forbidden, { name, node, tool, before = tool }: ToolNode): readonly Finding[] {
  if (!isSelected(rule, tool)) return [];
  const because = rule.why === undefined ? "" : `: ${oneLine(rule.why)}`;
  const says = `the policy's rule \`${rule.id}\` forbids`;
  if (rule.classes === undefined && rule.roles === undefined) {
    const message = `${says} the tool \`${tool.name}\`${because}`;
    return [{ code: "POLICY_FORBIDDEN", severity: "error", pointer: pointerOf(["nodes", name, "tool"]), message }];
  }
  return rulesOf(name, node).flatMap(({ path, place, rule: argument }): Finding[] => {
    const kind = classOf(argument);
    if (rule.classes?.includes(kind) === false) return [];
    const here = [roleOf(tool, place), roleOf(before, place)];
    const role = here.find((each) => rule.roles === undefined || rule.roles.some((one) => one === each));
    if (role === undefined) return [];
    const message = `${says} an argument of class \`${kind}\` in the role \`${role}\` on \`${tool.name}\`${because}`;
    return [{ code: "POLICY_FORBIDDEN", severity: "error", pointer: pointerOf(path), message }];
  });
}

function nodeCount(toolNodes: readonly ToolNode[], { limits }: Policy): readonly Finding[] {
  if (limits?.nodes === undefined || toolNodes.length <= limits.nodes) return [];
  const message = `the plan has ${toolNodes.length} nodes with a tool, the policy allows ${limits.nodes}`;
  return [{ code: "POLICY_NODES", severity: "error", pointer: "/nodes", message }];
}

/** `POLICY_DECLASSIFY`: a plan that gives data to readers whom the policy keeps it from. */
function declassified(frozen: FrozenPlan, tightened: FrozenPlan, toolNodes: readonly ToolNode[]): readonly Finding[] {
  const isKept = (label: string): boolean =>
    !jsonEqual(readersOf(tightened, label) as Json | undefined, readersOf(frozen, label) as Json | undefined);
  return toolNodes.flatMap(({ name, node }) =>
    rulesOf(name, node).flatMap(({ path, rule }): readonly Finding[] => {
      const { declassify } = optionsOf(rule);
      const from = declassify === undefined ? [] : typeof declassify.from === "string" ? [declassify.from] : declassify.from;
      const label = from.find(isKept);
      if (label === undefined) return [];
      const message = `the policy says who may read \`${label}\`, so that no plan lets others read it`;
      return [{ code: "POLICY_DECLASSIFY", severity: "error", pointer: pointerOf([...path, "declassify"]), message }];
    }),
  );
}

/** Who may read a label in a plan: the plan's word before the catalogue's. */
function readersOf({ plan, labels }: FrozenPlan, name: string): readonly string[] | undefined {
  return [plan.labels ?? {}, labels].find((table) => Object.hasOwn(table, name))?.[name]?.readers;
}

/** What is checked against values of arguments: which arguments are checked depends on their roles. */
const valueConstraints = ["hosts", "paths", "sql", "emails", "domains", "argv"];

/** Roles that the policy raises, and those that it cannot raise without taking an argument out of a constraint's sight. */
function checkRoles(frozen: FrozenPlan, toolNodes: readonly ToolNode[], policy: Policy): readonly Finding[] {
  const raised = raisedRoles(frozen, policy);
  const disputed = disputedRoles(frozen, policy);
  return toolNodes.flatMap((toolNode) => [
    ...disputed.filter(({ tool }) => tool === toolNode.tool.name).flatMap((each) => checkDispute(toolNode, each)),
    ...raised.filter(({ tool }) => tool === toolNode.tool.name).flatMap((each) => checkRole(frozen, toolNode, each)),
  ]);
}

/** The first rule of a node at a place or in it. */
function ruleAt({ name, node }: ToolNode, place: string): VisitedRule | undefined {
  return rulesOf(name, node).find((visited) => visited.place === place || visited.place.startsWith(`${place}.`));
}

function checkDispute(toolNode: ToolNode, { place, said }: DisputedRole): readonly Finding[] {
  const first = ruleAt(toolNode, place);
  if (first === undefined) return [];
  const roles = said.map((role) => `\`${role}\``).join(" and ");
  const message = `policy and catalogue call \`${place}\` of \`${toolNode.tool.name}\` ${roles}: one of them is wrong, and what it is held to depends on it`;
  return [{ code: "POLICY_ROLE_DISPUTED", severity: "error", pointer: pointerOf(first.path), message }];
}

function checkRole(frozen: FrozenPlan, toolNode: ToolNode, raised: RaisedRole): readonly Finding[] {
  const { name, node, tool } = toolNode;
  const { place, from, to } = raised;
  const rules = rulesOf(name, node);
  const first = ruleAt(toolNode, place);
  if (first === undefined) return [];
  const before = frozen.tools[tool.name] ?? tool;
  const had = (role: string): boolean => rules.some((visited) => roleOf(before, visited.place) === role);
  const isHeld = [node.constraints ?? {}, ...(node.within ?? [])].some((held) =>
    valueConstraints.some((kind) => Object.hasOwn(held, kind)),
  );
  const isFirst = (!had("target") && !had("command")) || (to === "command" && !had("command"));
  const pointer = pointerOf(first.path);
  if (isHeld && isFirst && (to === "target" || to === "command")) {
    const message = `the policy makes \`${place}\` of \`${tool.name}\` a \`${to}\`, so that its other arguments would no longer be held to the node's constraints: declare the role in the catalogue`;
    return [{ code: "POLICY_ROLE_UNSAFE", severity: "error", pointer, message }];
  }
  const message = `the policy makes \`${place}\` of \`${tool.name}\` a \`${to}\`; without it, it is \`${from}\``;
  return [{ code: "POLICY_ROLE", severity: "info", pointer, message }];
}

/** Nodes that need a human because the policy says so. */
function approvals(frozen: FrozenPlan, toolNodes: readonly ToolNode[]): readonly Finding[] {
  return toolNodes.flatMap(({ name, node, tool }): Finding[] => {
    if (node.constraints?.approve !== "human" || frozen.plan.nodes[name]?.constraints?.approve === "human") return [];
    const message = `the policy wants a human to approve each call of \`${tool.name}\``;
    return [{ code: "POLICY_APPROVE", severity: "info", pointer: pointerOf(["nodes", name]), message }];
  });
}
