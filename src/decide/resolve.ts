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
import type { CompiledNode, CompiledRule } from "../plan/compile/compiled.ts";
import { hostsIn } from "../plan/compile.ts";
import { join } from "../taint/label.ts";
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
  type SelectingRule,
} from "./fill.ts";
import type { Choice } from "./flow.ts";
import { isHandle, standsFor } from "./handle.ts";
import type { Place } from "./state.ts";

/** What one check of one node (and row) looks at. */
export interface NodeScope extends FillScope {
  readonly node: CompiledNode;
}

/** A resolved rule: the final value (absent: left out) and what it is made of. */
export interface Resolved extends Labelled {
  readonly ok: true;
  readonly value: Json | undefined;
  readonly choices: readonly Choice[];
}

/** Why an argument is not what the plan says. */
export interface Refusal {
  readonly ok: false;
  readonly code: Code;
  /** JSON pointer within the argument, `""` for the argument itself. */
  readonly at: string;
}

const none: readonly never[] = [];

/** A resolved value. */
function resolved(value: Json | undefined, { label, isContext, runs }: Labelled, choices: readonly Choice[] = none): Resolved {
  return { ok: true, value, label, isContext, runs, choices };
}

/** An argument that is left out: that it is says as much about the data, and is as much a choice, as a value would. */
function leaveOut(scope: NodeScope, rule: CompiledRule): Resolved {
  return resolved(undefined, labelOf(scope, rule), choicesIn(scope, rule));
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
  return isChoice ? [choice(scope, rule, labelOf(scope, rule))] : none;
}

/** A choice of the agent: what it chose from, and all that it had read. */
function choice(scope: NodeScope, rule: CompiledRule, { label }: Labelled): Choice {
  return { role: rule.role, label: join(label, scope.state.context) };
}

function refuse(code: Code, at = ""): Refusal {
  return { ok: false, code, at };
}

/** Resolves `rule` for what the agent sent (`undefined`: nothing). */
export function resolve(scope: NodeScope, rule: CompiledRule, sent: Json | undefined): Resolved | Refusal {
  const outcome = resolveClass(scope, rule, sent);
  if (!outcome.ok) return outcome;
  if (outcome.value !== undefined && rule.match?.check(outcome.value) !== undefined) return refuse("ARG_CONSTRAINT");
  if (rule.endorse === undefined && rule.declassify === undefined) return outcome;
  const choices = outcome.choices.map(({ role, label }) => ({
    role,
    label: downgrade(scope, rule, { label, isContext: false, runs: none }).label,
  }));
  return { ...outcome, ...downgrade(scope, rule, outcome), choices };
}

function resolveClass(scope: NodeScope, rule: CompiledRule, sent: Json | undefined): Resolved | Refusal {
  switch (rule.kind) {
    case "choose":
      return resolveChoice(scope, rule, sent);
    case "write":
      return resolveText(scope, rule, sent);
    case "object":
      return resolveObject(scope, rule, sent);
    case "list":
      return resolveList(scope, rule, sent);
    case "from":
    case "item":
      return rule.pick === "agent" ? resolvePick(scope, rule, sent) : compare(scope, rule, { filled: fill(scope, rule), sent });
    default:
      return compare(scope, rule, { filled: fill(scope, rule), sent });
  }
}

