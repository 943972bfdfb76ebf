/** The exact number, cursor and window at which a store answers otherwise, and what its columns hold. */
import { describe, expect, it } from "vitest";
import { readShared, sharedText } from "../../src/stores/cloudflare/change.ts";
import { columnsOf, entryOf, jsonOf, orderKey, orderKeyEnd, textOfOrderKey } from "../../src/stores/columns.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { type Entry, isSoundChange, isSoundWrite, numberOfCursor, revokedPart, type Store } from "../../src/stores/store.ts";
import { addTo, fits, noTotal, totalOf } from "../../src/stores/total.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

describe("what sessions share, as it travels between objects", () => {
  it("keeps amounts doubles, beyond 2^53 too", () => {
    const take = { counter: "c", run: 1, amount: 2 ** 53, max: 2 ** 60, at: 1.5 };
    const text = sharedText({ entries: [allowed(0)], takes: [take], gives: [take] }) ?? "";
    expect(readShared(text)).toEqual({ takes: [take], gives: [take], records: [], resources: [] });
    expect(sharedText({ entries: [allowed(0)] })).toBe(null);
  });
});

describe("columns", () => {
  it("hold any text in UTF-16 order, and give it back", () => {
    const units = [
      "",
      "\u0000",
      "\u0020",
      "!",
      '"',
      "#",
      "A",
      "a",
      "|",
      "}",
      "~",
      "\u007f",
      "\u0080",
      "\u20ac",
      "\ud800",
      "\udfff",
      "\uffff",
    ];
    const texts = units.flatMap((a) => units.map((b) => a + b));
    for (const text of texts) {
      expect(textOfOrderKey(orderKey(text))).toBe(text);
      expect(orderKey(text)).toMatch(/^[ -~]*$/);
    }
    const keys = texts.map((text) => [text, orderKey(text)] as const);
    const wrong = keys.flatMap(([a, keyA]) =>
      keys
        .filter(([b, keyB]) => a < b !== keyA < keyB || b.startsWith(a) !== (keyB >= keyA && keyB < orderKeyEnd(keyA)))
        .map(([b]) => [a, b]),
    );
    expect(wrong).toEqual([]);
    expect(orderKey('"}')).toBe('"}');
    expect(orderKey("! ~\u20ac")).toBe("!0021!0020~007e~20ac");
  });

  it("hold an event, the value of a result and facts, each where it is", () => {
    const settle = { type: "settle", at: 1, run: 0, ok: true, valid: true } as const;
    const entries: readonly (readonly [Entry, readonly unknown[]])[] = [
      [{ event: { type: "close", at: 1 } }, ['{"at":1,"type":"close"}', null, null]],
      [{ event: { type: "close", at: 1 }, facts: {} }, ['{"at":1,"type":"close"}', null, "{}"]],
      [{ event: settle as unknown as Entry["event"] }, ['{"at":1,"ok":true,"run":0,"type":"settle","valid":true}', null, null]],
      [
        { event: { ...settle, value: null }, facts: { a: 1 } },
        ['{"at":1,"ok":true,"run":0,"type":"settle","valid":true}', "null", '{"a":1}'],
      ],
      [
        { event: { type: "other", at: 1, value: 2 } as unknown as Entry["event"] },
        ['{"at":1,"type":"other","value":2}', null, null],
      ],
    ];
    for (const [entry, columns] of entries) {
      expect(columnsOf(entry)).toEqual(columns);
      const [event, value, facts] = columns;
      expect(entryOf({ event, value, facts })).toStrictEqual(entry);
    }
    for (const text of ["", "{", '{"a":1,"a":2}'])
      expect(() => jsonOf(text)).toThrow("the store's own text reads as it was written");
  });
});

