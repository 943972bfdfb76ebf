/**
 * PostgreSQL's own parser (libpg_query 18) behind the `SqlParser` port. Import it only where a plan names the dialect: the library is an optional
 * peer dependency of 1.7 MB.
 * Never runs a statement, and never shows the library's error text.
 *
 * @module
 */
import { loadModule, parseSync } from "libpg-query";
import { refuseStatement, type SqlFacts, type SqlParser, type SqlRefusal } from "../constraints/sql.ts";
import { everyCode, isQuoteLookalike } from "../lang/template/characters.ts";
import { ok, type Result } from "../result.ts";
import { factsOfStatement } from "./postgres/facts.ts";

export type { SqlParser } from "../constraints/sql.ts";

/**
 * A parser for `sql: { dialect: postgres }`. Loads the library's WebAssembly once.
 *
 * @example createGuard(frozen, { sql: [await createPostgresParser()] })
 */
export async function createPostgresParser(): Promise<SqlParser> {
  await loadModule();
  return { dialect: "postgres", read };
}

function read(text: string): Result<SqlFacts, SqlRefusal> {
  // SECURITY: the library ends its text at NUL; and whether a backslash escapes is a setting of the server (`standard_conforming_strings`).
  if (text.includes("\u0000") || text.includes("\\")) return refuseStatement("a statement holds no NUL and no backslash");
  // What another encoding turns into a quote, and a comment that only another server runs.
  if (!everyCode(text, (code) => !isQuoteLookalike(code)) || text.includes("/*!"))
    return refuseStatement("a statement holds no look-alike of a quote and no comment with a version");
  let statements: readonly { readonly stmt?: unknown }[];
  try {
    statements = parseSync(text).stmts ?? [];
  } catch {
    return refuseStatement("not a statement that PostgreSQL reads");
  }
  const [first] = statements;
  if (first === undefined || statements.length !== 1) return refuseStatement("exactly one statement is allowed");
  return ok(factsOfStatement(first.stmt));
}
