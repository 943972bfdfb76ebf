/**
 * What every store must do with its journal: the last part of the contract.
 */
import { describe, expect, it } from "vitest";
import type { Entry, JournalLine, Store } from "../../src/stores/store.ts";
import type { MakeStore } from "./record-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const denied: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" }, facts: { node: "n" } };

/** All lines after a cursor, read page by page. */
export async function journalOf(store: Store, limit = 100, after?: string): Promise<readonly JournalLine[]> {
  const all: JournalLine[] = [];
  for (let from = after; ; ) {
    const page = await store.journal({ limit, ...(from === undefined ? {} : { after: from }) });
    if (!page.ok) throw new Error(JSON.stringify(page.error));
    all.push(...page.value);
    from = page.value.at(-1)?.cursor;
    if (from === undefined) return all;
  }
}

/** The lines without their cursors, which are each store's own. */
export async function linesOf(store: Store, limit?: number, after?: string): Promise<unknown> {
  return (await journalOf(store, limit, after)).map(({ cursor: _, ...line }) => line);
}

/** Runs the contract of the journal. */
export function journalContract(name: string, make: MakeStore): void {
  const open = async (store: Store, ...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await store.create(headerOf(id), opening(headerOf(id)));
  };
  const first = (id: string) => ({ session: id, number: 0, entry: opening(headerOf(id)) });

  describe(`${name}: the journal`, () => {
    it("is not kept unless it was asked for; a note is then no failure", async () => {
      const store = await make();
      await open(store, "s");
      expect(await store.note({ what: "frozen" })).toEqual({ ok: true, value: undefined });
      const none = { ok: false, error: { kind: "unavailable", detail: "no journal" } };
      expect(await store.journal({ limit: 9 })).toEqual(none);
      expect(await store.trimJournal("1")).toEqual(none);
      expect(await store.expire(9_999, 9)).toEqual({ ok: true, value: 1 });
    });

    it("has every event and every note in the order of their commits, and nothing of what was refused", async () => {
      const store = await make({ journal: true });
      expect(await linesOf(store)).toEqual([]);
      await open(store, "s", "t");
      await store.create(headerOf("s"), denied);
      await store.commit("t", 1, { entries: [allowed(0), denied] });
      await store.commit("t", 1, { entries: [denied] });
      await store.note({ what: "frozen", "\u0000": ["é", null] });
      const take = { counter: "c", run: 0, amount: 11, max: 10, at: 1 };
      await store.commit("s", 1, { entries: [allowed(0)], takes: [take] });
      await store.commit("s", 1, { entries: [denied] });
      const lines = [
        first("s"),
        first("t"),
        { session: "t", number: 1, entry: allowed(0) },
        { session: "t", number: 2, entry: denied },
        { note: { what: "frozen", "\u0000": ["é", null] } },
        { session: "s", number: 1, entry: denied },
      ];
      expect(await linesOf(store)).toEqual(lines);
      expect(await linesOf(store, 1)).toEqual(lines);
      expect(await linesOf(store, 4)).toEqual(lines);
      const cursors = (await journalOf(store)).map(({ cursor }) => cursor);
      expect(new Set(cursors).size).toBe(lines.length);
      for (const [i, cursor] of cursors.entries()) expect(await linesOf(store, 9, cursor)).toEqual(lines.slice(i + 1));
    });

    it("forgets what it is told to, once and for all, and goes on after it", async () => {
      const store = await make({ journal: true });
      await open(store, "s", "t", "u");
      const [one, two, three] = (await journalOf(store)).map(({ cursor }) => cursor);
      expect(await store.trimJournal(two ?? "")).toEqual({ ok: true, value: undefined });
      expect(await linesOf(store)).toEqual([first("u")]);
      expect(await store.trimJournal(one ?? "")).toEqual({ ok: true, value: undefined });
      expect(await linesOf(store, 9, one)).toEqual([first("u")]);
      await store.trimJournal(three ?? "");
      expect(await linesOf(store)).toEqual([]);
      await open(store, "v");
      expect(await linesOf(store)).toEqual([first("v")]);
      expect(await linesOf(store, 9, three)).toEqual([first("v")]);
    });

    it("refuses what is no cursor", async () => {
      const store = await make({ journal: true });
      for (const cursor of ["", "x", "-1", "1; --", "\u0000"]) {
        expect(await store.journal({ limit: 9, after: cursor })).toMatchObject({ ok: false, error: { kind: "unavailable" } });
        expect(await store.trimJournal(cursor)).toMatchObject({ ok: false, error: { kind: "unavailable" } });
      }
    });

    it("keeps the sessions that it has lines of", async () => {
      const store = await make({ journal: true });
      await open(store, "s", "t");
      await store.commit("s", 1, { entries: [denied] });
      const lines = await journalOf(store);
      expect(await store.expire(9_999, 9)).toEqual({ ok: true, value: 0 });
      await store.trimJournal(lines[1]?.cursor ?? "");
      expect(await store.expire(9_999, 9)).toEqual({ ok: true, value: 1 });
      expect(await store.load("t", 0)).toEqual({ ok: false, error: { kind: "unknown" } });
      expect(await linesOf(store)).toEqual([{ session: "s", number: 1, entry: denied }]);
      await store.trimJournal(lines[2]?.cursor ?? "");
      expect(await store.expire(9_999, 9)).toEqual({ ok: true, value: 1 });
    });

    it("never shows a line behind one that was seen, however many write at once", async () => {
      const store = await make({ journal: true });
      const ids = Array.from({ length: 8 }, (_, i) => `s${i}`);
      await open(store, ...ids);
      const seen: JournalLine[] = [];
      let after: string | undefined;
      const read = async (): Promise<void> => {
        const fresh = await journalOf(store, 7, after);
        seen.push(...fresh);
        after = fresh.at(-1)?.cursor ?? after;
      };
      let writing = true;
      const reader = (async () => {
        while (writing) {
          await read();
          // A store that answers without waiting would leave no time to write.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      })();
      await Promise.all(
        ids.map(async (id) => {
          for (let version = 1; version <= 12; version++) {
            await store.commit(id, version, { entries: [denied] });
            await store.note({ id, version });
          }
        }),
      );
      writing = false;
      await reader;
      await read();
      expect(seen).toEqual(await journalOf(store));
      expect(seen).toHaveLength(ids.length * (1 + 2 * 12));
      for (const id of ids) {
        const numbers = seen.filter(({ session }) => session === id).map(({ number }) => number);
        expect(numbers).toEqual(numbers.map((_, i) => i));
      }
    });
  });
}
