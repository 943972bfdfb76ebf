/**
 * The end of the soak: do the events of all sessions, the store's counters and labels, its journal, and the witness tell one story?
 * Never believes one of them: every statement is held against another. Sentences are answered, none if all is well.
 */
import type { SessionEvent, SessionState } from "../../src/decide/state.ts";
import { type Guard, resumeUnder } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { Entry, JournalLine, SessionHeader } from "../../src/stores/store.ts";
import { budgets, windows } from "./plan.ts";

/** A line of the witness: an execution. */
export interface Execution {
  readonly number: number;
  readonly session: string;
  readonly run: number;
  readonly tool: string;
  readonly amount: number;
}

/** A session as the store has it. */
export interface Kept {
  readonly header: SessionHeader;
  readonly entries: readonly Entry[];
}

/** All that is looked at. */
export interface Evidence {
  readonly guard: Guard;
  readonly sessions: ReadonlyMap<string, Kept>;
  readonly executions: readonly Execution[];
  /** Numbers of executions whose results agents have seen. */
  readonly delivered: ReadonlySet<number>;
  readonly journal: readonly JournalLine[];
  /** Milliseconds since the epoch, when nothing ran any more. */
  readonly at: number;
}

/** What the audit has counted, and what is broken. */
export interface Finding {
  readonly counts: { readonly [name: string]: number };
  readonly broken: readonly string[];
}

type Allow = SessionEvent & { readonly type: "allow" };
type Settle = SessionEvent & { readonly type: "settle" };

interface Run {
  readonly session: Kept;
  readonly allow: Allow;
  settle: Settle | undefined;
}

/** Runs by `session run`. */
type Runs = ReadonlyMap<string, Run>;

/** Looks at everything that needs no store. */
export function audit(evidence: Evidence): Finding {
  const { runs, broken } = runsOf(evidence);
  broken.push(...unaccounted(evidence, runs), ...overspent(evidence), ...unfolded(evidence), ...unlike(evidence));
  const all = [...runs.values()];
  const settled = all.filter(({ settle }) => settle !== undefined);
  return {
    broken,
    counts: {
      sessions: evidence.sessions.size,
      events: [...evidence.sessions.values()].reduce((sum, { entries }) => sum + entries.length, 0),
      allowed: all.length,
      executed: evidence.executions.length,
      "settled ok": settled.filter(({ settle }) => settle?.ok).length,
      "settled as error": settled.filter(({ settle }) => !settle?.ok).length,
      "lost to their lease": all.length - settled.length,
      "released after approval": all.filter(({ allow }) => allow.hold !== undefined).length,
      "lines of the journal": evidence.journal.length,
    },
  };
}

/** Every reservation, with its settlement: one of each. */
function runsOf({ sessions, at }: Evidence): { readonly runs: Runs; readonly broken: string[] } {
  const runs = new Map<string, Run>();
  const broken: string[] = [];
  for (const [id, session] of sessions) {
    const holds = new Set<string>();
    for (const { event } of session.entries) {
      if (event.type === "allow") {
        const name = `${id} ${event.run}`;
        if (runs.has(name)) broken.push(`${name} has two reservations`);
        if (event.hold !== undefined && holds.has(event.hold)) broken.push(`${name} releases a hold that was released before`);
        if (event.hold !== undefined) holds.add(event.hold);
        if (event.node === "wire" && event.hold === undefined) broken.push(`${name} went out without the approval that it needs`);
        runs.set(name, { session, allow: event, settle: undefined });
      } else if (event.type === "settle") {
        const run = runs.get(`${id} ${event.run}`);
        if (run === undefined) broken.push(`${id} ${event.run} is settled and was never allowed`);
        else if (run.settle !== undefined) broken.push(`${id} ${event.run} is settled twice`);
        else run.settle = event;
      }
    }
  }
  for (const [name, { allow, settle }] of runs)
    if (settle === undefined && allow.lease > at) broken.push(`${name} is neither settled nor past its lease`);
  return { runs, broken };
}

/** What was done has a reservation, once; what was delivered has a settlement. */
function unaccounted({ executions, delivered }: Evidence, runs: Runs): readonly string[] {
  const broken: string[] = [];
  const done = new Set<string>();
  for (const { number, session, run, tool, amount } of executions) {
    const name = `${session} ${run}`;
    const reserved = runs.get(name);
    if (done.has(name)) broken.push(`${name} was carried out twice`);
    done.add(name);
    if (reserved === undefined) broken.push(`${name} was carried out and has no reservation`);
    else if (reserved.allow.node !== tool)
      broken.push(`${name} was carried out as ${tool} and reserved as ${reserved.allow.node}`);
    else if (tool === "pay" && reserved.allow.amounts?.[0] !== amount)
      broken.push(`${name} paid ${amount} and reserved ${String(reserved.allow.amounts?.[0])}`);
    if (delivered.has(number) && reserved?.settle?.ok !== true) broken.push(`${name} was delivered and its settlement is lost`);
  }
  return broken;
}

interface Spent {
  readonly at: number;
  readonly amount: number;
  readonly run: string;
}

/** What of a counter an event takes (`amount`) or gives back (`undefined`). */
interface Spending {
  readonly counter: string;
  readonly max: number;
  readonly windowMs: number;
  readonly run: string;
  readonly at: number;
  readonly amount: number | undefined;
}

