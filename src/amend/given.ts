/**
 * What an amendment changes, and which of its values are the agent's: constants that nobody has approved become choices of one.
 * Pure. A constant that stays where the plan has it stays a constant; every other carries the context label until a human approves it.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../json/value.ts";
import { setMember } from "../json/exact.ts";
import type { ArgRule, ChooseRule, Plan, PlanNode } from "../plan/plan.ts";
import { classify, optionsOf } from "../plan/walk.ts";
import { err, ok, type Result } from "../result.ts";
import { constantOf } from "./rules.ts";

/** Members of a plan that an amendment may say anew; `nodes` are merged by name. What it does not say stays. */
const members: ReadonlySet<string> = new Set(["notAfter", "labels", "limits", "nodes", "flows", "envelope"]);

/** Members that it may repeat: a session was opened, and is known, by them. */
const repeated: ReadonlySet<string> = new Set(["sluice", "name", "task", "description", "params"]);

/** The plan with the members that an amendment gives, and `null` for a node that it drops. Not parsed yet. Error: `AMEND_MALFORMED`. */
export function amendedPlan(plan: Plan, draft: Json): Result<Json, "AMEND_MALFORMED"> {
  if (!isObject(draft)) return err("AMEND_MALFORMED");
  const old = plan as unknown as JsonObject;
  const amended: Record<string, Json> = { ...old };
  for (const name of Object.keys(draft)) {
    const value = draft[name] as Json;
    if (repeated.has(name) ? !jsonEqual(value, old[name]) : !members.has(name)) return err("AMEND_MALFORMED");
    if (name !== "nodes") amended[name] = value;
  }
  const nodes = Object.hasOwn(draft, "nodes") ? draft.nodes : {};
  if (!isObject(nodes)) return err("AMEND_MALFORMED");
  const merged: Record<string, Json> = { ...(plan.nodes as unknown as JsonObject) };
  for (const name of Object.keys(nodes)) {
    if (nodes[name] === null) delete merged[name];
    else setMember(merged, name, nodes[name] as Json);
  }
  return ok({ ...amended, nodes: merged });
}

/** The node with every constant that the old node has not in its place as a choice of one. */
export function withGivenConstants(node: PlanNode, before: PlanNode | undefined): PlanNode {
  if (node.args === undefined) return node;
  const args = Object.entries(node.args).map(([name, rule]) => [name, givenRule(rule, memberOf(before?.args, name))] as const);
  return { ...node, args: Object.fromEntries(args) };
}

/** A rule with its constants as choices of one, but for those that `before` has in the same place. */
export function givenRule(rule: ArgRule, before: ArgRule | undefined): ArgRule {
  if (before !== undefined && jsonEqual(rule as Json, before as Json)) return rule;
  const classed = classify(rule);
  const old = before === undefined ? undefined : classify(before);
  if (classed.kind === "list") {
    const parts = old?.kind === "list" ? old.rules : [];
    return classed.rules.map((part, i) => givenRule(part, parts[i]));
  }
  if (classed.kind === "object") {
    const parts = old?.kind === "object" ? old.rule.object : undefined;
    const object = Object.entries(classed.rule.object).map(
      ([name, part]) => [name, givenRule(part, memberOf(parts, name))] as const,
    );
    return { ...classed.rule, object: Object.fromEntries(object) };
  }
  if (classed.kind !== "const") return rule;
  if (before !== undefined && jsonEqual(constantOf(before), classed.rule.const)) return rule;
  const { match } = optionsOf(rule);
  return choiceOfOne(classed.rule.const, match);
}

/** Part by part, so that each part is judged by its own role. */
function choiceOfOne(value: Json, match?: JsonObject): ArgRule {
  const options = match === undefined ? {} : { match };
  if (isArray(value) && value.length > 0 && match === undefined) return value.map((element) => choiceOfOne(element));
  if (isObject(value) && Object.keys(value).length > 0) {
    const parts = Object.keys(value).map((name) => [name, choiceOfOne(value[name] as Json)] as const);
    return { object: Object.fromEntries(parts), ...options };
  }
  const choice: ChooseRule = { choose: { const: value }, ...options };
  return choice;
}

function memberOf(rules: { readonly [name: string]: ArgRule } | undefined, name: string): ArgRule | undefined {
  return rules !== undefined && Object.hasOwn(rules, name) ? rules[name] : undefined;
}
