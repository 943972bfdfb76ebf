/**
 * Rules about what a plan may spend: amounts without bounds, budgets that bind nothing, payments that are tried again.
 * Pure. Trusts no output schema with a bound: a tool may answer what it likes.
 */
import { constraintOf } from "../../param.ts";
import { inputProperties } from "../../../catalogue/schema.ts";
import { wordsOf } from "../../../catalogue/words.ts";
import { isArray, type Json, type JsonObject, member } from "../../../json/value.ts";
import type { Finding } from "../../finding.ts";
import type { ArgRule, Budget, ParamSpec } from "../../plan.ts";
import { classify, optionsOf } from "../../walk.ts";
import { runsMax } from "../bits.ts";
import { findingAt, type LintRule, type LintSubject, type ToolNode } from "../subject.ts";

/** Last words of the names of arguments that are sums of money. */
const amountWords: ReadonlySet<string> = new Set("amount sum total price cost value notional fee payment".split(" "));

/** Bounds of a number; `undefined`: there is none. */
interface Range {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

const open: Range = { min: undefined, max: undefined };

function isMoney({ tool }: ToolNode): boolean {
  return tool.facts.effects.includes("money");
}

/** The arguments that are amounts of money: numbers by the tool's schema, and called so; in ascending order. */
export function amountsOf({ node, tool }: Pick<ToolNode, "node" | "tool">): readonly string[] {
  const known = inputProperties(tool);
  return Object.keys(node.args ?? {})
    .sort()
    .filter((arg) => amountWords.has(wordsOf(arg).at(-1) ?? "") && ["number", "integer"].includes(String(known.get(arg)?.type)));
}

/** The bounds that Sluice itself enforces on the value of a rule. */
function rangeOf(subject: LintSubject, rule: ArgRule): Range {
  const own = rangeOfSpec(optionsOf(rule).match);
  const classed = classify(rule);
  switch (classed.kind) {
    case "const":
      return typeof classed.rule.const === "number" ? { min: classed.rule.const, max: classed.rule.const } : own;
    case "param":
      return both(own, rangeOfParam(subject.plan.params?.[classed.rule.param]));
    case "choose":
      return both(own, rangeOfSpec(classed.rule.choose));
    default:
      return own;
  }
}

function rangeOfParam(spec: ParamSpec | undefined): Range {
  return rangeOfSpec(spec === undefined ? undefined : constraintOf(spec));
}

function rangeOfSpec(spec: JsonObject | undefined): Range {
  if (spec === undefined) return open;
  const listed = member(spec, "enum");
  const values = isArray(listed) ? listed.filter((value) => typeof value === "number") : [];
  const fixed = member(spec, "const");
  if (typeof fixed === "number") values.push(fixed);
  if (values.length > 0) return { min: Math.min(...values), max: Math.max(...values) };
  return { min: greatest(spec, ["minimum", "exclusiveMinimum"]), max: least(spec, ["maximum", "exclusiveMaximum"]) };
}

function numbersOf(spec: JsonObject, keywords: readonly string[]): readonly number[] {
  return keywords.map((keyword) => member(spec, keyword)).filter((value: Json | undefined) => typeof value === "number");
}

function greatest(spec: JsonObject, keywords: readonly string[]): number | undefined {
  const found = numbersOf(spec, keywords);
  return found.length === 0 ? undefined : Math.max(...found);
}

function least(spec: JsonObject, keywords: readonly string[]): number | undefined {
  const found = numbersOf(spec, keywords);
  return found.length === 0 ? undefined : Math.min(...found);
}

function both(a: Range, b: Range): Range {
  const pick = (x: number | undefined, y: number | undefined, of: (...values: number[]) => number): number | undefined =>
    x === undefined ? y : y === undefined ? x : of(x, y);
  return { min: pick(a.min, b.min, Math.max), max: pick(a.max, b.max, Math.min) };
}

interface PlacedBudget {
  readonly budget: Budget;
  readonly path: readonly (string | number)[];
}

function budgetsOf({ name, node }: ToolNode): readonly PlacedBudget[] {
  const { budget } = node.constraints ?? {};
  const path = ["nodes", name, "constraints", "budget"];
  if (budget === undefined) return [];
  if (isBudgets(budget)) return budget.map((one, i) => ({ budget: one, path: [...path, i] }));
  return [{ budget, path }];
}

function isBudgets(budget: Budget | readonly Budget[]): budget is readonly Budget[] {
  return Array.isArray(budget);
}

/** Whether a condition of the node, or a person, looks at the argument. */
export function isLookedAt({ node }: Pick<ToolNode, "node">, arg: string): boolean {
  if (node.constraints?.approve === "human") return true;
  // A whole name: `args.fee_max` says nothing of `fee`.
  const named = (source: string): boolean =>
    source.split(`args.${arg}`).some((rest, i) => i > 0 && !/^[A-Za-z0-9_]/.test(rest)) ||
    source.includes(`"${arg}"`) ||
    source.includes(`'${arg}'`);
  return (node.require ?? []).some(named);
}

/**
 * `LINT_BUDGET_MISSING`: an amount of money that nothing bounds: no constant, bound, condition, budget or approval.
 * `LINT_AMOUNT_NEGATIVE`: one that has an upper bound only.
 */
export const boundedAmounts: LintRule = (subject) =>
  subject.toolNodes.filter(isMoney).flatMap((toolNode) => {
    const { name, node, tool } = toolNode;
    return amountsOf(toolNode).flatMap((arg): readonly Finding[] => {
      const summed = budgetsOf(toolNode).some(({ budget }) => budget.sum === arg);
      if (summed || isLookedAt(toolNode, arg)) return [];
      const { min, max } = rangeOf(subject, node.args?.[arg] as ArgRule);
      const path = ["nodes", name, "args", arg];
      if (max === undefined) {
        const message = `nothing bounds the \`${arg}\` of \`${tool.name}\`: a \`maximum\`, a \`budget\` with \`"sum": "${arg}"\` or \`approve: human\` would`;
        return [findingAt(path, { code: "LINT_BUDGET_MISSING", severity: "warning", message })];
      }
      if (min !== undefined) return [];
      const message = `the \`${arg}\` of \`${tool.name}\` may be negative; a \`minimum\` or a \`budget\` over it would refuse that`;
      return [findingAt(path, { code: "LINT_AMOUNT_NEGATIVE", severity: "warning", message })];
    });
  });

/**
 * `LINT_BUDGET_VACUOUS`: a budget of the session above everything that the node could spend in it. `LINT_BUDGET_WINDOW`: a sum of money that
 * is bounded for seconds or minutes only.
 */
export const bindingBudgets: LintRule = (subject) =>
  subject.toolNodes.flatMap((toolNode) => {
    const all = budgetsOf(toolNode);
    const isLong = all.some(({ budget }) => budget.sum !== undefined && budget.per !== "second" && budget.per !== "minute");
    return all.flatMap(({ budget, path }): readonly Finding[] => {
      const worst = mostSpent(subject, toolNode, budget);
      if (worst !== undefined && worst < budget.max) {
        const what = budget.sum !== undefined ? `${worst}` : worst === 1 ? "1 call" : `${worst} calls`;
        const hint = budget.sum === undefined && isMoney(toolNode) ? "; a budget of money names its argument by `sum`" : "";
        const message = `the budget is never reached: the node can spend at most ${what} in a session, and \`max\` is ${budget.max}${hint}`;
        return [findingAt(path, { code: "LINT_BUDGET_VACUOUS", severity: "warning", message })];
      }
      if (budget.sum === undefined || isLong || !isMoney(toolNode)) return [];
      const message = `the sum is bounded for a ${budget.per} only; \`hour\`, \`day\` or no \`per\` would bound what is spent`;
      return [findingAt([...path, "per"], { code: "LINT_BUDGET_WINDOW", severity: "warning", message })];
    });
  });

/** What a node can take from a budget of its session; `undefined` if that cannot be said, or other sessions share it. */
function mostSpent(subject: LintSubject, { name, node }: ToolNode, budget: Budget): number | undefined {
  if ((budget.scope !== undefined && budget.scope !== "session") || node.constraints?.idempotent === true) return undefined;
  const runs = runsMax(subject.plan.nodes, name);
  if (budget.sum === undefined) return runs;
  const rule = node.args?.[budget.sum];
  const max = rule === undefined ? undefined : rangeOf(subject, rule).max;
  return max === undefined ? undefined : max * runs;
}

/** Payments of one node in a session that a person still looks through. */
const paymentsMax = 50;

/** `LINT_RUNS_MONEY`: more payments in one session than anybody looks through, and no budget, rate or approval. */
export const countedPayments: LintRule = (subject) =>
  subject.toolNodes.filter(isMoney).flatMap(({ name, node, tool }): readonly Finding[] => {
    const runs = runsMax(subject.plan.nodes, name);
    const { budget, rate, approve } = node.constraints ?? {};
    if (runs <= paymentsMax || budget !== undefined || rate !== undefined || approve !== undefined) return [];
    const path = ["nodes", name, node.each === undefined ? "times" : "each"];
    const message = `\`${tool.name}\` may be called ${runs} times in one session; a smaller \`max\` or a \`budget\` would bound what that costs`;
    return [findingAt(path, { code: "LINT_RUNS_MONEY", severity: "warning", message })];
  });

/** `LINT_IDEMPOTENT`: a payment or a message that counts as not made when it seems to have failed. */
export const repeatedEffects: LintRule = (subject) =>
  subject.toolNodes.flatMap(({ name, node, tool }): readonly Finding[] => {
    if (node.constraints?.idempotent !== true || member(member(tool.definition, "annotations"), "idempotentHint") === true)
      return [];
    const effect = tool.facts.effects.find((each) => each === "money" || each === "message");
    if (effect === undefined) return [];
    const message = `\`${tool.name}\` has the effect \`${effect}\`: a call that timed out may have happened, and \`idempotent\` lets it be made again without counting it`;
    return [findingAt(["nodes", name, "constraints", "idempotent"], { code: "LINT_IDEMPOTENT", severity: "warning", message })];
  });

/** `LINT_APPROVE_READER`: a person is asked before something is read, and not before what pays or executes with it. */
export const misplacedApprovals: LintRule = (subject) => {
  const asked = new Set(
    subject.toolNodes
      .filter(({ node, tool }) => node.constraints?.approve === "human" && tool.facts.effects.every((each) => each === "read"))
      .map(({ name }) => name),
  );
  if (asked.size === 0) return [];
  const acting = subject.toolNodes.filter(
    ({ node, tool }) =>
      node.constraints?.approve !== "human" && tool.facts.effects.some((each) => each === "money" || each === "execute"),
  );
  return acting.flatMap(({ name, tool }) => {
    const message = `a human is asked before this is read, and nobody before \`${name}\` calls \`${tool.name}\` with it`;
    // Each reader is said once.
    const readers = (subject.reads.get(name) ?? []).filter(({ node }) => asked.delete(node));
    return readers.map(({ node }) =>
      findingAt(["nodes", node, "constraints", "approve"], { code: "LINT_APPROVE_READER", severity: "warning", message }),
    );
  });
};
