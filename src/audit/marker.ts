/**
 * The record by which a store says that it has an audit log, and which process writes it now.
 * Never taken away: a store whose log was given up says that, so that nobody takes it for one that never had any.
 */
import type { JsonObject } from "../json/value.ts";
import { ok, type Result } from "../result.ts";
import type { Store, StoreFailure } from "../stores/store.ts";

/** Kind and id of the record. */
export const auditMarker = { kind: "audit-writer", id: "writer" } as const;

/** Whether a store has an audit log, so that every process that changes it must keep the journal. */
export async function hasAuditLog(store: Pick<Store, "record">): Promise<Result<boolean, StoreFailure>> {
  const found = await store.record(auditMarker.kind, auditMarker.id);
  return found.ok ? ok(isMarked(found.value?.value)) : found;
}

function isMarked(value: JsonObject | undefined): boolean {
  return value !== undefined && value.off !== true;
}

/**
 * Gives up the log of a store: processes that start from now on without one keep no journal. Whether it had one. Failures: `conflict` (a
 * process writes the log at this moment), `unavailable`.
 */
export async function giveUpAuditLog(store: Store, at: number): Promise<Result<boolean, StoreFailure>> {
  const found = await store.record(auditMarker.kind, auditMarker.id);
  if (!found.ok) return found;
  if (found.value === undefined || !isMarked(found.value.value)) return ok(false);
  const { version, value } = found.value;
  if (typeof value.until === "number" && value.until > at) return { ok: false, error: { kind: "conflict" } };
  const noted = await store.note({ type: "config", at, what: "audit given up" });
  if (!noted.ok) return noted;
  const written = await store.writeRecord({ ...auditMarker, version, value: { ...value, off: true } });
  return written.ok ? ok(true) : written;
}
