/**
 * The store in PostgreSQL: any number of processes may share it. The connection is passed in, as a `Kysely`.
 * Never writes outside one transaction, and answers only after it is committed. A driver's error text is never kept or shown.
 */
import { CompiledQuery, type Kysely, type RawBuilder, sql } from "kysely";
import { canonicalJson } from "../json/canonical.ts";
import { assert, ConfigError, err, ok, type Result } from "../result.ts";
import { columnsOf, entryOf, jsonOf, orderKey, orderKeyEnd, textOfOrderKey } from "./columns.ts";
import { guarded, openingError } from "./postgres/failure.ts";
import { changeText, type HeaderColumns, headerOf, labelOf, type LineColumns, lineOf, recordOf } from "./postgres/rows.ts";
import { type LabelColumns, type PostgresSchemaOptions, prepareSchema, type Tables } from "./postgres/schema.ts";
import {
  badCursor,
  type Change,
  type ContextLabel,
  type Entry,
  isSoundChange,
  isSoundWrite,
  type JournalOption,
  type JournalPage,
  joinRecorded,
  noJournal,
  numberOfCursor,
  type OpenStore,
  type RecordPage,
  type RecordWrite,
  type ResourceQuery,
  revokedPart,
  type SessionHeader,
  type Store,
  type StoredRecord,
  type StoredSession,
  type StoreFailure,
} from "./store.ts";

export { grantsFor, type PostgresSchemaOptions } from "./postgres/schema.ts";

/** Options of the PostgreSQL store. */
export interface PostgresStoreOptions extends PostgresSchemaOptions, JournalOption {
  /** Milliseconds that a change waits for another that holds the same session or counter; then it fails with `unavailable`. Default 2,000. */
  readonly lockMs?: number;
}

/** What every method needs. */
interface Access {
  readonly db: Kysely<Tables>;
  readonly schema: string;
  readonly lock: string;
  readonly journal: boolean;
}

/**
 * Makes a store of a connection: checks the server, and makes or migrates the tables. Any dialect of `kysely` for PostgreSQL will do; plugins
 * of the host are left aside. `close` ends the connection. Rejects with `ConfigError`. A pool of `pg` must be listened to (`pool.on("connect",
 * (client) => client.on("error", …))` and `pool.on("error", …)`): a connection that breaks ends the process otherwise.
 * @example const store = await createPostgresStore(new Kysely({ dialect: new PostgresDialect({ pool: new Pool() }) }));
 */
export async function createPostgresStore<T>(host: Kysely<T>, options: PostgresStoreOptions = {}): Promise<OpenStore> {
  const { schema = "sluice", lockMs = 2_000, journal = false } = options;
  if (!Number.isInteger(lockMs) || lockMs < 1 || lockMs > 60_000)
    throw new ConfigError("`lockMs` must be an integer from 1 to 60000");
  const db = host.withoutPlugins() as unknown as Kysely<Tables>;
  try {
    await prepareSchema(db, options);
  } catch (error) {
    throw openingError(error);
  }
  const access: Access = { db: db.withSchema(schema), schema, lock: `${lockMs}ms`, journal };
  return {
    ...sessionMethods(access),
    ...recordMethods(access),
    ...documentMethods(access),
    ...labelMethods(access),
    ...journalMethods(access),
    close: () => host.destroy(),
  };
}

/** Calls a function of the schema: no statement is named, so that a pooler may give each its own connection. */
async function call<R>({ db, schema }: Access, name: string, values: readonly unknown[]): Promise<readonly R[]> {
  const places = values.map((_, i) => `$${i + 1}`).join(", ");
  const { rows } = await db.executeQuery(CompiledQuery.raw(`SELECT * FROM ${schema}.${name}(${places}) AS answer`, [...values]));
  return rows as readonly R[];
}

/** As {@link call}, for a function that gives one value. */
async function answerOf(access: Access, name: string, values: readonly unknown[]): Promise<unknown> {
  const [row] = await call<{ readonly answer: unknown }>(access, name, values);
  assert(row !== undefined, "a function answers");
  return row.answer;
}

/** A number of events, as a column holds it; what is none is none of a session's. */
function eventNumber(version: number): number {
  return Number.isInteger(version) && version >= 0 && version < 2 ** 31 ? version : -1;
}

