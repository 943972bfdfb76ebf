/**
 * The tables of the PostgreSQL store, their version, and how they come to be.
 * Never changes tables that a newer Sluice has written, and never half.
 */
import { type Generated, type Kysely, sql } from "kysely";
import { ConfigError } from "../../result.ts";
import { functionsOf } from "./functions.ts";

/** Tables of the store, as `kysely` needs to know them. Names are kept by `orderKey`, JSON as text. */
export interface Tables {
  sessions: {
    id: string;
    plan: string;
    principal: string;
    conversation: string;
    token: string;
    opened: string;
    expires: string;
    closed: boolean;
    version: number;
  };
  events: { session: string; number: number; event: string; value: string | null; facts: string | null };
  conversations: LabelColumns & { id: string };
  documents: { kind: string; digest: string; text: string };
  records: { kind: string; id: string; version: string; value: string };
  resources: LabelColumns & { head: string; tail: Uint8Array; key: string };
  journal: {
    seq: Generated<string>;
    position: string | null;
    session: string | null;
    number: number | null;
    note: string | null;
  };
  state: { version: number; ended: string };
}

/** Columns of a label. */
export interface LabelColumns {
  sources: string[] | null;
  readers: string[] | null;
  untrusted: string[] | null;
}

/**
 * `text` is compared by its bytes (`COLLATE "C"`): every name is ASCII and sorts as its UTF-16 units do. JSON is text, since `jsonb`
 * forgets digits and cannot hold U+0000. Counters and sessions are updated in place (HOT), for which their pages have room.
 */
function tablesOf(schema: string): readonly string[] {
  const name = 'text COLLATE "C" NOT NULL';
  const label = "sources text[] NOT NULL, readers text[], untrusted text[]";
  return [
    `sessions (id ${name} PRIMARY KEY, plan ${name}, principal ${name}, conversation ${name}, token ${name},
      opened numeric NOT NULL, expires numeric NOT NULL, closed boolean NOT NULL DEFAULT false, version integer NOT NULL)
      WITH (fillfactor = 80)`,
    `events (session ${name}, number integer NOT NULL, event text NOT NULL, value text, facts text, PRIMARY KEY (session, number))`,
    `conversations (id ${name} PRIMARY KEY, ${label})`,
    `counters (id ${name} PRIMARY KEY, sum float8, lost float8) WITH (fillfactor = 50)`,
    `spent (counter ${name}, seq bigint GENERATED ALWAYS AS IDENTITY, at float8 NOT NULL, session ${name}, run bigint NOT NULL,
      amount float8 NOT NULL, PRIMARY KEY (counter, seq))`,
    `documents (kind ${name}, digest ${name}, text text NOT NULL, PRIMARY KEY (kind, digest))`,
    `records (kind ${name}, id ${name}, version bigint NOT NULL, value text NOT NULL, PRIMARY KEY (kind, id))`,
    `resources (head ${name}, tail bytea NOT NULL, key ${name}, ${label}, PRIMARY KEY (head, tail))`,
    `journal (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, position bigint, session text COLLATE "C", number integer, note text)`,
  ].map((table) => `CREATE TABLE ${schema}.${table}`);
}

const indexes = [
  "sessions_opened ON sessions (opened DESC, id)",
  "sessions_expires ON sessions (expires)",
  "journal_position ON journal (position) WHERE position IS NOT NULL",
  "journal_fresh ON journal (seq) WHERE position IS NULL",
  "journal_session ON journal (session) WHERE session IS NOT NULL",
];

/** What takes the tables of a schema from one version to the next: statements, run in one transaction. */
export type Step = (schema: string) => readonly string[];

/** Step `i` makes version `i + 1` of version `i`; version 0 is nothing. A step that was released is never changed. */
export const steps: readonly Step[] = [
  (schema) => [
    ...tablesOf(schema),
    ...indexes.map((index) => `CREATE INDEX ${index.replace(" ON ", ` ON ${schema}.`)}`),
    ...functionsOf(schema),
  ],
];

/** How the tables are come by. */
export interface PostgresSchemaOptions {
  /** Name of the schema that holds the tables. Default `sluice`. */
  readonly schema?: string;
  /** Whether to make or migrate the tables; if not, tables that are behind are an error. Default: yes. */
  readonly migrate?: boolean;
  /**
   * `power` (default): a commit is on the server's disk before it is acted on; a database with `synchronous_commit = off` is refused.
   * `process`: it is taken as it is; when the server crashes, the last commits may be gone, so that a call or a budget may be granted again.
   */
  readonly survives?: "power" | "process";
}

