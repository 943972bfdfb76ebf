/**
 * What the tools of `postgres-mcp` (Postgres MCP Pro) do.
 * Pure data. Never takes its restricted mode for granted: the list of tools is nearly the same without it.
 */
import type { Effect } from "../../plan/plan.ts";
import { type RoleTable, type StarterServer, type StarterTool, tool } from "./facts.ts";

/** Answers are lists as Python prints them, no JSON. */
const reads = (table: RoleTable, why: string): StarterTool =>
  tool(["read"], table, { resource: { template: "database:all", access: "read" }, why });

const runs = (effects: readonly Effect[], table: RoleTable, why: string): StarterTool =>
  tool(effects, table, { resource: { template: "database:all", access: "both" }, idempotent: false, why });

/** A PostgreSQL database, its health and its indexes. */
export const postgresMcp: StarterServer = {
  server: "postgres",
  title: "a PostgreSQL database (postgres-mcp)",
  label: "database_record",
  labels: {},
  resource: "database:all",
  tools: {
    list_schemas: reads({}, "Names in the database."),
    list_objects: reads(
      { selector: "schema_name", control: "object_type" },
      "Names in the database; the name is passed as a parameter.",
    ),
    get_object_details: reads(
      { selector: "schema_name object_name", control: "object_type" },
      "Names and definitions in the database.",
    ),
    explain_query: runs(
      ["read", "write", "execute"],
      { command: "sql", target: "hypothetical_indexes", control: "analyze" },
      "With `analyze` the statement runs; unless the server is in restricted mode, so does what follows a semicolon.",
    ),
    analyze_workload_indexes: {
      ...reads({ control: "max_index_size_mb method" }, "`method: llm` sends queries and table sizes to a model outside."),
      effects: ["read", "network"],
    },
    analyze_query_indexes: runs(
      ["read", "write", "network", "execute"],
      { command: "queries", control: "max_index_size_mb method" },
      "The queries are explained, in unrestricted mode as they are; `method: llm` sends them to a model outside.",
    ),
    analyze_db_health: reads({ control: "health_type" }, "Names of tables and indexes, and numbers."),
    get_top_queries: reads({ control: "sort_by limit" }, "Texts of queries that others ran."),
    execute_sql: runs(
      ["read", "write", "execute"],
      { command: "sql" },
      "Any SQL, unless the server is in restricted mode; COPY … TO PROGRAM runs programs where the account may. Bound it with `constraints.sql`.",
    ),
  },
};
