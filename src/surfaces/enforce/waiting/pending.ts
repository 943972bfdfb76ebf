/**
 * The records by which what waits for a human is found over all sessions: their ids begin with the time at which they expire.
 * Never says what became of anything: the session's events alone do.
 */
import type { Code } from "../../../codes.ts";
import type { JsonObject } from "../../../json/value.ts";
import { listedApprovalsMax } from "../../../limits.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { RecordWrite } from "../../../stores/store.ts";
import { answered } from "../store/answered.ts";
import { codeOf, type Point } from "../point.ts";

/** What waits: held calls, and amendments. */
export type PendingKind = "approval" | "amendment";

/** The record of something new that waits until `expires` (milliseconds since the epoch); `id` is unique in its kind. */
export function pendingRecord(
  kind: PendingKind,
  { id, expires, value }: { readonly id: string; readonly expires: number; readonly value: JsonObject },
): RecordWrite {
  return { kind, id: `${timeKey(expires)}.${id}`, version: 0, value };
}

/** The values of the records of what has not expired, what expires first at first. Error: `STORE_UNAVAILABLE`. */
export async function pendingRecords(point: Point, kind: PendingKind): Promise<Result<readonly JsonObject[], Code>> {
  const after = timeKey(point.clock());
  const records = await answered(() => point.store.records(kind, { limit: listedApprovalsMax, after }));
  return records.ok ? ok(records.value.map(({ value }) => value)) : err(codeOf(records.error));
}

/** A time (milliseconds since the epoch) as ids of records begin with it, so that their order is that of the times. */
export function timeKey(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(16, "0");
}
