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
}
