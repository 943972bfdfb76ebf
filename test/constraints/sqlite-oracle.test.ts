/**
 * SQLite as an oracle: whatever our rules let through, the database itself says which tables, columns and functions it touches.
 * Statements are put together from pieces; most are nonsense, and nonsense must be harmless too.
 */
import { constants, DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dice, diceOf } from "../spec/dice.ts";
import { compileSql, type SqlParser, type SqlSpec } from "../../src/constraints/sql.ts";
import { createNodeSqlParser } from "../../src/sql/node-sql-parser.ts";

let parser: SqlParser;
beforeAll(async () => {
  parser = await createNodeSqlParser("sqlite");
});

interface Touched {
  readonly tables: Set<string>;
  readonly columns: Set<string>;
  readonly functions: Set<string>;
  readonly others: Set<number>;
}

const database = new DatabaseSync(":memory:");
database.exec(
  "CREATE TABLE orders (id INTEGER, total REAL, secret TEXT); CREATE TABLE cards (id INTEGER, pin TEXT); CREATE TABLE users (id INTEGER, name TEXT)",
);

/** What SQLite would touch to run a statement; `undefined` if it is none. Only the first statement is compiled, as drivers do. */
function touchedBy(text: string): Touched | undefined {
  const touched: Touched = { tables: new Set(), columns: new Set(), functions: new Set(), others: new Set() };
  database.setAuthorizer((action, first, second) => {
    // A recursive definition is reported like a table; it is none.
    if (action === constants.SQLITE_READ && first === "x") return constants.SQLITE_OK;
    if (action === constants.SQLITE_READ) {
      if (first !== null) touched.tables.add(first);
      if (first !== null && second !== null && second !== "") touched.columns.add(`${first}.${second}`);
    } else if (action === constants.SQLITE_FUNCTION) touched.functions.add(second ?? "");
    else if (action !== constants.SQLITE_SELECT && action !== constants.SQLITE_RECURSIVE) touched.others.add(action);
    return constants.SQLITE_OK;
  });
  try {
    database.prepare(text);
    return touched;
  } catch {
    return undefined;
  } finally {
    database.setAuthorizer(null);
  }
}

const names = {
  plain: ["id", "total", "id", "total", "1", "'a'", "NULL"],
  aliased: ["o.id", "o.total", "orders.id"],
  odd: ["secret", "pin", "name", "o.secret", "orders.secret", "c.pin", "q.id", "q.x", "x.id", "u.name", "*", "o.*", "rowid"],
};
const sources = {
  plain: ["orders", "orders", "orders o", "orders AS o"],
  odd: [
    "cards",
    "cards c",
    "users u",
    "main.cards",
    "sqlite_master",
    '"cards"',
    "(orders)",
    "x",
    "cards AS orders",
    "orders, users u",
    "orders o NATURAL JOIN users",
  ],
};
const heads = [
  "WITH x AS (SELECT pin AS id FROM cards) ",
  "WITH cards AS (SELECT id FROM orders) ",
  "WITH x(id) AS (SELECT secret FROM orders) ",
  "WITH x AS (SELECT id FROM orders) ",
  "WITH RECURSIVE x(id) AS (SELECT 1 UNION SELECT id FROM x) ",
];
const tails = [
  " GROUP BY 1",
  " ORDER BY id",
  " ORDER BY secret",
  " LIMIT 1",
  " UNION SELECT pin FROM cards",
  " EXCEPT SELECT id FROM orders",
  " GROUP BY id HAVING count(secret) > 1",
];

/** One statement, by throws of a die; below a depth only plain pieces. */
function statement(dice: Dice, depth: number): string {
  const odd = (percent: number): boolean => dice.chance(percent);
  const expression = (level: number): string => {
    if (level <= 0 || odd(55)) return dice.pick(odd(12) ? names.odd : odd(30) ? names.aliased : names.plain);
    const inner = expression(level - 1);
    return dice.pick<() => string>([
      () => `${dice.pick(["lower", "count", "max", "hex", "load_extension", "coalesce"])}(${inner})`,
      () => `lower(${inner})`,
      () => `${inner} ${dice.pick(["=", "+", "||", "AND", "LIKE", "IS NOT"])} ${expression(level - 1)}`,
      () => `(${statement(dice, level - 1)})`,
      () => `id IN (${statement(dice, level - 1)})`,
      () => `CASE WHEN ${inner} THEN 1 END`,
    ])();
  };
  const source = (level: number): string => {
    if (level <= 0 || odd(65)) return dice.pick(odd(12) ? sources.odd : sources.plain);
    if (odd(40)) return `(${statement(dice, level - 1)}) q`;
    return `${source(0)} ${dice.pick(["JOIN", "LEFT JOIN", "CROSS JOIN"])} users u ON ${expression(1)}`;
  };
  const columns = odd(60) ? expression(depth) : `${expression(depth)}, ${expression(depth)}`;
  const where = odd(50) ? ` WHERE ${expression(depth)}` : "";
  return `${odd(10) ? dice.pick(heads) : ""}SELECT ${columns}${odd(15) ? dice.pick([" AS x", " secret"]) : ""} FROM ${source(depth)}${where}${odd(25) ? dice.pick(tails) : ""}`;
}

const harmless: ReadonlySet<string> = new Set(["lower", "count", "coalesce"]);

function agree(
  spec: SqlSpec,
  judge: (touched: Touched, text: string) => void,
): { readonly accepted: number; readonly run: number } {
  const rule = compileSql(spec);
  let accepted = 0;
  let run = 0;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9_999 }), { minLength: 60, maxLength: 60 }), (numbers) => {
      const text = statement(diceOf(numbers), 2);
      if (!rule.accepts(text, parser)) return;
      accepted += 1;
      const touched = touchedBy(text);
      if (touched === undefined) return;
      run += 1;
      expect([text, [...touched.others]]).toEqual([text, []]);
      // `||`, LIKE and the like are functions to SQLite, but nobody calls them.
      const called = [...touched.functions].filter((each) => !harmless.has(each) && each !== "like" && each !== "subtype");
      expect([text, called]).toEqual([text, []]);
      judge(touched, text);
    }),
    { numRuns: 1_500, seed: 7 },
  );
  return { accepted, run };
}

const functions = [...harmless];

describe("a statement that is let through", () => {
  it("without a dialect, touches no table but those listed", () => {
    const counts = agree({ statements: ["SELECT", "WITH"], tables: ["orders"], functions }, ({ tables }, text) => {
      expect([text, [...tables].filter((each) => each !== "orders")]).toEqual([text, []]);
    });
    expect(counts.run).toBeGreaterThan(100);
  });

  it("of SQLite, touches no table but those listed", () => {
    const counts = agree({ dialect: "sqlite", statements: ["SELECT"], tables: ["orders"], functions }, ({ tables }, text) => {
      expect([text, [...tables].filter((each) => each !== "orders")]).toEqual([text, []]);
    });
    expect(counts.run).toBeGreaterThan(100);
  });

  it("of SQLite, touches no column but those listed", () => {
    const columns = { orders: ["id", "total"], users: ["id", "name"] };
    const allowed = new Set(["orders.id", "orders.total", "users.id", "users.name"]);
    const counts = agree(
      { dialect: "sqlite", statements: ["SELECT"], tables: ["orders", "users"], columns, functions },
      (touched, text) => {
        expect([text, [...touched.columns].filter((each) => !allowed.has(each))]).toEqual([text, []]);
      },
    );
    expect(counts.run).toBeGreaterThan(100);
  });
});
