/**
 * What a human decides when a plan is approved, by one rule for plans of every kind.
 * Pure. Says nothing of what is decided while the plan runs: held calls and amendments are counted where they happen.
 */
import { type Catalogue, roleOf } from "../../../src/catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../../src/json/value.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import type { ArgRule, FrozenPlan, PlanNode, Role } from "../../../src/plan/plan.ts";
import { classify, isAgentGiven, rulesOf } from "../../../src/plan/walk.ts";

const steering: ReadonlySet<Role> = new Set<Role>(["target", "command", "credential"]);

/** What the rule looks at besides the plan. */
export interface ConfirmationContext {
  readonly catalogue: Catalogue;
  /** The user's words. */
  readonly prompt: string;
  /** Parameters of the session. */
  readonly params: JsonObject;
}

/**
 * One line for each argument with the role target, command or credential that is not plainly the user's word, in this order:
 * untrusted data fills it in (`LINT_UNTRUSTED_TARGET`: the approver consents to whoever writes that data); the agent chooses it within a
 * constraint; or it is a constant, a parameter or a fallback that does not stand in the prompt. Not those of a node with
 * `approve: human`, whose every call is held for a human and counted then. True, false and null are in every prompt.
 */
export function confirmationsOf(frozen: FrozenPlan, { catalogue, prompt, params }: ConfirmationContext): readonly string[] {
  const untrusted = new Set(
    lintPlan(frozen.plan, catalogue)
      .filter(({ code }) => code === "LINT_UNTRUSTED_TARGET")
      .map(({ pointer }) => pointer),
  );
  const values = { ...defaultsOf(frozen), ...params };
  return Object.entries(frozen.plan.nodes).flatMap(([name, node]): readonly string[] => {
    const tool = node.tool === undefined ? undefined : frozen.tools[node.tool];
    if (tool === undefined || node.constraints?.approve === "human") return [];
    const args = Object.keys(node.args ?? {}).filter((arg) => steering.has(roleOf(tool, arg)));
    return args.flatMap((arg): readonly string[] => {
      const place = `${name}.${arg}`;
      if (untrusted.has(`/nodes/${name}/args/${arg}`)) return [`${place}: data chooses it`];
      const rules = rulesOf(name, { args: { [arg]: node.args?.[arg] as ArgRule } } as PlanNode).map(({ rule }) => rule);
      if (rules.some(isAgentGiven)) return [`${place}: the agent chooses it`];
      const unsaid = rules.flatMap((rule) => fixedValues(rule, values)).some((value) => !isSaid(value, prompt));
      return unsaid ? [`${place}: the prompt does not say it`] : [];
    });
  });
}

function defaultsOf({ plan }: FrozenPlan): JsonObject {
  const given = Object.entries(plan.params ?? {}).filter(([, spec]) => spec.default !== undefined);
  return Object.fromEntries(given.map(([name, spec]) => [name, spec.default as Json]));
}

/** The values that a rule fixes before the run. */
function fixedValues(rule: ArgRule, params: JsonObject): readonly Json[] {
  const classed = classify(rule);
  if (classed.kind === "const") return [classed.rule.const];
  if (classed.kind === "param") return [params[classed.rule.param] ?? null];
  const isRead = classed.kind === "from" || classed.kind === "item";
  return isRead && classed.rule.otherwise !== undefined ? [classed.rule.otherwise] : [];
}

/** Whether the user's words have a value: a text without regard to case, a number as people write it, a list by its elements. */
function isSaid(value: Json, prompt: string): boolean {
  if (isArray(value)) return value.every((element) => isSaid(element, prompt));
  if (isObject(value)) return Object.values(value).every((element) => isSaid(element, prompt));
  if (typeof value === "string") return prompt.toLowerCase().includes(value.toLowerCase());
  if (typeof value !== "number" && typeof value !== "bigint") return true;
  const numbers = prompt.match(/\d+(?:[.,]\d+)*/g) ?? [];
  return numbers.some((written) => Number(written.replaceAll(",", "")) === Number(value));
}
