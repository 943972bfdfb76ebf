/**
 * What is planted in a history is found, with numbers that are those of the records; what is usual is not.
 */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { beginning, type Change, historyOf, type HistoryOptions, numbered } from "../../bench/signals/histories.ts";
import type { AuditRecord } from "../../src/audit/record.ts";
import { createSignalDetector, lossesOf } from "../../src/signals/detector.ts";
import type { Signal } from "../../src/signals/signal.ts";
import { dayMs, hourMs, type Loose, minuteMs, sessions, signalsOf } from "./fixture.ts";

// Weeks of records take a while on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const usual: HistoryOptions = { seed: 1, days: 25, model: "poisson", principals: 10, rate: 3 };
const plantedAt = beginning + 22 * dayMs + 10 * hourMs + 5 * minuteMs;

function found(signals: readonly Signal[], kind: Signal["kind"], id?: string): readonly Signal[] {
  return signals.filter((signal) => signal.kind === kind && (id === undefined || signal.subject.id === id));
}

/** A history with so many records of one kind, `stepMs` apart, planted in it. */
function planted(count: number, stepMs: number, record: Omit<Loose, "at">): NonNullable<HistoryOptions["change"]> {
  return ({ add }: Change) => {
    for (let i = 0; i < count; i++)
      add({ principal: "s4", plan: "plan-4", session: "planted", ...record, at: plantedAt + i * stepMs });
  };
}

describe("unusual rates", () => {
  it("are found while they go on, with the records that they are made of", () => {
    const history = historyOf({ ...usual, change: planted(40, 20_000, { kind: "allow", tool: "crm/find" }) });
    const [signal] = found(signalsOf(history), "call-rate", "s4");
    expect(signal).toMatchObject({
      subject: { by: "principal", id: "s4" },
      what: expect.stringMatching(/^principal s4: \d+ calls an hour so far, where about [\d.]+ are usual$/),
      since: Math.floor(plantedAt / hourMs) * hourMs,
    });
    expect(signal?.at).toBeGreaterThan(plantedAt);
    expect(signal?.at).toBeLessThan(plantedAt + 40 * 20_000);
    expect(signal?.baseline.value).toBeGreaterThan(2);
    expect(signal?.baseline.value).toBeLessThan(4.5);
    expect(signal?.corrected).toBeLessThanOrEqual(0.05);
    const counted = history.filter(({ principal, at, kind }) => {
      const isNow = at >= (signal?.since ?? 0) && at <= (signal?.at ?? 0);
      return principal === "s4" && isNow && (kind === "allow" || kind === "deny");
    });
    expect(signal?.seqs).toEqual(counted.map(({ seq }) => seq));
    expect(signal?.observed).toEqual({ value: counted.length, unit: "calls an hour" });
    expect(signal?.seqCount).toBe(counted.length);
  });

  it("are said once for one thing in a day, however long it goes on", () => {
    const history = historyOf({ ...usual, change: planted(600, 30_000, { kind: "allow", tool: "crm/find" }) });
    expect(found(signalsOf(history), "call-rate", "s4").length).toBe(1);
  });

  it("become usual when they stay, so that signals end", () => {
    const days = 60;
    const busier: HistoryOptions = {
      ...usual,
      days,
      change: ({ add, random }) => {
        for (let at = plantedAt; at < beginning + days * dayMs; at += (hourMs / 6) * 2 * random())
          add({ kind: "allow", principal: "s4", plan: "plan-4", session: "more", tool: "crm/find", at });
      },
    };
    const times = found(signalsOf(historyOf(busier)), "call-rate", "s4").map(({ at }) => (at - plantedAt) / dayMs);
    expect(times.length).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(15);
  });

  it("of denials are found within minutes, also of who was never denied before", () => {
    const burst = { kind: "deny", code: "CALL_NOT_IN_PLAN" } as const;
    for (const model of ["poisson", "sessions"] as const) {
      const history = historyOf({ ...usual, model, change: planted(40, 5_000, burst) });
      const never = history.filter(({ kind, session }) => kind !== "deny" || session === "planted");
      for (const records of [history, numbered(never)]) {
        const [signal] = found(signalsOf(records), "denial-burst", "s4");
        expect(signal?.at).toBeLessThan(plantedAt + 4 * minuteMs);
      }
    }
  });

  it("of amendments are found, asked for or made by the agent, and not when people grant what was asked for", () => {
    const many = (record: Omit<Loose, "at">): readonly Signal[] =>
      found(signalsOf(historyOf({ ...usual, change: planted(30, 30_000, record) })), "repeated-amendments", "s4");
    expect(many({ kind: "ask-amend" }).length).toBe(1);
    expect(many({ kind: "amend", facts: { by: "agent" } }).length).toBe(1);
    expect(many({ kind: "amend", facts: { by: "ada", ask: 3 } })).toEqual([]);
  });

  it("are not told of a fresh log, of whom it knows for less than three days, nor of few calls", () => {
    const change = planted(60, 20_000, { kind: "allow", tool: "crm/find" });
    const short = numbered(historyOf({ ...usual, change }).filter(({ at }) => at >= plantedAt - 2 * dayMs));
    expect(found(signalsOf(short), "call-rate")).toEqual([]);
    const fresh = historyOf({ ...usual, change: planted(60, 20_000, { kind: "allow", principal: "s99", plan: "p99" }) });
    expect(found(signalsOf(fresh), "call-rate", "s99")).toEqual([]);
  });
});

