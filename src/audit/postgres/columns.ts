/**
 * The columns that PostgreSQL finds a record by. They are worked out here, since `jsonb` cannot hold every text that a record can.
 * Pure. Whoever finds a record by them reads its text again.
 */
import { orderKey } from "../../stores/columns.ts";
import { findableOf, queryNames } from "../find.ts";
import { readRecord } from "../record.ts";

/** Columns that a record is found by, beside `seq` and `text`, in the order of {@link columnsOf}. */
export const findColumns = ["kind", "at", ...queryNames] as const;

/** Values of {@link findColumns} for the text of a record; nothing for a text that is none. Texts are ASCII (`orderKey`). */
export function columnsOf(text: string): readonly (string | number | null)[] {
  const record = readRecord(text);
  if (record === undefined) return findColumns.map(() => null);
  const found = findableOf(record);
  return [found.kind, found.at, ...queryNames.map((name) => (found[name] === undefined ? null : orderKey(found[name])))];
}