describe("what a store asserts and counts", () => {
  it("takes finite amounts that are not negative, and versions that are whole numbers", () => {
    const entries = [allowed(0)];
    const [take, give] = [
      { counter: "c", run: 0, max: 1, at: 0 },
      { counter: "c", run: 0 },
    ];
    const record = { kind: "k", id: "a", value: {} };
    expect(
      isSoundChange({
        entries,
        takes: [{ ...take, amount: 0 }],
        gives: [{ ...give, amount: 0 }],
        records: [{ ...record, version: 0 }],
      }),
    ).toBe(true);
    for (const amount of [-1e-9, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(
        isSoundChange({
          entries,
          takes: [
            { ...take, amount: 1 },
            { ...take, amount },
          ],
        }),
      ).toBe(false);
      expect(
        isSoundChange({
          entries,
          gives: [
            { ...give, amount },
            { ...give, amount: 1 },
          ],
        }),
      ).toBe(false);
    }
    for (const version of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(isSoundWrite({ ...record, version })).toBe(false);
      expect(
        isSoundChange({
          entries,
          records: [
            { ...record, version: 0 },
            { ...record, version },
          ],
        }),
      ).toBe(false);
    }
    expect(isSoundWrite({ ...record, version: 1 })).toBe(true);
  });

  it("numbers a cursor by digits, 1 to 15 of them, and nothing else", () => {
    for (const [cursor, number] of [
      ["0", 0],
      ["7", 7],
      ["007", 7],
      ["9".repeat(15), 1e15 - 1],
    ] as const)
      expect(numberOfCursor(cursor)).toBe(number);
    for (const cursor of ["", "9".repeat(16), "-1", "+1", "1.", "1e3", " 1", "1 ", "1\n", "x1", "1x"])
      expect(numberOfCursor(cursor), cursor).toBe(undefined);
  });

  it("looks for what is revoked by plan, session and principal, in this order", () => {
    const header = headerOf("s");
    const revoked = (...ids: readonly string[]) => revokedPart(header, (id) => (ids.includes(id) ? {} : undefined));
    expect(revoked()).toBe(undefined);
    expect(revoked("principal:ada")).toBe("principal");
    expect(revoked("principal:ada", "session:s")).toBe("session");
    expect(revoked("principal:ada", "session:s", "plan:sha256:00")).toBe("plan");
    expect(revokedPart(header, () => ({ lifted: true }))).toBe(undefined);
    expect(revokedPart(header, () => ({ lifted: 1 }))).toBe("plan");
  });

  it("adds without drift, and fits up to the maximum and not beyond", () => {
    const sum = (...amounts: readonly number[]): number => totalOf(amounts.reduce(addTo, noTotal));
    expect(sum(1e16, 1, -1e16)).toBe(1);
    expect(sum(1, 1e16, -1e16)).toBe(1);
    expect(sum(1, 1e100, 1, -1e100)).toBe(2);
    expect(sum(0.1, 0.2, -0.1, -0.2)).toBe(0);
    expect(fits(addTo(noTotal, 3), { amount: 2, max: 5 })).toBe(true);
    expect(fits(addTo(noTotal, 3), { amount: 2.000001, max: 5 })).toBe(false);
    expect(fits(addTo(noTotal, 1e16), { amount: 1, max: 1e16 })).toBe(true);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) expect(fits(noTotal, { amount: bad, max: 5 })).toBe(false);
    expect(fits(noTotal, { amount: 1, max: Number.NaN })).toBe(false);
  });
});

