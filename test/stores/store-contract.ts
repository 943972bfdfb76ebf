/**
 * What every store must do. Each store's test runs the whole of it against itself.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import type { Change, Entry, SessionHeader, Store, Take } from "../../src/stores/store.ts";
import { edgeContract } from "./edge-contract.ts";
import { journalContract, linesOf } from "./journal-contract.ts";
import { type MakeStore, recordContract, resourceContract, type TestedStore } from "./record-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const denied: Entry = { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" }, facts: { node: "n" } };

function taking(amount: number, over: Partial<Take> = {}): Change {
  return { entries: [allowed(over.run ?? 0)], takes: [{ counter: "c", run: 0, amount, max: 10, at: 1_000, ...over }] };
}

async function opened(store: Store, ...headers: readonly SessionHeader[]): Promise<void> {
  for (const header of headers) expect(await store.create(header, opening(header))).toEqual({ ok: true, value: undefined });
}

/**
 * Runs the contract. `given` makes an empty store each time, with a journal if it is asked for one; what can be closed is closed after each
 * test.
 */
export function storeContract(name: string, given: MakeStore): void {
  const made: TestedStore[] = [];
  const make: MakeStore = async (options) => {
    const store = await given(options);
    made.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of made.splice(0)) await store.close?.();
  });
  describe(`${name}: events`, () => {
    it("gives back a session as it was created, once only", async () => {
      const store = await make();
      const header = headerOf("s");
      expect(await store.load("s", 0)).toEqual({ ok: false, error: { kind: "unknown" } });
      await opened(store, header);
      expect(await store.create(headerOf("s", { principal: "eve" }), denied)).toEqual({ ok: false, error: { kind: "exists" } });
      expect(await store.load("s", 0)).toEqual({ ok: true, value: { header, version: 1, entries: [opening(header)] } });
    });

    it("appends at the version that was loaded, and nowhere else", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      expect(await store.commit("s", 1, { entries: [allowed(0), denied] })).toEqual({ ok: true, value: 3 });
      for (const version of [0, 1, 2, 4]) {
        expect(await store.commit("s", version, { entries: [denied] })).toEqual({ ok: false, error: { kind: "conflict" } });
      }
      expect(await store.commit("t", 1, { entries: [denied] })).toEqual({ ok: false, error: { kind: "unknown" } });
      const loaded = await store.load("s", 1);
      expect(loaded).toMatchObject({ ok: true, value: { version: 3, entries: [allowed(0), denied] } });
      expect(await store.load("s", 3)).toMatchObject({ ok: true, value: { version: 3, entries: [] } });
    });

    it("keeps every JSON value of a result, `__proto__`, 64 levels and digits beyond a double included", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const texts = [
        '{"__proto__":{"a":1},"n":9007199254740993,"z":"\\u0000\\u2028"}',
        `${"[".repeat(64)}${"]".repeat(64)}`,
        "null",
      ];
      const values = texts.map((text) => {
        const read = readJson(text);
        if (!read.ok) throw new Error(text);
        return read.value;
      });
      const entries = values.map(
        (value, run): Entry => ({ event: { type: "settle", at: 1, run, ok: true, value, valid: true } }),
      );
      await store.commit("s", 1, { entries });
      const loaded = await store.load("s", 1);
      expect(loaded.ok && loaded.value.entries).toEqual(entries);
      const [first] = loaded.ok ? loaded.value.entries : [];
      const value = first?.event.type === "settle" ? first.event.value : undefined;
      expect(Object.keys(value as object)).toContain("__proto__");
    });

    it("never takes two names for one", async () => {
      const store = await make();
      const ids = ["a", "a\u0000", "a\u0000b", "A", "a ", "å", "a\u030a"];
      await opened(store, ...ids.map((id) => headerOf(id, { principal: id })));
      for (const id of ids) expect(await store.load(id, 0)).toMatchObject({ ok: true, value: { header: { id, principal: id } } });
      await store.commit("a", 1, { entries: [denied], context: { sources: ["x"], readers: null } });
      expect(await store.contextOf("a\u0000b")).toEqual({ ok: true, value: undefined });
    });

    it("lists the newest first and forgets what expired, but no label and no counter", async () => {
      const store = await make();
      const headers = [1, 2, 3].map((i) => headerOf(`s${i}`, { openedAt: i, expiresAt: 10 * i, conversation: "c" }));
      await opened(store, ...headers);
      await store.commit("s1", 1, { ...taking(10), context: { sources: ["web"], readers: null } });
      await store.commit("s2", 1, { entries: [{ event: { type: "close", at: 5 } }] });
      const rows = await store.list(2);
      expect(rows.ok && rows.value.map(({ header, isClosed, version }) => [header.id, isClosed, version])).toEqual([
        ["s3", false, 1],
        ["s2", true, 2],
      ]);
      // A time that is none has not come: a store may refuse it, and forgets nothing.
      const nothing = await store.expire(Number.NaN, 9);
      expect(nothing.ok ? nothing.value : 0).toBe(0);
      expect(await store.expire(20, 1)).toEqual({ ok: true, value: 1 });
      expect(await store.expire(20, 9)).toEqual({ ok: true, value: 1 });
      expect(await store.expire(20, 9)).toEqual({ ok: true, value: 0 });
      expect(await store.load("s1", 0)).toEqual({ ok: false, error: { kind: "unknown" } });
      expect(await store.contextOf("c")).toEqual({ ok: true, value: { sources: ["web"], readers: null } });
      expect(await store.commit("s3", 1, taking(1))).toEqual({ ok: false, error: { kind: "budget", counter: "c" } });
    });

    it("keeps the first text under a digest, of each kind by itself", async () => {
      const store = await make();
      await store.saveDocument("plan", "sha256:b", "{}");
      await store.saveDocument("plan", "sha256:a", "[]");
      await store.saveDocument("plan", "sha256:b", "changed");
      await store.saveDocument("catalogue", "sha256:b", '{"tools":[]}\u2028');
      expect(await store.loadDocument("plan", "sha256:b")).toEqual({ ok: true, value: "{}" });
      expect(await store.loadDocument("plan", "sha256:c")).toEqual({ ok: true, value: undefined });
      expect(await store.loadDocument("catalogue", "sha256:b")).toEqual({ ok: true, value: '{"tools":[]}\u2028' });
      expect(await store.loadDocument("catalogue", "sha256:a")).toEqual({ ok: true, value: undefined });
      expect(await store.listDocuments("plan")).toEqual({ ok: true, value: ["sha256:a", "sha256:b"] });
      expect(await store.listDocuments("catalogue")).toEqual({ ok: true, value: ["sha256:b"] });
    });
  });

  labelContract(name, make);
  recordContract(name, make);
  resourceContract(name, make);
  budgetContract(name, make);
  edgeContract(name, make);
  journalContract(name, make);
}

