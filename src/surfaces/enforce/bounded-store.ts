/**
 * A store that always answers: what hangs is unavailable.
 * Never takes a late answer: whoever asked has been told, and has denied.
 */
import { err, type Result } from "../../result.ts";
import type { Store, StoreFailure } from "../../stores/store.ts";
import { answered } from "./live.ts";

/**
 * Bounds every method of a store in time. A change that was given up may still happen; it is then an event that the next load finds, so that
 * an operation counts as spent and nothing of it was forwarded.
 */
export function boundStore(store: Store, timeoutMs: number): Store {
  const bound =
    <A extends readonly unknown[], T>(method: (...args: A) => Promise<Result<T, StoreFailure>>) =>
    (...args: A): Promise<Result<T, StoreFailure>> =>
      inTime(
        answered(() => method.apply(store, args as never)),
        timeoutMs,
      );
  return {
    create: bound(store.create),
    load: bound(store.load),
    commit: bound(store.commit),
    contextOf: bound(store.contextOf),
    list: bound(store.list),
    expire: bound(store.expire),
    saveDocument: bound(store.saveDocument),
    loadDocument: bound(store.loadDocument),
    listDocuments: bound(store.listDocuments),
    record: bound(store.record),
    records: bound(store.records),
    writeRecord: bound(store.writeRecord),
    forgetRecords: bound(store.forgetRecords),
    labelsOf: bound(store.labelsOf),
    note: bound(store.note),
    journal: bound(store.journal),
    trimJournal: bound(store.trimJournal),
  };
}

function inTime<T>(answer: Promise<Result<T, StoreFailure>>, timeoutMs: number): Promise<Result<T, StoreFailure>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(err({ kind: "unavailable", detail: "timeout" })), timeoutMs);
    void answer.then((result) => {
      clearTimeout(timer);
      resolve(result);
    });
  });
}
