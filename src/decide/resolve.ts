/**
 * Resolves one argument: what the agent sent against what the plan says, to the final value and its label.
 * Pure. No I/O, no clock. See "Arguments" in `src/README.md`.
 */
import type { Code } from "../codes.ts";
import { setMember } from "../json/exact.ts";
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import { hostMatches, linksIn } from "../lang/host.ts";
import { isPlainProse } from "../lang/template/characters.ts";
import { countCodePoints } from "../lang/code-point.ts";
import type { CompiledArg, CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import { hostsIn } from "../plan/compile.ts";
import { bottom, join } from "../taint/label.ts";
import {
  candidatesOf,
  downgrade,
  type Filled,
  type FillScope,
  fill,
  isUnanimous,
  type Labelled,
  unlabelled,
  labelOf,
  merge,
  paramLabel,
  type SelectingRule,
} from "./fill.ts";
import type { Choice, LabelledArg } from "./flow.ts";
import { isHandle, standsFor } from "./handle.ts";
import { labelOfRead } from "./regions.ts";
import type { Place } from "./state.ts";

/** What one check of one node (and row) looks at. */
export interface NodeScope extends FillScope {
  readonly node: CompiledNode;
}

/** A resolved rule: the argument, or the part of one. */
export interface Resolved extends LabelledArg {
  readonly ok: true;
}

/** A rule, and the argument that it is for, or for a part of. */
interface Site<R extends CompiledRule = CompiledRule> {
  readonly rule: R;
  readonly arg: CompiledArg;
}

type RuleOf<K extends CompiledRule["kind"]> = CompiledRule & { readonly kind: K };

/** Why an argument is not what the plan says. */
export interface Refusal {
  readonly ok: false;
  readonly code: Code;
  /** JSON pointer within the argument, `""` for the argument itself. */
  readonly at: string;
}

const none: readonly never[] = [];

/** What is sent, or filled in: one object for each argument of a call, so it is what the rest of the check looks at too. */
interface Value extends Pick<Resolved, "value"> {
  readonly of: Labelled;
  readonly choices?: readonly Choice[];
}

function resolved(scope: NodeScope, { arg }: Site, { value, of, choices = none }: Value): Resolved {
  const label = of.isContext ? join(of.label, scope.state.context) : of.label;
  return { ok: true, arg, value, label, isContext: of.isContext, runs: of.runs, choices, given: undefined };
}

/** An argument that is left out: that it is says as much about the data, and is as much a choice, as a value would. */
function leaveOut(scope: NodeScope, site: Site): Resolved {
  const { rule } = site;
  return resolved(scope, site, { value: undefined, of: labelOf(scope, rule), choices: choicesIn(scope, rule) });
}

/** The choices that a rule leaves to the agent, its parts included, each after the endorsements around it. */
function choicesIn(scope: NodeScope, rule: CompiledRule): readonly Choice[] {
  return choicesBelow(scope, rule).map(({ role, label }) => ({
    role,
    label: downgrade(scope, rule, { label, isContext: false, runs: none }).label,
  }));
}

function choicesBelow(scope: NodeScope, rule: CompiledRule): readonly Choice[] {
  if (rule.kind === "object") return rule.members.flatMap((part) => choicesIn(scope, part.rule));
  if (rule.kind === "list") return rule.elements.flatMap((part) => choicesIn(scope, part));
  const isChoice = rule.kind === "choose" || ((rule.kind === "from" || rule.kind === "item") && rule.pick === "agent");
  return isChoice ? chosen(scope, rule, labelOf(scope, rule)) : none;
}

/** Of what the agent chooses as content only that it does is looked at. */
const chosenContent: readonly Choice[] = [{ role: "content", label: bottom }];

/** A choice of the agent: what it chose from, and all that it had read. */
function chosen(scope: NodeScope, rule: CompiledRule, { label }: Labelled): readonly Choice[] {
  return rule.role === "content" ? chosenContent : [{ role: rule.role, label: join(label, scope.state.context) }];
}

function refuse(code: Code, at = ""): Refusal {
  return { ok: false, code, at };
}

/** Resolves what the agent sent for one rule (`undefined`: nothing). */
export type Resolver = (scope: NodeScope, sent: Json | undefined) => Resolved | Refusal;

/** Prepares a rule: what does not depend on a call is settled here, once. */
export function resolverOf(site: Site): Resolver {
  const { rule } = site;
  const ofClass = classResolver(site);
  const { match, endorse, declassify } = rule;
  const matching: Resolver =
    match === undefined
      ? ofClass
      : (scope, sent) => {
          const outcome = ofClass(scope, sent);
          const isRefused = outcome.ok && outcome.value !== undefined && match.check(outcome.value) !== undefined;
          return isRefused ? refuse("ARG_CONSTRAINT") : outcome;
        };
  if (endorse === undefined && declassify === undefined) return matching;
  return (scope, sent) => {
    const outcome = matching(scope, sent);
    if (!outcome.ok) return outcome;
    const choices = outcome.choices.map(({ role, label }) => ({
      role,
      label: downgrade(scope, rule, { label, isContext: false, runs: none }).label,
    }));
    return { ...outcome, ...downgrade(scope, rule, outcome), choices };
  };
}

function classResolver({ rule, arg }: Site): Resolver {
  switch (rule.kind) {
    case "choose":
      return choiceResolver({ rule, arg });
    case "write":
      return textResolver({ rule, arg });
    case "object":
      return objectResolver({ rule, arg });
    case "list":
      return listResolver({ rule, arg });
    case "from":
      if (rule.pick === "agent") return pickResolver({ rule, arg });
      return directResolver({ rule, arg }) ?? filledResolver({ rule, arg });
    case "item":
      return rule.pick === "agent" ? pickResolver({ rule, arg }) : filledResolver({ rule, arg });
    case "param":
      return paramResolver({ rule, arg });
    case "const":
      return constResolver({ rule, arg });
    default:
      return filledResolver({ rule, arg });
  }
}

function choiceResolver(site: Site<RuleOf<"choose">>): Resolver {
  return (scope, sent) => resolveChoice(scope, site, sent);
}

function textResolver(site: Site<RuleOf<"write">>): Resolver {
  return (scope, sent) => resolveText(scope, site, sent);
}

function filledResolver(site: Site): Resolver {
  return (scope, sent) => compare(scope, site, { filled: fill(scope, site.rule), sent });
}

function pickResolver(site: Site<SelectingRule>): Resolver {
  return (scope, sent) => resolvePick(scope, site, sent);
}

function constResolver({ rule, arg }: Site<RuleOf<"const">>): Resolver {
  const { value } = rule;
  const { label, isContext, runs } = unlabelled;
  const fixed: Resolved = { ok: true, arg, value, label, isContext, runs, choices: none, given: undefined };
  return (_, sent) => (isAsFilled(rule, value, sent) ? fixed : refuse(mismatch(sent as Json)));
}

function paramResolver(site: Site<RuleOf<"param">>): Resolver {
  const { rule } = site;
  const names = [rule.name];
  const slow = filledResolver(site);
  return (scope, sent) => {
    const { params } = scope.state;
    const value = Object.hasOwn(params, rule.name) ? params[rule.name] : undefined;
    const isUsual = value !== undefined && isAsFilled(rule, value, sent);
    return isUsual ? resolved(scope, site, { value, of: paramLabel(scope, names) }) : slow(scope, sent);
  };
}

/**
 * The hot case of a reference: one path into the one result of a node, as in `quotes$.price`. It makes no list of candidates; whatever is not as
 * usual (no result yet, no such member, a loop, a handle, another value) is left to {@link compare}.
 */
function directResolver(site: Site<RuleOf<"from">>): Resolver | undefined {
  const { rule } = site;
  const { path, pick, where, extract, read } = rule;
  const { first } = path;
  if (first === undefined || pick !== undefined || where !== undefined || extract !== undefined) return undefined;
  const slow = filledResolver(site);
  return (scope, sent) => {
    const tally = scope.row === undefined ? scope.state.nodes.get(read.node) : undefined;
    const run = tally?.ok[0];
    if (tally === undefined || run === undefined || scope.program.plan.nodes[read.node]?.each !== undefined)
      return slow(scope, sent);
    const value = first(run.value ?? null);
    if (value === undefined || !isAsFilled(rule, value, sent)) return slow(scope, sent);
    const label = join(tally.failures, labelOfRead(run, read.prefix));
    return resolved(scope, site, { value, of: { label, isContext: read.isVariable, runs: [run] } });
  };
}

/** Whether what was sent leaves a filled value as it is: nothing, or the same, unless the agent must not know it. */
function isAsFilled(rule: CompiledRule, value: Json, sent: Json | undefined): boolean {
  if (sent === undefined || (sent === null && (value !== null || rule.isHidden))) return true;
  return !rule.isHidden && jsonEqual(sent, value);
}

/** A value that follows from plan and state: nothing sent, or the same, or its handle. */
function compare(
  scope: NodeScope,
  site: Site,
  { filled, sent }: { readonly filled: Filled; readonly sent: Json | undefined },
): Resolved | Refusal {
  const { rule } = site;
  if (filled.kind === "none" && rule.isOptional)
    return sent === undefined || sent === null ? leaveOut(scope, site) : refuse(mismatch(sent));
  if (filled.kind !== "value") return refuse("ARG_UNRESOLVED");
  if (!isAsFilled(rule, filled.value, sent)) {
    const isOwn = isHandle(sent) && filled.place !== undefined && isHandleOf(scope, rule, { handle: sent, place: filled.place });
    if (!isOwn) return refuse(mismatch(sent as Json));
  }
  return resolved(scope, site, { value: filled.value, of: labelOf(scope, rule) });
}

function mismatch(sent: Json): Code {
  return isHandle(sent) ? "ARG_HANDLE" : "ARG_MISMATCH";
}

function isHandleOf(
  scope: NodeScope,
  rule: CompiledRule,
  { handle, place }: { readonly handle: string; readonly place: Place },
): boolean {
  const read = rule.kind === "from" || rule.kind === "item" ? rule.read.node : -1;
  const node = scope.program.plan.nodes[place.run?.node ?? read];
  return node !== undefined && standsFor(scope.state, handle, { ...place, node: node.name });
}

function resolvePick(scope: NodeScope, site: Site<SelectingRule>, sent: Json | undefined): Resolved | Refusal {
  const { rule } = site;
  const places = candidatesOf(scope, rule);
  if (places === undefined) return refuse("ARG_UNRESOLVED");
  const isOmitted = sent === undefined || (sent === null && (rule.isHidden || !places.some((place) => place.value === null)));
  if (places.length === 0) {
    if (!rule.isOptional) return refuse("ARG_UNRESOLVED");
    return isOmitted ? leaveOut(scope, site) : refuse(mismatch(sent));
  }
  const picked = isOmitted ? (isUnanimous(places) ? places[0] : undefined) : pick(scope, rule, { places, sent });
  if (picked === undefined) return refuse(isOmitted ? "ARG_MISSING" : mismatch(sent as Json));
  const of = labelOf(scope, rule);
  return resolved(scope, site, { value: picked.value, of, choices: chosen(scope, rule, of) });
}

/** The candidate that the agent sent: the value itself, or a handle that contains exactly one of the candidates. */
function pick(
  scope: NodeScope,
  rule: SelectingRule,
  { places, sent }: { readonly places: readonly Place[]; readonly sent: Json | undefined },
): Place | undefined {
  const equal = rule.isHidden ? undefined : places.find((place) => jsonEqual(place.value, sent));
  if (equal !== undefined || !isHandle(sent)) return equal;
  const held = places.filter((place) => isHandleOf(scope, rule, { handle: sent, place }));
  return isUnanimous(held) ? held[0] : undefined;
}

function resolveChoice(scope: NodeScope, site: Site<RuleOf<"choose">>, sent: Json | undefined): Resolved | Refusal {
  const { rule } = site;
  if (sent === undefined || (sent === null && rule.constraint.check(null) !== undefined))
    return rule.isOptional ? leaveOut(scope, site) : refuse("ARG_MISSING");
  if (isHandle(sent)) return refuse("ARG_HANDLE");
  if (rule.constraint.check(sent) !== undefined) return refuse("ARG_CONSTRAINT");
  const of = labelOf(scope, rule);
  return resolved(scope, site, { value: sent, of, choices: chosen(scope, rule, of) });
}

/** What most texts are: nothing in it needs a closer look. */
const plainAscii = /^[\t\n\x20-\x7e]*$/;

/**
 * No link of any form is in a text of plain ASCII without these: a separator that is followed by more. An expression of its own: engines look for
 * the few characters of its first class many at once, which they cannot where the class is most of Unicode.
 */
const mayHoldLinks = /[.:/\\&%@[\]]\S/;

function resolveText(scope: NodeScope, site: Site<RuleOf<"write">>, sent: Json | undefined): Resolved | Refusal {
  const { rule } = site;
  if (sent === undefined || sent === null) return rule.isOptional ? leaveOut(scope, site) : refuse("ARG_MISSING");
  if (typeof sent !== "string") return refuse("ARG_CONSTRAINT");
  const text: Json = sent;
  if (isHandle(text)) return refuse("ARG_HANDLE");
  if (sent.length > rule.maxLength && countCodePoints(sent) > rule.maxLength) return refuse("ARG_CONSTRAINT");
  const isAscii = plainAscii.test(sent);
  if (!isAscii && !isPlainProse(sent)) return refuse("ARG_TEXT");
  if (!isAscii || mayHoldLinks.test(sent)) {
    const links = linksIn(sent);
    const allowed = links.length === 0 || rule.links === "none" ? [] : rule.links === "plan" ? planHosts(scope) : rule.links;
    if (!links.every((link) => hostMatches(link.host, allowed))) return refuse("ARG_TEXT");
  }
  return resolved(scope, site, { value: sent, of: labelOf(scope, rule) });
}

/** Hosts that the plan or the host names: in constants, parameters that neither the agent nor another one filled in, and the values of this call's filled arguments. */
function planHosts(scope: NodeScope): readonly string[] {
  const { params, agentParams, paramLabels } = scope.state;
  const values = scope.node.args.flatMap(({ rule }) => {
    const filled = rule.isFilled ? fill(scope, rule) : undefined;
    return filled?.kind === "value" ? [filled.value] : [];
  });
  return [
    ...scope.program.plan.hosts,
    ...Object.keys(params).flatMap((name) =>
      agentParams.has(name) || paramLabels.has(name) ? [] : hostsIn(params[name] as Json),
    ),
    ...values.flatMap(hostsIn),
  ];
}

function isLeftOut(rule: CompiledRule, sent: Json | undefined): boolean {
  return (sent === undefined || sent === null) && !rule.isFilled;
}

function objectResolver(site: Site<RuleOf<"object">>): Resolver {
  const { rule, arg } = site;
  const parts = rule.members.map(({ name, rule: part }) => ({ name, resolve: resolverOf({ rule: part, arg }) }));
  return (scope, sent) => {
    if (isLeftOut(rule, sent)) return rule.isOptional ? leaveOut(scope, site) : refuse("ARG_MISSING");
    if (sent !== undefined && sent !== null && !isObject(sent)) return refuse(mismatch(sent));
    const given = sent ?? {};
    for (const name of Object.keys(given))
      if (!parts.some((part) => part.name === name)) return refuse("ARG_UNEXPECTED", `/${name}`);
    const value: Record<string, Json> = {};
    let of: Labelled = unlabelled;
    const choices: Choice[] = [];
    for (const { name, resolve } of parts) {
      const inner = resolve(scope, Object.hasOwn(given, name) ? given[name] : undefined);
      if (!inner.ok) return { ...inner, at: `/${name}${inner.at}` };
      if (inner.value !== undefined) setMember(value, name, inner.value);
      // A part that is left out shapes the value all the same.
      of = merge(of, inner);
      choices.push(...inner.choices);
    }
    return resolved(scope, site, { value, of, choices });
  };
}

function listResolver(site: Site<RuleOf<"list">>): Resolver {
  const { rule, arg } = site;
  const parts = rule.elements.map((part) => ({ isFilled: part.isFilled, resolve: resolverOf({ rule: part, arg }) }));
  return (scope, sent) => {
    if (isLeftOut(rule, sent)) return rule.isOptional ? leaveOut(scope, site) : refuse("ARG_MISSING");
    if (sent !== undefined && sent !== null && (!isArray(sent) || sent.length !== parts.length)) return refuse(mismatch(sent));
    const value: Json[] = [];
    let of: Labelled = unlabelled;
    const choices: Choice[] = [];
    for (const [i, { isFilled, resolve }] of parts.entries()) {
      const inner = resolve(scope, sent?.[i]);
      if (!inner.ok) return { ...inner, at: `/${i}${inner.at}` };
      // An element cannot be left out: what comes after it would move.
      if (inner.value === undefined) return refuse(isFilled ? "ARG_UNRESOLVED" : "ARG_MISSING", `/${i}`);
      value.push(inner.value);
      of = merge(of, inner);
      choices.push(...inner.choices);
    }
    return resolved(scope, site, { value, of, choices });
  };
}
