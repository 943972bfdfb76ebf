/**
 * The parsers of SQL that plans ask for, loaded when they do: both libraries are optional, and large.
 * Never loads one for a plan that names no dialect.
 */
import type { SqlDialect, SqlParser } from "../../constraints/sql.ts";
import { isArray, isObject, type Json } from "../../json/value.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { InputError } from "./input.ts";

/** The parsers for the dialects that plans and their policies name. Exit 2 with what to install, if it is not there. */
export async function parsersFor(plans: readonly FrozenPlan[], ...others: readonly unknown[]): Promise<readonly SqlParser[]> {
  const found = new Set<SqlDialect>();
  for (const { plan, policy } of plans) for (const part of [plan.nodes, policy]) collect(part as unknown as Json, found);
  for (const other of others) collect(other as Json, found);
  return Promise.all([...found].sort().map(load));
}

/** Every `dialect` of a member `sql`, wherever it stands: one too many costs a moment, one too few a start. */
function collect(value: Json | undefined, found: Set<SqlDialect>): void {
  if (isArray(value)) for (const each of value) collect(each, found);
  else if (isObject(value)) {
    for (const [name, part] of Object.entries(value)) {
      const dialect = name === "sql" && isObject(part) ? part.dialect : undefined;
      if (dialect === "postgres" || dialect === "sqlite" || dialect === "mysql") found.add(dialect);
      collect(part, found);
    }
  }
}

async function load(dialect: SqlDialect): Promise<SqlParser> {
  const library = dialect === "postgres" ? "libpg-query" : "node-sql-parser";
  try {
    if (dialect === "postgres") return await (await import("../../sql/postgres.ts")).createPostgresParser();
    return await (await import("../../sql/node-sql-parser.ts")).createNodeSqlParser(dialect);
  } catch {
    throw new InputError(`sql: the plan names the dialect ${dialect}, whose parser is not installed: npm install ${library}`);
  }
}