function labelContract(name: string, make: MakeStore): void {
  describe(`${name}: labels of a conversation`, () => {
    it("are shared by its sessions and only rise", async () => {
      const store = await make();
      await opened(store, headerOf("s", { conversation: "c" }), headerOf("t", { conversation: "c" }), headerOf("u"));
      await store.commit("s", 1, { entries: [denied], context: { sources: ["web"], readers: ["ada", "bob"] } });
      await store.commit("t", 1, { entries: [denied], context: { sources: ["mail"], readers: null } });
      await store.commit("t", 2, { entries: [denied], context: { sources: [], readers: ["bob", "eve"] } });
      const context = { sources: ["mail", "web"], readers: ["bob"] };
      expect(await store.contextOf("c")).toEqual({ ok: true, value: context });
      expect(await store.load("s", 9)).toMatchObject({ ok: true, value: { context } });
      expect(await store.contextOf("u")).toEqual({ ok: true, value: undefined });
    });

    it("stay as they were when the commit is refused", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const context = { sources: ["web"], readers: null };
      await store.commit("s", 7, { entries: [denied], context });
      await store.commit("s", 1, { ...taking(11), context });
      expect(await store.contextOf("s")).toEqual({ ok: true, value: undefined });
    });
  });
}

function budgetContract(name: string, make: MakeStore): void {
  const refused = { ok: false, error: { kind: "budget", counter: "c" } };

  describe(`${name}: shared budgets`, () => {
    it("are taken with the event or not at all", async () => {
      const store = await make();
      await opened(store, headerOf("s"), headerOf("t"));
      expect(await store.commit("s", 1, taking(6))).toEqual({ ok: true, value: 2 });
      expect(await store.commit("t", 1, taking(5))).toEqual(refused);
      expect(await store.load("t", 0)).toMatchObject({ ok: true, value: { version: 1 } });
      expect(await store.commit("s", 1, taking(1))).toEqual({ ok: false, error: { kind: "conflict" } });
      expect(await store.commit("t", 1, taking(4))).toEqual({ ok: true, value: 2 });
      expect(await store.commit("t", 2, taking(0))).toEqual({ ok: true, value: 3 });
      expect(await store.commit("t", 3, taking(1e-9))).toEqual(refused);
    });

    it("take from all counters of a call or from none", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      const base = { run: 0, amount: 3, max: 10, at: 1 };
      const takes = [
        { ...base, counter: "a" },
        { ...base, counter: "b", windowMs: 50 },
        { ...base, counter: "c", max: 2 },
      ];
      expect(await store.commit("s", 1, { entries: [denied], takes })).toEqual(refused);
      const whole = ["a", "b"].map((counter) => ({ ...base, counter, amount: 10, ...(counter === "b" ? { windowMs: 50 } : {}) }));
      expect(await store.commit("s", 1, { entries: [denied], takes: whole })).toEqual({ ok: true, value: 2 });
    });

    it("forget what left the window, and count what a clock that went back has put ahead", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      let version = 1;
      let run = 0;
      const attempt = async (at: number, amount: number): Promise<boolean> => {
        const change = taking(amount, { run: run++, at, windowMs: 100 });
        const result = await store.commit("s", version, change);
        if (result.ok) version = result.value;
        return result.ok;
      };
      expect(await attempt(1_000, 6)).toBe(true);
      expect(await attempt(1_050, 4)).toBe(true);
      expect(await attempt(1_099, 1)).toBe(false);
      expect(await attempt(1_100, 7)).toBe(false);
      expect(await attempt(1_100, 6)).toBe(true);
      expect(await attempt(900, 1)).toBe(false);
      expect(await attempt(1_400, 10)).toBe(true);
    });

    it("take back what a run gives, and nothing of another run", async () => {
      const store = await make();
      await opened(store, headerOf("s"), headerOf("t"));
      for (const [counter, windowMs] of [
        ["c", undefined],
        ["w", 100],
      ] as const) {
        const window = windowMs === undefined ? {} : { windowMs };
        const at = (session: string): Promise<number> =>
          store.load(session, 0).then((loaded) => (loaded.ok ? loaded.value.version : 0));
        await store.commit("s", await at("s"), taking(6, { counter, run: 0, ...window }));
        await store.commit("t", await at("t"), taking(4, { counter, run: 0, ...window }));
        await store.commit("s", await at("s"), { entries: [denied], gives: [{ counter, run: 0, amount: 6, ...window }] });
        expect((await store.commit("t", await at("t"), taking(7, { counter, run: 1, ...window }))).ok).toBe(false);
        expect((await store.commit("t", await at("t"), taking(6, { counter, run: 1, ...window }))).ok).toBe(true);
      }
    });

    it("do not drift over hundreds of takes and returns", async () => {
      const store = await make();
      await opened(store, headerOf("s"));
      expect(await store.commit("s", 1, taking(0.1))).toEqual({ ok: true, value: 2 });
      // Added as doubles, 0.1 + 0.2 - 0.1 + 0.1 - 0.2 is more than 0.1, and more each time.
      let version = 2;
      for (let run = 0; version < 202; run++) {
        const [taken, given] = run % 2 === 0 ? [0.2, 0.1] : [0.1, 0.2];
        const gives = [{ counter: "c", run, amount: given }];
        expect(await store.commit("s", version, { ...taking(taken, { run, max: 0.31 }), gives })).toEqual({
          ok: true,
          value: ++version,
        });
      }
      expect(await store.commit("s", version, taking(0.1, { max: 0.2 }))).toEqual({ ok: true, value: version + 1 });
      expect(await store.commit("s", version + 1, taking(1e-9, { max: 0.2 }))).toEqual(refused);
    });

    it("let a thousand calls at once have exactly what there is", async () => {
      const store = await make();
      const ids = Array.from({ length: 100 }, (_, i) => `s${i}`);
      await opened(store, ...ids.map((id) => headerOf(id)));
      const one = async (i: number): Promise<string> => {
        const id = ids[i % ids.length] as string;
        for (;;) {
          const loaded = await store.load(id, Number.MAX_SAFE_INTEGER);
          const result = await store.commit(id, loaded.ok ? loaded.value.version : -1, taking(1, { max: 100, run: i }));
          if (result.ok) return "ok";
          if (result.error.kind !== "conflict") return result.error.kind;
        }
      };
      const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => one(i)));
      expect(answers.filter((answer) => answer === "ok")).toHaveLength(100);
      expect(answers.filter((answer) => answer === "budget")).toHaveLength(900);
    });
  });
}

