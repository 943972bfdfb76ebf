/**
 * What the tools of `mcp-server-sqlite` do.
 * Pure data. Never declares rows trusted: customers write what databases hold.
 */
import { type StarterServer, tool } from "./facts.ts";

/** A SQLite database. */
export const sqlite: StarterServer = {
  server: "sqlite",
  title: "a SQLite database",
  label: "database_record",
  labels: {},
  resource: "database:all",
  tools: {
    read_query: tool(
      ["read"],
      { command: "query" },
      {
        why: "The server takes one statement that begins with SELECT; SQLite's cannot write. The text is a list as Python prints it, no JSON.",
      },
    ),
    write_query: tool(
      ["read", "write"],
      { command: "query" },
      {
        resource: { template: "database:all", access: "both" },
        idempotent: false,
        why: "Takes any statement that does not begin with SELECT: also DROP, PRAGMA, and ATTACH, which makes a file. Bound it with `constraints.sql`.",
      },
    ),
    create_table: tool(
      ["read", "write"],
      { command: "query" },
      {
        resource: { template: "database:all", access: "both" },
        idempotent: false,
        why: "`CREATE TABLE … AS SELECT` copies rows, so it reads too.",
      },
    ),
    list_tables: tool(["read"], {}, { why: "Names of tables." }),
    describe_table: tool(
      ["read"],
      { selector: "table_name" },
      { why: "The name goes into `PRAGMA table_info(…)` as it is; SQLite runs one statement only, and that one reads." },
    ),
    append_insight: tool(
      ["write"],
      { content: "insight" },
      {
        resource: { template: "memo:insights", access: "write" },
        idempotent: false,
        why: "Adds text to a memo that the server offers as a resource, and keeps it in memory only.",
      },
    ),
  },
};
