/**
 * What an argument rule makes of what the agent sent, for the reference interpreter: the final value or why there is none, and its
 * label. Never looks at flow rules.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { isArray, isObject, type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import type { ArgRule, FromRule, ItemRule, PlanNode, Role, RuleOptions, TemplateRule, WriteSpec } from "../../src/plan/plan.ts";
import { bottom, downgrade, join, type Label } from "./labels.ts";
import { evaluate, extract, fillTemplate, isAllowedText, isShort, keyedName, matches, select } from "./lang.ts";
import { isHidden, nodeOf, readOfItem, readOfReference, readsOfRule, type Session } from "./session.ts";
import {
  contextOf,
  expression,
  type Found,
  labelOfParam,
  labelOfRead,
  type Origin,
  paramLabel,
  type View,
  valuesAt,
} from "./view.ts";

/** A final value; without one it is left out. */
type Outcome = { readonly value?: Json } | Code;
const leftOut: Outcome = {};

/** What was sent for a rule, and the values of the call's other filled arguments. */
export interface Sent {
  readonly sent: Json | undefined;
  readonly others: () => readonly Json[];
}

/** A handle: unguessable, and the same for the same place in the same session. */
export function handleOf(session: Session, { node, run, path }: Origin): string {
  return `sluice:h:${keyedName(session.handleKey, canonicalJson([session.id, node, run, [...path]]))}`;
}
const isHandle = (sent: Json): boolean => typeof sent === "string" && sent.startsWith("sluice:h:");

/** Whether a handle names the place or one that contains it. */
function names(session: Session, sent: Json, origin: Origin): boolean {
  return [...origin.path, ""].some((_, i) => handleOf(session, { ...origin, path: origin.path.slice(0, i) }) === sent);
}

/** What a rule says beside its class. */
export const optionsOf = (rule: ArgRule): RuleOptions => (isObject(rule as Json) ? (rule as RuleOptions) : {});
const has = <K extends string>(rule: ArgRule, key: K): rule is Extract<ArgRule, { readonly [P in K]: unknown }> =>
  isObject(rule as Json) && Object.hasOwn(rule as object, key);
const isList = (rule: ArgRule): rule is readonly ArgRule[] => isArray(rule as Json);
const isSelecting = (rule: ArgRule): rule is FromRule | ItemRule => has(rule, "from") || has(rule, "item");

/** The parts of a list or object rule, by index or in order of their names. */
function partsOf(rule: ArgRule): readonly (readonly [string, ArgRule])[] {
  if (isList(rule)) return rule.map((part, i) => [`${i}`, part] as const);
  return has(rule, "object") ? Object.entries(rule.object).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
}

/** The value of a constant: a literal, `const`, or a list of them. */
function literalOf(rule: ArgRule): Json | undefined {
  if (has(rule, "const")) return rule.const;
  if (!isList(rule)) return isObject(rule as Json) ? undefined : (rule as Json);
  const values = rule.map((part) => (optionsOf(part).match === undefined ? literalOf(part) : undefined));
  return values.includes(undefined) ? undefined : (values as readonly Json[]);
}

/** Whether a rule is a constant: a list of constants is one. */
export const isConstant = (rule: ArgRule): boolean => literalOf(rule) !== undefined;
const isStructure = (rule: ArgRule): boolean => has(rule, "object") || (isList(rule) && !isConstant(rule));

/** Whether a value comes from the plan and the state alone. */
export function isFilled(rule: ArgRule): boolean {
  if (isStructure(rule)) return partsOf(rule).every(([, part]) => isFilled(part));
  return !(has(rule, "choose") || has(rule, "write") || (isSelecting(rule) && rule.pick === "agent"));
}

/** The final value of a rule for what was sent. */
export function resolveRule(view: View, rule: ArgRule, at: Sent): Outcome {
  const outcome = unmatched(view, rule, at);
  const { match } = optionsOf(rule);
  const isRefused =
    typeof outcome === "object" && outcome.value !== undefined && match !== undefined && !matches(match, outcome.value);
  return isRefused ? "ARG_CONSTRAINT" : outcome;
}

