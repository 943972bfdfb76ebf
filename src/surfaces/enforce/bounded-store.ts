/**
 * A store that always answers: what hangs is unavailable.
 * Never takes a late answer: whoever asked has been told, and has denied.
 */
import { hungStoreMs } from "../../limits.ts";
import { err, type Result } from "../../result.ts";
import type { Store, StoreFailure } from "../../stores/store.ts";
import { answered } from "./live.ts";

/**
 * Bounds every method of a store in time. A change that was given up may still happen; it is then an event that the next load finds, so that
 * an operation counts as spent and nothing of it was forwarded. A store that has let all of the time go by is hung until it answers
 * anything, however late: whoever asks meanwhile waits a moment only, so that calls that queue for one session are not denied one
 * time-out after another.
 */
export function boundStore(store: Store, timeoutMs: number): Store {
  const patience: Patience = { timeoutMs, isHung: false };
  const bound =
    <A extends readonly unknown[], T>(method: (...args: A) => Promise<Result<T, StoreFailure>>) =>
    (...args: A): Promise<Result<T, StoreFailure>> =>
      inTime(
        answered(() => method.apply(store, args as never)),
        patience,
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

/** How long a store is waited for. */
interface Patience {
  readonly timeoutMs: number;
  isHung: boolean;
}

function inTime<T>(answer: Promise<Result<T, StoreFailure>>, patience: Patience): Promise<Result<T, StoreFailure>> {
  const isHasty = patience.isHung;
  return new Promise((resolve) => {
    const giveUp = (): void => {
      // Who waited a moment only has not seen it hang.
      if (!isHasty) patience.isHung = true;
      resolve(err({ kind: "unavailable", detail: "timeout" }));
    };
    const timer = setTimeout(giveUp, isHasty ? Math.min(hungStoreMs, patience.timeoutMs) : patience.timeoutMs);
    void answer.then((result) => {
      patience.isHung = false;
      clearTimeout(timer);
      resolve(result);
    });
  });
}
