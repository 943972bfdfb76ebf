/**
 * The meaning of a plan, as `src/README.md` states it, written to be read: a session is the list of its events, and every
 * question is answered by looking through all of them again. Never shares code with the engine; no index, no cache.
 */
import type { Code } from "../../src/codes.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../../src/json/value.ts";
import { callBytesMax, callsPerSessionMax, inFlightMax } from "../../src/limits.ts";
import type { Budget, FrozenPlan, FrozenTool, PlanNode, Role, Window } from "../../src/plan/plan.ts";
import { argument, handleOf, isFilled, type Part } from "./arguments.ts";
import { bottom, disclose, isUntrusted, join, type Label, ofSources } from "./labels.ts";
import { bytesOf, constraintHolds, prefixOf } from "./lang.ts";
import { type Labels, nodeOf, predecessors, readOfRows, type Session, shownOf, times } from "./session.ts";
import {
  baseLabel,
  contextOf,
  expression,
  isClosed,
  isSettled,
  labelAt,
  labelOfRead,
  labelsOfVerdictReads,
  paramLabel,
  type Run,
  rows,
  runs,
  runsOf,
  started,
  type View,
} from "./view.ts";

/** A call as the agent makes it. */
export interface SpecCall {
  readonly tool: string;
  readonly args: Json;
  readonly node?: string;
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
  | { readonly verdict: "deny"; readonly code: Code; readonly context: Label };
/** How a run ended. */
export type SpecResult = { readonly run: number; readonly at: number } & ({ readonly value: Json } | { readonly error: Json });

/** How a session is opened. */
export interface Opening {
  readonly params: JsonObject;
  readonly agentParams?: readonly string[];
  readonly session: string;
  readonly handleKey: string;
  readonly context?: Label;
  readonly at: number;
}

/** Opens a session. */
export function open(frozen: FrozenPlan, opening: Opening): Session {
  const defaults = Object.entries(frozen.plan.params ?? {}).filter(([, spec]) => spec.default !== undefined);
  return {
    frozen,
    params: { ...Object.fromEntries(defaults.map(([name, spec]) => [name, spec.default as Json])), ...opening.params },
    agentParams: opening.agentParams ?? [],
    id: opening.session,
    handleKey: opening.handleKey,
    opening: join(ofSources(frozen, ["user_input"]), opening.context ?? bottom),
    openedAt: opening.at,
    events: [],
  };
}

/** Why a candidate does not fit, and at which stage. */
interface Failure {
  readonly stage: number;
  readonly code: Code;
}
interface Fit {
  readonly args: JsonObject;
  readonly labels: Labels;
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
  const named = Object.hasOwn(given, "sluice_node") ? given["sluice_node"] : call.node;
  const args = Object.fromEntries(Object.entries(given).filter(([name]) => name !== "sluice_node"));
  const { nodes } = session.frozen.plan;
  const ofTool = Object.keys(nodes)
    .filter((name) => nodes[name]?.tool === call.tool && call.tool !== undefined)
    .sort();
  const candidates = named === undefined ? ofTool : ofTool.filter((name) => name === named);
  const refused = sessionRefuses(view, call, { args, isKnown: candidates.length > 0 });
  if (refused !== undefined) return deny(view, refused, bottom);
  const reads = join(...labelsOfVerdictReads(view, candidates));
  const tried = candidates.flatMap((name) => attempts({ ...view, node: name }, { name, args, tool: call.tool }));
  const fitting = tried.filter((one) => "args" in one.result);
  const [first] = fitting;
  if (fitting.length > 1) return deny(view, "CALL_AMBIGUOUS", reads);
  if (first !== undefined) return allow(view, { ...(first.result as Fit), node: first.node }, reads);
  const stages = tried.map((one) => (one.result as Failure).stage);
  const worst = tried[stages.indexOf(Math.max(...stages))] as Tried;
  const isHidden = labelsOfVerdictReads(view, [worst.node]).length > 0;
  return deny(view, isHidden ? "HIDDEN" : (worst.result as Failure).code, reads);
}

function deny(view: View, code: Code, reads: Label): SpecVerdict {
  view.session.events.push({ kind: "deny", at: view.now, joins: reads });
  return { verdict: "deny", code, context: contextOf(view) };
}

function allow(view: View, fit: Fit & { readonly node: string }, reads: Label): SpecVerdict {
  const run = runs(view).length;
  view.session.events.push({ kind: "allow", ...fit, at: view.now, joins: reads });
  return { verdict: "allow", run, ...fit, context: contextOf(view) };
}

/** Stage 0. */
function sessionRefuses(
  view: View,
  call: SpecCall,
  at: { readonly args: JsonObject; readonly isKnown: boolean },
): Code | undefined {
  const { session, now } = view;
  const { limits = {}, notAfter } = session.frozen.plan;
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
}

/** Stages 1 to 7 for a node: its first fitting row, or every row's failure. */
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
  const open = all.filter((row) => started(view, name, row) < max);
  if (open.length === 0) return fail(3, "CALL_REPEATED");
  const tried = open.map((row): Tried => ({ node: name, result: fits({ ...view, row }, call) }));
  const fitting = tried.find((one) => "args" in one.result);
  return fitting === undefined ? tried : [fitting];
}

