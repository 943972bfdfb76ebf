/**
 * What an argument rule makes of what the agent sent, for the reference interpreter: the final value, its label, or why not.
 * Never looks at flow rules.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import type { Code } from "../../src/codes.ts";
import type { ArgRule, FromRule, ItemRule, RuleOptions, TemplateRule, WriteSpec } from "../../src/plan/plan.ts";
import { bottom, downgrade, join, type Label, ofSources } from "./labels.ts";
import { evaluate, extract, fillTemplate, isAllowedText, isShort, keyedName, matches, select } from "./lang.ts";
import { isHidden, nodeOf, readOfItem, readOfReference, readsOfRule, type Session } from "./session.ts";
import { contextOf, expression, type Found, labelOfRead, type Origin, paramLabel, type View, valuesAt } from "./view.ts";

/** An argument as it goes on: without a value it is left out. `choices` are the labels of the parts that the agent chose. */
export interface Part {
  readonly value?: Json;
  readonly label: Label;
  readonly choices: readonly Label[];
}
type Outcome = Part | Code;

/** A handle: unguessable, and the same for the same place in the same session. */
export function handleOf(session: Session, { node, run, path }: Origin): string {
  return `sluice:h:${keyedName(session.handleKey, canonicalJson([session.id, node, run, [...path]]))}`;
}
const isHandle = (sent: Json): boolean => typeof sent === "string" && sent.startsWith("sluice:h:");

/** Whether a handle names the place or one that contains it. */
function names(session: Session, sent: Json, origin: Origin): boolean {
  return [...origin.path, ""].some((_, i) => handleOf(session, { ...origin, path: origin.path.slice(0, i) }) === sent);
}

const optionsOf = (rule: ArgRule): RuleOptions => (isObject(rule as Json) ? (rule as RuleOptions) : {});
const partsOf = (rule: ArgRule): readonly ArgRule[] =>
  isArray(rule as Json) ? (rule as readonly ArgRule[]) : Object.values((rule as { object: { [name: string]: ArgRule } }).object);
const has = <K extends string>(rule: ArgRule, key: K): rule is Extract<ArgRule, { readonly [P in K]: unknown }> =>
  isObject(rule as Json) && Object.hasOwn(rule as object, key);

/** Whether a rule is a constant as written: a list of constants is one constant. */
const isLiteral = (rule: ArgRule): boolean => (isArray(rule as Json) ? partsOf(rule).every(isLiteral) : !isObject(rule as Json));

/** Whether a value comes from the plan and the state alone. */
export function isFilled(rule: ArgRule): boolean {
  if (isArray(rule as Json) || has(rule, "object")) return partsOf(rule).every(isFilled);
  return !(has(rule, "choose") || has(rule, "write") || ((has(rule, "from") || has(rule, "item")) && rule.pick === "agent"));
}

/** Applies a rule to what was sent (`undefined`: nothing). `others` gives the values of the call's other filled arguments. */
export function argument(
  view: View,
  rule: ArgRule,
  at: { readonly sent: Json | undefined; readonly others: () => readonly Json[] },
): Outcome {
  const outcome = unchecked(view, rule, at);
  if (typeof outcome === "string" || outcome.value === undefined) return outcome;
  const { match } = optionsOf(rule);
  if (match !== undefined && !matches(match, outcome.value)) return "ARG_CONSTRAINT";
  const lower = (label: Label): Label => downgrade(view.session.frozen, label, optionsOf(rule));
  return { value: outcome.value, label: lower(outcome.label), choices: outcome.choices.map(lower) };
}

function unchecked(
  view: View,
  rule: ArgRule,
  at: { readonly sent: Json | undefined; readonly others: () => readonly Json[] },
): Outcome {
  const { sent } = at;
  if ((isArray(rule as Json) && !isLiteral(rule)) || has(rule, "object")) return structure(view, rule, at);
  if (has(rule, "choose"))
    return chosen(view, rule, { sent, refuses: (value) => (matches(rule.choose, value) ? undefined : "ARG_CONSTRAINT") });
  if (has(rule, "write"))
    return chosen(view, rule, { sent, refuses: (value) => written(view, rule.write, { value, others: at.others }) });
  const isSecret = readsOfRule(view.session.frozen, rule, eachOf(view)).some((read) => isHidden(view.session.frozen, read));
  if ((has(rule, "from") || has(rule, "item")) && rule.pick === "agent") return picked(view, rule, { sent, isSecret });
  const filled = fill(view, rule);
  if (typeof filled === "string") return filled;
  const { value, origins, label } = filled;
  const isOmitted = sent === undefined || (sent === null && (value !== null || isSecret));
  const isSame = !isSecret && sent !== undefined && value !== undefined && jsonEqual(sent, value);
  if (isOmitted || isSame || origins.some((origin) => names(view.session, sent, origin)))
    return { ...(value === undefined ? {} : { value }), label, choices: [] };
  return isHandle(sent) ? "ARG_HANDLE" : "ARG_MISMATCH";
}