describe("what was never seen", () => {
  it("is told of a tool once there were a hundred sessions without it", () => {
    const at = (last: number) =>
      signalsOf(sessions(last + 1, (i, base) => (i === last ? [{ ...base, kind: "allow", tool: "bank/pay" }] : [])));
    expect(found(at(60), "new-sink")).toEqual([]);
    const [signal, ...others] = found(at(150), "new-sink");
    expect(others).toEqual([]);
    expect(signal).toMatchObject({
      subject: { by: "plan", id: "plan-a" },
      what: "plan plan-a: first call at bank/pay, after 150 sessions without it",
      p: 1 / 151,
      baseline: { history: 150 },
      seqCount: 1,
    });
  });

  it("is nothing where new tools are usual", () => {
    const each = sessions(400, (i, base) => [{ ...base, kind: "allow", tool: `tool/${i}` }]);
    expect(found(signalsOf(each), "new-sink")).toEqual([]);
  });

  it("is told of labels at a tool, also where those of other calls were not told", () => {
    const odd = { labels: ["user_input", "external_api"] };
    for (const told of [{ labels: ["user_input"] }, {}]) {
      const records = sessions(200, (i, base) => [
        { ...base, kind: i === 180 ? "deny" : "allow", tool: "mail/send", facts: i === 180 ? odd : told },
      ]);
      const [signal, ...others] = found(signalsOf(records), "new-labels");
      expect(others).toEqual([]);
      expect(signal?.what).toBe(
        "tool mail/send: first denied call with the labels external_api + user_input, after 180 sessions without it",
      );
    }
  });

  it("is told of labels in an argument that never had them, though the call as a whole had", () => {
    const both = ["external_api", "user_input"];
    const usually = { labels: both, carried: { body: ["external_api"], to: ["user_input"] } };
    const hostile = {
      allow: { labels: both, carried: { body: both, to: ["external_api"] } },
      deny: { labels: ["external_api"], argument: "to" },
    };
    for (const kind of ["allow", "deny"] as const) {
      const records = sessions(200, (i, base) => [
        { ...base, kind: i === 180 ? kind : "allow", tool: "mail/out", facts: i === 180 ? hostile[kind] : usually },
      ]);
      const signals = found(signalsOf(records), "new-labels").map(({ what }) => what);
      const where =
        kind === "allow"
          ? "call with the labels external_api + user_input in `body`"
          : "denied call with the labels external_api in `to`";
      expect(signals).toEqual([`tool mail/out: first ${where}, after 180 sessions without it`]);
    }
  });

  it("is nothing where a denial names an argument and tells no labels", () => {
    const denial = { kind: "deny", code: "ARG_CONSTRAINT", facts: { argument: "to" } } as const;
    const usually = { labels: ["user_input"], carried: { to: ["user_input"] } };
    const records = sessions(200, (i, base) => [
      { ...base, tool: "mail/out", ...(i === 180 ? denial : { kind: "allow", facts: usually }) },
    ]);
    expect(found(signalsOf(records), "new-labels")).toEqual([]);
  });

  it("is told of a principal's first session of a plan that the same people use", () => {
    const records = sessions(300, (i, base) => (i === 250 ? [{ ...base, kind: "open", session: "other", principal: "s9" }] : []));
    expect(found(signalsOf(records), "first-use").map(({ what }) => what)).toEqual([
      "plan plan-a: first session of the principal s9, after 251 sessions without it",
    ]);
  });

  it("is told of the first denial under a plan, once for its code and tool", () => {
    const denial = { kind: "deny", code: "FLOW_SINK_DENIED", tool: "mail/send" } as const;
    const records = sessions(300, (i, base) => (i === 200 || i === 220 ? [{ ...base, ...denial }] : []));
    expect(found(signalsOf(records), "new-denial").map(({ what, seqCount }) => [what, seqCount])).toEqual([
      ["plan plan-a: first denial FLOW_SINK_DENIED at mail/send, after 200 sessions without it", 1],
    ]);
  });
});

