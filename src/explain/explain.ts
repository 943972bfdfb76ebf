/**
 * Explains one call of a recorded run: the rule that decided, where each value came from, and what would have to change.
 * Pure; for the operator. It holds values of the trace and must never reach an agent.
 */
import type { SqlParser } from "../constraints/sql.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Code } from "../codes.ts";
import type { ChainLink } from "../decide/chain.ts";
import { isObject, type Json, jsonEqual, type JsonObject } from "../json/value.ts";
import type { Trace } from "../trace.ts";
import type { Finding } from "../plan/finding.ts";
import type { ArgRule, FrozenPlan } from "../plan/plan.ts";
import { classOf, type RuleClass } from "../plan/walk.ts";
import { err, ok, type Result } from "../result.ts";
import type { LabelValue } from "../taint/label.ts";
import { type LabelledCall, replayLabelled, type ValueOrigin } from "./labelled-replay.ts";
import { type DecidingRule, decidingRule, ruleSays } from "./rule.ts";
import { type Change, findChanges, otherVerdicts } from "./search.ts";
import { type Sighting, sightingsOf } from "./seen.ts";
import { nodeOf, type Situation, spotOf } from "./situation.ts";

/** One argument of the call. */
export interface ExplainedArgument {
  readonly name: string;
  /** How the plan gives it; absent for an argument that the plan does not mention. */
  readonly class?: RuleClass;
  /** What the plan says of it, for a sentence. */
  readonly says: string;
  readonly sent?: Json;
  /** What was, or would have been, forwarded; absent where nothing is known. */
  readonly final?: Json;
  readonly labels?: LabelValue;
  /** Runs that the value came from. */
  readonly origins: readonly ValueOrigin[];
  /** Earlier results that hold the value that was sent, where it is not the plan's. */
  readonly seen: readonly Sighting[];
}

/** A change with what else it does to the trace. */
export interface ExplainedChange extends Change {
  /** Other calls of the trace that it allows. */
  readonly allowed: readonly number[];
  /** Later calls of the trace that it denies. */
  readonly denied: readonly number[];
}

/** Everything there is to say about one call. */
export interface Explanation {
  readonly i: number;
  readonly tool: string;
  readonly verdict: "allow" | "deny";
  readonly code: Code | null;
  readonly node: string | null;
  readonly rule: DecidingRule;
  readonly arguments: readonly ExplainedArgument[];
  /** The taint chain of a data-flow denial. */
  readonly chain: readonly ChainLink[];
  /** What the agent had read before. */
  readonly context: LabelValue;
  /** Smallest first; empty for an allowed call, or where nothing small enough was found. */
  readonly changes: readonly ExplainedChange[];
}

/** What an explanation needs besides the plan and the trace. */
export interface ExplainOptions {
  /** Number of the call, from 0. */
  readonly call: number;
  readonly params?: JsonObject;
  /** Against which changed plans are frozen; absent: tools are known by name only. */
  readonly catalogue?: Catalogue | undefined;
  /** Parsers of the dialects of SQL that the plan names. */
  readonly sql?: readonly SqlParser[];
}

/** Explains a call. Errors: those of `replayTrace`, and `CALL_MALFORMED` if the trace has no such call. */
export function explainCall(frozen: FrozenPlan, trace: Trace, options: ExplainOptions): Result<Explanation, readonly Finding[]> {
  const steps = explainInSteps(frozen, trace, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As {@link explainCall}, resting after each change that was tried: a process that serves others lets them go first. */
export function* explainInSteps(
  frozen: FrozenPlan,
  trace: Trace,
  options: ExplainOptions,
): Generator<undefined, Result<Explanation, readonly Finding[]>, undefined> {
  const { params = {}, sql = [] } = options;
  const replayed = replayLabelled(frozen, trace, { params, sql });
  if (!replayed.ok) return replayed;
  const calls = replayed.value.slice(0, options.call + 1);
  const call = calls[options.call];
  if (call === undefined) {
    const count = replayed.value.length;
    const message = `the trace has ${count} call${count === 1 ? "" : "s"}${count === 0 ? "" : `, from 0 to ${count - 1}`}`;
    return err([{ code: "CALL_MALFORMED", severity: "error", pointer: "", message }]);
  }
  const situation: Situation = { frozen, plan: frozen.plan, catalogue: options.catalogue, params, sql, calls, call };
  const head = untilCall(trace, options.call);
  const changes = call.verdict === "allow" ? [] : yield* findChanges(situation, head);
  return ok({
    i: call.i,
    tool: call.tool,
    verdict: call.verdict,
    code: call.code,
    node: call.node,
    rule: decidingRule(situation),
    arguments: argumentsOf(situation, trace, planned(situation, head)),
    chain: call.chain,
    context: call.context,
    changes: changes.map((change) => ({
      ...change,
      ...otherVerdicts(replayed.value, change, { trace, i: call.i, params, sql }),
    })),
  });
}

/** The trace up to and with a call. */
function untilCall(trace: Trace, number: number): Trace {
  let calls = -1;
  const end = trace.events.findIndex((event) => event.type === "call" && ++calls === number);
  return { ...trace, events: trace.events.slice(0, end + 1) };
}

/** The call as the plan would have made it: without what the agent sent for arguments that the plan fills in. */
function planned({ frozen, plan, params, sql, call }: Situation, head: Trace): LabelledCall | undefined {
  if (call.verdict === "allow") return call;
  const rules = call.node === null ? undefined : plan.nodes[call.node]?.args;
  const last = head.events.at(-1);
  if (rules === undefined || last?.type !== "call") return undefined;
  const isGiven = (name: string): boolean =>
    Object.hasOwn(rules, name) && ["choose", "write"].includes(classOf(rules[name] as ArgRule));
  const args = Object.fromEntries(Object.entries(last.args).filter(([name]) => isGiven(name)));
  const replayed = replayLabelled(frozen, { ...head, events: [...head.events.slice(0, -1), { ...last, args }] }, { params, sql });
  const bare = replayed.ok ? replayed.value.at(-1) : undefined;
  return bare?.verdict === "allow" && bare.node === call.node ? bare : undefined;
}

function argumentsOf(situation: Situation, trace: Trace, reference: LabelledCall | undefined): readonly ExplainedArgument[] {
  const { call, calls } = situation;
  const rules = nodeOf(situation)?.node.args ?? {};
  const names = [...new Set([...Object.keys(rules), ...Object.keys(call.sent)])].filter((name) => name !== "sluice_node").sort();
  const bad = spotOf(situation)?.argument;
  return names.map((name) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const sent = Object.hasOwn(call.sent, name) ? call.sent[name] : undefined;
    const final = reference?.final?.[name];
    const labels = call.labels[name] ?? reference?.labels[name];
    const isForeign = sent !== undefined && (final === undefined || !jsonEqual(sent, final) || name === bad);
    return {
      name,
      ...(rule === undefined ? {} : { class: classOf(rule) }),
      says: rule === undefined ? "not mentioned by the plan" : ruleSays(rule),
      ...(sent === undefined ? {} : { sent }),
      ...(final === undefined ? {} : { final }),
      ...(labels === undefined ? {} : { labels }),
      origins: (reference?.origins ?? []).filter(({ argument }) => argument === name),
      seen: isForeign && call.verdict === "deny" && !isObject(sent) ? sightingsOf(sent, trace, calls) : [],
    };
  });
}
