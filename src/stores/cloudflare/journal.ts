/**
 * The journal in D1: a line is a note, or the place of an event that its session's object keeps.
 * Never adds a line twice: of each session D1 knows up to where it has been told.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import type { JsonObject } from "../../json/value.ts";
import { assert } from "../../result.ts";
import { key } from "../sqlite/rows.ts";
import type { Database, DatabaseStatement } from "./bindings.ts";

/** A session of a tenant. */
interface SessionName {
  readonly tenant: string;
  readonly session: string;
}

/** A line as D1 has it. */
export interface LinePlace {
  readonly cursor: string;
  readonly session?: string;
  readonly number?: number;
  readonly note?: JsonObject;
}

/** Adds the lines of a session's events, in order, in one transaction. Whether they are there now. */
export async function addLines(
  db: Database,
  { tenant, session, numbers }: SessionName & { readonly numbers: readonly number[] },
): Promise<boolean> {
  const id = key(session);
  const last = numbers.at(-1) ?? -1;
  const insert =
    "INSERT INTO journal (tenant, session, number) SELECT ?1, ?2, ?3 WHERE ?3 >= coalesce((SELECT listed FROM sessions WHERE tenant = ?1 AND id = ?2), 0)";
  const statements = numbers.map((number) => db.prepare(insert).bind(tenant, id, number));
  const advance = db
    .prepare("UPDATE sessions SET listed = max(listed, ?3) WHERE tenant = ?1 AND id = ?2")
    .bind(tenant, id, last + 1);
  try {
    await db.batch([...statements, advance] as never[]);
    return true;
  } catch {
    return false;
  }
}

/** Whether the journal has a line of a session. Rejects if D1 does not answer. */
export async function hasLines(db: Database, { tenant, session }: SessionName): Promise<boolean> {
  const query = db.prepare("SELECT 1 FROM journal WHERE tenant = ? AND session = ? LIMIT 1").bind(tenant, key(session));
  return (await query.all()).results.length > 0;
}

/** Adds a note. */
export function noteStatement(db: Database, tenant: string, facts: JsonObject): DatabaseStatement {
  return db.prepare("INSERT INTO journal (tenant, note) VALUES (?, ?)").bind(tenant, canonicalJson(facts));
}

/** Lines after a cursor, oldest first. Rejects if D1 does not answer. */
export async function linePlaces(
  db: Database,
  { tenant, after, limit }: { readonly tenant: string; readonly after: number; readonly limit: number },
): Promise<readonly LinePlace[]> {
  const query = "SELECT cursor, session, number, note FROM journal WHERE tenant = ? AND cursor > ? ORDER BY cursor LIMIT ?";
  const { results } = await db.prepare(query).bind(tenant, after, limit).all();
  return (
    results as {
      readonly cursor: number;
      readonly session: string | null;
      readonly number: number | null;
      readonly note: string | null;
    }[]
  ).map(({ cursor, session, number, note }) => {
    const read = readJson(note ?? session ?? "");
    assert(read.ok, "the store's own text reads as it was written");
    if (note !== null) return { cursor: String(cursor), note: read.value as JsonObject };
    return { cursor: String(cursor), session: read.value as string, number: number ?? 0 };
  });
}
