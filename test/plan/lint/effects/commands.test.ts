/** Commands that are put together from texts, and statements that are wider than they look: each finding with all its words. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const acting = (effect: string): object =>
  tool(`${effect}/do`, ["sql"], { effects: ["read", effect], labels: ["own"], roles: { sql: "command" } });
const catalogue = catalogueOf(
  [
    tool("own/get", ["q"], { effects: ["read"], labels: ["own"], roles: { q: "selector" } }),
    tool("sh/run", ["command", "note"], {
      effects: ["execute"],
      labels: ["own"],
      roles: { command: "command", note: "content" },
    }),
    tool("web/fetch", ["url"], { effects: ["read", "network"], labels: ["own"], roles: { url: "target" } }),
    tool("db/query", ["sql", "statement", "script", "title"], {
      effects: ["read"],
      labels: ["own"],
      roles: { sql: "command", statement: "command", script: "command", title: "content" },
    }),
    ...["write", "money", "message", "execute", "network"].map(acting),
  ],
  { own: { integrity: "trusted" } },
);

const get = { tool: "own/get", args: { q: "x" }, show: "none" };
const run = (command: unknown, more: object = {}): object => ({
  tool: "sh/run",
  args: { command },
  constraints: { sandbox: "s" },
  ...more,
});
const running = (expr: string, more: object = {}): Plan =>
  plan({ get, run: run({ expr }, more) }, { params: { p: { type: "string" }, n: { type: "number" } } });

const computed: readonly (readonly [what: string, value: Plan, isFound: boolean])[] = [
  ["a text before a value", running("'ls ' + params.p"), true],
  ["a text after a value", running("params.p + ' -l'"), true],
  ["two values", running("get.a + get.b"), false],
  ["a number and a value", running("params.n + 1"), false],
  ["a text that is compared", running("params.p == 'x' ? get.a : get.b"), false],
  ["a call of format", running("format('ls {}', params.p)"), true],
  ["a call of join", running("join(get.words, ' ')"), true],
  ["a call of another function", running("round(params.n)"), false],
  ["a member of what is put together", running("['ls ' + params.p][0].a"), true],
  ["a negated comparison", running("!(params.p + 'x' == get.a)"), true],
  ["a negative number", running("-size('a' + params.p)"), true],
  ["the list of an index", running("['a' + params.p][0]"), true],
  ["the index of a list", running("get.words[size('a' + params.p)]"), true],
  ["a list and its index that put nothing together", running("get.words[0]"), false],
  ["the left of a conjunction", running("'a' + params.p == 'b' && get.ok"), true],
  ["the right of a conjunction", running("get.ok && 'a' + params.p == 'b'"), true],
  ["the left of a disjunction", running("'a' + params.p == 'b' || get.ok"), true],
  ["the right of a disjunction", running("get.ok || 'a' + params.p == 'b'"), true],
  ["the left of a comparison", running("'a' + params.p == get.b"), true],
  ["the right of a comparison", running("get.b == 'a' + params.p"), true],
  ["a condition", running("'a' + params.p == 'b' ? get.a : get.b"), true],
  ["what is taken where a condition holds", running("get.ok ? 'a' + params.p : get.b"), true],
  ["what is taken where it does not", running("get.ok ? get.b : 'a' + params.p"), true],
  ["a condition that puts nothing together", running("get.ok ? get.a : get.b"), false],
  ["an element of a list", running("[get.a, 'a' + params.p]"), true],
  ["a list that puts nothing together", running("[get.a, params.p]"), false],
  ["an argument of a call", running("min([1, size('a' + params.p)])"), true],
  ["a later argument of a call", running("round(params.n, size('a' + params.p))"), true],
  ["the list of a macro", running("['a' + params.p].all(x, x == get.a)"), true],
  ["what a macro makes", running("get.words.map(x, 'a' + x)"), true],
  ["what a macro tests", running("get.words.filter(x, 'a' + x == 'b')"), true],
  ["a macro that tests first and then makes", running("get.words.map(x, x != params.p, 'a' + x)"), true],
  ["a macro that puts nothing together", running("get.words.map(x, x)"), false],
  ["whether a member is there, of what is put together", running("has(['b' + params.p][0].a)"), true],
  ["a row", plan({ get, run: run({ expr: "'ls ' + item.name" }, { each: { from: "get$.rows", max: 2 } }) }), true],
  ["the results by their name", running("'ls ' + nodes.get.a"), true],
  ["a list, one element of which it is", plan({ get, run: run(["ls", { expr: "'-' + get.a" }]) }), true],
  [
    "a hole of a template, which is encoded",
    plan({ get, run: run({ template: "argv", text: "ls {x}", with: { x: { expr: "'a' + get.a" } } }) }),
    false,
  ],
  ["content", plan({ get, run: { ...run("ls"), args: { command: "ls", note: { expr: "'a' + get.a" } } } }), false],
  ["a target", plan({ get, web: { tool: "web/fetch", args: { url: { expr: "'https://' + get.host" } } } }), true],
  ["a selector", plan({ get, own: { tool: "own/get", args: { q: { expr: "'a' + get.a" } } } }), false],
];

describe("a command that an expression puts together from texts, by", () => {
  it.each(computed)("%s", (_what, value, isFound) => {
    expect(said(value, catalogue, "PLAN_EXPR*", "LANG_EXPR*")).toEqual([]);
    expect(said(value, catalogue, "LINT_COMMAND_COMPUTED")).toHaveLength(isFound ? 1 : 0);
  });

  it("is said with its role and its tool", () => {
    expect(said(running("'ls ' + params.p"), catalogue, "LINT_COMMAND_COMPUTED")).toEqual([
      "warning LINT_COMMAND_COMPUTED /nodes/run/args/command: the command `command` of `sh/run` is put together from texts: a typed template encodes each value for its place",
    ]);
    expect(
      said(
        plan({ get, web: { tool: "web/fetch", args: { url: { expr: "'https://' + get.host" } } } }),
        catalogue,
        "LINT_COMMAND_COMPUTED",
      ),
    ).toEqual([
      "warning LINT_COMMAND_COMPUTED /nodes/web/args/url: the target `url` of `web/fetch` is put together from texts: a typed template encodes each value for its place",
    ]);
  });
});

const query = (args: object, constraints?: object): Plan =>
  plan({ get, query: { tool: "db/query", args, ...(constraints === undefined ? {} : { constraints }) } });
const sqlTemplate = (text: string): object => ({ template: "sql", text, with: { x: { from: "get$.x" } } });
const by = (name: string): Plan =>
  plan({ query: { tool: `${name}/do`, args: { sql: "delete from t" }, constraints: { sandbox: "s" } } });

const statements: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  ["a constant that reads", query({ sql: "select a from t" }), []],
  [
    "a constant that selects everything",
    query({ sql: "SELECT * FROM t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "everything of one table",
    query({ sql: "select  t.* from t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "everything of one quoted table",
    query({ sql: 'select "of t".* from t' }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "everything of one table of a schema",
    query({ sql: "select s.`t`.* from s.t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "a column, and everything",
    query({ sql: "select a, * from t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "a column, and everything of one table",
    query({ sql: "select a,[t].* from t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "everything, each row of all",
    query({ sql: "select all * from t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  ["a comment before a statement that reads", query({ sql: "-- who\n/* when\n * and */ select a from t" }), []],
  [
    "a comment before a statement that writes",
    query({ sql: "/* select */ delete from t" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `delete`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "a comment alone",
    query({ sql: "-- select" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with ``, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "everything, each row once",
    query({ sql: "select distinct  * from t" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  [
    "everything, in a statement within",
    query({ sql: "select a from (select * from t)" }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  ["a number of rows", query({ sql: "select count(*) from t" }), []],
  ["a product", query({ sql: "select a * b from t" }), []],
  [
    "a constant that deletes",
    query({ sql: "delete from t" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `delete`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "a statement within parentheses",
    query({ sql: " ( Drop table t)" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `drop`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "a statement that has no first word",
    query({ sql: "1; delete from t" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with ``, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  ...["with", "show", "explain", "describe", "desc", "values", "table", "pragma"].map(
    (word): readonly [string, Plan, unknown] => [`a statement that begins with ${word}`, query({ sql: `${word} t` }), []],
  ),
  [
    "a statement that a constraint holds",
    query({ sql: "delete from t" }, { sql: { statements: ["select"], tables: ["t"] } }),
    [],
  ],
  [
    "one of two choices that writes",
    query({ sql: { choose: { enum: ["select a from t", "update t set a = 1"] } } }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `update`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "one of two choices that selects everything",
    query({ sql: { choose: { enum: ["select a from t", "select * from t"] } } }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  ["a choice that is no list", query({ sql: { choose: { const: "delete from t" } } }), []],
  [
    "a constant list of texts and others",
    query({ sql: { const: [1, "delete from t"] } }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `delete`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  ["a constant that is no text", query({ sql: 5 }), []],
  [
    "a template that writes",
    query({ sql: sqlTemplate("delete from t where a = {x}") }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `delete`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  [
    "a template that selects everything",
    query({ sql: sqlTemplate("select * from t where a = {x}") }),
    ["warning LINT_SQL_STAR /nodes/query/args/sql: `*` selects every column, also those that are added later: name them"],
  ],
  ["a template of another kind", query({ sql: { ...sqlTemplate("delete from {x}"), template: "text" } }), []],
  [
    "an argument that is called a statement",
    query({ statement: "delete from t" }),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/statement: the statement begins with `delete`, and `db/query` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  ["an argument that is called something else", query({ script: "delete from t" }), []],
  [
    "an argument that is called something else, under a constraint",
    query({ script: "select * from t" }, { sql: { statements: ["select"], tables: ["t"] } }),
    ["warning LINT_SQL_STAR /nodes/query/args/script: `*` selects every column, also those that are added later: name them"],
  ],
  ["a text that is content", query({ title: "select * from t" }, { sql: { statements: ["select"], tables: ["t"] } }), []],
  [
    "what a reader with a network is given",
    by("network"),
    [
      "warning LINT_SQL_WRITES /nodes/query/args/sql: the statement begins with `delete`, and `network/do` is declared a reader; `sql: { statements: [select] }` would hold it to that",
    ],
  ],
  ["what a tool that writes is given", by("write"), []],
  ["what a tool that pays is given", by("money"), []],
  ["what a tool that sends is given", by("message"), []],
  ["what a tool that executes is given", by("execute"), []],
  [
    "a list of statements that write, on a node that only reads",
    query({ sql: "select a from t" }, { readOnly: true, sql: { statements: ["SELECT", "DELETE"], tables: ["t"] } }),
    [
      "warning LINT_SQL_WRITES /nodes/query/constraints/sql/statements: the node is `readOnly`, and its list of statements has `DELETE`",
    ],
  ],
  [
    "a list of statements that read, on a node that only reads",
    query({ sql: "select a from t" }, { readOnly: true, sql: { statements: ["SELECT"], tables: ["t"] } }),
    [],
  ],
  ["a list of statements that write", query({ sql: "select a from t" }, { sql: { statements: ["delete"], tables: ["t"] } }), []],
  [
    "a statement that is open, and no tables",
    query({ sql: { from: "get$.sql" } }, { sql: { statements: ["select"] } }),
    [
      "warning LINT_SQL_TABLES /nodes/query/constraints/sql: the plan does not fix the statement, and `sql` names no `tables`: it may read any of them",
    ],
  ],
  [
    "a statement that is open beside one that is fixed",
    query({ sql: "select a from t", statement: { from: "get$.sql" } }, { sql: { statements: ["select"] } }),
    [
      "warning LINT_SQL_TABLES /nodes/query/constraints/sql: the plan does not fix the statement, and `sql` names no `tables`: it may read any of them",
    ],
  ],
  ["a statement that is fixed, and no tables", query({ sql: "select a from t" }, { sql: { statements: ["select"] } }), []],
  [
    "a statement that is open, and tables",
    query({ sql: { from: "get$.sql" } }, { sql: { statements: ["select"], tables: ["t"] } }),
    [],
  ],
  [
    "a statement that is open, and columns",
    query({ sql: { from: "get$.sql" } }, { sql: { dialect: "postgres", statements: ["select"], columns: ["t.a"] } }),
    [],
  ],
  ["a statement that is open, and no constraint", query({ sql: { from: "get$.sql" } }), []],
];

describe("of a statement, lint says of", () => {
  it.each(statements)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_SQL*")).toEqual(lines);
  });
});
