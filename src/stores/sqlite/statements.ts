/**
 * The statements of the SQLite store.
 * Never built from data: what varies is bound.
 */
import type { SqliteDatabase, SqliteStatement } from "./schema.ts";

/** Every statement of the store, by name. */
const sql = {
  insertSession:
    "INSERT OR IGNORE INTO sessions (id, plan, principal, conversation, token, opened, expires, version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
  session: "SELECT s.*, c.label FROM sessions s LEFT JOIN conversations c ON c.id = s.conversation WHERE s.id = ?",
  events: "SELECT event, value, facts FROM events WHERE session = ? AND number >= ? AND number < ? ORDER BY number",
  advance: "UPDATE sessions SET version = ?, closed = max(closed, ?) WHERE id = ? AND version = ?",
  insertEvent: "INSERT INTO events (session, number, event, value, facts) VALUES (?, ?, ?, ?, ?)",
  label: "SELECT label FROM conversations WHERE id = ?",
  setLabel: "INSERT INTO conversations VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET label = excluded.label",
  total: "SELECT sum, lost FROM totals WHERE counter = ?",
  setTotal: "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (counter) DO UPDATE SET sum = excluded.sum, lost = excluded.lost",
  inside: "SELECT amount FROM spent WHERE counter = ? AND at > ?",
  insertSpent: "INSERT INTO spent VALUES (?, ?, ?, ?, ?)",
  pruneSpent: "DELETE FROM spent WHERE counter = ? AND at <= ?",
  deleteSpent: "DELETE FROM spent WHERE counter = ? AND session = ? AND run = ?",
  list: "SELECT * FROM sessions ORDER BY opened DESC, id LIMIT ?",
  expired:
    "SELECT id FROM sessions s WHERE expires <= ? AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.session = s.id) ORDER BY expires LIMIT ?",
  deleteEvents: "DELETE FROM events WHERE session = ?",
  deleteSession: "DELETE FROM sessions WHERE id = ?",
  insertDocument: "INSERT OR IGNORE INTO documents VALUES (?, ?, ?)",
  document: "SELECT text FROM documents WHERE kind = ? AND digest = ?",
  documents: "SELECT digest FROM documents WHERE kind = ? ORDER BY digest",
  record: "SELECT * FROM records WHERE kind = ? AND id = ?",
  records: "SELECT * FROM records WHERE kind = ? AND id >= ? AND id < ? AND ifnull(id > ?, 1) ORDER BY id LIMIT ?",
  insertRecord: "INSERT OR IGNORE INTO records VALUES (?, ?, 1, ?)",
  updateRecord: "UPDATE records SET version = version + 1, value = ? WHERE kind = ? AND id = ? AND version = ?",
  forgetRecords:
    "DELETE FROM records WHERE kind = ? AND id IN (SELECT id FROM records WHERE kind = ? AND id < ? ORDER BY id LIMIT ?)",
  resource: "SELECT label FROM resources WHERE key = ?",
  resources: "SELECT label FROM resources WHERE key >= ? AND key < ?",
  setResource: "INSERT INTO resources VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET label = excluded.label",
  insertLine: "INSERT INTO journal (session, number, note) VALUES (?, ?, ?)",
  lines:
    "SELECT j.*, e.event, e.value, e.facts FROM journal j LEFT JOIN events e ON e.session = j.session AND e.number = j.number WHERE j.cursor > ? ORDER BY j.cursor LIMIT ?",
  trimLines: "DELETE FROM journal WHERE cursor <= ?",
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  save: "SAVEPOINT change",
  release: "RELEASE change",
  undo: "ROLLBACK TO change",
} as const;

/** The statements, prepared. */
export type Statements = { readonly [N in keyof typeof sql]: SqliteStatement };

/** Prepares all statements on a connection whose tables are there. Throws what the driver throws. */
export function prepareStatements(db: SqliteDatabase): Statements {
  return Object.fromEntries(Object.entries(sql).map(([name, text]) => [name, db.prepare(text)])) as unknown as Statements;
}