/** Stages 4 to 7 for a node in a row. */
function fits(view: View, call: Attempt): Failure | Fit {
  const node = nodeOf(view.session.frozen, call.name);
  const tool = view.session.frozen.tools[call.tool] as FrozenTool;
  const parts = argumentsOf(view, { node, tool, sent: call.args });
  if (typeof parts === "string") return { stage: 4, code: parts };
  const present = [...parts].filter(([, part]) => part.value !== undefined);
  const args: JsonObject = Object.fromEntries(present.map(([name, part]) => [name, part.value as Json]));
  const labels: Labels = Object.fromEntries(present.map(([name, part]) => [name, part.label]));
  if (!(node.require ?? []).every((source) => expression(view, source, args).value === true))
    return { stage: 5, code: "CALL_REQUIRE" };
  const flow = flowRefuses(view, { node, tool, args, parts: new Map(present) });
  if (flow !== undefined) return { stage: 6, code: flow };
  const constraint = constraintRefuses(view, { name: call.name, node, tool, args });
  if (constraint !== undefined) return { stage: 7, code: constraint };
  return { args, labels, ...(view.row === undefined ? {} : { row: view.row.id }) };
}

/** Stage 4. */
function argumentsOf(
  view: View,
  at: { readonly node: PlanNode; readonly tool: FrozenTool; readonly sent: JsonObject },
): ReadonlyMap<string, Part> | Code {
  const { args: rules = {} } = at.node;
  const properties = member(at.tool.definition["inputSchema"], "properties");
  for (const [name, value] of Object.entries(at.sent)) {
    const byDefault = member(member(properties, name), "default");
    const isDropped = value === null || (byDefault !== undefined && jsonEqual(value, byDefault));
    if (!Object.hasOwn(rules, name) && !isDropped) return "ARG_UNEXPECTED";
  }
  const parts = new Map<string, Part>();
  const valuesBut = (name: string) => (): readonly Json[] =>
    Object.keys(rules).flatMap((other) => {
      const part =
        other !== name && isFilled(rules[other] ?? null)
          ? argument(view, rules[other] ?? null, { sent: undefined, others: () => [] })
          : "ARG_UNRESOLVED";
      return typeof part === "string" || part.value === undefined ? [] : [part.value];
    });
  for (const name of Object.keys(rules).sort()) {
    const sent = Object.hasOwn(at.sent, name) ? at.sent[name] : undefined;
    const part = argument(view, rules[name] ?? null, { sent, others: valuesBut(name) });
    if (typeof part === "string") return part;
    parts.set(name, part);
  }
  return parts;
}

interface Checked {
  readonly node: PlanNode;
  readonly tool: FrozenTool;
  readonly args: JsonObject;
  readonly parts: ReadonlyMap<string, Part>;
}

/** Stage 6. */
function flowRefuses(view: View, call: Checked): Code | undefined {
  const { frozen } = view.session;
  const { node, tool, parts } = call;
  const roleOf = (name: string): Role => tool.facts.roles[name] ?? "target";
  const context = contextOf(view);
  const choices = [...parts].filter(([name]) => roleOf(name) !== "content").flatMap(([, part]) => part.choices);
  if (isUntrusted(frozen, context) && choices.some((label) => isUntrusted(frozen, label))) return "FLOW_CHOICE_UNTRUSTED";
  const guard = node.when === undefined ? bottom : expression(view, node.when).label;
  const occurrence = join(context, guard, loopLabel(view, node));
  for (const rule of frozen.plan.flows ?? []) {
    if (![rule.to].flat().some((glob) => globMatches(glob, tool.name))) continue;
    const denies = (label: Label): boolean =>
      label.sources.some(
        (name) =>
          rule.deny.includes(name) || (rule.deny.includes("untrusted") && isUntrusted(frozen, { ...label, sources: [name] })),
      );
    const concerns = (name: string): boolean =>
      (rule.args?.includes(name) ?? true) && (rule.roles?.includes(roleOf(name)) ?? true);
    if ([...parts].some(([name, part]) => concerns(name) && denies(part.label))) return "FLOW_SINK_DENIED";
    if (rule.roles?.includes("control") === true && denies(occurrence)) return "FLOW_CONTROL_DENIED";
  }
  return audienceRefuses(call) ? "FLOW_AUDIENCE_DENIED" : undefined;
}

/** Label of the list that a loop runs over. */
function loopLabel(view: View, { each }: PlanNode): Label {
  if (each === undefined) return bottom;
  const { session, now } = view;
  const where = typeof each === "string" ? undefined : each.where;
  return join(labelOfRead({ session, now }, readOfRows(each)), where === undefined ? bottom : paramLabel(view, where));
}