describe("decisions of people", () => {
  const hold = (n: number, at: number): Loose => ({ kind: "hold", at, session: "s", facts: { hold: `s.${n}` } });
  const approve = (n: number, at: number, kind: "approve" | "refuse" = "approve"): Loose => ({
    kind,
    at,
    session: "s",
    facts: { hold: `s.${n}`, by: "ben" },
  });
  const fast = (loose: readonly Loose[]) => found(signalsOf(numbered(loose)), "fast-approval");

  it("are too fast after one second, and not after ten", () => {
    const at = beginning;
    expect(fast([hold(0, at), approve(0, at + 10_000)])).toEqual([]);
    for (const kind of ["approve", "refuse"] as const) {
      const [signal] = fast([hold(0, at), approve(0, at + 1_000, kind)]);
      expect(signal).toMatchObject({ subject: { by: "approver", id: "ben" }, observed: { value: 1 }, seqs: [0, 1], since: at });
    }
  });

  it("may come at a stroke where all of them could have been read before", () => {
    const holds = [0, 1, 2, 3].map((n) => hold(n, beginning + n));
    const at = (begin: number) => [0, 1, 2, 3].map((n) => approve(n, begin + n * 300));
    expect(fast([...holds, ...at(beginning + 60_000)])).toEqual([]);
    expect(fast([...holds, ...at(beginning + 12_000)]).map(({ seqCount }) => seqCount)).toEqual([8]);
  });

  it("on amendments count from when they were asked for", () => {
    const ask = { kind: "ask-amend", session: "s", facts: { plan: "p2", parent: "p1" } } as const;
    const yes = (ask_: number, at: number): Loose => ({
      kind: "amend",
      session: "s",
      at,
      facts: { ask: ask_, by: "ben", plan: "p2", parent: "p1" },
    });
    const records = [
      { ...ask, at: beginning },
      { ...ask, at: beginning + hourMs },
      yes(1, beginning + hourMs + 700),
      yes(0, beginning + hourMs + 60_000),
    ];
    expect(fast(records).map(({ seqs }) => seqs)).toEqual([[1, 2]]);
  });

  it("of something that was not seen to wait say nothing", () => {
    expect(fast([approve(7, beginning)])).toEqual([]);
  });
});

describe("a detector", () => {
  it("says the same of the same records, and takes none twice", () => {
    const history = historyOf({
      ...usual,
      change: planted(60, 20_000, { kind: "deny", code: "ARG_CONSTRAINT", tool: "bank/pay" }),
    });
    const first = signalsOf(history);
    expect(first.length).toBeGreaterThan(1);
    expect(signalsOf(history)).toEqual(first);
    expect(signalsOf(history.flatMap((record) => [record, record]))).toEqual(first);
    expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
  });

  it("names only records that it was given, and probabilities", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 80 }), (seed, many) => {
        const change = planted(many, 4_000, { kind: "deny", code: "ARG_CONSTRAINT", tool: "bank/pay" });
        const history = historyOf({ ...usual, seed, model: "sessions", principals: 5, change });
        for (const { seqs, seqCount, p, watched, corrected, at, since } of signalsOf(history, { falsePerDay: 1 })) {
          expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
          expect(seqs.every((seq) => history[seq] !== undefined)).toBe(true);
          expect(seqCount).toBeGreaterThanOrEqual(seqs.length);
          expect(history[seqs.at(-1) ?? -1]?.at).toBe(at);
          expect(since).toBeLessThanOrEqual(at);
          expect(p >= 0 && p <= 1 && corrected <= 1 && corrected >= p && watched >= 1).toBe(true);
        }
      }),
      { numRuns: 8 },
    );
  });

  it("keeps no more than it may, and says what it dropped", () => {
    const detector = createSignalDetector();
    const many = Array.from({ length: 9_000 }, (_, i) => ({
      kind: i % 3 === 0 ? ("open" as const) : ("allow" as const),
      at: beginning + i * 1_000,
      session: `s${i}`,
      principal: `p${i}`,
      plan: `d${i % 5_000}`,
      tool: `t/${i}`,
      facts: {},
    }));
    for (const record of numbered(many)) detector.take(record);
    const { entities, novelty } = detector.learned;
    expect([entities.size, novelty.scopes.size, novelty.sessions.size]).toEqual([2_000, 4_000, 4_096]);
    expect(lossesOf(detector.learned)).toMatchObject({ sessions: 9_000 - 4_096 });
    expect(lossesOf(detector.learned).series).toBeGreaterThan(10_000);
  });

  it("goes on after clocks that are wrong by any amount", () => {
    const times = [beginning, 8e15, beginning + 1, 0, -1e12, beginning + dayMs, 4e12, beginning + 2 * dayMs];
    const records = numbered([]).concat(
      times.map((at, i) => ({
        ...(numbered([{ at, kind: "deny", principal: "s", plan: "p", session: `${i}` }])[0] as AuditRecord),
        seq: i,
      })),
    );
    const started = performance.now();
    expect(signalsOf(records)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
