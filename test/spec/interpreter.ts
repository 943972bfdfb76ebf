/**
 * The meaning of a plan, as `src/README.md` states it, written to be read: a session is the list of its events, and every
 * question is answered by looking through all of them again. Never shares code with the engine; no index, no cache.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../../src/json/value.ts";
import { callBytesMax, callsPerSessionMax, inFlightMax } from "../../src/limits.ts";
import type { ReceivedParams } from "../../src/decide/received.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import type { FrozenPlan, FrozenTool, PlanNode } from "../../src/plan/plan.ts";
import { isFilled, labelled, optionsOf, rolesIn, resolveRule } from "./arguments.ts";
import { constraintRefuses } from "./constraints.ts";
import { type Argument, flowRefuses } from "./flows.ts";
import { approvedHolds, hold, releaseRefuses } from "./holds.ts";
import { bottom, downgrade, fromElsewhere, join, type Label, ofSources } from "./labels.ts";
import { bytesOf } from "./lang.ts";
import {
  type Labels,
  nodeOf,
  predecessors,
  type Session,
  type SpecGiven,
  type SpecHold,
  type SpecReceived,
  times,
} from "./session.ts";
import {
  contextOf,
  expression,
  isClosed,
  isSettled,
  labelsOfVerdictReads,
  rows,
  runs,
  started,
  toolLabel,
  type View,
} from "./view.ts";

export { settle, type SpecResult } from "./settle.ts";

/** A call as the agent makes it. */
export interface SpecCall {
  readonly tool: string;
  readonly args: Json;
  readonly node?: string;
  readonly labels?: SpecGiven;
  readonly at: number;
}
/** What is said of a call, and the context label once it is said. */
export type SpecVerdict =
  | {
      readonly verdict: "allow";
      readonly run: number;
      readonly node: string;
      readonly row?: string;
      readonly args: JsonObject;
      readonly labels: Labels;
      readonly context: Label;
    }
  | { readonly verdict: "deny"; readonly code: Code; readonly approval?: string; readonly context: Label };
/** How a session is opened. */
export interface Opening {
  readonly params: JsonObject;
  readonly agentParams?: readonly string[];
  readonly received?: readonly (SpecReceived & Pick<ReceivedParams, "params" | "parts">)[];
  readonly session: string;
  readonly handleKey: string;
  /** What earlier sessions of the conversation saw. */
  readonly context?: LabelValue;
  readonly at: number;
}

/** Opens a session. */
export function open(frozen: FrozenPlan, opening: Opening): Session {
  const { received = [] } = opening;
  const whole = received.flatMap(({ label, context }) => (context === undefined ? [label] : [label, context]));
  const taken = received.flatMap(({ params, label, parts = {} }) =>
    params.map((name) => ({
      name,
      label: fromElsewhere(frozen, Object.hasOwn(parts, name) ? (parts[name] as LabelValue) : label),
    })),
  );
  const labelsOfParam = (name: string): readonly Label[] =>
    taken.filter((param) => param.name === name).map((param) => param.label);
  const defaults = Object.entries(frozen.plan.params ?? {}).filter(([, spec]) => spec.default !== undefined);
  return {
    frozen,
    params: { ...Object.fromEntries(defaults.map(([name, spec]) => [name, spec.default as Json])), ...opening.params },
    agentParams: opening.agentParams ?? [],
    paramLabels: Object.fromEntries(taken.map(({ name }) => [name, join(...labelsOfParam(name))])),
    id: opening.session,
    handleKey: opening.handleKey,
    opening: join(
      ofSources(frozen, ["user_input"]),
      opening.context === undefined ? bottom : fromElsewhere(frozen, opening.context),
      ...whole.map((label) => fromElsewhere(frozen, label)),
      ...taken.map(({ label }) => label),
    ),
    openedAt: opening.at,
    events: [],
  };
}

/** Why a candidate does not fit, and at which stage. */
interface Failure {
  readonly stage: number;
  readonly code: Code;
  /** The call as it would run, if all that it lacks is a human. */
  readonly held?: Fit;
}
interface Fit {
  readonly args: JsonObject;
  readonly labels: Labels;
  /** Join of the labels of all arguments, those that were left out included. */
  readonly label: Label;
  readonly row?: string;
}
/** A candidate: a node, or one row of it. */
interface Tried {
  readonly node: string;
  readonly result: Failure | Fit;
}