function audienceRefuses({ tool, args, parts }: Checked): boolean {
  const { effects } = tool.facts;
  const isOutside = effects.includes("network") || effects.includes("message");
  const audience = tool.facts.audience ?? (isOutside ? "public" : undefined);
  if (audience === undefined) return false;
  const members: readonly Json[] =
    audience === "public"
      ? []
      : [isObject(audience as Json) ? (args[(audience as { arg: string }).arg] ?? null) : audience].flat();
  const mayRead = (readers: readonly string[]): boolean =>
    audience !== "public" && members.every((one) => typeof one === "string" && readers.includes(one));
  return [...parts.values()].some(({ label: { readers } }) => readers !== "everyone" && !mayRead(readers));
}

/** `*` stands for any characters. */
function globMatches(glob: string, name: string): boolean {
  if (glob === "") return name === "";
  if (glob[0] === "*") return globMatches(glob.slice(1), name) || (name !== "" && globMatches(glob, name.slice(1)));
  return glob[0] === name[0] && globMatches(glob.slice(1), name.slice(1));
}

const windowMs: { readonly [W in Window]: number } = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Stage 7. */
function constraintRefuses(
  view: View,
  call: { readonly name: string; readonly node: PlanNode; readonly tool: FrozenTool; readonly args: JsonObject },
): Code | undefined {
  const { constraints = {} } = call.node;
  const { maxBytes, hosts, paths, rate, budget, approve } = constraints;
  if (maxBytes !== undefined && bytesOf(canonicalJson(call.args)) > maxBytes) return "CALL_TOO_LARGE";
  const targets = Object.entries(call.args).filter(([name]) =>
    ["target", "command"].includes(call.tool.facts.roles[name] ?? "target"),
  );
  if (!targets.every(([, value]) => constraintHolds({ hosts, paths }, value))) return "ARG_CONSTRAINT";
  const since = (per: Window | undefined): readonly Run[] =>
    runsOf(view, call.name).filter((run) => per === undefined || run.at > view.now - windowMs[per]);
  if (rate !== undefined && since(rate.per).length >= rate.calls) return "CALL_RATE";
  if ([budget ?? []].flat().some((one) => exceeds(one, { ...call, runs: since(one.per) }))) return "CALL_BUDGET";
  return approve === "human" ? "CALL_NEEDS_APPROVAL" : undefined;
}

/** Whether one more run breaks a budget. Runs in flight are reserved; an error releases only under `idempotent`, a lease that ended never. */
function exceeds(
  budget: Budget,
  call: { readonly name: string; readonly node: PlanNode; readonly args: JsonObject; readonly runs: readonly Run[] },
): boolean {
  const isIdempotent = call.node.constraints?.idempotent === true;
  const spent = call.runs.filter((run) => !(isIdempotent && run.state === "error" && run.settled !== undefined));
  const cost = (args: JsonObject): Json =>
    budget.sum === undefined ? 1 : Object.hasOwn(args, budget.sum) ? (args[budget.sum] as Json) : 0;
  const costs = [...spent.map((run) => cost(run.args)), cost(call.args)].map((one) =>
    typeof one === "number" || typeof one === "bigint" ? Number(one) : -1,
  );
  // Other scopes are counted by the store.
  const isOwn = (budget.scope ?? "session") === "session";
  return costs.some((one) => one < 0) || (isOwn && costs.reduce((sum, one) => sum + one, 0) > budget.max);
}

/** What the agent is told of a result, and the context label once it is told. */
export type SpecSettled = { readonly delivered: Json; readonly context: Label } | { readonly code: Code };

/** Settles a run. */
export function settle(session: Session, result: SpecResult): SpecSettled {
  const view: View = { session, now: result.at };
  const run = runs(view)[result.run];
  if (run === undefined) return { code: "RUN_UNKNOWN" };
  if (run.state !== "flight") return { code: "RUN_SETTLED" };
  const answer = "value" in result ? result.value : result.error;
  const limits = [nodeOf(session.frozen, run.node).constraints?.maxBytes, session.frozen.plan.limits?.maxBytes];
  const isTooLarge = limits.some((limit) => limit !== undefined && bytesOf(canonicalJson(answer)) > limit);
  const ok = "value" in result && !isTooLarge;
  const value = isTooLarge ? null : answer;
  const show = shownOf(session.frozen, run.node);
  const ended: Run = { ...run, state: ok ? "ok" : "error", value };
  const regions = show === "all" ? [[]] : show === "none" ? [] : show.map(prefixOf);
  const shown = join(...regions.map((prefix) => labelAt(view, ended, prefix)));
  const joins = show === "none" || ok ? shown : baseLabel(view, ended);
  session.events.push({ kind: "settle", run: run.number, ok, value, at: result.at, joins });
  const handle = (path: readonly (string | number)[]): string => handleOf(session, { node: run.node, run: run.number, path });
  const delivered = ok || show === "none" ? disclose(show, value, handle) : value;
  return { delivered, context: contextOf(view) };
}
