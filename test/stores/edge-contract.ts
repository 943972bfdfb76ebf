/**
 * What every store must do at edges that few sessions reach: names used anew, several takes of one counter in one change, readers after
 * none, changes of many events. Part of the contract.
 */
import { describe, expect, it } from "vitest";
import type { Entry, Store, Take } from "../../src/stores/store.ts";
import type { MakeStore } from "./record-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const denied: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" } };
const within = (run: number, at: number, amount: number): Take => ({ counter: "w", run, at, amount, max: 10, windowMs: 100 });

async function listed(store: Store, limit: number): Promise<unknown> {
  const rows = await store.list(limit);
  return rows.ok ? rows.value.map(({ header, version, isClosed }) => [header.id, version, isClosed]) : rows;
}

/** Runs this part of the contract. */
export function edgeContract(name: string, make: MakeStore): void {
  describe(`${name}: edges`, () => {
    it("a session that is forgotten takes no place in a list, and its name begins anew, open", async () => {
      const store = await make();
      const [old, newer] = [headerOf("s", { openedAt: 1 }), headerOf("t", { openedAt: 2, expiresAt: 10 })];
      for (const header of [old, newer]) await store.create(header, opening(header));
      await store.commit("t", 1, { entries: [{ event: { type: "close", at: 5 } }] });
      expect(await listed(store, 1)).toEqual([["t", 2, true]]);
      expect(await store.expire(10, 9)).toEqual({ ok: true, value: 1 });
      expect(await listed(store, 1)).toEqual([["s", 1, false]]);
      expect(await store.create(newer, opening(newer))).toEqual({ ok: true, value: undefined });
      expect(await listed(store, 9)).toEqual([
        ["t", 1, false],
        ["s", 1, false],
      ]);
      expect(await store.load("t", 0)).toMatchObject({ ok: true, value: { version: 1, entries: [opening(newer)] } });
    });

    it("a window counts what the same change took from it before, unless that has left the window", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const entries = [denied];
      const refused = { ok: false, error: { kind: "budget", counter: "w" } };
      expect(await store.commit("s", 1, { entries, takes: [within(0, 1_000, 6), within(1, 1_050, 5)] })).toEqual(refused);
      expect(await store.commit("s", 1, { entries, takes: [within(0, 1_000, 6), within(1, 1_100, 6)] })).toEqual({
        ok: true,
        value: 2,
      });
      expect(await store.commit("s", 2, { entries, takes: [within(2, 1_199, 4), within(3, 1_199, 1)] })).toEqual(refused);
      expect(await store.commit("s", 2, { entries, takes: [within(2, 1_199, 4), within(3, 1_199, 0)] })).toMatchObject({
        ok: true,
      });
    });

    it("a window forgets what left it two windows ago, and keeps what another clock may still count", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      let version = 1;
      const attempt = async (at: number, amount: number, max = 10): Promise<boolean> => {
        const done = await store.commit("s", version, { entries: [denied], takes: [{ ...within(version, at, amount), max }] });
        if (done.ok) version = done.value;
        return done.ok;
      };
      expect(await attempt(1_000, 6)).toBe(true);
      expect(await attempt(1_199, 1)).toBe(true);
      expect(await attempt(1_000, 5)).toBe(false);
      expect(await attempt(1_200, 1)).toBe(true);
      expect(await attempt(1_000, 5)).toBe(true);
      // The same of amounts that are no whole numbers: what has left the window is not added up.
      expect(await attempt(2_000, 9.5)).toBe(true);
      expect(await attempt(2_150, 0.75)).toBe(true);
      expect(await attempt(2_150, 9.25)).toBe(true);
      expect(await attempt(2_150, 0.25)).toBe(false);
    });

    it("a window loses nothing of sums that a double cannot hold, and nothing by adding up", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const sums = [
        { counter: "large", amounts: [2 ** 80, 2 ** 27, 2 ** 27], sum: 2 ** 80 + 2 ** 28, less: 2 ** 80 },
        { counter: "small", amounts: Array.from({ length: 8 }, () => 0.1), sum: 0.8, less: 0.799_999_999_999_999_9 },
      ];
      let version = 1;
      for (const { counter, amounts, sum, less } of sums) {
        const attempt = async (amount: number, max: number): Promise<boolean> => {
          const take = { ...within(version, 1_000 + version, amount), counter, max, windowMs: 1_000 };
          const done = await store.commit("s", version, { entries: [denied], takes: [take] });
          if (done.ok) version = done.value;
          return done.ok;
        };
        for (const amount of amounts) expect(await attempt(amount, Number.MAX_VALUE)).toBe(true);
        expect(await attempt(0, less)).toBe(false);
        expect(await attempt(0, sum)).toBe(true);
      }
    });

    it("a sum that is no number any more is refused, within a window and for ever", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const huge = { ...within(0, 1_000, 1.7e308), max: Number.MAX_VALUE };
      const { windowMs: _, ...total } = huge;
      let version = 1;
      for (const take of [huge, { ...total, counter: "c" }]) {
        expect(await store.commit("s", version, { entries: [denied], takes: [take] })).toEqual({ ok: true, value: version + 1 });
        version += 1;
        const more = { entries: [denied], takes: [{ ...take, run: 1 }] };
        const refused = { ok: false, error: { kind: "budget", counter: take.counter } };
        expect(await store.commit("s", version, more)).toEqual(refused);
      }
    });

    it("a session that is closed stays so, whatever is told of it afterwards", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      await store.commit("s", 1, { entries: [{ event: { type: "close", at: 5 } }] });
      await store.commit("s", 2, { entries: [denied] });
      expect(await listed(store, 9)).toEqual([["s", 3, true]]);
    });

    it("a page of the journal has no more lines than were asked for, also of lines that were read before", async () => {
      const store = await make({ journal: true });
      for (let i = 0; i < 5; i++) await store.note({ i });
      const pages = [9, 2, 1].map(async (limit) => {
        const page = await store.journal({ limit });
        return page.ok ? page.value.map(({ note }) => note) : page;
      });
      const notes = Array.from({ length: 5 }, (_, i) => ({ i }));
      expect(await pages[0]).toEqual(notes);
      expect([await pages[1], await pages[2]]).toEqual([notes.slice(0, 2), notes.slice(0, 1)]);
      const again = await store.journal({ limit: 3 });
      expect(again.ok && again.value.map(({ note }) => note)).toEqual(notes.slice(0, 3));
    });

    it("a label that everyone may read takes the first readers that a change names", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const labels = [null, ["ada", "bob"], null, ["bob"]].map((readers) => ({ sources: ["web"], readers }));
      const expected = [null, ["ada", "bob"], ["ada", "bob"], ["bob"]];
      for (const [i, label] of labels.entries()) {
        await store.commit("s", i + 1, { entries: [denied], context: label, resources: [{ key: "r", label }] });
        const value = { sources: ["web"], readers: expected[i] };
        expect(await store.contextOf("s")).toEqual({ ok: true, value });
        expect(await store.labelsOf({ keys: ["r"], prefixes: [] })).toEqual({ ok: true, value });
      }
    });

    it("a change may have more than a thousand events, and none is lost or moved", async () => {
      const store = await make();
      await store.create(headerOf("s"), opening(headerOf("s")));
      const entries = Array.from({ length: 1_100 }, (_, i) => allowed(i));
      expect(await store.commit("s", 1, { entries })).toEqual({ ok: true, value: 1_101 });
      expect(await store.load("s", 1)).toMatchObject({ ok: true, value: { version: 1_101, entries } });
    });
  });
}

