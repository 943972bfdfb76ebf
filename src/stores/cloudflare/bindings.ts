/**
 * What the store needs of Cloudflare's runtime, as types of our own: an object's state, namespaces of objects, a D1 database.
 * Types only; nothing here is imported from a runtime, so that the same files load anywhere.
 */

/** A value of a column. */
export type ColumnValue = string | number | null;

/** Rows of a query, as `ctx.storage.sql.exec` returns them. */
interface SqlCursor {
  toArray(): Record<string, unknown>[];
  /** Rows that the statement wrote, those of indexes included: 0 only if it changed nothing. */
  readonly rowsWritten: number;
}

/** The state of an object with a SQLite database: a `DurableObjectState`. */
export interface ObjectState {
  readonly storage: {
    readonly sql: { exec(query: string, ...values: ColumnValue[]): SqlCursor };
    transactionSync<T>(job: () => T): T;
    setAlarm(at: number): Promise<void>;
    getAlarm(): Promise<number | null>;
    deleteAlarm(): Promise<void>;
    deleteAll(): Promise<void>;
  };
  blockConcurrencyWhile<T>(job: () => Promise<T>): Promise<T>;
}

/** A namespace of objects: a `DurableObjectNamespace`. */
export interface ObjectNamespace {
  idFromName(name: string): ObjectId;
  get(id: never): { fetch(url: string, init: { readonly method: string; readonly body: string }): Promise<ObjectAnswer> };
}

/** The id of an object; opaque. */
type ObjectId = object;

/** What of an answer is read. */
interface ObjectAnswer {
  readonly status: number;
  text(): Promise<string>;
}

/** A statement of D1 with its values: a `D1PreparedStatement`. */
export interface DatabaseStatement {
  bind(...values: ColumnValue[]): DatabaseStatement;
  all(): Promise<{ readonly results: unknown[]; readonly meta: { readonly changes?: number } }>;
}

/** A D1 database: a `D1Database`. `batch` is one transaction. */
export interface Database {
  prepare(query: string): DatabaseStatement;
  batch(statements: never[]): Promise<{ readonly results?: unknown[]; readonly meta: { readonly changes?: number } }[]>;
}

/** The bindings of a Worker, by the names that `wrangler.jsonc` gives them. The objects look for them too. */
export interface CloudflareBindings {
  /** One object a session: class `SluiceSession`. */
  readonly SLUICE_SESSIONS: ObjectNamespace;
  /** What sessions of a tenant share: class `SluiceShared`. */
  readonly SLUICE_SHARED: ObjectNamespace;
  /** Documents, the listing of sessions and the journal; its tables are made by `migrations/`. */
  readonly SLUICE_DB: Database;
}
