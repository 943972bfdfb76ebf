/**
 * Texts under their digests in D1, in parts that its rows can hold.
 * Never replaces a text: the first stays. Every function rejects if D1 does not answer.
 */
import type { DocumentKind } from "../store.ts";
import type { Database } from "./bindings.ts";
import { partsOf } from "./session-rows.ts";

/** Which text. */
export interface DocumentName {
  readonly tenant: string;
  readonly kind: DocumentKind;
  readonly digest: string;
}

/** Keeps a text. */
export async function saveText(db: Database, { tenant, kind, digest }: DocumentName, text: string): Promise<void> {
  const insert =
    "INSERT INTO documents SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM documents WHERE tenant = ?1 AND kind = ?2 AND digest = ?3 AND part = 0)";
  // The first part last: while it is not there nothing is, and once it is there nothing is added.
  const parts = [...partsOf(text).entries()].reverse();
  await db.batch(parts.map(([part, piece]) => db.prepare(insert).bind(tenant, kind, digest, part, piece)) as never[]);
}

/** A text, if it is there. */
export async function loadText(db: Database, { tenant, kind, digest }: DocumentName): Promise<string | undefined> {
  const query = "SELECT text FROM documents WHERE tenant = ? AND kind = ? AND digest = ? ORDER BY part";
  const { results } = await db.prepare(query).bind(tenant, kind, digest).all();
  const rows = results as { readonly text: string }[];
  return rows.length === 0 ? undefined : rows.map(({ text }) => text).join("");
}

/** Digests of all texts of a kind, ascending. */
export async function listTexts(db: Database, tenant: string, kind: DocumentKind): Promise<readonly string[]> {
  const query = "SELECT digest FROM documents WHERE tenant = ? AND kind = ? AND part = 0 ORDER BY digest";
  const { results } = await db.prepare(query).bind(tenant, kind).all();
  return (results as { readonly digest: string }[]).map(({ digest }) => digest);
}
