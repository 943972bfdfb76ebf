/**
 * What the tool of `@modelcontextprotocol/server-postgres` does.
 * Pure data. Never takes the server's word that a query only reads: its transaction can be left.
 */
import { type StarterServer, tool } from "./facts.ts";

/** A PostgreSQL database. */
export const postgres: StarterServer = {
  server: "postgres",
  title: "a PostgreSQL database (the reference server)",
  label: "database_record",
  labels: {},
  resource: "database:all",
  tools: {
    query: tool(
      ["read", "write", "execute"],
      { command: "sql" },
      {
        parse: "json",
        idempotent: false,
        why: "Runs the text inside BEGIN READ ONLY, several statements at once: `COMMIT; DROP …` leaves the transaction, and COPY … TO PROGRAM runs programs where the account may. Bound it with `constraints.sql`.",
      },
    ),
  },
};
