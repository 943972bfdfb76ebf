/**
 * How often chance raises signals while nothing changes, and how soon what is planted is found.
 * Never counts a signal as found that does not name a planted record.
 */
import type { AuditRecord } from "../../src/audit/record.ts";
import { createSignalDetector } from "../../src/signals/detector.ts";
import type { SignalKind } from "../../src/signals/signal.ts";
import { readState, stateLines } from "../../src/signals/state.ts";
import { randomOf } from "../soak/random.ts";
import { beginning, type Change, historyOf, numbered, type TrafficModel, trafficModels } from "./histories.ts";

/** False signals in traffic that goes on as before. */
export interface FalseRow {
  readonly model: TrafficModel;
  /** Calls of a principal in an hour. */
  readonly rate: number;
  readonly days: number;
  readonly records: number;
  readonly sessions: number;
  /** Signals in all those days, by kind; those that never came are left out. */
  readonly signals: { readonly [kind: string]: number };
  /** Microseconds of processor time a record. */
  readonly microseconds: number;
}

/** How a planted change was found. */
export interface FoundRow {
  readonly change: string;
  readonly model: TrafficModel;
  readonly runs: number;
  /** Runs in which a signal of the kind named a planted record. */
  readonly found: number;
  /** Medians over those: from the first planted record to the signal. */
  readonly seconds?: number;
  readonly planted?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Measures false signals. `scale`: 1 for the whole thing. */
export function measureFalse(scale: number): readonly FalseRow[] {
  const rows: FalseRow[] = [];
  for (const rate of [0.3, 3, 30]) {
    for (const model of trafficModels) {
      const [days, principals] = rate === 30 ? [30, 8] : [60, 20];
      const runs = Math.max(1, Math.round(4 * scale));
      const signals: { [kind: string]: number } = {};
      let [records, sessions, spent] = [0, 0, 0];
      for (let run = 0; run < runs; run++) {
        const history = historyOf({ seed: 1_000 * run + rate * 10, days, model, principals, rate });
        const before = process.cpuUsage().user;
        const detector = createSignalDetector();
        for (const record of history) for (const { kind } of detector.take(record)) signals[kind] = (signals[kind] ?? 0) + 1;
        spent += process.cpuUsage().user - before;
        records += history.length;
        sessions += new Set(history.map(({ session }) => session)).size;
      }
      rows.push({ model, rate, days: runs * days, records, sessions, signals, microseconds: spent / records });
    }
  }
  return rows;
}

interface Planted {
  readonly name: string;
  readonly kind: SignalKind;
  plant(at: number, change: Change): void;
}

const own = { principal: "s4", plan: "plan-4", session: "planted", tool: "crm/find" } as const;
/** Calls of a principal in an hour. */
const rate = 3;

function more(times: number): Planted["plant"] {
  return (at, { add, random }) => {
    for (let next = at; next < at + dayMs; next += (2 * random() * hourMs) / (rate * (times - 1)))
      add({ ...own, kind: "allow", at: next });
  };
}

function few(count: number, stepMs: number, record: Omit<Parameters<Change["add"]>[0], "at">): Planted["plant"] {
  return (at, { add }) => {
    for (let i = 0; i < count; i++) add({ ...own, ...record, at: at + i * stepMs });
  };
}

const changes: readonly Planted[] = [
  { name: "twice the calls of one principal, for a day", kind: "call-rate", plant: more(2) },
  { name: "three times", kind: "call-rate", plant: more(3) },
  { name: "ten times", kind: "call-rate", plant: more(10) },
  { name: "200 calls, one a second", kind: "call-rate", plant: few(200, 1_000, { kind: "allow" }) },
  {
    name: "40 denials, one in five seconds",
    kind: "denial-burst",
    plant: few(40, 5_000, { kind: "deny", code: "CALL_NOT_IN_PLAN" }),
  },
  { name: "20 amendments, two a minute", kind: "repeated-amendments", plant: few(20, 30_000, { kind: "ask-amend" }) },
  { name: "a tool that was never called", kind: "new-sink", plant: few(1, 0, { kind: "allow", tool: "bank/pay" }) },
  {
    name: "labels that never came together",
    kind: "new-labels",
    plant: few(1, 0, { kind: "allow", facts: { labels: ["external_api", "vault"] } }),
  },
  { name: "a principal new to the plan", kind: "first-use", plant: few(1, 0, { kind: "open", principal: "s99" }) },
  {
    name: "a denial that never was",
    kind: "new-denial",
    plant: few(1, 0, { kind: "deny", code: "FLOW_SINK_DENIED", tool: "crm/find" }),
  },
  {
    name: "ten approvals, each after two seconds",
    kind: "fast-approval",
    plant: (at, { add }) => {
      for (let i = 0; i < 10; i++) {
        const facts = { hold: `planted.${i}`, by: "ben" };
        add({ ...own, kind: "hold", at: at + i * 60_000, facts: { hold: facts.hold } });
        add({ ...own, kind: "approve", at: at + i * 60_000 + 2_000, facts });
      }
    },
  },
];

/** Measures how soon planted changes are found, after four weeks of 15 principals. */
export async function measureFound(scale: number): Promise<readonly FoundRow[]> {
  const runs = Math.max(2, Math.round(20 * scale));
  const rows: FoundRow[] = [];
  for (const model of ["poisson", "sessions"] as const) {
    const delays = changes.map((): { seconds: number; planted: number }[] => []);
    for (let run = 0; run < runs; run++) {
      const at = beginning + 28 * dayMs + Math.round(((run * 7) % 24) * hourMs + run * 97_000);
      const history = historyOf({ seed: 50 + run, days: 30, model, principals: 15, rate });
      const before = history.filter((record) => record.at < at);
      const after = history.slice(before.length).filter((record) => record.at < at + 1.5 * dayMs);
      const detector = createSignalDetector();
      for (const record of before) detector.take(record);
      const learned = [...stateLines({ log: "0".repeat(64), learned: detector.learned, signals: [] })].join("");
      for (const [i, change] of changes.entries()) {
        const found = await findIn(learned, { before: before.length, after, at, change });
        if (found !== undefined) delays[i]?.push(found);
      }
    }
    for (const [i, { name, kind }] of changes.entries()) {
      // Its records have no beginnings of sessions.
      if (model === "poisson" && kind === "first-use") continue;
      const all = delays[i] ?? [];
      const medians = { seconds: median(all.map((each) => each.seconds)), planted: median(all.map((each) => each.planted)) };
      rows.push({ change: name, model, runs, found: all.length, ...(all.length === 0 ? {} : medians) });
    }
  }
  return rows;
}

async function findIn(
  learned: string,
  given: { readonly before: number; readonly after: readonly AuditRecord[]; readonly at: number; readonly change: Planted },
): Promise<{ readonly seconds: number; readonly planted: number } | undefined> {
  const { before, after, at, change } = given;
  const planted: Parameters<Change["add"]>[0][] = [];
  change.plant(at, { random: randomOf(before), add: (record) => void planted.push(record) });
  const tail = numbered([...after, ...planted]);
  const state = await readState(learned);
  if (!state.ok) throw new Error(state.error);
  const detector = createSignalDetector({}, state.value.learned);
  for (const record of tail) {
    const { seq } = record;
    for (const { kind, seqs } of detector.take({ ...record, seq: seq + before })) {
      const isPlanted = seqs.some((each) => tail[each - before]?.session === "planted");
      if (kind !== change.kind || !isPlanted) continue;
      const so = tail.slice(0, seq + 1).filter(({ session }) => session === "planted").length;
      return { seconds: (record.at - at) / 1_000, planted: so };
    }
  }
  return undefined;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
