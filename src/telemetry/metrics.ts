/**
 * Counts what an enforcement point tells, for `GET /metrics`.
 * Never grows with what agents say: the values of every label are codes, words of ours, and at most so many names of tools.
 */
import { type Exposition, expose, type Family, numberOf, type Sample } from "./exposition.ts";
import type { CheckTold, SettleTold, SessionTold, StoreTold, Telemetry } from "./telemetry.ts";

/** Counters and histograms of one process. */
export interface Metrics {
  /** To be given to `createFirewall`. */
  readonly telemetry: Telemetry;
  /** Counts a signal of the audit log, by its kind: what a watch is to be given as `onSignal`. */
  readonly countSignal: (signal: { readonly kind: string }) => void;
  /** What was counted, and `more`, as the `Accept` header asks for it. */
  readonly expose: (accept: string | undefined, more?: readonly Family[]) => Exposition;
}

/** Tools that have counters of their own; those after them are counted together under `_other`. */
const toolsMax = 500;

/** Upper bounds in seconds, from a check in memory (0.1 ms) to a store that hangs. */
const secondsBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes them, all at zero. */
export function createMetrics(): Metrics {
  const checks = counter("sluice_checks", "Checks of calls, by verdict and the code of what was not allowed.", [
    "verdict",
    "code",
  ]);
  const tools = counter("sluice_tool_checks", "Checks of calls, by the tool of the plan.", ["tool", "verdict"]);
  const checkSeconds = histogram("sluice_check_duration_seconds", "Time from a call to its verdict.", "verdict");
  const settles = counter("sluice_settles", "Results that were taken, by what the agent was given.", ["outcome", "code"]);
  const settleSeconds = histogram("sluice_settle_duration_seconds", "Time that taking a result took.", "outcome");
  const sessions = counter("sluice_sessions", "Sessions that were opened, refused or closed.", ["event", "code"]);
  const failures = counter("sluice_store_failures", "Answers of the store that were failures.", ["method", "failure"]);
  const storeSeconds = histogram("sluice_store_duration_seconds", "Time that the store took.", "method");
  const signals = counter("sluice_signals", "Signals that the audit log raised, by kind: advice, nothing was blocked by them.", [
    "kind",
    "by",
  ]);
  const known = new Set<string>();
  const toolName = (tool: string | undefined): string => {
    if (tool === undefined) return "_none";
    if (known.size < toolsMax) known.add(tool);
    return known.has(tool) ? tool : "_other";
  };
  const onCheck = ({ verdict, code, tool, seconds }: CheckTold): void => {
    checks.add(verdict, code);
    tools.add(toolName(tool), verdict);
    checkSeconds.observe(verdict, seconds);
  };
  const onSettle = ({ outcome, code, seconds }: SettleTold): void => {
    settles.add(outcome, code);
    settleSeconds.observe(outcome, seconds);
  };
  const onSession = ({ event, code }: SessionTold): void => sessions.add(event, code);
  const onStore = ({ method, failure, seconds }: StoreTold): void => {
    if (failure !== undefined) failures.add(method, failure);
    storeSeconds.observe(method, seconds);
  };
  const telemetry: Telemetry = (told) => {
    if (told.kind === "check") onCheck(told);
    else if (told.kind === "settle") onSettle(told);
    else if (told.kind === "session") onSession(told);
    else onStore(told);
  };
  const all = [checks, tools, checkSeconds, settles, settleSeconds, sessions, failures, storeSeconds, signals];
  const countSignal = ({ kind }: { readonly kind: string }): void => signals.add(kind, undefined);
  return { telemetry, countSignal, expose: (accept, more = []) => expose([...all.map((one) => one.family()), ...more], accept) };
}

interface Counted {
  family(): Family;
}

/** Two labels, of which the values are few. */
function counter(
  name: string,
  help: string,
  labels: readonly [string, string],
): Counted & { add(first: string, second: string | undefined): void } {
  const counts = new Map<string, Map<string, number>>();
  const samples = (): readonly Sample[] =>
    [...counts].flatMap(([first, inner]) =>
      [...inner].map(
        ([second, value]): Sample => ({
          suffix: "_total",
          // An empty value is a label that is not there.
          labels: [[labels[0], first] as const, ...(second === "" ? [] : [[labels[1], second] as const])],
          value,
        }),
      ),
    );
  return {
    add: (first, second = "") => {
      const inner = counts.get(first) ?? new Map<string, number>();
      counts.set(first, inner.set(second, (inner.get(second) ?? 0) + 1));
    },
    family: () => ({ name, type: "counter", help, samples: samples() }),
  };
}

interface Distribution {
  /** For each bound, and beyond the last, how many were within it and beyond the one before. */
  readonly counts: number[];
  sum: number;
}

function histogram(name: string, help: string, label: string): Counted & { observe(value: string, seconds: number): void } {
  const distributions = new Map<string, Distribution>();
  return {
    observe: (value, seconds) => {
      // A clock that gives no number measures nothing.
      if (!(seconds >= 0)) return;
      const found = distributions.get(value) ?? { counts: new Array<number>(secondsBounds.length + 1).fill(0), sum: 0 };
      distributions.set(value, found);
      const at = secondsBounds.findIndex((bound) => seconds <= bound);
      const place = at < 0 ? secondsBounds.length : at;
      found.counts[place] = (found.counts[place] ?? 0) + 1;
      found.sum += seconds;
    },
    family: () => ({
      name,
      type: "histogram",
      help,
      samples: [...distributions].flatMap(([value, one]) => samplesOf([[label, value]], one)),
    }),
  };
}

function samplesOf(labels: Sample["labels"], { counts, sum }: Distribution): readonly Sample[] {
  let within = 0;
  const buckets = counts.map((count, at): Sample => {
    within += count;
    const bound = numberOf(secondsBounds[at] ?? Number.POSITIVE_INFINITY);
    // OpenMetrics writes every bound as a decimal, and 1 and 1.0 would be two.
    return { suffix: "_bucket", labels: [...labels, ["le", /^\d+$/.test(bound) ? `${bound}.0` : bound]], value: within };
  });
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: within }];
}

/** A number as it stands now. */
export function gauge(name: string, help: string, value: number): Family {
  return { name, type: "gauge", help, samples: [{ suffix: "", labels: [], value }] };
}
