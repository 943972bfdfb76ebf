/**
 * An audit log in PostgreSQL: any number of processes may read it, and write it one at a time. The connection is passed in, as a `Kysely`.
 * Never changes a record; answers only after a transaction is committed. A driver's error text is never kept or shown.
 */
import { CompiledQuery, type Kysely } from "kysely";
import { canonicalJson } from "../json/canonical.ts";
import { ConfigError, err, ok } from "../result.ts";
import { jsonOf, orderKey } from "../stores/columns.ts";
import { guarded, openingError } from "../stores/postgres/failure.ts";
import { type PostgresSchemaOptions, prepareSchema } from "../stores/postgres/schema.ts";
import type { Answer, AuditFailure, AuditLog, SubjectKey } from "./log.ts";
import { columnsOf } from "./postgres/columns.ts";
import { auditSteps } from "./postgres/schema.ts";
import { type Dialect, findStatements, isFull, pageOf } from "./sql-find.ts";

export { auditGrantsFor } from "./postgres/schema.ts";

/** Options of the log. The schema's default is `sluice_audit`. */
export interface PostgresAuditOptions extends PostgresSchemaOptions {
  /** Milliseconds that a change waits for another; then it fails with `unavailable`. Default 2,000. */
  readonly lockMs?: number;
}

/** Runs one statement; numbers may come as texts. */
type Run = <R>(statement: string, values?: readonly unknown[]) => Promise<readonly R[]>;

/**
 * Makes a log of a connection: checks the server, and makes or migrates the tables. `close` ends the connection. Rejects with `ConfigError`.
 * @example const log = await createPostgresAuditLog(new Kysely({ dialect: new PostgresDialect({ pool: new Pool() }) }));
 */
export async function createPostgresAuditLog<T>(host: Kysely<T>, options: PostgresAuditOptions = {}): Promise<AuditLog> {
  const { schema = "sluice_audit", lockMs = 2_000 } = options;
  if (!Number.isInteger(lockMs) || lockMs < 1 || lockMs > 60_000)
    throw new ConfigError("`lockMs` must be an integer from 1 to 60000");
  const db = host.withoutPlugins();
  try {
    await prepareSchema(db as unknown as Parameters<typeof prepareSchema>[0], { ...options, schema }, auditSteps);
  } catch (error) {
    throw openingError(error);
  }
  const run: Run = async <R>(statement: string, values: readonly unknown[] = []) =>
    (await db.executeQuery(CompiledQuery.raw(statement, [...values]))).rows as readonly R[];
  const access = { run, schema, lock: `${lockMs}ms` };
  return { ...recordsIn(access), ...documentsIn(access), ...keysIn(access), close: () => host.destroy() };
}

interface Access {
  readonly run: Run;
  readonly schema: string;
  readonly lock: string;
}

interface Row {
  readonly seq: string | number;
  readonly text: string;
}

