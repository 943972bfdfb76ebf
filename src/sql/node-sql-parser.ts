/**
 * SQLite and MySQL behind the `SqlParser` port: our own token gate first, then node-sql-parser's grammar of the one dialect. Import it only where a
 * plan names one of them: the library is an optional peer dependency of 300 KB a dialect.
 * Never runs a statement, never shows the library's error text, and never believes the library where the gate sees more.
 *
 * @module
 */
import { refuseStatement, type SqlFacts, type SqlParser, type SqlRefusal } from "../constraints/sql.ts";
import { readSql } from "../lang/template/sql.ts";
import type { Result } from "../result.ts";
import { type Syntax, syntaxFacts } from "./node-sql-parser/facts.ts";

export type { SqlParser } from "../constraints/sql.ts";

/** What is used of the library: a parser of one dialect, which throws on what it does not read. */
type Parse = (text: string) => { readonly ast: unknown };

/**
 * A parser for `sql: { dialect: sqlite }` or `mysql`. Comments, backslashes, backticks, brackets and variables are refused before the library sees
 * them: it takes `/*! … *\/` for a comment, and servers run it.
 *
 * @example createGuard(frozen, { sql: [await createNodeSqlParser("sqlite")] })
 */
export async function createNodeSqlParser(dialect: "sqlite" | "mysql"): Promise<SqlParser> {
  const parse = await load(dialect);
  return { dialect, read: (text) => read(parse, dialect, text) };
}

async function load(dialect: "sqlite" | "mysql"): Promise<Parse> {
  if (dialect === "sqlite") {
    const { default: library } = await import("node-sql-parser/build/sqlite.js");
    const parser = new library.Parser();
    return (text) => parser.parse(text, { database: "Sqlite" });
  }
  const { default: library } = await import("node-sql-parser/build/mysql.js");
  const parser = new library.Parser();
  return (text) => parser.parse(text, { database: "MySQL" });
}

function read(parse: Parse, dialect: "sqlite" | "mysql", text: string): Result<SqlFacts, SqlRefusal> {
  const gate = readSql(text);
  if (!gate.ok) return refuseStatement(gate.error.message);
  // SECURITY: whether double quotes make a name or a text is a setting of a MySQL server (`ANSI_QUOTES`).
  if (dialect === "mysql" && text.includes('"')) return refuseStatement("double quotes are read differently by servers");
  let syntax: Syntax;
  try {
    syntax = { ast: parse(text).ast };
  } catch {
    return refuseStatement("not a statement that the parser reads");
  }
  return syntaxFacts(syntax, gate.value);
}