/** The check of a call. */
export function check(session: Session, call: SpecCall): SpecVerdict {
  const view: View = { session, now: call.at };
  const given = isObject(call.args) ? call.args : {};
  // What is named beside the arguments counts before what is named among them.
  const named = call.node ?? (Object.hasOwn(given, "sluice_node") ? given.sluice_node : undefined);
  const args = Object.fromEntries(Object.entries(given).filter(([name]) => name !== "sluice_node"));
  const { nodes } = session.frozen.plan;
  const ofTool = Object.keys(nodes)
    .filter((name) => nodes[name]?.tool === call.tool && call.tool !== undefined)
    .sort();
  const candidates = named === undefined ? ofTool : ofTool.filter((name) => name === named);
  const refused = sessionRefuses(view, call, { args, isKnown: candidates.length > 0 });
  if (refused !== undefined) return deny(view, refused, bottom);
  const reads = join(...labelsOfVerdictReads(view, candidates));
  const releases = (): SpecVerdict | undefined => {
    for (const one of approvedHolds(view, candidates)) {
      const verdict = releaseHold(view, one, reads);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
  const released = candidates.length === 1 ? releases() : undefined;
  if (released !== undefined) return released;
  const { tool, labels } = call;
  const tried = candidates.flatMap((name) => attempts({ ...view, node: name }, { name, args, tool, ...withGiven(labels) }));
  const fitting = tried.filter((one) => "args" in one.result);
  const [first] = fitting;
  if (fitting.length > 1) return deny(view, "CALL_AMBIGUOUS", reads);
  if (first !== undefined) return allow(view, { ...(first.result as Fit), node: first.node }, reads);
  const late = releases();
  if (late !== undefined) return late;
  const stages = tried.map((one) => (one.result as Failure).stage);
  const worst = tried[stages.indexOf(Math.max(...stages))] as Tried;
  const { held } = worst.result as Failure;
  if (held !== undefined) {
    const { args: final, row } = held;
    const answer = hold(view, {
      node: worst.node,
      ...(row === undefined ? {} : { row }),
      sent: args,
      args: final,
      ...withGiven(labels),
    });
    return deny(view, answer.code, reads, answer);
  }
  const isHidden = labelsOfVerdictReads(view, [worst.node]).length > 0;
  return deny(view, isHidden ? "HIDDEN" : (worst.result as Failure).code, reads);
}

const withGiven = (given: SpecGiven | undefined): { readonly given?: SpecGiven } => (given === undefined ? {} : { given });

/** Calls that are made at once: each is checked as if the others had returned. */
export function checkBatch(session: Session, calls: readonly SpecCall[]): readonly SpecVerdict[] {
  const { nodes } = session.frozen.plan;
  const [first] = calls;
  const names = Object.keys(nodes).filter((name) => calls.some(({ tool }) => nodes[name]?.tool === tool));
  const joins = join(...names.map((name) => toolLabel({ session, now: first?.at ?? 0 }, name)));
  if (first !== undefined && calls.length > 1) session.events.push({ kind: "context", at: first.at, joins });
  return calls.map((call) => check(session, call));
}

/** The host ends the session. */
export function close(session: Session, at: number): void {
  session.events.push({ kind: "close", at, joins: bottom });
}

function deny(
  view: View,
  code: Code,
  reads: Label,
  kept: { readonly approval?: string; readonly hold?: SpecHold; readonly voids?: string } = {},
): SpecVerdict {
  const { hold: held, voids, approval } = kept;
  const about = { ...(held === undefined ? {} : { hold: held }), ...(voids === undefined ? {} : { voids }) };
  view.session.events.push({ kind: "deny", ...about, at: view.now, joins: reads });
  // Who has been refused for good is not told to ask again.
  const asked = approval === undefined || code !== "CALL_NEEDS_APPROVAL" ? {} : { approval };
  return { verdict: "deny", code, ...asked, context: contextOf(view) };
}

/** Tries a held call again: allowed with the held bytes, void with others. `undefined`: it does not pass. `isAsked`: then it is a denial. */
function releaseHold(view: View, held: SpecHold, reads: Label): SpecVerdict | undefined;
function releaseHold(view: View, held: SpecHold, reads: Label, isAsked: true): SpecVerdict;
function releaseHold(view: View, held: SpecHold, reads: Label, isAsked = false): SpecVerdict | undefined {
  const { id, node, row, sent, args, given } = held;
  const tool = nodeOf(view.session.frozen, node).tool ?? "";
  const again = { name: node, args: sent, tool, ...withGiven(given), ...(row === undefined ? {} : { row }) };
  const [tried] = attempts({ ...view, node }, again);
  const result = tried?.result as Failure | Fit;
  const fit = "args" in result ? result : result.held;
  const isHidden = labelsOfVerdictReads(view, [node]).length > 0;
  if (fit === undefined) return isAsked ? deny(view, isHidden ? "HIDDEN" : (result as Failure).code, reads) : undefined;
  if (canonicalJson(fit.args) === canonicalJson(args)) return allow(view, { ...fit, node, hold: id }, reads);
  return deny(view, isHidden ? "HIDDEN" : "APPROVAL_STALE", reads, { voids: id });
}

/** Asks for one held call by its id. */
export function release(session: Session, asked: { readonly hold: string; readonly at: number }): SpecVerdict {
  const view: View = { session, now: asked.at };
  const refused = releaseRefuses(view, asked.hold);
  const held = approvedHolds(view, Object.keys(session.frozen.plan.nodes)).find((one) => one.id === asked.hold);
  if (refused !== undefined || held === undefined) {
    const code = refused ?? "INTERNAL";
    const approval = code === "CALL_NEEDS_APPROVAL" ? { approval: asked.hold } : {};
    return { verdict: "deny", code, ...approval, context: contextOf(view) };
  }
  const tool = nodeOf(session.frozen, held.node).tool ?? "";
  const closed = sessionRefuses(view, { tool, args: held.sent, at: asked.at }, { args: held.sent, isKnown: true });
  if (closed !== undefined) return deny(view, closed, bottom);
  return releaseHold(view, held, join(...labelsOfVerdictReads(view, [held.node])), true);
}

function allow(view: View, fit: Fit & { readonly node: string; readonly hold?: string }, reads: Label): SpecVerdict {
  const run = runs(view).length;
  const { label, labels, ...allowed } = fit;
  view.session.events.push({ kind: "allow", ...allowed, label, at: view.now, joins: reads });
  const { hold: _, ...said } = allowed;
  return { verdict: "allow", run, ...said, labels, context: contextOf(view) };
}

/** Stage 0. */
function sessionRefuses(
  view: View,
  call: SpecCall,
  at: { readonly args: JsonObject; readonly isKnown: boolean },
): Code | undefined {
  const { session, now } = view;
  const { limits = {}, notAfter } = session.frozen.plan;
  if (session.events.some((event) => event.kind === "close")) return "SESSION_CLOSED";
  if (notAfter !== undefined && now > Date.parse(notAfter)) return "PLAN_EXPIRED";
  if (limits.seconds !== undefined && now > session.openedAt + limits.seconds * 1000) return "SESSION_EXPIRED";
  if (!isObject(call.args)) return "CALL_MALFORMED";
  if (!at.isKnown) return "CALL_NOT_IN_PLAN";
  const inFlight = runs(view).filter((run) => run.state === "flight").length;
  if (runs(view).length >= (limits.calls ?? callsPerSessionMax) || inFlight >= inFlightMax) return "CALL_LIMIT";
  if (bytesOf(canonicalJson(at.args)) > (limits.maxBytes ?? callBytesMax)) return "CALL_TOO_LARGE";
  return undefined;
}

interface Attempt {
  readonly name: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** Only this row. */
  readonly row?: string;
  readonly given?: SpecGiven;
}

/** Stages 1 to 8 for a node: its first fitting row, or every row's failure. */
function attempts(view: View, call: Attempt): readonly Tried[] {
  const { frozen } = view.session;
  const { name } = call;
  const node = nodeOf(frozen, name);
  const fail = (stage: number, code: Code): readonly Tried[] => [{ node: name, result: { stage, code } }];
  const isReady = !isClosed(view, name) && predecessors(frozen, name).every((other) => isSettled(view, other));
  if (!isReady || (typeof node.each === "string" && rows(view, name)?.length === 0)) return fail(1, "CALL_OUT_OF_ORDER");
  if (node.when !== undefined && expression(view, node.when).value !== true) return fail(2, "CALL_GUARD");
  const { max } = times(node);
  if (node.each === undefined) {
    return started(view, name) >= max ? fail(3, "CALL_REPEATED") : [{ node: name, result: fits(view, call) }];
  }
  const all = rows(view, name);
  if (all === undefined || (typeof node.each !== "string" && all.length > node.each.max)) return fail(3, "CALL_EACH");
  const open = all.filter((row) => started(view, name, row) < max && (call.row === undefined || row.id === call.row));
  if (open.length === 0) return fail(3, "CALL_REPEATED");
  const tried = open.map((row): Tried => ({ node: name, result: fits({ ...view, row }, call) }));
  const fitting = tried.find((one) => "args" in one.result);
  return fitting === undefined ? tried : [fitting];
}

/** Stages 4 to 8 for a node in a row. */
function fits(view: View, call: Attempt): Failure | Fit {
  const { frozen } = view.session;
  const node = nodeOf(frozen, call.name);
  const tool = frozen.tools[call.tool] as FrozenTool;
  const args = argumentsOf(view, { node, tool, sent: call.args });
  if (typeof args === "string") return { stage: 4, code: args };
  if (!(node.require ?? []).every((source) => expression(view, source, args).value === true))
    return { stage: 5, code: "CALL_REQUIRE" };
  const parts = Object.entries(node.args ?? {}).flatMap(([name, rule]): Argument[] => {
    const place = { name, roles: tool.facts.roles };
    const roles = rolesIn(rule, place);
    const { label, choices } = labelled(view, rule, place);
    // What the caller says of an argument only raises it, by as much as the plan leaves of it there.
    const told = Object.entries(call.given ?? {}).flatMap(([arg, one]) => (arg === name || arg === "" ? [one] : []));
    const given = downgrade(frozen, join(...told.map((one) => fromElsewhere(frozen, one))), optionsOf(rule));
    const raise = (one: Label): Label => join(one, given);
    return [
      { name, rule, roles, given, label: raise(label), choices: choices.map((one) => ({ ...one, label: raise(one.label) })) },
    ];
  });
  // A content that is left out goes nowhere; that it is not there shapes the result all the same.
  const sent = parts.filter(({ name, roles }) => Object.hasOwn(args, name) || roles.some((role) => role !== "content"));
  const flow = flowRefuses(view, { node, tool, args, parts: sent });
  if (flow !== undefined && flow !== "CALL_NEEDS_APPROVAL") return { stage: 6, code: flow };
  for (const constraints of node.within ?? []) {
    const beside = constraintRefuses(view, { name: call.name, node: { ...node, constraints }, tool, args, parts: sent });
    if (beside !== undefined) return { stage: 7, code: beside };
  }
  const constraint = constraintRefuses(view, { name: call.name, node, tool, args, parts: sent });
  if (constraint !== undefined) return { stage: 7, code: constraint };
  const labels = Object.fromEntries(parts.flatMap(({ name, label }) => (Object.hasOwn(args, name) ? [[name, label]] : [])));
  const fit = {
    args,
    labels,
    label: join(...parts.map((part) => part.label)),
    ...(view.row === undefined ? {} : { row: view.row.id }),
  };
  const isHeld = flow !== undefined || node.constraints?.approve === "human";
  return isHeld ? { stage: 8, code: "CALL_NEEDS_APPROVAL", held: fit } : fit;
}

/** Stage 4. */
function argumentsOf(
  view: View,
  at: { readonly node: PlanNode; readonly tool: FrozenTool; readonly sent: JsonObject },
): JsonObject | Code {
  const { args: rules = {} } = at.node;
  const properties = member(at.tool.definition.inputSchema, "properties");
  for (const [name, value] of Object.entries(at.sent)) {
    const byDefault = member(member(properties, name), "default");
    const isDropped = value === null || (byDefault !== undefined && jsonEqual(value, byDefault));
    if (!Object.hasOwn(rules, name) && !isDropped) return "ARG_UNEXPECTED";
  }
  const nothing = { sent: undefined, others: () => [] };
  const valuesBut = (name: string) => (): readonly Json[] =>
    Object.entries(rules).flatMap(([other, rule]) => {
      const outcome = other !== name && isFilled(rule) ? resolveRule(view, rule, nothing) : {};
      return typeof outcome === "string" || outcome.value === undefined ? [] : [outcome.value];
    });
  const values: [string, Json][] = [];
  for (const name of Object.keys(rules).sort()) {
    const sent = Object.hasOwn(at.sent, name) ? at.sent[name] : undefined;
    const outcome = resolveRule(view, rules[name] ?? null, { sent, others: valuesBut(name) });
    if (typeof outcome === "string") return outcome;
    if (outcome.value !== undefined) values.push([name, outcome.value]);
  }
  return Object.fromEntries(values);
}