function sessionMethods(access: Access): Pick<Store, "create" | "load" | "commit" | "list" | "expire"> {
  return {
    create: (header, opening) =>
      guarded(async () => {
        const answer = await answerOf(access, "create_1", [...valuesOf(header, opening), access.lock, access.journal]);
        return answer === "ok" ? ok(undefined) : err({ kind: "exists" });
      }),
    load: (session, since) => guarded(() => load(access, session, since)),
    commit: (session, version, change) => guarded(() => commit(access, session, { version, change })),
    list: (limit) =>
      guarded(async () => {
        const rows = await access.db
          .selectFrom("sessions")
          .selectAll()
          .orderBy("opened", "desc")
          .orderBy("id")
          .limit(limit)
          .execute();
        return ok(rows.map((row) => ({ header: headerOf(row), version: row.version, isClosed: row.closed })));
      }),
    expire: (before, limit) =>
      // NaN is the greatest number there, and would forget everything.
      Number.isNaN(before)
        ? Promise.resolve(ok(0))
        : guarded(async () => ok((await answerOf(access, "expire_1", [String(before), limit, access.lock])) as number)),
  };
}

function valuesOf(
  { id, plan, principal, conversation, tokenDigest, openedAt, expiresAt }: SessionHeader,
  opening: Entry,
): unknown[] {
  const names = [id, plan, principal, conversation, tokenDigest].map(orderKey);
  return [...names, String(openedAt), String(expiresAt), ...columnsOf(opening)];
}

type LoadedColumns = HeaderColumns &
  LabelColumns & {
    readonly version: number;
    readonly r_plan: string | null;
    readonly r_session: string | null;
    readonly r_principal: string | null;
  };

async function load(access: Access, session: string, since: number): Promise<Result<StoredSession, StoreFailure>> {
  const id = orderKey(session);
  const [row, ...events] = await call<LoadedColumns>(access, "load_1", [
    id,
    Math.min(Math.max(0, Math.trunc(since)), 2 ** 31 - 1),
  ]);
  if (row === undefined) return err({ kind: "unknown" });
  const { version } = row;
  assert(events.length === Math.max(0, version - since), "every event of a session is kept");
  const header = headerOf({ ...row, id });
  const context = labelOf(row);
  const values: Readonly<Record<string, string | null>> = {
    [`plan:${header.plan}`]: row.r_plan,
    [`session:${header.id}`]: row.r_session,
    [`principal:${header.principal}`]: row.r_principal,
  };
  const revoked = revokedPart(header, (record) => {
    const value = values[record];
    return typeof value === "string" ? (jsonOf(value) as StoredRecord["value"]) : undefined;
  });
  return ok({
    header,
    version,
    entries: events.map(entryOf),
    ...(context === undefined ? {} : { context }),
    ...(revoked === undefined ? {} : { revoked }),
  });
}

async function commit(
  access: Access,
  session: string,
  { version, change }: { readonly version: number; readonly change: Change },
): Promise<Result<number, StoreFailure>> {
  assert(isSoundChange(change), "a change has events, and finite amounts");
  const values = [orderKey(session), eventNumber(version), changeText(change), access.lock, access.journal];
  const answer = await answerOf(access, "commit_1", values);
  if (answer === "ok") return ok(version + change.entries.length);
  if (answer === "unknown" || answer === "conflict") return err({ kind: answer });
  const take = change.takes?.[Number(/^budget (\d+)$/.exec(String(answer))?.[1])];
  assert(take !== undefined, "a change is refused for a counter that it takes from");
  return err({ kind: "budget", counter: take.counter });
}

function recordMethods({ db }: Access): Pick<Store, "record" | "records" | "writeRecord" | "forgetRecords"> {
  return {
    record: (kind, id) =>
      guarded(async () => {
        const query = db.selectFrom("records").selectAll().where("kind", "=", orderKey(kind)).where("id", "=", orderKey(id));
        const row = await query.executeTakeFirst();
        return ok(row === undefined ? undefined : recordOf(row));
      }),
    records: (kind, page) => guarded(async () => ok(await recordsIn(db, kind, page))),
    writeRecord: (write) => guarded(() => writeRecord(db, write)),
    forgetRecords: (kind, before, limit) =>
      guarded(async () => {
        const ofKind = orderKey(kind);
        const first = db.selectFrom("records").select("id").where("kind", "=", ofKind).where("id", "<", orderKey(before));
        const gone = first.orderBy("id").limit(limit).forUpdate();
        const [deleted] = await db.deleteFrom("records").where("kind", "=", ofKind).where("id", "in", gone).execute();
        return ok(Number(deleted?.numDeletedRows ?? 0));
      }),
  };
}

async function recordsIn(
  db: Kysely<Tables>,
  kind: string,
  { limit, after, prefix = "" }: RecordPage,
): Promise<readonly StoredRecord[]> {
  const from = orderKey(prefix);
  const all = db.selectFrom("records").selectAll().where("kind", "=", orderKey(kind));
  const begun = all.where("id", ">=", from).where("id", "<", orderKeyEnd(from));
  const rest = after === undefined ? begun : begun.where("id", ">", orderKey(after));
  const rows = await rest.orderBy("id").limit(limit).execute();
  return rows.map(recordOf);
}

