-- D1 holds what no session decides by: texts under their digests, the listing of sessions, and the journal of the audit.
-- `wrangler d1 migrations apply SLUICE_DB` runs this file once. A step that was released is never changed: a change of the tables is a new file.
CREATE TABLE documents (tenant TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (tenant, kind, digest, part)) WITHOUT ROWID;
CREATE TABLE sessions (tenant TEXT NOT NULL, id TEXT NOT NULL, opened NUMERIC NOT NULL, expires NUMERIC NOT NULL, listed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (tenant, id)) WITHOUT ROWID;
CREATE INDEX sessions_opened ON sessions (tenant, opened);
CREATE INDEX sessions_expires ON sessions (tenant, expires);
CREATE TABLE journal (cursor INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, session TEXT, number INTEGER, note TEXT);
CREATE INDEX journal_session ON journal (tenant, session) WHERE session IS NOT NULL;
CREATE INDEX journal_cursor ON journal (tenant, cursor);
