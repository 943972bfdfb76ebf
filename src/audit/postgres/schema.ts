/**
 * The tables and functions of the audit log in PostgreSQL.
 * Never lets a statement change a record: there is none that does, and the rights that a writer needs have none either.
 */
import { ConfigError } from "../../result.ts";
import { opened, path } from "../../stores/postgres/functions.ts";
import { type PostgresSchemaOptions, type Step, schemaName } from "../../stores/postgres/schema.ts";
import { queryNames } from "../find.ts";
import { findColumns } from "./columns.ts";

/**
 * Texts of records are kept as text, since `jsonb` would make others of them. Of the keys of people the server makes no statistics: those
 * would keep some of them, in another table, after they are deleted.
 */
function tablesOf(s: string): readonly string[] {
  const ascii = 'text COLLATE "C"';
  const found = `kind text, at float8, ${queryNames.map((name) => `"${name}" ${ascii}`).join(", ")}`;
  return [
    `CREATE TABLE ${s}.records (seq bigint PRIMARY KEY, text text NOT NULL, ${found})`,
    ...["kind", ...queryNames].map(
      (name) => `CREATE INDEX records_${name} ON ${s}.records ("${name}", seq) WHERE "${name}" IS NOT NULL`,
    ),
    `CREATE TABLE ${s}.openings (seq bigint NOT NULL, name text NOT NULL, sealed text NOT NULL, PRIMARY KEY (seq, name))`,
    `CREATE TABLE ${s}.checkpoints (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, jws text NOT NULL)`,
    `CREATE TABLE ${s}.plans (digest ${ascii} PRIMARY KEY, text text NOT NULL)`,
    `CREATE TABLE ${s}.subjects (subject ${ascii} PRIMARY KEY, name_index ${ascii} NOT NULL UNIQUE, sealed text NOT NULL)`,
    ...["subject", "name_index", "sealed"].map((name) => `ALTER TABLE ${s}.subjects ALTER COLUMN ${name} SET STATISTICS 0`),
  ];
}

/** A batch at the end, by one at a time; records and openings are JSON arrays of their columns. */
const append = (s: string): string => `
CREATE FUNCTION ${s}.append_1(p_first bigint, p_records text, p_openings text, p_lock text) RETURNS text
LANGUAGE plpgsql ${path} AS $$
DECLARE v_size bigint;
BEGIN ${opened}
  PERFORM 1 FROM ${s}.state FOR UPDATE;
  SELECT coalesce(max(seq) + 1, 0) INTO v_size FROM ${s}.records;
  IF v_size <> p_first THEN RETURN 'conflict'; END IF;
  INSERT INTO ${s}.records (seq, text, ${findColumns.map((name) => `"${name}"`).join(", ")})
    SELECT p_first + n - 1, r->>0, ${findColumns.map((name, i) => `(r->>${i + 1})${name === "at" ? "::float8" : ""}`).join(", ")}
    FROM json_array_elements(p_records::json) WITH ORDINALITY t(r, n);
  INSERT INTO ${s}.openings (seq, name, sealed)
    SELECT (o->>0)::bigint, o->>1, o->>2 FROM json_array_elements(p_openings::json) o;
  RETURN 'ok';
END $$`;

/** Locked first: whoever waited for a deletion must not see the table as it was while it was empty. */
const key = (s: string): string => `
CREATE FUNCTION ${s}.key_1(p_subject text, p_index text, p_lock text)
RETURNS TABLE (subject text, name_index text, sealed text) LANGUAGE plpgsql ${path} AS $$
#variable_conflict use_column
BEGIN ${opened}
  LOCK TABLE ${s}.subjects IN ACCESS SHARE MODE;
  RETURN QUERY SELECT k.subject, k.name_index, k.sealed FROM ${s}.subjects k WHERE k.subject = p_subject OR k.name_index = p_index LIMIT 1;
END $$`;

/**
 * A row that is deleted stays in the table's file until it is vacuumed, and its bytes after that until others are written there. The
 * table is written anew, without the row, into another file; the old one is cut to nothing with the commit.
 */
const deleteKey = (s: string): string => `
CREATE FUNCTION ${s}.delete_key_1(p_subject text, p_lock text) RETURNS void LANGUAGE plpgsql ${path} AS $$
BEGIN ${opened}
  LOCK TABLE ${s}.subjects IN ACCESS EXCLUSIVE MODE;
  IF NOT EXISTS (SELECT FROM ${s}.subjects WHERE subject = p_subject) THEN RETURN; END IF;
  CREATE TEMPORARY TABLE sluice_kept ON COMMIT DROP AS SELECT * FROM ${s}.subjects WHERE subject <> p_subject;
  TRUNCATE ${s}.subjects;
  INSERT INTO ${s}.subjects SELECT * FROM pg_temp.sluice_kept;
END $$`;

/** Step `i` makes version `i + 1` of version `i`. A step that was released is never changed. */
export const auditSteps: readonly Step[] = [(s) => [...tablesOf(s), append(s), key(s), deleteKey(s)]];

/**
 * Statements that let a role write the log and nothing more: it can add records and never change one. What the role of a running writer needs
 * where `migrate` is off. Throws `ConfigError` for names that would have to be quoted.
 */
export function auditGrantsFor(role: string, { schema = "sluice_audit" }: PostgresSchemaOptions = {}): readonly string[] {
  schemaName(schema);
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role))
    throw new ConfigError("the role must be a name of small letters, digits and underscores");
  const on = (rights: string, ...tables: readonly string[]): string =>
    `GRANT ${rights} ON ${tables.map((table) => `${schema}.${table}`).join(", ")} TO ${role}`;
  return [
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    on("SELECT, INSERT", "records", "openings", "checkpoints", "plans"),
    on("SELECT, INSERT, TRUNCATE", "subjects"),
    on("SELECT, UPDATE", "state"),
  ];
}