function unmatched(view: View, rule: ArgRule, at: Sent): Outcome {
  const { sent } = at;
  if (isStructure(rule)) return structure(view, rule, at);
  if (has(rule, "choose")) return chosen(rule, sent, (value) => (matches(rule.choose, value) ? undefined : "ARG_CONSTRAINT"));
  if (has(rule, "write")) return chosen(rule, sent, (value) => written(view, rule.write, { ...at, sent: value }));
  const isSecret = readsOfRule(view.session.frozen, rule, eachOf(view)).some((read) => isHidden(view.session.frozen, read));
  if (isSelecting(rule) && rule.pick === "agent") return picked(view, rule, { sent, isSecret });
  const filled = fill(view, rule);
  if (typeof filled === "string") return filled;
  const { value, origins = [] } = filled;
  const isOmitted = sent === undefined || (sent === null && (value !== null || isSecret));
  const isSame = !isSecret && sent !== undefined && value !== undefined && jsonEqual(sent, value);
  if (isOmitted || isSame || origins.some((origin) => names(view.session, sent, origin)))
    return value === undefined ? leftOut : { value };
  return isHandle(sent) ? "ARG_HANDLE" : "ARG_MISMATCH";
}

/** A list or an object of rules. */
function structure(view: View, rule: ArgRule, at: Sent): Outcome {
  const sent = at.sent ?? undefined;
  const parts = partsOf(rule);
  if (sent === undefined && !isFilled(rule)) return optionsOf(rule).optional === true ? leftOut : "ARG_MISSING";
  if (sent !== undefined && isHandle(sent)) return "ARG_HANDLE";
  if (sent !== undefined && !(isList(rule) ? isArray(sent) : isObject(sent))) return "ARG_MISMATCH";
  if (isArray(sent) && sent.length !== parts.length) return "ARG_MISMATCH";
  if (isObject(sent) && Object.keys(sent).some((name) => !parts.some(([part]) => part === name))) return "ARG_UNEXPECTED";
  const values: [string, Json][] = [];
  for (const [name, part] of parts) {
    const given = sent !== undefined && Object.hasOwn(sent as JsonObject, name) ? (sent as JsonObject)[name] : undefined;
    const outcome = resolveRule(view, part, { ...at, sent: given });
    if (typeof outcome === "string") return outcome;
    if (outcome.value !== undefined) values.push([name, outcome.value]);
    else if (isList(rule)) return isFilled(part) ? "ARG_UNRESOLVED" : "ARG_MISSING";
  }
  return { value: isList(rule) ? values.map(([, value]) => value) : Object.fromEntries(values) };
}

/** `choose` and `write`: the agent's own value. */
function chosen(rule: RuleOptions, sent: Json | undefined, refuses: (value: Json) => Code | undefined): Outcome {
  if (sent === undefined || (sent === null && refuses(null) !== undefined))
    return rule.optional === true ? leftOut : "ARG_MISSING";
  return isHandle(sent) ? "ARG_HANDLE" : (refuses(sent) ?? { value: sent });
}

/** Why a text may not be written, if it may not. */
function written(view: View, rule: WriteSpec, { sent, others }: Sent): Code | undefined {
  if (typeof sent !== "string" || !isShort(sent, rule.maxLength)) return "ARG_CONSTRAINT";
  const { links = "plan" } = rule;
  const { frozen, params, agentParams, paramLabels } = view.session;
  const constants = (part: ArgRule): readonly Json[] => {
    if (isStructure(part)) return partsOf(part).flatMap(([, inner]) => constants(inner));
    const constant = literalOf(part);
    return constant !== undefined ? [constant] : has(part, "template") ? Object.values(part.with ?? {}).flatMap(constants) : [];
  };
  const rules = Object.values(frozen.plan.nodes).flatMap((node) => Object.values(node.args ?? {}));
  const ofHost = Object.keys(params).flatMap((name) =>
    agentParams.includes(name) || Object.hasOwn(paramLabels, name) ? [] : [params[name] as Json],
  );
  const ofPlan = (): readonly Json[] => [...rules.flatMap(constants), ...ofHost, ...others()];
  return isAllowedText(sent, links === "none" ? [] : links === "plan" ? ofPlan : links) ? undefined : "ARG_TEXT";
}