/** Counters as the journal tells them, from its beginning: never above their maximum. */
function overspent(evidence: Evidence): readonly string[] {
  const broken: string[] = [];
  const counters = new Map<string, Spent[]>();
  const allows = new Map<string, Allow>();
  for (const line of evidence.journal) {
    for (const { counter, max, windowMs, run, at, amount } of spendingsOf(evidence, line, allows)) {
      const spent = counters.get(counter) ?? [];
      counters.set(counter, spent);
      if (amount === undefined)
        counters.set(
          counter,
          spent.filter((one) => one.run !== run),
        );
      else {
        spent.push({ at, amount, run });
        const sum = spent.reduce((total, one) => (one.at > at - windowMs ? total + one.amount : total), 0);
        if (sum > max) broken.push(`${counter} holds ${sum} of ${max} after ${run}`);
      }
    }
  }
  return broken;
}

function spendingsOf(
  { guard, sessions }: Evidence,
  { session = "", entry }: JournalLine,
  allows: Map<string, Allow>,
): readonly Spending[] {
  const event = entry?.event;
  if (event?.type !== "allow" && event?.type !== "settle") return [];
  const run = `${session} ${event.run}`;
  if (event.type === "allow") allows.set(run, event);
  const allow = allows.get(run);
  const isGiven = event.type === "settle" && !event.ok && guard.program.plan.byName.get(allow?.node ?? "")?.isIdempotent === true;
  if (allow === undefined || (event.type === "settle" && !isGiven)) return [];
  const principal = sessions.get(session)?.header.principal ?? "";
  return (budgets[allow.node] ?? []).map(({ scope, per, max }, i) => ({
    counter: counterOf(guard, { node: allow.node, index: i, scope, principal }),
    max,
    windowMs: per === undefined ? Number.POSITIVE_INFINITY : windows[per],
    run,
    at: allow.at,
    amount: event.type === "allow" ? (allow.amounts?.[i] ?? 1) : undefined,
  }));
}

/** What a counter must hold now. */
export interface Expected {
  readonly counter: string;
  readonly sum: number;
  readonly windowMs: number | undefined;
}

/** The sum over the events of each counter, for its window that ends at `at`. */
export function expectedCounters(evidence: Evidence, at: number): readonly Expected[] {
  const sums = new Map<string, { sum: number; readonly windowMs: number }>();
  const allows = new Map<string, Allow>();
  const taken = new Map<string, Spending>();
  for (const line of evidence.journal)
    for (const spending of spendingsOf(evidence, line, allows)) {
      const name = `${spending.counter} ${spending.run}`;
      if (spending.amount === undefined) taken.delete(name);
      else taken.set(name, spending);
    }
  for (const { counter, windowMs, at: when, amount = 0 } of taken.values()) {
    const known = sums.get(counter) ?? { sum: 0, windowMs };
    if (when > at - windowMs) known.sum += amount;
    sums.set(counter, known);
  }
  return [...sums].map(([counter, { sum, windowMs }]) => ({
    counter,
    sum,
    windowMs: Number.isFinite(windowMs) ? windowMs : undefined,
  }));
}

/** The name of a counter, as `src/surfaces/enforce/call/commit.ts` makes it. */
function counterOf(
  guard: Guard,
  {
    node,
    index,
    scope,
    principal,
  }: { readonly node: string; readonly index: number; readonly scope: string; readonly principal: string },
): string {
  const budget = guard.program.plan.byName.get(node)?.constraints.budgets[index];
  const id = budget?.id ?? "";
  return canonicalJson(scope === "principal" ? ["principal", guard.digest, id, principal] : ["plan", guard.digest, id]);
}

/** Sessions whose events do not make a state. */
function unfolded(evidence: Evidence): readonly string[] {
  return [...evidence.sessions].flatMap(([id, kept]) => {
    const state = stateOf(evidence.guard, kept);
    return typeof state === "string" ? [`${id} cannot be folded: ${state}`] : [];
  });
}

/** The state of a session, or why its events do not make one. */
export function stateOf(guard: Guard, { entries }: Kept): SessionState | string {
  try {
    const events = entries.map(({ event }) => event);
    return resumeUnder(guard.program, events, () => undefined).state;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}

/** Where the journal and the sessions differ: each event of each session, in its order, once. */
function unlike({ sessions, journal }: Evidence): readonly string[] {
  const broken: string[] = [];
  const seen = new Map<string, number>();
  for (const { session, number, entry } of journal) {
    if (session === undefined || entry === undefined) continue;
    const next = seen.get(session) ?? 0;
    if (number !== next) broken.push(`the journal has event ${String(number)} of ${session} where ${next} comes next`);
    seen.set(session, next + 1);
    const kept = sessions.get(session)?.entries[next];
    if (kept === undefined || canonicalJson(kept as unknown as Json) !== canonicalJson(entry as unknown as Json))
      broken.push(`event ${next} of ${session} is another in the journal`);
  }
  for (const [id, { entries }] of sessions)
    if ((seen.get(id) ?? 0) !== entries.length)
      broken.push(`the journal has ${seen.get(id) ?? 0} of ${entries.length} events of ${id}`);
  return broken;
}
