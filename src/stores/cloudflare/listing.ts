/**
 * The listing of a tenant's sessions in D1: which there may be, and when they were opened and expire. What is true of one its object says.
 * Never the only place of a fact: a row without a session is passed over. Every function rejects if D1 does not answer.
 */
import { readJson } from "../../json/read.ts";
import { assert } from "../../result.ts";
import { key } from "../sqlite/rows.ts";
import type { SessionHeader } from "../store.ts";
import type { Database } from "./bindings.ts";

/** Adds a session that is about to be created. Whether there was no row of it. */
export async function addRow(db: Database, tenant: string, { id, openedAt, expiresAt }: SessionHeader): Promise<boolean> {
  const insert = "INSERT OR IGNORE INTO sessions (tenant, id, opened, expires) VALUES (?, ?, ?, ?) RETURNING 1";
  const { results } = await db.prepare(insert).bind(tenant, key(id), openedAt, expiresAt).all();
  return results.length > 0;
}

/** Takes over a row that was left behind by a session that is gone, or that never came to be. */
export async function renewRow(db: Database, tenant: string, { id, openedAt, expiresAt }: SessionHeader): Promise<void> {
  const update = "UPDATE sessions SET opened = ?, expires = ?, listed = 0 WHERE tenant = ? AND id = ?";
  await db.prepare(update).bind(openedAt, expiresAt, tenant, key(id)).all();
}

/** Removes the row of a session that is gone. */
export async function removeRow(db: Database, tenant: string, session: string): Promise<void> {
  await db.prepare("DELETE FROM sessions WHERE tenant = ? AND id = ?").bind(tenant, key(session)).all();
}

/** Ids of the newest sessions, from place `offset` on. */
export async function newestIds(
  db: Database,
  tenant: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly string[]> {
  const query = "SELECT id FROM sessions WHERE tenant = ? ORDER BY opened DESC, id LIMIT ? OFFSET ?";
  return idsOf((await db.prepare(query).bind(tenant, limit, offset).all()).results);
}

/** Ids of sessions that expired at or before `before` and of which the journal has no line, from place `offset` on. */
export async function expiredIds(
  db: Database,
  tenant: string,
  { before, limit, offset }: { readonly before: number; readonly limit: number; readonly offset: number },
): Promise<readonly string[]> {
  const query =
    "SELECT id FROM sessions s WHERE tenant = ?1 AND expires <= ?2 AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.tenant = ?1 AND j.session = s.id) ORDER BY expires, id LIMIT ?3 OFFSET ?4";
  return idsOf((await db.prepare(query).bind(tenant, before, limit, offset).all()).results);
}

function idsOf(rows: readonly unknown[]): readonly string[] {
  return (rows as { readonly id: string }[]).map(({ id }) => {
    const read = readJson(id);
    assert(read.ok && typeof read.value === "string", "the store's own text reads as it was written");
    return read.value;
  });
}
