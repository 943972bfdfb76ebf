/**
 * Constants of a learned plan that become typed parameters with the seen value as their default: one parameter for one value.
 * Pure. A value that a selector or an expression of the plan repeats stays a constant: as a parameter it could change in one place and
 * not in the other.
 */
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import type { ArgRule, ParamSpec } from "../plan/plan.ts";
import { constantKey, type Draft, type LearnedRule, type LetDraft } from "./draft.ts";
import { freshName } from "../plan/names.ts";
import { paramNameOf } from "./names.ts";

/** The parameters of a plan while it is being written. */
export interface Params {
  /** The rule of an argument with parameters in place of constants. */
  apply(argument: string, learned: LearnedRule): ArgRule;
  /** What was made so far, by name. */
  specs(): { readonly [name: string]: ParamSpec };
}

/** Starts the parameters of a plan. */
export function openParams(draft: Draft, lets: readonly LetDraft[]): Params {
  const rules = draft.nodes.flatMap((node) => [...node.args.values()]);
  const used = new Set(rules.flatMap(({ literals }) => (literals ?? []).map(constantKey)));
  const loops = draft.nodes.flatMap(({ each }) => (each === undefined ? [] : [`${each.from} ${each.where ?? ""}`]));
  const code = [...lets.map((one) => one.expression), ...loops, ...rules.flatMap(({ rule }) => codeOf(rule))]
    .join("\n")
    .toLowerCase();
  const made = new Map<string, { readonly name: string; readonly spec: ParamSpec }>();
  const taken = new Set<string>();
  const isQuoted = (value: Json): boolean =>
    used.has(constantKey(value)) || (typeof value === "string" && code.includes(value.toLowerCase()));
  const param = (value: Json, shape: JsonObject, name: string): ArgRule => {
    const key = constantKey(value);
    const known = made.get(key) ?? { name: freshName(name, taken), spec: { ...shape, default: value } };
    made.set(key, known);
    return { param: known.name };
  };
  const replace = (rule: ArgRule, shapes: ReadonlyMap<string, JsonObject>, name: string, isMember: boolean): ArgRule => {
    if (isArray(rule as Json)) return (rule as readonly ArgRule[]).map((one) => replace(one, shapes, name, true));
    if (typeof rule === "object" && rule !== null && "object" in rule) {
      const members = Object.entries(rule.object).map(([key, one]) => [key, replace(one, shapes, key, false)] as const);
      return { ...rule, object: Object.fromEntries(members) };
    }
    if (typeof rule === "object" && rule !== null) return rule;
    const shape = shapes.get(constantKey(rule as Json));
    return shape === undefined || isQuoted(rule as Json) ? rule : param(rule as Json, shape, paramNameOf(name, isMember));
  };
  return {
    apply: (argument, { rule, shapes }) => (shapes === undefined ? rule : replace(rule, shapes, argument, false)),
    specs: () => Object.fromEntries([...made.values()].map(({ name, spec }) => [name, spec])),
  };
}

/** Paths, conditions, expressions and templates of a rule, and of the rules in it. */
function codeOf(rule: ArgRule): readonly string[] {
  if (isArray(rule as Json)) return (rule as readonly ArgRule[]).flatMap(codeOf);
  if (!isObject(rule as Json)) return [];
  return Object.entries(rule as object as JsonObject).flatMap(([name, value]) => {
    if (name === "const" || name === "otherwise") return [];
    if (typeof value === "string") return [value];
    return typeof value === "object" ? codeOf(value as ArgRule) : [];
  });
}