const eachOf = (view: View): PlanNode["each"] => nodeOf(view.session.frozen, view.node ?? "").each;

/** The values among which `from` and `item` select; `undefined` if selecting fails. */
function candidates(view: View, rule: FromRule | ItemRule): readonly Found[] | undefined {
  const { row } = view;
  const inRow = (path: string): readonly Found[] | undefined =>
    row &&
    select(path, row.value)?.map(
      (at): Found => ({ value: at.value, origin: { ...row.origin, path: [...row.origin.path, ...at.path] } }),
    );
  const found = "from" in rule ? valuesAt(view, rule.from, rule.pick) : inRow(rule.item);
  const where = "from" in rule ? rule.where : undefined;
  const keeps = found?.map(({ value }) => where === undefined || evaluate(where, { params: view.session.params, item: value }));
  if (found === undefined || keeps?.some((keep) => typeof keep !== "boolean")) return undefined;
  const kept = found.filter((_, i) => keeps?.[i] === true);
  const spec = rule.extract;
  if (spec === undefined) return kept;
  const matched = kept.map(({ value, origin }) =>
    (typeof value === "string" ? extract(spec, value) : undefined)?.map((match): Found => ({ value: match, origin })),
  );
  return matched.some((part) => part === undefined) ? undefined : matched.flatMap((part) => part ?? []);
}

/** Value of a filled rule that has no parts, and where it comes from. */
function fill(view: View, rule: ArgRule): { readonly value?: Json; readonly origins?: readonly Origin[] } | Code {
  if (isSelecting(rule)) {
    const all = candidates(view, rule);
    const [one, ...more] = (rule.pick === "last" ? all?.slice(-1) : rule.pick === "first" ? all?.slice(0, 1) : all) ?? [];
    if (all === undefined) return "ARG_UNRESOLVED";
    if (one !== undefined && more.length === 0) return { value: one.value, origins: [one.origin] };
    if (rule.otherwise !== undefined) return { value: rule.otherwise };
    return one === undefined && rule.optional === true ? {} : "ARG_UNRESOLVED";
  }
  if (has(rule, "param")) return { value: view.session.params[rule.param] as Json };
  if (!has(rule, "expr") && !has(rule, "template")) return { value: literalOf(rule) ?? null };
  const value = has(rule, "expr") ? expression(view, rule.expr).value : filledTemplate(view, rule);
  return value === undefined ? "ARG_UNRESOLVED" : { value };
}

function filledTemplate(view: View, rule: TemplateRule): Json | undefined {
  const holes = Object.entries(rule.with ?? {}).map(
    ([name, part]) => [name, resolveRule(view, part, { sent: undefined, others: () => [] })] as const,
  );
  const values = holes.flatMap(([name, part]) =>
    typeof part === "string" || part.value === undefined ? [] : [[name, part.value] as const],
  );
  return values.length === holes.length ? fillTemplate(rule, Object.fromEntries(values)) : undefined;
}