/** A list or an object of rules. */
function structure(
  view: View,
  rule: ArgRule,
  at: { readonly sent: Json | undefined; readonly others: () => readonly Json[] },
): Outcome {
  const { others } = at;
  const sent = at.sent ?? undefined;
  const isList = isArray(rule as Json);
  if (sent === undefined && !isFilled(rule)) return optionsOf(rule).optional === true ? leftOut : "ARG_MISSING";
  if (sent !== undefined && isHandle(sent)) return "ARG_HANDLE";
  if (sent !== undefined && !(isList ? isArray(sent) : isObject(sent))) return "ARG_MISMATCH";
  const rules: { readonly [name: string]: ArgRule } = has(rule, "object")
    ? rule.object
    : Object.fromEntries(partsOf(rule).entries());
  if (isArray(sent) && sent.length !== partsOf(rule).length) return "ARG_MISMATCH";
  if (isObject(sent) && Object.keys(sent).some((name) => !Object.hasOwn(rules, name))) return "ARG_UNEXPECTED";
  const members: [string, Part][] = [];
  for (const name of isList ? Object.keys(rules) : Object.keys(rules).sort()) {
    const member = sent === undefined || !Object.hasOwn(sent as JsonObject, name) ? undefined : (sent as JsonObject)[name];
    const part = argument(view, rules[name] as ArgRule, { sent: member, others });
    if (typeof part === "string") return part;
    if (part.value !== undefined || !isList) members.push([name, part]);
    else return isFilled(rules[name] as ArgRule) ? "ARG_UNRESOLVED" : "ARG_MISSING";
  }
  const present = members.filter(([, part]) => part.value !== undefined);
  const value = isList
    ? present.map(([, part]) => part.value as Json)
    : Object.fromEntries(present.map(([name, part]) => [name, part.value as Json]));
  return { value, label: join(...members.map(([, part]) => part.label)), choices: members.flatMap(([, part]) => part.choices) };
}

const leftOut: Part = { label: bottom, choices: [] };

/** `choose` and `write`: the agent's own value. */
function chosen(
  view: View,
  rule: RuleOptions & ({ choose: JsonObject } | { write: WriteSpec }),
  at: { readonly sent: Json | undefined; readonly refuses: (value: Json) => Code | undefined },
): Outcome {
  const { sent, refuses } = at;
  if (sent === undefined || (sent === null && refuses(null) !== undefined))
    return rule.optional === true ? leftOut : "ARG_MISSING";
  const context = contextOf(view);
  if (isHandle(sent)) return "ARG_HANDLE";
  return refuses(sent) ?? { value: sent, label: context, choices: "choose" in rule ? [context] : [] };
}

/** Why a text may not be written, if it may not. */
function written(
  view: View,
  rule: WriteSpec,
  at: { readonly value: Json; readonly others: () => readonly Json[] },
): Code | undefined {
  if (typeof at.value !== "string" || !isShort(at.value, rule.maxLength)) return "ARG_CONSTRAINT";
  const { links = "plan" } = rule;
  const { frozen, params } = view.session;
  const constants = (part: ArgRule): readonly Json[] => {
    if (isArray(part as Json) || has(part, "object")) return partsOf(part).flatMap(constants);
    if (has(part, "template")) return Object.values(part.with ?? {}).flatMap(constants);
    return has(part, "const") ? [part.const] : isObject(part as Json) ? [] : [part as Json];
  };
  const ofPlan = (): readonly Json[] => [
    ...Object.values(frozen.plan.nodes).flatMap((node) => Object.values(node.args ?? {}).flatMap(constants)),
    params,
    ...at.others(),
  ];
  return isAllowedText(at.value, links === "none" ? [] : links === "plan" ? ofPlan : links) ? undefined : "ARG_TEXT";
}

const eachOf = (view: View) => nodeOf(view.session.frozen, view.node ?? "").each;

/** The values among which `from` and `item` select; `undefined` if selecting fails. */
function candidates(view: View, rule: FromRule | ItemRule): readonly Found[] | undefined {
  const { row } = view;
  const found =
    "from" in rule
      ? valuesAt(view, rule.from, rule.pick)
      : row &&
        select(rule.item, row.value)?.map(
          ({ value, path }): Found => ({ value, origin: { ...row.origin, path: [...row.origin.path, ...path] } }),
        );
  const where = "from" in rule ? rule.where : undefined;
  const kept = found?.map(({ value }) =>
    where === undefined ? true : evaluate(where, { params: view.session.params, item: value }),
  );
  if (found === undefined || kept?.some((keep) => typeof keep !== "boolean")) return undefined;
  const chosenOnes = found.filter((_, i) => kept?.[i] === true);
  const spec = rule.extract;
  if (spec === undefined) return chosenOnes;
  const extracted = chosenOnes.map(({ value, origin }) =>
    (typeof value === "string" ? extract(spec, value) : undefined)?.map((match): Found => ({ value: match, origin })),
  );
  return extracted.some((part) => part === undefined) ? undefined : extracted.flatMap((part) => part ?? []);
}

