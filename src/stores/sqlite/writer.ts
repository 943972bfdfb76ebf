/**
 * Group commit of the SQLite store: changes that come in together wait for the disk once.
 * Never answers before the commit, and never lets the failure of one change touch another. A driver's error text is never kept.
 */
import { AssertionError, err, ok, type Result } from "../../result.ts";
import type { Statements } from "./statements.ts";
import type { StoreFailure } from "../store.ts";

/** What a change does to the file, its texts already written out. Returns its answer, or the failure that leaves the file as it was. */
export type Job<T> = (db: Statements) => Result<T, StoreFailure>;

/** Runs a query; whatever the driver throws is `unavailable`. */
export function guarded<T>(query: () => Result<T, StoreFailure>): Result<T, StoreFailure> {
  try {
    return query();
  } catch (error) {
    return err({ kind: "unavailable", ...detailOf(error) });
  }
}

/** A number of SQLite, never its text: texts of a driver may quote data. */
function detailOf(error: unknown): { readonly detail?: string } {
  if (error instanceof AssertionError) return { detail: "assertion" };
  const code = typeof error === "object" && error !== null && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? { detail: `sqlite ${code}` } : {};
}

/** Writes changes. */
export interface Writer {
  /** Does a job in the next transaction, and answers when that is committed. */
  write<T>(job: Job<T>): Promise<Result<T, StoreFailure>>;
  /** Writes what waits, now. */
  flush(): void;
}

/**
 * Changes that come in together are written in one transaction, in order: one wait for the disk for all of them. Each still happens wholly
 * or not at all, and is answered only after the commit. If the transaction fails, none happened and all are told so.
 */
export function createWriter(statements: Statements, defer: (job: () => void) => void): Writer {
  let waiting: { readonly job: Job<unknown>; readonly answer: (result: Result<unknown, StoreFailure>) => void }[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const results = guarded(() =>
      ok(
        inTransaction(
          statements,
          batch.map(({ job }) => job),
        ),
      ),
    );
    batch.forEach(({ answer }, i) => {
      answer(results.ok ? (results.value[i] as Result<unknown, StoreFailure>) : results);
    });
  };
  return {
    flush,
    write: <T>(job: Job<T>) =>
      new Promise<Result<T, StoreFailure>>((resolve) => {
        waiting.push({ job, answer: resolve as (result: Result<unknown, StoreFailure>) => void });
        if (waiting.length === 1) defer(flush);
      }),
  };
}

function inTransaction(db: Statements, jobs: readonly Job<unknown>[]): readonly Result<unknown, StoreFailure>[] {
  db.begin.run();
  try {
    const [only] = jobs;
    if (jobs.length === 1 && only !== undefined) {
      const result = only(db);
      (result.ok ? db.commit : db.rollback).run();
      return [result];
    }
    const results = jobs.map((job) => {
      db.save.run();
      const result = guarded(() => job(db));
      // Where SQLite has undone the whole transaction (a full disk), there is no savepoint left, and this throws: then nobody is answered well.
      if (!result.ok) db.undo.run();
      db.release.run();
      return result;
    });
    db.commit.run();
    return results;
  } catch (error) {
    db.rollback.run();
    throw error;
  }
}
