/**
 * What the SQLite store reads.
 * Never writes, and never takes for whole what is not: that is asserted.
 */
import { assert, err, ok, type Result } from "../../result.ts";
import { entryOf, orderKey, orderKeyEnd } from "../columns.ts";
import { headerOf, key, labelOf, lineOf, recordOf, type SessionColumns } from "./rows.ts";
import type { Statements } from "./statements.ts";
import {
  badCursor,
  type ContextLabel,
  type DocumentKind,
  joinRecorded,
  type JournalLine,
  type JournalPage,
  numberOfCursor,
  type RecordPage,
  type ResourceQuery,
  revocationKind,
  revokedPart,
  type SessionRow,
  type StoredRecord,
  type StoredSession,
  type StoreFailure,
} from "../store.ts";

/** A session as of one moment; failure: `unknown`. */
export function load(db: Statements, session: string, since: number): Result<StoredSession, StoreFailure> {
  const row = db.session.get(key(session)) as SessionColumns | undefined;
  if (row === undefined) return err({ kind: "unknown" });
  // Events are only ever added, so those below the version belong to the same moment as the row.
  const entries = since < row.version ? db.events.all(key(session), since, row.version).map(entryOf) : [];
  assert(entries.length === Math.max(0, row.version - since), "every event of a session is kept");
  const context = labelOf(row);
  const header = headerOf(row);
  // Read last: what is revoked by then is revoked, however old the row.
  const revoked = revokedPart(header, (id) => recordIn(db, revocationKind, id)?.value);
  return ok({
    header,
    version: row.version,
    entries,
    ...(context === undefined ? {} : { context }),
    ...(revoked === undefined ? {} : { revoked }),
  });
}

/** The newest sessions. */
export function listIn(db: Statements, limit: number): readonly SessionRow[] {
  return (db.list.all(limit) as SessionColumns[]).map((row) => ({
    header: headerOf(row),
    version: row.version,
    isClosed: row.closed === 1,
  }));
}

/** The text under a digest. */
export function documentIn(db: Statements, kind: DocumentKind, digest: string): string | undefined {
  return (db.document.get(kind, digest) as { readonly text: string } | undefined | null)?.text;
}

/** All digests of a kind, ascending. */
export function documentsIn(db: Statements, kind: DocumentKind): readonly string[] {
  return (db.documents.all(kind) as { readonly digest: string }[]).map((row) => row.digest);
}

/** The join of the labels of resources. */
export function labelsIn(db: Statements, { keys, prefixes }: ResourceQuery): ContextLabel | undefined {
  const rows = [
    ...keys.map((name) => db.resource.get(orderKey(name))),
    ...prefixes.flatMap((prefix) => db.resources.all(orderKey(prefix), orderKeyEnd(orderKey(prefix)))),
  ];
  return rows.reduce((label: ContextLabel | undefined, row) => {
    const written = labelOf(row);
    return written === undefined ? label : joinRecorded(label, written);
  }, undefined);
}

/** One record. */
export function recordIn(db: Statements, kind: string, id: string): StoredRecord | undefined {
  const row = db.record.get(orderKey(kind), orderKey(id));
  return row === undefined || row === null ? undefined : recordOf(row);
}

/** Records of a kind, in the order of their ids. */
export function recordsIn(db: Statements, kind: string, { limit, after, prefix = "" }: RecordPage): readonly StoredRecord[] {
  const from = orderKey(prefix);
  const past = after === undefined ? null : orderKey(after);
  const first = past === null || past < from ? from : past;
  return db.records.all(orderKey(kind), first, orderKeyEnd(from), past, limit).map(recordOf);
}

/** Lines of the journal after a cursor; failure: `unavailable` for what is no cursor. */
export function linesIn(db: Statements, { limit, after }: JournalPage): Result<readonly JournalLine[], StoreFailure> {
  const past = after === undefined ? 0 : numberOfCursor(after);
  return past === undefined ? err(badCursor) : ok(db.lines.all(past, limit).map(lineOf));
}