/** Two stores must answer alike whatever is asked of them. */
export function storesAgree(name: string, makeOne: MakeStore, makeOther: MakeStore, { numRuns = 150 } = {}): void {
  const id = fc.constantFrom("s", "t");
  const label = fc.record({
    sources: fc.subarray(["a", "b", "c"]),
    readers: fc.option(fc.subarray(["x", "y", "z"]), { nil: null }),
  });
  const take = fc.record({
    counter: fc.constantFrom("c", "d"),
    run: fc.nat(3),
    amount: fc.constantFrom(0, 0.1, 1, 2.5, 7),
    max: fc.constantFrom(1, 5, 10),
    at: fc.integer({ min: 0, max: 500 }),
  });
  const windowed = take.map((each) => (each.counter === "d" ? { ...each, windowMs: 100 } : each));
  const command = fc.oneof(
    fc.record({ kind: fc.constant("create" as const), id }),
    fc.record({
      kind: fc.constant("commit" as const),
      id,
      back: fc.constantFrom(0, 0, 0, 1),
      context: fc.option(label, { nil: undefined }),
      resources: fc.array(fc.record({ key: fc.constantFrom("r|a", "r|b", "s|a"), label }), { maxLength: 2 }),
      takes: fc.uniqueArray(windowed, { maxLength: 2, selector: ({ counter }) => counter }),
      gives: fc.uniqueArray(windowed, { maxLength: 1, selector: ({ counter }) => counter }),
    }),
    fc.record({ kind: fc.constant("expire" as const), before: fc.constantFrom(0, 2_000) }),
    fc.record({
      kind: fc.constant("write" as const),
      id: fc.constantFrom("session:s", "plan:sha256:00", "x"),
      version: fc.nat(2),
      value: fc.constantFrom({}, { lifted: true }),
    }),
    fc.record({ kind: fc.constant("forget" as const), before: fc.constantFrom("plan:z", "session:s", "~"), limit: fc.nat(2) }),
    fc.record({ kind: fc.constant("note" as const), note: fc.constantFrom({}, { a: "\u0000" }) }),
    fc.record({ kind: fc.constant("trim" as const), lines: fc.nat(3) }),
  );
  it(name, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const [one, other] = [await makeOne({ journal: true }), await makeOther({ journal: true })];
        for (const step of commands) {
          const answers = [];
          for (const store of [one, other]) answers.push(await perform(store, step));
          expect(answers[0]).toEqual(answers[1]);
        }
        expect(await linesOf(one)).toEqual(await linesOf(other));
        for (const store of [one, other]) await store.close?.();
      }),
      { numRuns },
    );
  });

  async function perform(store: Store, step: typeof command extends fc.Arbitrary<infer C> ? C : never): Promise<unknown> {
    if (step.kind === "expire") return store.expire(step.before, 10);
    if (step.kind === "forget") return store.forgetRecords("revocation", step.before, step.limit);
    if (step.kind === "note") return store.note(step.note);
    if (step.kind === "trim") {
      const page = await store.journal({ limit: step.lines });
      const last = page.ok ? page.value.at(-1) : undefined;
      return last === undefined ? [] : store.trimJournal(last.cursor);
    }
    if (step.kind === "create") return store.create(headerOf(step.id, { conversation: "c" }), opening(headerOf(step.id)));
    if (step.kind === "write") {
      const { id: record, version, value } = step;
      const written = await store.writeRecord({ kind: "revocation", id: record, version, value });
      return [written, await store.records("revocation", { limit: 9 })];
    }
    const { context, takes, gives, resources } = step;
    const loaded = await store.load(step.id, 0);
    const version = loaded.ok ? loaded.value.version - step.back : 1;
    const change = { entries: [denied], takes, gives, resources, ...(context === undefined ? {} : { context }) };
    return [
      loaded,
      await store.commit(step.id, version, change),
      await store.contextOf("c"),
      await store.list(9),
      await store.labelsOf({ keys: ["s|a"], prefixes: ["r|"] }),
    ];
  }
}
