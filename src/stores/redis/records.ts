/**
 * Records, documents and labels of resources in the Redis store.
 * Never lists by Redis' own order of texts but of those that `orderKey` wrote, which is that of UTF-16.
 */
import { assert } from "../../result.ts";
import { labelOf, listAt, numberAt, recordOf, recordText, textAt } from "./rows.ts";
import type { Runner } from "./runner.ts";
import { orderKey, orderKeyEnd, textOfOrderKey } from "../columns.ts";
import { type ContextLabel, isSoundWrite, joinRecorded, type RecordPage, type Store, type StoredRecord } from "../store.ts";

/** The methods of a store that are about records and labels of resources. */
export function recordMethods({
  keys,
  run,
}: Runner): Pick<Store, "record" | "records" | "writeRecord" | "forgetRecords" | "labelsOf"> {
  return {
    record: async (kind, id) =>
      run("field", [keys.recordValues(kind)], { args: [orderKey(id)], read: (reply) => recordOf(kind, id, reply[1]) }),
    records: async (kind, page) =>
      run("records", [keys.recordValues(kind), keys.recordNames(kind)], {
        args: [...boundsOf(page), String(Math.max(0, page.limit))],
        read: (reply) => listAt(reply, 1).map((row) => listedRecord(kind, row)),
      }),
    writeRecord: async (write) => {
      assert(isSoundWrite(write), "a record has a version");
      const { kind, id, version, value } = write;
      const args = [orderKey(id), String(version), recordText(value)];
      return run("writeRecord", [keys.recordValues(kind), keys.recordNames(kind)], { args, read: () => version + 1 });
    },
    forgetRecords: async (kind, before, limit) =>
      run("forgetRecords", [keys.recordValues(kind), keys.recordNames(kind)], {
        args: [`(${orderKey(before)}`, String(Math.max(0, limit))],
        read: (reply) => numberAt(reply, 1),
      }),
    labelsOf: async ({ keys: names, prefixes }) =>
      run("resourceLabels", [keys.resourceLabels, keys.resourceNames], {
        args: [String(names.length), ...names.map(orderKey), ...prefixes.flatMap((prefix) => boundsOf({ prefix }))],
        read: (reply) => joined(listAt(reply, 1)),
      }),
  };
}

/** The methods of a store that are about documents. */
export function documentMethods({ keys, run }: Runner): Pick<Store, "saveDocument" | "loadDocument" | "listDocuments"> {
  return {
    saveDocument: async (kind, digest, text) =>
      run("saveDocument", [keys.documents(kind)], { args: [orderKey(digest), text], read: () => undefined }),
    loadDocument: async (kind, digest) =>
      run("field", [keys.documents(kind)], {
        args: [orderKey(digest)],
        read: (reply) => (reply[1] === null || reply[1] === undefined ? undefined : textAt(reply, 1)),
      }),
    listDocuments: async (kind) =>
      run("digests", [keys.documents(kind)], {
        args: [],
        read: (reply) =>
          listAt(reply, 1)
            .map((name) => textOfOrderKey(String(name)))
            .sort(),
      }),
  };
}

/** Bounds of the names of a page, as `ZRANGEBYLEX` has them. */
function boundsOf({ after, prefix = "" }: Omit<RecordPage, "limit">): readonly [string, string] {
  const from = orderKey(prefix);
  const past = after === undefined ? undefined : orderKey(after);
  return [past === undefined || past < from ? `[${from}` : `(${past}`, `(${orderKeyEnd(from)}`];
}

function listedRecord(kind: string, row: unknown): StoredRecord {
  const columns = listAt([row], 0);
  const record = recordOf(kind, textOfOrderKey(textAt(columns, 0)), columns[1]);
  assert(record !== undefined, "what is listed is there");
  return record;
}

function joined(labels: readonly unknown[]): ContextLabel | undefined {
  return labels.reduce((label: ContextLabel | undefined, text) => {
    const written = labelOf(text);
    return written === undefined ? label : joinRecorded(label, written);
  }, undefined);
}
