/**
 * Executes one vector of verdicts.json on the engine, the same on every runtime: a frozen plan, what happens to a session of it, and
 * what must come of each event.
 * Never asserts, and needs nothing but the engine: no file, no clock, no test framework. Other engines are free to read the same file.
 */
import { createGuard, type Guard, type Session } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { thawPlan } from "../../src/plan/freeze.ts";

/** A call as an agent makes it. `at`: milliseconds since the epoch. */
export interface VectorCall {
  readonly tool: string;
  readonly args: Json;
  readonly node?: string;
  readonly at: number;
}

/** What happens to the session. `batch`: calls made at once. */
export type VectorEvent =
  | { readonly call: VectorCall }
  | { readonly batch: readonly VectorCall[] }
  | { readonly result: { readonly run: number; readonly value?: Json; readonly error?: Json; readonly at: number } }
  | { readonly close: { readonly at: number } };

/** A label: sorted sources, and sorted readers or `null` for everyone. */
export interface VectorLabel {
  readonly sources: readonly string[];
  readonly readers: readonly string[] | null;
}

/**
 * What comes of an event. A call: `verdict`, with `run`, `node` and the final `args` if allowed, else `code`. A result: `delivered` and
 * `isError`, or `code` if it is refused. A batch: a list. A member that is not named is not compared.
 */
export interface VectorExpectation {
  readonly verdict?: "allow" | "deny";
  readonly run?: number;
  readonly node?: string;
  readonly args?: JsonObject;
  readonly code?: string;
  readonly delivered?: Json;
  readonly isError?: boolean;
  /** Labels of the final arguments. */
  readonly labels?: { readonly [arg: string]: VectorLabel };
  /** The context label of the conversation after the event. */
  readonly context?: VectorLabel;
}

/** A vector of verdicts.json, version 1. */
export interface VerdictVector {
  readonly name: string;
  readonly version: 1;
  /** A frozen plan. */
  readonly plan: Json;
  readonly params: JsonObject;
  /** Parameters that the agent filled in. */
  readonly agentParams?: readonly string[];
  /** The context label that earlier sessions of the conversation left. */
  readonly context?: VectorLabel;
  /** Id of the session and secret of its handles. */
  readonly session: { readonly id: string; readonly key: string; readonly at: number };
  readonly events: readonly VectorEvent[];
  /** One for each event. */
  readonly expect: readonly (VectorExpectation | readonly VectorExpectation[])[];
}

/** Both sides of a vector as text; equal texts pass. */
export function runVerdictVector(vector: VerdictVector): { readonly expected: string; readonly got: string } {
  const expected = canonicalJson(vector.expect as unknown as Json);
  let now = vector.session.at;
  const frozen = thawPlan(vector.plan);
  if (!frozen.ok) return { expected, got: `not thawed: ${frozen.error[0]?.code}` };
  const guard = createGuard(frozen.value, { clock: () => now });
  if (!guard.ok) return { expected, got: `not compiled: ${guard.error[0]?.code}` };
  const { params, agentParams = [], context = { sources: [], readers: null } } = vector;
  const session = guard.value.session({ id: vector.session.id, key: vector.session.key, params, agentParams, context });
  if (!session.ok) return { expected, got: `not opened: ${session.error.code}` };
  const got = vector.events.map((event, i) => {
    now = atOf(event);
    return named(happen(session.value, event), vector.expect[i]);
  });
  const resumed = guard.value.resume(session.value.events);
  return isSame(session.value, resumed)
    ? { expected, got: canonicalJson(got) }
    : { expected, got: "the folded events give another state" };
}

function atOf(event: VectorEvent): number {
  if ("call" in event) return event.call.at;
  if ("batch" in event) return event.batch[0]?.at ?? 0;
  return "result" in event ? event.result.at : event.close.at;
}

function happen(session: Session, event: VectorEvent): Json {
  if ("call" in event) return verdictOf(session, session.check(event.call));
  if ("batch" in event) return session.checkBatch(event.batch).map((verdict) => verdictOf(session, verdict));
  if ("close" in event) {
    session.close();
    return {};
  }
  const { run, value = null, error } = event.result;
  const seen = session.record(run, error === undefined ? { value } : { error });
  const context = labelOf(session.context());
  if (!seen.ok) return { code: seen.code, context };
  return { delivered: seen.delivered, isError: seen.isError, context, ...(seen.code === undefined ? {} : { code: seen.code }) };
}

function verdictOf(session: Session, verdict: ReturnType<Session["check"]>): Json {
  const context = labelOf(session.context());
  if (verdict.decision === "deny") return { verdict: "deny", code: verdict.code, context };
  const { run, node, args } = verdict;
  const labels = Object.fromEntries(Object.entries(verdict.labels).map(([arg, label]) => [arg, labelOf(label)]));
  return { verdict: "allow", run, node, args, labels, context };
}

function labelOf({ sources, readers }: VectorLabel): Json {
  return { sources: [...sources], readers: readers === null ? null : [...readers] };
}

/** Only what the vector names. What it does not expect but got instead (a code, for an allow) shows all the same. */
function named(got: Json, expected: VectorExpectation | readonly VectorExpectation[] | undefined): Json {
  if (Array.isArray(got))
    return got.map((each, i) => named(each as Json, Array.isArray(expected) ? (expected[i] as VectorExpectation) : undefined));
  const wanted = Object.keys(expected ?? {});
  const entries = Object.entries(got as JsonObject).filter(([key]) => wanted.includes(key) || key === "code");
  return Object.fromEntries(entries);
}

function isSame(session: Session, resumed: ReturnType<Guard["resume"]>): boolean {
  const shape = (each: Session): Json => [
    each.state.version,
    each.state.runs.map((run) => run.status),
    labelOf(each.context()),
    each.state.isClosed,
  ];
  return canonicalJson(shape(session)) === canonicalJson(shape(resumed));
}