/**
 * Where what was taken is kept in the order in which it came: sums of a window are added up in that order, whatever the clocks said.
 * The order shows in the last bit of a sum of amounts that are far apart, and nowhere else. (SQLite keeps them by time.)
 */
export function arrivalContract(name: string, make: MakeStore): void {
  it(`${name}: adds up a window in the order in which it was taken from, whatever the clocks said`, async () => {
    const store = await make();
    await store.create(headerOf("s"), opening(headerOf("s")));
    const amounts = [2 ** 106, 2 ** 53 - 1, 2 ** 54];
    for (const [i, amount] of amounts.entries()) {
      const take = { ...within(i, 1_003 - i, amount), max: Number.POSITIVE_INFINITY };
      expect(await store.commit("s", i + 1, { entries: [denied], takes: [take] })).toEqual({ ok: true, value: i + 2 });
    }
    // As they came, they come to one unit in the last place less than the other way round.
    const sum = 2 ** 106 + 2 ** 54;
    const nothing = { ...within(3, 1_003, 0), max: sum };
    expect(await store.commit("s", 4, { entries: [denied], takes: [nothing] })).toEqual({ ok: true, value: 5 });
  });

  it(`${name}: counts exactly from the first integer at which a double loses one`, async () => {
    const store = await make();
    await store.create(headerOf("s"), opening(headerOf("s")));
    for (const [i, amount] of [2 ** 53, 1, 1].entries()) {
      const take = { ...within(i, 1_000 + i, amount), max: Number.MAX_VALUE };
      expect(await store.commit("s", i + 1, { entries: [denied], takes: [take] })).toEqual({ ok: true, value: i + 2 });
    }
    const refused = { ok: false, error: { kind: "budget", counter: "w" } };
    const nothing = (max: number) => ({ entries: [denied], takes: [{ ...within(3, 1_010, 0), max }] });
    expect(await store.commit("s", 4, nothing(2 ** 53))).toEqual(refused);
    expect(await store.commit("s", 4, nothing(2 ** 53 + 2))).toEqual({ ok: true, value: 5 });
  });
}