/** `pick: "agent"`: one of the candidates, or its handle. */
function picked(
  view: View,
  rule: FromRule | ItemRule,
  at: { readonly sent: Json | undefined; readonly isSecret: boolean },
): Outcome {
  const { sent, isSecret } = at;
  const all = candidates(view, rule);
  if (all === undefined || (all.length === 0 && rule.optional !== true)) return "ARG_UNRESOLVED";
  const distinct = all.filter(({ value }, i) => all.findIndex((other) => jsonEqual(other.value, value)) === i);
  const isOmitted = sent === undefined || (sent === null && (isSecret || !distinct.some(({ value }) => value === null)));
  if (isOmitted && distinct.length === 0) return leftOut;
  if (isOmitted && distinct.length !== 1) return "ARG_MISSING";
  const literal = isSecret ? undefined : distinct.find(({ value }) => jsonEqual(value, sent));
  const named = all.filter(({ origin }) => !isOmitted && names(view.session, sent, origin));
  const isOne = named.every(({ value }) => jsonEqual(value, named[0]?.value));
  const found = isOmitted ? distinct[0] : (literal ?? (isOne ? named[0] : undefined));
  if (found !== undefined) return { value: found.value };
  return isHandle(sent as Json) ? "ARG_HANDLE" : "ARG_MISMATCH";
}

/** The label of an argument, and what in it is the agent's choice, with its role and label. Both are the same when it is left out. */
export interface Labelled {
  readonly label: Label;
  readonly choices: readonly { readonly role: Role; readonly label: Label }[];
}

/** Where a rule stands: dotted, as catalogues write it, with the roles that the tool gives to places. */
export interface Place {
  readonly name: string;
  readonly roles: { readonly [place: string]: Role };
}

/** The role of a place: its own, else that of what contains it. */
function roleAt({ name, roles }: Place): Role {
  if (Object.hasOwn(roles, name)) return roles[name] as Role;
  return name.includes(".") ? roleAt({ name: name.slice(0, name.lastIndexOf(".")), roles }) : "target";
}

const placeOf = (rule: ArgRule, part: string, place: Place): Place =>
  isList(rule) ? place : { ...place, name: `${place.name}.${part}` };

/** The roles of an argument and of all its parts. */
export function rolesIn(rule: ArgRule, place: Place): readonly Role[] {
  return [roleAt(place), ...partsOf(rule).flatMap(([name, part]) => rolesIn(part, placeOf(rule, name, place)))];
}

/** Labels a rule, whatever its value. */
export function labelled(view: View, rule: ArgRule, place: Place): Labelled {
  const { label, choices } = unlowered(view, rule, place);
  const lower = (one: Label): Label => downgrade(view.session.frozen, one, optionsOf(rule));
  return { label: lower(label), choices: choices.map((choice) => ({ ...choice, label: lower(choice.label) })) };
}

function unlowered(view: View, rule: ArgRule, place: Place): Labelled {
  const context = contextOf(view);
  const role = roleAt(place);
  const inner = has(rule, "template") ? Object.entries(rule.with ?? {}) : isStructure(rule) ? partsOf(rule) : [];
  const parts = inner.map(([name, part]) => labelled(view, part, placeOf(rule, name, place)));
  if (has(rule, "choose")) return { label: context, choices: [{ role, label: context }] };
  if (has(rule, "write")) return { label: context, choices: [] };
  if (isSelecting(rule)) {
    const label = join(labelOfSelected(view, rule), rule.pick === "agent" ? context : bottom);
    return { label, choices: rule.pick === "agent" ? [{ role, label }] : [] };
  }
  if (has(rule, "expr")) return { label: expression(view, rule.expr).label, choices: [] };
  if (has(rule, "param")) return { label: labelOfParam(view, rule.param), choices: [] };
  return { label: join(...parts.map((part) => part.label)), choices: parts.flatMap((part) => part.choices) };
}

function labelOfSelected(view: View, rule: FromRule | ItemRule): Label {
  const each = eachOf(view);
  const loop = typeof each === "object" && "item" in rule ? each.where : undefined;
  const where = "from" in rule ? rule.where : loop;
  const read = "from" in rule ? readOfReference(rule.from, rule.pick) : readOfItem(each ?? "", rule.item);
  return join(labelOfRead(view, read), where === undefined ? bottom : paramLabel(view, where));
}
