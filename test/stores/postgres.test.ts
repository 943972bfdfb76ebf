/** The PostgreSQL store against a real server, which this file starts. */
import fc from "fast-check";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createPostgresStore, type PostgresStoreOptions } from "../../src/stores/postgres.ts";
import { openPostgresStore, type PostgresOpenOptions } from "../../src/stores/postgres/open.ts";
import type { Tables } from "../../src/stores/postgres/schema.ts";
import type { Change, OpenStore, Store } from "../../src/stores/store.ts";
import { type Postgres, postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { addTo, noTotal, type Total } from "../../src/stores/total.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";
import { arrivalContract } from "./edge-contract.ts";
import { storeContract, storesAgree } from "./store-contract.ts";

describeWith(postgresProgram, "the PostgreSQL store", () => {
  let server: Postgres;
  let db: Kysely<Tables>;
  const opened: OpenStore[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server.url, max: 8 }) }) });
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    await db?.destroy();
    await server?.stop();
  });

  const run = (statement: string) => sql.raw<Record<string, unknown>>(statement).execute(db);

  /** A store over the shared connections, with nothing in its tables. */
  async function emptied(options: PostgresStoreOptions = {}): Promise<Store> {
    const { close, ...store } = await createPostgresStore(db, options);
    const tables = "sessions, events, conversations, counters, spent, documents, records, resources, journal";
    await run(`SET search_path = sluice; TRUNCATE ${tables}; SET search_path = DEFAULT`);
    return store;
  }

  /** A store with connections of its own. */
  async function open(options: PostgresOpenOptions = {}): Promise<OpenStore> {
    const store = await openPostgresStore(server.url, options);
    opened.push(store);
    return store;
  }

  storeContract("postgres", emptied);
  arrivalContract("postgres", emptied);
  storesAgree("answers as the store in memory does, whatever is asked", async (options) => createMemoryStore(options), emptied, {
    numRuns: 50,
  });

  it("keeps the sums of the store in memory to the last bit, whatever is taken and given", async () => {
    // Tenths, added as doubles, miss the sums that they are compared with; the compensated sum does not.
    const tenths = (most: number) => fc.integer({ min: 1, max: most }).map((n) => n / 10);
    const big = fc.oneof(fc.double({ min: 0, max: 1e18, noNaN: true }), fc.constantFrom(1e-300, 1e16, 1e308));
    const amount = fc.oneof({ weight: 6, arbitrary: tenths(5) }, big);
    const edge = fc.constantFrom(1e19, 1e308, Number.POSITIVE_INFINITY, Number.NaN);
    const max = fc.oneof({ weight: 6, arbitrary: tenths(30) }, { weight: 2, arbitrary: edge });
    const taken = fc.record({ run: fc.nat(2), amount, max, at: fc.integer({ min: 0, max: 150 }) });
    const counter = fc.constantFrom("total", "w", "\u0000 \ud800|\u{1f600}");
    const moved = fc
      .tuple(counter, taken)
      .map(([name, each]) => ({ counter: name, ...each, ...(name === "total" ? {} : { windowMs: 100 }) }));
    const record = fc.record({
      kind: fc.constantFrom("k", "j"),
      id: fc.constantFrom("a", "\ud800", "é"),
      version: fc.nat(2),
      value: fc.constant({}),
    });
    const lists = fc.record({
      takes: fc.array(moved, { maxLength: 3 }),
      gives: fc.array(
        moved.filter((each) => each.amount < 1e300),
        { maxLength: 2 },
      ),
      records: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(record, { maxLength: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(lists, { minLength: 5, maxLength: 20 }), async (changes) => {
        const stores = [createMemoryStore(), await emptied()];
        for (const store of stores) await store.create(headerOf("s"), opening(headerOf("s")));
        let version = 1;
        let total: Total | undefined;
        for (const change of changes) {
          const entries = [allowed(version)];
          const [one, other] = await Promise.all(stores.map((store) => store.commit("s", version, { entries, ...change })));
          expect(other).toEqual(one);
          if (one?.ok !== true) continue;
          version = one.value;
          for (const each of change.takes) if (each.counter === "total") total = addTo(total ?? noTotal, each.amount);
          for (const each of change.gives)
            if (each.counter === "total" && total !== undefined) total = addTo(total, -each.amount);
        }
        const { rows } = await run("SELECT sum, lost FROM sluice.counters WHERE id = 'total' AND sum IS NOT NULL");
        expect(rows).toEqual(total === undefined ? [] : [total]);
      }),
      { numRuns: 60 },
    );
  });

  it("joins labels of names of every kind, and of resources whose names no index could hold, as the store in memory does", async () => {
    const text = fc.constantFrom("", " ", "a", "a b", "\u0000", "\uffff", "\u{1f600}", "\ud800", "~", "!", "{", '"', "\\", ",");
    const names = fc.uniqueArray(text, { maxLength: 4 }).map((all) => [...all].sort());
    const label = fc.record(
      { sources: names, readers: fc.option(names, { nil: null }), untrusted: names },
      { requiredKeys: ["sources", "readers"] },
    );
    const key = fc.oneof(
      text,
      fc
        .tuple(fc.constantFrom("x", "\u{1f600}"), fc.constantFrom(599, 600, 601, 9_000), text)
        .map(([unit, times, end]) => unit.repeat(times) + end),
    );
    const step = fc.record({ context: label, resources: fc.array(fc.record({ key, label }), { maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.array(key, { maxLength: 3 }), async (steps, asked) => {
        const stores = [createMemoryStore(), await emptied()];
        for (const store of stores) await store.create(headerOf("s"), opening(headerOf("s")));
        for (const [i, change] of steps.entries()) {
          const all = await Promise.all(
            stores.map(async (store) => [
              await store.commit("s", i + 1, { entries: [allowed(i)], ...change }),
              await store.contextOf("s"),
              await store.labelsOf({ keys: [...asked, change.resources[0]?.key ?? ""], prefixes: [] }),
              await store.labelsOf({ keys: [], prefixes: asked }),
            ]),
          );
          expect(all[1]).toEqual(all[0]);
        }
      }),
      { numRuns: 60 },
    );
  });

  describe("with several connections", () => {
    it("gives a budget of one to one of 100 callers in two pools, and 30 more to 30 of them", async () => {
      await emptied();
      const pools = [await open({ poolMax: 6 }), await open({ poolMax: 6 })];
      const ids = Array.from({ length: 100 }, (_, i) => `s${i}`);
      const [first] = pools;
      for (const id of ids) await first?.create(headerOf(id, { conversation: "c" }), opening(headerOf(id)));
      const change = (i: number, max: number): Change => {
        const base = { run: 0, amount: 1, max, at: 1 };
        const takes = [
          { ...base, counter: "total" },
          { ...base, counter: "window", windowMs: 10 },
        ];
        return {
          entries: [allowed(0)],
          // In both orders: whoever locked them as they come would wait for each other.
          takes: i % 2 === 0 ? takes : [...takes].reverse(),
          resources: ["r", "q"].map((key) => ({ key, label: { sources: [`${i}`], readers: null } })),
          context: { sources: [`${i}`], readers: null },
        };
      };
      const versions = ids.map(() => 1);
      for (const max of [1, 31]) {
        const before = versions.reduce((sum, version) => sum + version - 1, 0);
        const answers = await Promise.all(ids.map((id, i) => pools[i % 2]?.commit(id, versions[i] ?? 0, change(i, max))));
        for (const [i, answer] of answers.entries()) if (answer?.ok) versions[i] = answer.value;
        expect(answers.filter((answer) => answer?.ok)).toHaveLength(max - before);
        expect(answers.filter((answer) => answer?.ok === false && answer.error.kind === "budget")).toHaveLength(
          100 - max + before,
        );
      }
      const { rows } = await run("SELECT deadlocks::integer AS deadlocks FROM pg_stat_database WHERE datname = 'postgres'");
      expect(rows[0]?.deadlocks).toBe(0);
    });

    it("joins the labels that all of them raise, and lets one of many create a session", async () => {
      const store = await emptied();
      const made = await Promise.all(Array.from({ length: 20 }, () => store.create(headerOf("s"), opening(headerOf("s")))));
      expect(made.filter(({ ok }) => ok)).toHaveLength(1);
      const ids = Array.from({ length: 20 }, (_, i) => `t${i}`);
      for (const id of ids) await store.create(headerOf(id, { conversation: "c" }), opening(headerOf(id)));
      const label = (i: number) => ({ sources: [`${i % 10}`], readers: ["ada", `only ${i}`] });
      await Promise.all(
        ids.map((id, i) =>
          store.commit(id, 1, { entries: [allowed(0)], context: label(i), resources: [{ key: "r", label: label(i) }] }),
        ),
      );
      const joined = { ok: true, value: { sources: Array.from({ length: 10 }, (_, i) => `${i}`), readers: ["ada"] } };
      expect(await store.contextOf("c")).toEqual(joined);
      expect(await store.labelsOf({ keys: ["r"], prefixes: [] })).toEqual(joined);
    });

    it("shows no line of the journal before its transaction ends, and puts what began before and ended after behind what was seen", async () => {
      const store = await emptied({ journal: true });
      for (const id of ["s", "t"]) await store.create(headerOf(id), opening(headerOf(id)));
      const late = new pg.Client(server.url);
      await late.connect();
      await late.query("BEGIN");
      const text = JSON.stringify({ entries: [{ e: '{"at":1,"type":"close"}' }] });
      await late.query("SELECT sluice.commit_1($1, 1, $2, '1s', true)", ["s", text]);
      expect(await store.commit("t", 1, { entries: [allowed(7)] })).toEqual({ ok: true, value: 2 });
      const seen = await store.journal({ limit: 9 });
      expect(seen.ok && seen.value.map(({ session, number }) => [session, number])).toEqual([
        ["s", 0],
        ["t", 0],
        ["t", 1],
      ]);
      await late.query("COMMIT");
      await late.end();
      const after = (seen.ok && seen.value.at(-1)?.cursor) || "";
      const rest = await store.journal({ limit: 9, after });
      expect(rest.ok && rest.value.map(({ session, number }) => [session, number])).toEqual([["s", 1]]);
    });

    it("waits for who holds a session no longer than it was told, and says so", async () => {
      await emptied();
      const store = await open({ lockMs: 50 });
      await store.create(headerOf("s"), opening(headerOf("s")));
      const holder = new pg.Client(server.url);
      await holder.connect();
      await holder.query("BEGIN");
      await holder.query("SELECT 1 FROM sluice.sessions FOR UPDATE");
      expect(await store.commit("s", 1, { entries: [allowed(0)] })).toEqual({
        ok: false,
        error: { kind: "unavailable", detail: "postgres 55P03" },
      });
      expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
      await holder.query("COMMIT");
      await holder.end();
      expect(await store.commit("s", 1, { entries: [allowed(0)] })).toEqual({ ok: true, value: 2 });
    });

    it("relies on no session: nothing is prepared by name, and nothing that it sets outlives its statement", async () => {
      await emptied();
      const pool = new pg.Pool({ connectionString: server.url, max: 1 });
      const one = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
      const store = await createPostgresStore(one, { journal: true });
      await store.create(headerOf("s"), opening(headerOf("s")));
      const take = { counter: "c", run: 0, amount: 1, max: 0, at: 1 };
      await store.commit("s", 1, { entries: [allowed(0)], takes: [take] });
      await store.journal({ limit: 1 });
      await store.expire(0, 1);
      const { rows } = await pool.query(
        "SELECT (SELECT count(*)::integer FROM pg_prepared_statements) AS prepared, current_setting('lock_timeout') AS lock, current_setting('synchronous_commit') AS durability",
      );
      expect(rows).toEqual([{ prepared: 0, lock: "0", durability: "on" }]);
      await store.close();
    });
  });

  describe("what it holds", () => {
    it("is found again by another process, of which nothing was told", async () => {
      const first = await emptied();
      await first.create(headerOf("s"), opening(headerOf("s")));
      await first.commit("s", 1, { entries: [allowed(0)], context: { sources: ["web"], readers: ["ada"] } });
      const second = await open();
      const value = { header: headerOf("s"), version: 2, entries: [allowed(0)], context: { sources: ["web"], readers: ["ada"] } };
      expect(await second.load("s", 1)).toEqual({ ok: true, value });
    });

    it("is refused where it was damaged, or events were taken away", async () => {
      const store = await emptied();
      for (const id of ["s", "t"]) {
        await store.create(headerOf(id), opening(headerOf(id)));
        await store.commit(id, 1, { entries: [allowed(0)] });
      }
      await run(`UPDATE sluice.events SET event = '{"type":"allow","type":"deny"}' WHERE session = 's' AND number = 1`);
      await run("DELETE FROM sluice.events WHERE session = 't' AND number = 0");
      for (const id of ["s", "t"])
        expect(await store.load(id, 0)).toEqual({ ok: false, error: { kind: "unavailable", detail: "assertion" } });
    });

    it("loses no event to a session that is forgotten while it is written to", async () => {
      const store = await emptied({ journal: true });
      const { value: lines } = (await store.journal({ limit: 99 })) as { readonly value: readonly unknown[] };
      expect(lines).toEqual([]);
      for (let round = 0; round < 20; round++) {
        const id = `s${round}`;
        await store.create(headerOf(id), opening(headerOf(id)));
        const page = await store.journal({ limit: 9 });
        await store.trimJournal((page.ok && page.value.at(-1)?.cursor) || "");
        const [written, gone] = await Promise.all([store.commit(id, 1, { entries: [allowed(0)] }), store.expire(2_000, 9)]);
        if (written.ok)
          expect(await store.journal({ limit: 9 })).toMatchObject({ ok: true, value: [{ session: id, number: 1 }] });
        else expect([written.error.kind, gone]).toEqual(["unknown", { ok: true, value: 1 }]);
        await store.trimJournal("999999999");
        await store.expire(2_000, 9);
        const { rows } = await run("SELECT count(*)::integer AS events FROM sluice.events");
        expect(rows).toEqual([{ events: 0 }]);
      }
    });
  });
});
