/**
 * A watch beside the writer: it finds what is written while it runs, tells only of that, and is stopped by nothing.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginning, historyOf } from "../../bench/signals/histories.ts";
import { recordText } from "../../src/audit/record.ts";
import type { AuditLog } from "../../src/audit/log.ts";
import type { Signal } from "../../src/signals/signal.ts";
import type { SavedState } from "../../src/signals/state.ts";
import { createSignalWatch, type SignalStateFile, type SignalWatch } from "../../src/signals/watch.ts";
import { dayMs, sessions, signalsOf } from "./fixture.ts";

/** Sessions with a new tool in number 150 and another in number 230. */
const texts = sessions(240, (i, base) => (i === 150 || i === 230 ? [{ ...base, kind: "allow", tool: `bank/${i}` }] : [])).map(
  recordText,
);
const until = (session: number): number => texts.findIndex((text) => text.includes(`session-${session}"`));

/** A log in memory that can fail, and whose every reading is counted. */
function makeLog(): {
  readonly log: Pick<AuditLog, "read">;
  readonly lines: string[];
  broken: boolean;
  readonly froms: number[];
} {
  const made = {
    lines: [] as string[],
    broken: false,
    froms: [] as number[],
    log: {
      read: async (from: number, limit: number) => {
        made.froms.push(from);
        if (made.broken) return { ok: false as const, error: { kind: "unavailable" as const } };
        return { ok: true as const, value: made.lines.slice(from, from + limit) };
      },
    },
  };
  return made;
}

describe("a watch", () => {
  const open: SignalWatch[] = [];
  beforeEach(() => void vi.useFakeTimers());
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
    vi.useRealTimers();
  });
  const watch = (options: Parameters<typeof createSignalWatch>[0]): SignalWatch => {
    const made = createSignalWatch(options);
    open.push(made);
    return made;
  };
  const look = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(6_000));

  it("keeps the newest signals first, and tells of those about records from its start on", async () => {
    const made = makeLog();
    const told: Signal[] = [];
    made.lines.push(...texts.slice(0, until(160)));
    const now = beginning + 200 * 15 * 60_000;
    const watched = watch({ log: made.log, clock: () => now, onSignal: (signal) => void told.push(signal) });
    await look();
    expect(watched.recent().map(({ what }) => what)).toEqual([expect.stringContaining("bank/150")]);
    expect(told).toEqual([]);
    made.lines.push(...texts.slice(until(160)));
    await look();
    expect(watched.recent().map(({ what }) => what)).toEqual([
      expect.stringContaining("bank/230"),
      expect.stringContaining("bank/150"),
    ]);
    expect(told.map(({ what }) => what)).toEqual([expect.stringContaining("bank/230")]);
    expect(watched.status()).toEqual({
      read: texts.length,
      losses: { series: 0, scopes: 0, values: 0, sessions: 0, waiting: 0 },
    });
  });

  it("keeps no more than asked for", async () => {
    const made = makeLog();
    made.lines.push(...texts);
    const watched = watch({ log: made.log, clock: () => 0, keep: 1 });
    await look();
    expect(watched.recent().length).toBe(1);
  });

  it("waits for a log that does not answer, or has nothing yet, and goes on", async () => {
    const made = makeLog();
    const watched = watch({ log: made.log, clock: () => 0 });
    await look();
    expect(watched.status()).toMatchObject({ read: 0 });
    made.broken = true;
    await look();
    expect(watched.status()).toMatchObject({ read: 0, failing: "unavailable" });
    [made.broken] = [false];
    made.lines.push(...texts);
    await look();
    expect(watched.status()).not.toHaveProperty("failing");
    expect(watched.recent().length).toBe(2);
  });

  it("stops before a record that cannot be read or is out of place, and says so", async () => {
    for (const bad of ["{}", texts[7] ?? ""]) {
      const made = makeLog();
      made.lines.push(...texts.slice(0, 20), bad);
      const watched = watch({ log: made.log, clock: () => 0 });
      await look();
      expect(watched.status()).toMatchObject({ read: 20, failing: "unreadable" });
      made.lines[20] = texts[20] ?? "";
      await look();
      expect(watched.status()).toMatchObject({ read: 21 });
    }
  });

  it("is not stopped by a listener or a file that throws", async () => {
    const made = makeLog();
    made.lines.push(...texts);
    const fail = (): never => {
      throw new Error("no");
    };
    const saved: SignalStateFile = { load: async () => fail(), save: async () => fail() };
    const watched = watch({ log: made.log, clock: () => 0, onSignal: fail, saved });
    await look();
    expect(watched.recent().length).toBe(2);
    await watched.close();
  });

  it("saves what it learned, so that the next one reads only what is new", async () => {
    let state: SavedState | undefined;
    const saved: SignalStateFile = {
      load: async () => state,
      save: async (given) => {
        state = given;
      },
    };
    const made = makeLog();
    made.lines.push(...texts.slice(0, until(160)));
    const first = watch({ log: made.log, clock: () => 0, saved });
    await look();
    await first.close();
    expect(state?.learned.next).toBe(until(160));
    made.lines.push(...texts.slice(until(160)));
    made.froms.length = 0;
    const second = watch({ log: made.log, clock: () => 0, saved });
    await look();
    expect(second.recent().map(({ what }) => what)).toEqual([
      expect.stringContaining("bank/230"),
      expect.stringContaining("bank/150"),
    ]);
    expect(made.froms.filter((from) => from > 0 && from < until(160))).toEqual([]);
    // Another log: what was learned of the first says nothing.
    const other = makeLog();
    other.lines.push(...texts.map((text) => text.replace('"at":', '"at":1')));
    const third = watch({ log: other.log, clock: () => 0, saved });
    await look();
    expect(third.status().read).toBe(texts.length);
  });

  it("reads nothing any more once it is closed", async () => {
    const made = makeLog();
    const watched = watch({ log: made.log, clock: () => 0 });
    await look();
    await watched.close();
    const { length } = made.froms;
    await look();
    expect(made.froms.length).toBe(length);
  });

  it("finds what one run over the whole log finds", async () => {
    const made = makeLog();
    const change = { kind: "deny", principal: "s1", plan: "plan-1", session: "x", at: beginning + 9 * dayMs } as const;
    const history = historyOf({
      seed: 8,
      days: 10,
      model: "sessions",
      principals: 5,
      rate: 2,
      change: ({ add }) => {
        for (let i = 0; i < 40; i++) add({ ...change, at: change.at + i * 5_000 });
      },
    });
    const watched = watch({ log: made.log, clock: () => 0 });
    for (let i = 0; i < history.length; i += 300) {
      made.lines.push(...history.slice(i, i + 300).map(recordText));
      await look();
    }
    const all = signalsOf(history);
    expect(all.length).toBeGreaterThan(0);
    expect([...watched.recent()].reverse()).toEqual(all);
  });
});