/** A value that follows from plan and state: nothing sent, or the same, or its handle. */
function compare(
  scope: NodeScope,
  rule: CompiledRule,
  { filled, sent }: { readonly filled: Filled; readonly sent: Json | undefined },
): Resolved | Refusal {
  if (filled.kind === "none" && rule.isOptional)
    return sent === undefined || sent === null ? leaveOut(scope, rule) : refuse(mismatch(sent));
  if (filled.kind !== "value") return refuse("ARG_UNRESOLVED");
  const isOmitted = sent === undefined || (sent === null && (filled.value !== null || rule.isHidden));
  if (!isOmitted && !(jsonEqual(sent, filled.value) && !rule.isHidden)) {
    const isOwn = isHandle(sent) && filled.place !== undefined && isHandleOf(scope, rule, { handle: sent, place: filled.place });
    if (!isOwn) return refuse(mismatch(sent));
  }
  return resolved(filled.value, labelOf(scope, rule));
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

function resolvePick(scope: NodeScope, rule: SelectingRule, sent: Json | undefined): Resolved | Refusal {
  const places = candidatesOf(scope, rule);
  if (places === undefined) return refuse("ARG_UNRESOLVED");
  const isOmitted = sent === undefined || (sent === null && (rule.isHidden || !places.some((place) => place.value === null)));
  if (places.length === 0) {
    if (!rule.isOptional) return refuse("ARG_UNRESOLVED");
    return isOmitted ? leaveOut(scope, rule) : refuse(mismatch(sent));
  }
  const picked = isOmitted ? (isUnanimous(places) ? places[0] : undefined) : pick(scope, rule, { places, sent });
  if (picked === undefined) return refuse(isOmitted ? "ARG_MISSING" : mismatch(sent as Json));
  const label = labelOf(scope, rule);
  return resolved(picked.value, label, [choice(scope, rule, label)]);
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

function resolveChoice(
  scope: NodeScope,
  rule: CompiledRule & { readonly kind: "choose" },
  sent: Json | undefined,
): Resolved | Refusal {
  if (sent === undefined || (sent === null && rule.constraint.check(null) !== undefined))
    return rule.isOptional ? leaveOut(scope, rule) : refuse("ARG_MISSING");
  if (isHandle(sent)) return refuse("ARG_HANDLE");
  if (rule.constraint.check(sent) !== undefined) return refuse("ARG_CONSTRAINT");
  const label = labelOf(scope, rule);
  return resolved(sent, label, [choice(scope, rule, label)]);
}

/** What most texts are: nothing in it needs a closer look. */
const plainAscii = /^[\t\n\x20-\x7e]*$/;

/** No link of any form is in a text without these: ASCII only, and no separator that is followed by more. */
const mayHoldLinks = /[^\t\n\x20-\x7e]|[.:/\\&%@[\]][^\s]/;

function resolveText(
  scope: NodeScope,
  rule: CompiledRule & { readonly kind: "write" },
  sent: Json | undefined,
): Resolved | Refusal {
  if (sent === undefined || sent === null) return rule.isOptional ? leaveOut(scope, rule) : refuse("ARG_MISSING");
  if (typeof sent !== "string") return refuse("ARG_CONSTRAINT");
  const text: Json = sent;
  if (isHandle(text)) return refuse("ARG_HANDLE");
  if (sent.length > rule.maxLength && countCodePoints(sent) > rule.maxLength) return refuse("ARG_CONSTRAINT");
  if (!plainAscii.test(sent) && !isPlainProse(sent)) return refuse("ARG_TEXT");
  const links = mayHoldLinks.test(sent) ? linksIn(sent) : [];
  if (links.length > 0) {
    const allowed = rule.links === "none" ? [] : rule.links === "plan" ? planHosts(scope) : rule.links;
    if (!links.every((link) => hostMatches(link.host, allowed))) return refuse("ARG_TEXT");
  }
  return resolved(sent, labelOf(scope, rule));
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

function resolveObject(
  scope: NodeScope,
  rule: CompiledRule & { readonly kind: "object" },
  sent: Json | undefined,
): Resolved | Refusal {
  if (isLeftOut(rule, sent)) return rule.isOptional ? leaveOut(scope, rule) : refuse("ARG_MISSING");
  if (sent !== undefined && sent !== null && !isObject(sent)) return refuse(mismatch(sent));
  const given = sent ?? {};
  for (const name of Object.keys(given))
    if (!rule.members.some((part) => part.name === name)) return refuse("ARG_UNEXPECTED", `/${name}`);
  const value: Record<string, Json> = {};
  let label: Labelled = unlabelled;
  const choices: Choice[] = [];
  for (const { name, rule: part } of rule.members) {
    const inner = resolve(scope, part, Object.hasOwn(given, name) ? given[name] : undefined);
    if (!inner.ok) return { ...inner, at: `/${name}${inner.at}` };
    if (inner.value !== undefined) setMember(value, name, inner.value);
    // A part that is left out shapes the value all the same.
    label = merge(label, inner);
    choices.push(...inner.choices);
  }
  return resolved(value, label, choices);
}

function resolveList(
  scope: NodeScope,
  rule: CompiledRule & { readonly kind: "list" },
  sent: Json | undefined,
): Resolved | Refusal {
  if (isLeftOut(rule, sent)) return rule.isOptional ? leaveOut(scope, rule) : refuse("ARG_MISSING");
  if (sent !== undefined && sent !== null && (!isArray(sent) || sent.length !== rule.elements.length))
    return refuse(mismatch(sent));
  const value: Json[] = [];
  let label: Labelled = unlabelled;
  const choices: Choice[] = [];
  for (const [i, part] of rule.elements.entries()) {
    const inner = resolve(scope, part, sent?.[i]);
    if (!inner.ok) return { ...inner, at: `/${i}${inner.at}` };
    // An element cannot be left out: what comes after it would move.
    if (inner.value === undefined) return refuse(part.isFilled ? "ARG_UNRESOLVED" : "ARG_MISSING", `/${i}`);
    value.push(inner.value);
    label = merge(label, inner);
    choices.push(...inner.choices);
  }
  return resolved(value, label, choices);
}