async function writeRecord(db: Kysely<Tables>, write: RecordWrite): Promise<Result<number, StoreFailure>> {
  assert(isSoundWrite(write), "a record has a version");
  const { version } = write;
  const [kind, id, value, next] = [orderKey(write.kind), orderKey(write.id), canonicalJson(write.value), String(version + 1)];
  const added = db.insertInto("records").values({ kind, id, version: next, value });
  const changed = db.updateTable("records").set({ version: next, value }).where("kind", "=", kind).where("id", "=", id);
  const written =
    version === 0
      ? await added
          .onConflict((on) => on.doNothing())
          .returning("version")
          .execute()
      : await changed.where("version", "=", String(version)).returning("version").execute();
  return written.length === 0 ? err({ kind: "conflict" }) : ok(version + 1);
}

function documentMethods({ db }: Access): Pick<Store, "saveDocument" | "loadDocument" | "listDocuments"> {
  return {
    saveDocument: (kind, digest, text) =>
      guarded(async () => {
        const row = { kind, digest: orderKey(digest), text: canonicalJson(text) };
        await db
          .insertInto("documents")
          .values(row)
          .onConflict((on) => on.doNothing())
          .execute();
        return ok(undefined);
      }),
    loadDocument: (kind, digest) =>
      guarded(async () => {
        const query = db.selectFrom("documents").select("text").where("kind", "=", kind).where("digest", "=", orderKey(digest));
        const row = await query.executeTakeFirst();
        return ok(row === undefined ? undefined : (jsonOf(row.text) as string));
      }),
    listDocuments: (kind) =>
      guarded(async () => {
        const rows = await db.selectFrom("documents").select("digest").where("kind", "=", kind).orderBy("digest").execute();
        return ok(rows.map(({ digest }) => textOfOrderKey(digest)));
      }),
  };
}

function labelMethods({ db, schema }: Access): Pick<Store, "contextOf" | "labelsOf"> {
  const columns = ["sources", "readers", "untrusted"] as const;
  return {
    contextOf: (conversation) =>
      guarded(async () => {
        const query = db.selectFrom("conversations").select(columns).where("id", "=", orderKey(conversation));
        const row = await query.executeTakeFirst();
        return ok(row === undefined ? undefined : labelOf(row));
      }),
    labelsOf: (query) =>
      guarded(async () => {
        if (query.keys.length + query.prefixes.length === 0) return ok(undefined);
        const { rows } = await labelsIn(schema, query).execute(db);
        return ok(
          rows.reduce((joined: ContextLabel | undefined, row) => {
            const label = labelOf(row);
            return label === undefined ? joined : joinRecorded(joined, label);
          }, undefined),
        );
      }),
  };
}

/** The labels of resources, each different one once. A key is looked up by its first 600 characters, which are what the index has. */
function labelsIn(schema: string, { keys, prefixes }: ResourceQuery): RawBuilder<LabelColumns> {
  const resources = sql.table(`${schema}.resources`);
  // As text first: some drivers write JSON themselves for what they take for JSON.
  const texts = (all: readonly string[]): string => JSON.stringify(all.map(orderKey));
  return sql<LabelColumns>`
    SELECT r.sources, r.readers, r.untrusted FROM json_array_elements_text(${texts(keys)}::text::json) AS k(name)
      JOIN ${resources} r ON r.head = left(k.name, 600) AND r.key = k.name
    UNION
    SELECT r.sources, r.readers, r.untrusted FROM json_array_elements_text(${texts(prefixes)}::text::json) AS p(name)
      JOIN ${resources} r ON r.head >= left(p.name, 600) AND r.head < left(p.name, 600) || chr(127)
        AND r.key >= p.name AND r.key < p.name || chr(127)`;
}

function journalMethods(access: Access): Pick<Store, "note" | "journal" | "trimJournal"> {
  const { db, journal, lock } = access;
  return {
    note: (facts) =>
      guarded(async () => {
        const note = canonicalJson(facts);
        if (journal) await db.insertInto("journal").values({ note }).execute();
        return ok(undefined);
      }),
    journal: ({ limit, after = "0" }: JournalPage) =>
      guarded(async () => {
        if (!journal) return err(noJournal);
        if (numberOfCursor(after) === undefined) return err(badCursor);
        const rows = await call<LineColumns>(access, "journal_1", [after, limit, lock]);
        return ok(rows.map(lineOf));
      }),
    trimJournal: (upTo) =>
      guarded(async () => {
        if (!journal) return err(noJournal);
        if (numberOfCursor(upTo) === undefined) return err(badCursor);
        await db.deleteFrom("journal").where("position", "<=", upTo).execute();
        return ok(undefined);
      }),
  };
}
