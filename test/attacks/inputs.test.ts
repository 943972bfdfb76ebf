/**
 * Inputs from public bypass lists, each against the constraint that must refuse it: through a frozen plan, a guard and a session.
 * Every table has twins that pass, in the same guard, so that it cannot hold because everything is denied.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { SqlParser } from "../../src/constraints/sql.ts";
import { createGuard, type Guard } from "../../src/engine.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { createNodeSqlParser } from "../../src/sql/node-sql-parser.ts";
import { createPostgresParser } from "../../src/sql/postgres.ts";
import { commandTables } from "./inputs/commands.ts";
import { mailTables } from "./inputs/mail.ts";
import { pathTables } from "./inputs/paths.ts";
import { sqlTables } from "./inputs/sql.ts";
import type { AttackTable } from "./inputs/table.ts";
import { urlTables } from "./inputs/urls.ts";
import { jsonTexts, valueTables } from "./inputs/values.ts";

const tables: readonly AttackTable[] = [
  ...urlTables,
  ...pathTables,
  ...sqlTables,
  ...commandTables,
  ...mailTables,
  ...valueTables,
];

const catalogue = {
  labels: { safe: { integrity: "trusted" } },
  tools: [
    { name: "web/fetch", sluice: { effects: ["read", "network"], labels: ["safe"], roles: { url: "target", note: "content" } } },
    { name: "disk/write", sluice: { effects: ["write"], labels: ["safe"], roles: { path: "target" } } },
    { name: "db/run", sluice: { effects: ["read", "execute"], labels: ["safe"], roles: { sql: "command" } } },
    { name: "shell/run", sluice: { effects: ["execute"], labels: ["safe"], roles: { argv: "command" } } },
    {
      name: "mail/post",
      sluice: {
        effects: ["message"],
        labels: ["safe"],
        roles: { to: "target", cc: "content", subject: "content" },
        audience: [],
      },
    },
    { name: "form/set", sluice: { effects: ["write"], labels: ["safe"], roles: { value: "target", text: "content" } } },
  ],
};

const parsers: SqlParser[] = [];
beforeAll(async () => {
  parsers.push(await createPostgresParser(), await createNodeSqlParser("sqlite"), await createNodeSqlParser("mysql"));
});

function guardOf(table: Pick<AttackTable, "tool" | "arg" | "rule" | "others" | "constraints">): Guard {
  const read = readCatalogue(catalogue as unknown as Json);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const args: { readonly [name: string]: ArgRule } = { ...table.others, [table.arg]: table.rule ?? { choose: {} } };
  const node = { tool: table.tool, args, ...(table.constraints === undefined ? {} : { constraints: table.constraints }) };
  const plan = parsePlan({ sluice: 1, name: "attacked", nodes: { n: node } } as unknown as Json);
  const frozen = plan.ok ? freezePlan(plan.value as Plan, read.value) : plan;
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const guard = createGuard(frozen.value, { clock: () => 0, sql: parsers });
  if (!guard.ok) throw new Error(JSON.stringify(guard.error));
  return guard.value;
}

/** The code of a denial, or `allow`. Each input has a session of its own, so that none profits from another. */
function attempt(guard: Guard, tool: string, args: Json): string {
  const session = guard.session({ id: "s", key: "0".repeat(32) });
  if (!session.ok) throw new Error(session.error.message);
  const verdict = session.value.check({ tool, args });
  return verdict.decision === "allow" ? "allow" : verdict.code;
}

/** What a refused value may be called: by its constraint, or because it is no value at all. */
const refusals = ["ARG_CONSTRAINT", "ARG_TEXT", "CALL_MALFORMED", "ARG_MISSING"];

describe.each(tables)("$title", (table) => {
  it("lets the plain values through", () => {
    const guard = guardOf(table);
    for (const value of table.benign)
      expect([value, attempt(guard, table.tool, { [table.arg]: value })]).toEqual([value, "allow"]);
  });

  it("refuses every hostile one", () => {
    const guard = guardOf(table);
    const passed = table.hostile.filter((value) => !refusals.includes(attempt(guard, table.tool, { [table.arg]: value })));
    expect(passed).toEqual([]);
  });
});

describe("arguments as text", () => {
  const send = (guard: Guard, text: string): string => {
    const read = readJson(text);
    return read.ok ? attempt(guard, "form/set", read.value) : "CALL_MALFORMED";
  };
  const guard = (): Guard =>
    guardOf({ tool: "form/set", arg: "value", rule: { choose: { type: "integer", minimum: 1, maximum: 100 } } });

  it("are read where they are plain", () => {
    const open = guard();
    for (const text of jsonTexts.benign) expect([text, send(open, text)]).toEqual([text, "allow"]);
  });

  it("are refused where two readers could differ, or the plan says nothing of them", () => {
    const open = guard();
    expect(jsonTexts.hostile.filter((text) => send(open, text) === "allow")).toEqual([]);
  });
});

describe("the list", () => {
  it("holds hundreds of inputs, each once in its table", () => {
    const count = tables.reduce((sum, { hostile }) => sum + hostile.length, jsonTexts.hostile.length);
    expect(count).toBeGreaterThanOrEqual(300);
    for (const { hostile } of tables) {
      const texts = hostile.filter((value) => typeof value === "string");
      expect(new Set(texts).size).toBe(texts.length);
    }
    for (const { title, benign } of tables) expect([title, benign.length > 0]).toEqual([title, true]);
  });
});