describe.each([
  ["memory", () => createMemoryStore({ journal: true })],
  ["sqlite", () => openSqliteStore(":memory:", { journal: true })],
] as const)("the boundaries of a store in %s", (_name, make) => {
  const open = async (store: Store, ...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await store.create(headerOf(id), opening(headerOf(id)));
  };

  it("refuse a change that is not sound before anything of it happens", async () => {
    const store = make();
    await open(store, "s");
    await expect(store.commit("s", 1, { entries: [] })).rejects.toThrow("a change has events, and finite amounts");
    await expect(store.writeRecord({ kind: "k", id: "a", version: -1, value: {} })).rejects.toThrow("a record has a version");
    expect(await store.load("s", 0)).toMatchObject({ value: { version: 1 } });
  });

  it("forget a session at the very time it expires, and not before", async () => {
    const store = make();
    await open(store, "s");
    await store.trimJournal("1");
    expect(await store.expire(1_999, 9)).toEqual({ ok: true, value: 0 });
    expect(await store.expire(2_000, 0)).toEqual({ ok: true, value: 0 });
    expect(await store.expire(2_000, 9)).toEqual({ ok: true, value: 1 });
  });

  it("list sessions that were opened at one time in the order of their ids", async () => {
    const store = make();
    await open(store, "b", "c", "a");
    const rows = await store.list(9);
    expect(rows.ok && rows.value.map(({ header }) => header.id)).toEqual(["a", "b", "c"]);
    expect(await store.list(0)).toEqual({ ok: true, value: [] });
  });

  it("give no events from beyond the last, and mark a session closed by a close anywhere in a change", async () => {
    const store = make();
    await open(store, "s");
    for (const since of [1, 2, 99])
      expect(await store.load("s", since)).toMatchObject({ ok: true, value: { version: 1, entries: [] } });
    await store.commit("s", 1, { entries: [{ event: { type: "close", at: 2 } }, allowed(0)] });
    await store.commit("s", 3, { entries: [allowed(1)] });
    expect(await store.list(9)).toMatchObject({ value: [{ isClosed: true, version: 4 }] });
  });

  it("count in a window what is younger than it by anything, for a clock that is behind by no more than the window too", async () => {
    const store = make();
    await open(store, "s");
    let version = 1;
    const take = async (at: number, max: number, run: number): Promise<boolean> => {
      const takes = [{ counter: "w", run, amount: 1, max, at, windowMs: 100 }];
      const done = await store.commit("s", version, { entries: [allowed(run)], takes });
      if (done.ok) version = done.value;
      return done.ok;
    };
    expect(await take(1_000, 1, 0)).toBe(true);
    expect(await take(1_099, 1, 1)).toBe(false);
    // Out of this window, and yet kept: a clock that is 100 ms behind still counts it.
    expect(await take(1_199, 1, 2)).toBe(true);
    expect(await take(1_099, 2, 3)).toBe(false);
    expect(await take(1_200, 2, 4)).toBe(true);
    // Twice the window is over: the first is gone for every clock.
    expect(await take(1_099, 3, 5)).toBe(true);
  });

  it("give back what is there to be given, of that run of that session and of a counter that was ever taken from", async () => {
    const store = make();
    await open(store, "s", "t");
    const base = { run: 0, amount: 2, windowMs: 100 };
    await store.commit("s", 1, {
      entries: [allowed(0)],
      gives: [
        { ...base, counter: "w" },
        { counter: "c", run: 0, amount: 2 },
      ],
    });
    const takes = [
      { ...base, counter: "w", max: 2, at: 1 },
      { counter: "c", run: 0, amount: 2, max: 2, at: 1 },
    ];
    expect(await store.commit("s", 2, { entries: [allowed(0)], takes })).toEqual({ ok: true, value: 3 });
    // Neither another session with that number of a run, nor another run.
    await store.commit("t", 1, { entries: [allowed(0)], gives: [{ ...base, counter: "w" }] });
    await store.commit("s", 3, { entries: [allowed(0)], gives: [{ ...base, counter: "w", run: 1 }] });
    const more = [{ ...base, counter: "w", run: 5, max: 2, at: 1 }];
    expect(await store.commit("t", 2, { entries: [allowed(0)], takes: more })).toMatchObject({ error: { counter: "w" } });
    await store.commit("s", 4, { entries: [allowed(0)], gives: [{ ...base, counter: "w" }] });
    expect(await store.commit("t", 2, { entries: [allowed(0)], takes: more })).toEqual({ ok: true, value: 3 });
  });

  it("page the journal from any cursor, also one that was trimmed, or is of lines to come", async () => {
    const store = make();
    await open(store, "a", "b", "c");
    const ids = async (page: Parameters<Store["journal"]>[0]): Promise<unknown> => {
      const lines = await store.journal(page);
      return lines.ok && lines.value.map(({ session, cursor }) => `${session}${cursor}`);
    };
    expect(await ids({ limit: 2 })).toEqual(["a1", "b2"]);
    expect(await ids({ limit: 9, after: "2" })).toEqual(["c3"]);
    expect(await ids({ limit: 9, after: "99" })).toEqual([]);
    await store.trimJournal("1");
    expect(await ids({ limit: 1, after: "0" })).toEqual(["b2"]);
    expect(await ids({ limit: 9, after: "2" })).toEqual(["c3"]);
    await store.trimJournal("99");
    await open(store, "d");
    expect(await ids({ limit: 9 })).toEqual(["d4"]);
    for (const cursor of ["x", ""]) {
      const refused = { ok: false, error: { kind: "unavailable", detail: "cursor" } };
      expect(await store.journal({ limit: 1, after: cursor })).toEqual(refused);
      expect(await store.trimJournal(cursor)).toEqual(refused);
    }
  });
});
