/** A database in which others may make functions and operators: none of theirs is ever called in the name of the store. */
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPostgresStore } from "../../src/stores/postgres/open.ts";
import type { OpenStore } from "../../src/stores/store.ts";
import { type Postgres, postgresProgram, startPostgres } from "../services/postgres.ts";
import { describeWith } from "../services/service.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

/**
 * What fits better than what the system has, which takes any array or the nearest type: without a word of the caller, PostgreSQL would call
 * these (CVE-2018-1058).
 */
const traps = [
  "CREATE TABLE public.trapped (name text)",
  ...[
    ["unnest(x text[]) RETURNS SETOF text", "SELECT 'nobody'::text"],
    ["contains(a text[], b text[]) RETURNS boolean", "SELECT true"],
    ["contained(a text[], b text[]) RETURNS boolean", "SELECT true"],
    ["both(a text[], b text[]) RETURNS text[]", "SELECT a"],
    ["least_of(a numeric, b text) RETURNS boolean", "SELECT true"],
    ["generate_series(a integer, b bigint) RETURNS SETOF integer", "SELECT a"],
    ["hashtextextended(a text, b integer) RETURNS bigint", "SELECT 1::bigint"],
    ["set_config(a text, b varchar, c boolean) RETURNS text", "SELECT b::text"],
    ["cardinality(a text[]) RETURNS integer", "SELECT 7"],
  ].map(
    ([head, body]) =>
      `CREATE FUNCTION public.${head} LANGUAGE sql VOLATILE AS $$ INSERT INTO public.trapped VALUES ('${head?.split("(")[0]}'); ${body} $$`,
  ),
  "CREATE OPERATOR public.@> (LEFTARG = text[], RIGHTARG = text[], FUNCTION = public.contains)",
  "CREATE OPERATOR public.<@ (LEFTARG = text[], RIGHTARG = text[], FUNCTION = public.contained)",
  "CREATE OPERATOR public.|| (LEFTARG = text[], RIGHTARG = text[], FUNCTION = public.both)",
];

describeWith(postgresProgram, "a PostgreSQL database in which others make what fits better than the system's own", () => {
  let server: Postgres;
  let client: pg.Client;
  let store: OpenStore;

  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client(server.url);
    await client.connect();
    for (const trap of traps) await client.query(trap);
    store = await openPostgresStore(server.url, { journal: true });
  });
  afterAll(async () => {
    await store?.close();
    await client?.end();
    await server?.stop();
  });

  it("raises labels, takes, lists and forgets by the system's own, and calls nothing of theirs", async () => {
    const header = { ...headerOf("s"), conversation: "c" };
    await store.create(header, opening(header));
    const label = (source: string, readers: readonly string[]) => ({ sources: [source], readers, untrusted: [source] });
    for (const [i, source] of ["web", "mail"].entries()) {
      const said = label(source, i === 0 ? ["ada", "bob"] : ["bob"]);
      const take = { counter: "w", run: i, amount: 1, max: 2, at: 1_000, windowMs: 100 };
      const change = { context: said, resources: [{ key: "r", label: said }], takes: [take] };
      expect(await store.commit("s", i + 1, { entries: [allowed(i)], ...change })).toEqual({ ok: true, value: i + 2 });
    }
    const joined = { ok: true, value: { sources: ["mail", "web"], readers: ["bob"], untrusted: ["mail", "web"] } };
    expect(await store.contextOf("c")).toEqual(joined);
    expect(await store.labelsOf({ keys: ["r"], prefixes: ["r"] })).toEqual(joined);
    const lines = await store.journal({ limit: 9 });
    expect(lines.ok && lines.value.map(({ number }) => number)).toEqual([0, 1, 2]);
    await store.trimJournal(lines.ok ? (lines.value.at(-1)?.cursor ?? "") : "");
    expect(await store.expire(Number.MAX_SAFE_INTEGER, 9)).toEqual({ ok: true, value: 1 });
    expect((await client.query("SELECT * FROM public.trapped")).rows).toEqual([]);
  });
});