function recordsIn({ run, schema: s, lock }: Access): Pick<AuditLog, "head" | "append" | "read" | "find" | "openings"> {
  const dialect: Dialect = {
    table: `${s}.records`,
    place: (i) => `$${i}`,
    keysOf: (text) => [orderKey(text)],
    contains: (place) => `pg_catalog.strpos(pg_catalog.lower(text COLLATE "C"), ${place}) > 0`,
  };
  return {
    head: () =>
      guarded(async () => {
        const [row] = await run<Row>(`SELECT seq, text FROM ${s}.records ORDER BY seq DESC LIMIT 1`);
        return ok(row === undefined ? { size: 0 } : { size: Number(row.seq) + 1, last: row.text });
      }),
    append: ({ first, records, openings }) =>
      guarded<undefined, AuditFailure>(async () => {
        const rows = records.map((text) => [text, ...columnsOf(text)]);
        const kept = openings.map(({ seq, name, sealed }) => [seq, name, sealed]);
        const values = [first, canonicalJson(rows), canonicalJson(kept), lock];
        const [answer] = await run<{ readonly answer: unknown }>(`SELECT ${s}.append_1($1, $2, $3, $4) AS answer`, values);
        return answer?.answer === "ok" ? ok(undefined) : err({ kind: "conflict" });
      }),
    read: (from, limit) =>
      guarded(async () => {
        const rows = await run<Row>(`SELECT text FROM ${s}.records WHERE seq >= $1 ORDER BY seq LIMIT $2`, [from, limit]);
        return ok(rows.map(({ text }) => text));
      }),
    find: (query) =>
      guarded(async () => {
        if (query.kind?.length === 0) return ok({ records: [], scannedTo: 0 });
        const { page, floor } = findStatements(query, dialect);
        const rows = (await run<Row>(page.sql, page.values)).map(({ seq, text }) => ({ seq: Number(seq), text }));
        const [last] = isFull(query, rows) ? [] : await run<Row>(floor.sql, floor.values);
        return ok(pageOf(query, rows, last === undefined ? undefined : Number(last.seq)));
      }),
    openings: (from, until) =>
      guarded(async () => {
        const rows = await run<Row & { readonly name: string; readonly sealed: string }>(
          `SELECT seq, name, sealed FROM ${s}.openings WHERE seq >= $1 AND seq < $2 ORDER BY seq, name COLLATE "C"`,
          [from, until],
        );
        return ok(rows.map(({ seq, name, sealed }) => ({ seq: Number(seq), name, sealed })));
      }),
  };
}

function documentsIn({ run, schema: s }: Access): Pick<AuditLog, "addCheckpoint" | "checkpoints" | "savePlan" | "loadPlan"> {
  return {
    addCheckpoint: (jws) =>
      guarded(async () => {
        await run(`INSERT INTO ${s}.checkpoints (jws) VALUES ($1)`, [jws]);
        return ok(undefined);
      }),
    checkpoints: () =>
      guarded(async () => {
        const rows = await run<{ readonly jws: string }>(`SELECT jws FROM ${s}.checkpoints ORDER BY number`);
        return ok(rows.map(({ jws }) => jws));
      }),
    savePlan: (digest, text) =>
      guarded(async () => {
        // As JSON: a text may have U+0000, which PostgreSQL has not.
        await run(`INSERT INTO ${s}.plans VALUES ($1, $2) ON CONFLICT DO NOTHING`, [digest, canonicalJson(text)]);
        return ok(undefined);
      }),
    loadPlan: (digest) =>
      guarded(async () => {
        const [row] = await run<{ readonly text: string }>(`SELECT text FROM ${s}.plans WHERE digest = $1`, [digest]);
        return ok(row === undefined ? undefined : String(jsonOf(row.text)));
      }),
  };
}

interface KeyRow {
  readonly subject: string;
  readonly name_index: string;
  readonly sealed: string;
}

function keysIn({ run, schema: s, lock }: Access): Pick<AuditLog, "addKey" | "key" | "deleteKey"> {
  return {
    addKey: ({ subject, index, sealed }: SubjectKey): Answer<undefined> =>
      guarded<undefined, AuditFailure>(async () => {
        const added = await run(
          `INSERT INTO ${s}.subjects (subject, name_index, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING subject`,
          [subject, index, sealed],
        );
        return added.length === 1 ? ok(undefined) : err({ kind: "conflict" });
      }),
    key: (by) =>
      guarded(async () => {
        const asked = "subject" in by ? [by.subject, null] : [null, by.index];
        const [row] = await run<KeyRow>(`SELECT * FROM ${s}.key_1($1, $2, $3)`, [...asked, lock]);
        return ok(row === undefined ? undefined : { subject: row.subject, index: row.name_index, sealed: row.sealed });
      }),
    deleteKey: (subject) =>
      guarded(async () => {
        await run(`SELECT ${s}.delete_key_1($1, $2)`, [subject, lock]);
        return ok(undefined);
      }),
  };
}
