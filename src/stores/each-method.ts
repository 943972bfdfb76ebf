/**
 * A store with something done around each of its methods.
 * Never lets a method through as it is: one that is added to the port is a compile error here.
 */
import type { Result } from "../result.ts";
import type { Store, StoreFailure } from "./store.ts";

/** A method of a store: what it takes, and the answer. */
type Method<A extends readonly unknown[], T> = (...args: A) => Promise<Result<T, StoreFailure>>;

/** A store whose methods are what `around` makes of those of `store`. */
export function eachMethod(
  store: Store,
  around: <A extends readonly unknown[], T>(name: keyof Store, method: Method<A, T>) => Method<A, T>,
): Store {
  return {
    create: around("create", (...args) => store.create(...args)),
    load: around("load", (...args) => store.load(...args)),
    commit: around("commit", (...args) => store.commit(...args)),
    contextOf: around("contextOf", (...args) => store.contextOf(...args)),
    list: around("list", (...args) => store.list(...args)),
    expire: around("expire", (...args) => store.expire(...args)),
    saveDocument: around("saveDocument", (...args) => store.saveDocument(...args)),
    loadDocument: around("loadDocument", (...args) => store.loadDocument(...args)),
    listDocuments: around("listDocuments", (...args) => store.listDocuments(...args)),
    record: around("record", (...args) => store.record(...args)),
    records: around("records", (...args) => store.records(...args)),
    writeRecord: around("writeRecord", (...args) => store.writeRecord(...args)),
    forgetRecords: around("forgetRecords", (...args) => store.forgetRecords(...args)),
    labelsOf: around("labelsOf", (...args) => store.labelsOf(...args)),
    note: around("note", (...args) => store.note(...args)),
    journal: around("journal", (...args) => store.journal(...args)),
    trimJournal: around("trimJournal", (...args) => store.trimJournal(...args)),
  };
}