function labelOf(view: View, rule: FromRule | ItemRule): Label {
  const each = eachOf(view);
  const loop = typeof each === "object" && "item" in rule ? each.where : undefined;
  const where = "from" in rule ? rule.where : loop;
  const read = "from" in rule ? readOfReference(rule.from, rule.pick) : readOfItem(each ?? "", rule.item);
  return join(labelOfRead(view, read), where === undefined ? bottom : paramLabel(view, where));
}

/** Value of a filled rule that has no members of its own. */
function fill(
  view: View,
  rule: ArgRule,
): { readonly value?: Json; readonly label: Label; readonly origins: readonly Origin[] } | Code {
  if (has(rule, "from") || has(rule, "item")) {
    const label = labelOf(view, rule);
    const all = candidates(view, rule);
    const one = rule.pick === "last" ? all?.slice(-1) : rule.pick === "first" ? all?.slice(0, 1) : all;
    if (one !== undefined && one.length !== 1 && rule.otherwise !== undefined)
      return { value: rule.otherwise, label, origins: [] };
    if (one?.length === 0 && rule.optional === true) return { label, origins: [] };
    return one?.length === 1
      ? { value: one[0]?.value as Json, label, origins: one.map((found) => found.origin) }
      : "ARG_UNRESOLVED";
  }
  if (has(rule, "expr")) {
    const { value, label } = expression(view, rule.expr);
    return value === undefined ? "ARG_UNRESOLVED" : { value, label, origins: [] };
  }
  if (has(rule, "template")) return template(view, rule);
  const { agentParams, frozen, opening, params } = view.session;
  if (has(rule, "param"))
    return {
      value: params[rule.param] as Json,
      label: agentParams.includes(rule.param) ? opening : ofSources(frozen, ["user_input"]),
      origins: [],
    };
  return { value: has(rule, "const") ? rule.const : (rule as Json), label: bottom, origins: [] };
}

function template(
  view: View,
  rule: TemplateRule,
): { readonly value: Json; readonly label: Label; readonly origins: readonly Origin[] } | Code {
  const holes = Object.keys(rule.with ?? {})
    .sort()
    .map((name) => [name, argument(view, rule.with?.[name] as ArgRule, { sent: undefined, others: () => [] })] as const);
  const values = holes.flatMap(([name, part]) =>
    typeof part === "string" || part.value === undefined ? [] : [[name, part.value] as const],
  );
  const value = values.length === holes.length ? fillTemplate(rule, Object.fromEntries(values)) : undefined;
  return value === undefined
    ? "ARG_UNRESOLVED"
    : { value, label: join(...holes.map(([, part]) => (typeof part === "string" ? bottom : part.label))), origins: [] };
}

/** `pick: "agent"`: one of the candidates, or its handle. */
function picked(
  view: View,
  rule: FromRule | ItemRule,
  at: { readonly sent: Json | undefined; readonly isSecret: boolean },
): Outcome {
  const { sent, isSecret } = at;
  const label = join(labelOf(view, rule), contextOf(view));
  const all = candidates(view, rule);
  if (all === undefined) return "ARG_UNRESOLVED";
  const distinct = all.filter(({ value }, i) => all.findIndex((other) => jsonEqual(other.value, value)) === i);
  const isOmitted = sent === undefined || (sent === null && (isSecret || !distinct.some(({ value }) => value === null)));
  if (distinct.length === 0 && rule.optional !== true) return "ARG_UNRESOLVED";
  if (distinct.length === 0 && isOmitted) return leftOut;
  if (isOmitted && distinct.length !== 1) return "ARG_MISSING";
  const literal = isSecret ? undefined : distinct.find(({ value }) => jsonEqual(value, sent));
  const named = all.filter(({ origin }) => !isOmitted && names(view.session, sent, origin));
  const isOne = named.every(({ value }) => jsonEqual(value, named[0]?.value));
  const found = isOmitted ? distinct[0] : (literal ?? (isOne ? named[0] : undefined));
  if (found !== undefined) return { value: found.value, label, choices: [label] };
  return isHandle(sent as Json) ? "ARG_HANDLE" : "ARG_MISMATCH";
}
