/**
 * The SQLite database inside an object, as the driver that the SQLite store's statements run on.
 * Never begins a transaction by a statement: the runtime refuses it, and `transactionSync` is there.
 */
import { err, type Result } from "../../result.ts";
import type { Statements } from "../sqlite/statements.ts";
import type { SqliteDatabase } from "../sqlite/schema.ts";
import type { Job } from "../sqlite/writer.ts";
import type { StoreFailure } from "../store.ts";
import type { ObjectState } from "./bindings.ts";

/** The driver over an object's storage. The runtime keeps prepared statements by their texts. */
export function driverOf({ storage: { sql } }: ObjectState): SqliteDatabase {
  return {
    exec: (text) => void sql.exec(text).toArray(),
    prepare: (text) => ({
      run: (...values) => {
        sql.exec(text, ...values);
        return { changes: Number(sql.exec("SELECT changes() AS n").toArray()[0]?.n) };
      },
      get: (...values) => sql.exec(text, ...values).toArray()[0],
      all: (...values) => sql.exec(text, ...values).toArray(),
    }),
    close: () => undefined,
  };
}

/** Thrown to undo a transaction whose job has failed. */
class Undone extends Error {}

/** Runs a job in a transaction of its own; its failure leaves the database as it was. Throws what the driver throws. */
export function inTransaction<T>(state: ObjectState, db: Statements, job: Job<T>): Result<T, StoreFailure> {
  let result: Result<T, StoreFailure> = err({ kind: "unavailable" });
  try {
    state.storage.transactionSync(() => {
      result = job(db);
      if (!result.ok) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return result;
}