/** Name of a schema as it may stand in a statement without quotes. Throws `ConfigError`. */
export function schemaName(schema: string): string {
  if (!/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new ConfigError("`schema` must be a name of small letters, digits and underscores that does not begin with `pg_`");
  return schema;
}

/** What the server says of itself. */
interface Server {
  readonly number: number;
  readonly encoding: string;
  readonly durability: string;
  readonly isolation: string;
  readonly standby: boolean;
  readonly exists: boolean;
}

/** Checks the server and brings the tables to the version of this Sluice. Throws `ConfigError`, or what the driver throws. */
export async function prepareSchema(db: Kysely<Tables>, options: PostgresSchemaOptions, all = steps): Promise<void> {
  const { schema = "sluice", migrate = true, survives = "power" } = options;
  schemaName(schema);
  const { rows } = await sql<Server>`SELECT current_setting('server_version_num')::integer AS number,
    current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS durability,
    current_setting('transaction_isolation') AS isolation, pg_is_in_recovery() AS standby,
    to_regclass(${`${schema}.state`}) IS NOT NULL AS exists`.execute(db);
  const server = rows[0] as Server;
  if (server.number < 140_000) throw new ConfigError("PostgreSQL must be version 14 or newer");
  if (server.encoding !== "UTF8") throw new ConfigError("the database must have the encoding UTF8");
  if (server.isolation !== "read committed")
    throw new ConfigError("the connection must have `default_transaction_isolation` read committed");
  if (server.durability === "off" && survives === "power")
    throw new ConfigError("the database has `synchronous_commit` off: a crash would forget what was granted; see `survives`");
  const version = server.exists ? await versionOf(db, schema) : 0;
  if (version === all.length) return;
  if (version > all.length) throw tooNew(version, all);
  if (server.standby) throw new ConfigError("the server is a standby: nothing can be written to it");
  if (!migrate)
    throw new ConfigError(`the tables in schema ${schema} are of version ${version}, this Sluice needs version ${all.length}`);
  await migrateSchema(db, schema, all);
}

function tooNew(version: number, all: readonly Step[]): ConfigError {
  return new ConfigError(`the database has tables of version ${version}, this Sluice knows version ${all.length}`);
}

async function versionOf(db: Kysely<Tables>, schema: string): Promise<number> {
  const row = await db.withSchema(schema).selectFrom("state").select("version").executeTakeFirst();
  return row?.version ?? 0;
}

/** One transaction, one process at a time: whoever comes second finds the work done. */
async function migrateSchema(db: Kysely<Tables>, schema: string, all: readonly Step[]): Promise<void> {
  await db.transaction().execute(async (within) => {
    const run = (statement: string): Promise<unknown> => sql.raw(statement).execute(within);
    await run("SET LOCAL synchronous_commit = on");
    await sql`SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${`sluice ${schema}`}, 0))`.execute(within);
    const { rows } = await sql<{ readonly schema: boolean; readonly state: boolean }>`SELECT
      EXISTS (SELECT FROM pg_namespace WHERE nspname = ${schema}) AS schema,
      to_regclass(${`${schema}.state`}) IS NOT NULL AS state`.execute(within);
    if (rows[0]?.schema !== true) await run(`CREATE SCHEMA ${schema}`);
    if (rows[0]?.state !== true) {
      await run(`CREATE TABLE ${schema}.state (version integer NOT NULL, ended bigint NOT NULL)`);
      await run(`INSERT INTO ${schema}.state VALUES (0, 0)`);
    }
    const from = await versionOf(within, schema);
    if (from > all.length) throw tooNew(from, all);
    for (const step of all.slice(from)) for (const statement of step(schema)) await run(statement);
    if (from < all.length) await run(`UPDATE ${schema}.state SET version = ${all.length}`);
  });
}

/**
 * Statements that let a role use the tables and nothing more: what the role of a running store needs where `migrate` is off.
 * Throws `ConfigError` for names that would have to be quoted.
 */
export function grantsFor(role: string, { schema = "sluice" }: PostgresSchemaOptions = {}): readonly string[] {
  schemaName(schema);
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role))
    throw new ConfigError("the role must be a name of small letters, digits and underscores");
  const all = ["sessions", "conversations", "counters", "records", "resources", "journal"];
  const on = (rights: string, tables: readonly string[]): string =>
    `GRANT ${rights} ON ${tables.map((table) => `${schema}.${table}`).join(", ")} TO ${role}`;
  return [
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    on("SELECT, INSERT, UPDATE", all),
    on("SELECT, INSERT", ["events", "spent", "documents"]),
    on("DELETE", ["sessions", "events", "spent", "records", "journal"]),
    on("SELECT, UPDATE", ["state"]),
  ];
}
