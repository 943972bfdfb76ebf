/**
 * What an author reads whose plan has a fault: for each place of a plan where something else stands than may, the code, the place and the text, word for
 * word. A row without a text is one that is taken: the last value before the bound.
 */
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { suggestion, unknownMembers } from "../../src/plan/schema-issue.ts";
import { parsePlan } from "../../src/plan/schema.ts";

const long = (chars: number): string => "x".repeat(chars);

type Row = readonly [members: Json, ...said: string[]];

/** For each form: members of it, and what is said of them as `CODE pointer: text`, where the pointer begins at the form. */
const rows: { readonly [form: string]: readonly Row[] } = {
  plan: [
    [{ sluice: 2 }, "PLAN_VALUE /sluice: expected `1`, the version of the plan language"],
    [{ name: "a b" }, "PLAN_FORMAT /name: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ name: long(129) }, "PLAN_FORMAT /name: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ task: 1 }, "PLAN_TYPE /task: expected text"],
    [{ notAfter: "soon" }, "PLAN_VALUE /notAfter: expected an instant, as in `2026-12-31T23:59:59Z`"],
    [{ notAfter: 1 }, "PLAN_TYPE /notAfter: expected an instant, as in `2026-12-31T23:59:59Z`"],
    [
      { notAfter: "2026-12-31T23:59:59.000000000000000000000000000000000000000000000000000000000000Z" },
      "PLAN_RANGE /notAfter: expected an instant, as in `2026-12-31T23:59:59Z`",
      "PLAN_VALUE /notAfter: expected an instant, as in `2026-12-31T23:59:59Z`",
    ],
    [{ params: [] }, "PLAN_TYPE /params: expected an object"],
    [
      { params: { "a b": { type: "string" } } },
      "PLAN_NAME /params/a b: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`",
    ],
    [{ params: { a: 1 } }, "PLAN_TYPE /params/a: expected an object: a JSON Schema in the vocabulary of `match`"],
    [
      { params: { a: { type: "text" } } },
      "PLAN_VALUE /params/a/type: expected `string`, `number`, `integer`, `boolean`, `array` or `object`",
    ],
    [
      { params: { a: { type: "string", read: 1 } } },
      "PLAN_TYPE /params/a/read: expected a way of reading, as in `date`, or an object with `kind`",
    ],
    [{ labels: { a: { integrity: "maybe" } } }, "PLAN_VALUE /labels/a/integrity: expected `trusted` or `untrusted`"],
    [{ labels: { a: { integrity: "trusted", readers: 1 } } }, "PLAN_TYPE /labels/a/readers: expected a list of readers"],
    [
      { labels: { a: { integrity: "trusted", readers: [""] } } },
      "PLAN_RANGE /labels/a/readers/0: expected a text of 1 to 256 characters",
    ],
    [
      { labels: { a: { integrity: "trusted", readers: [long(257)] } } },
      "PLAN_RANGE /labels/a/readers/0: expected a text of 1 to 256 characters",
    ],
    [{ limits: { calls: 0 } }, "PLAN_RANGE /limits/calls: expected an integer from 1 to 1000000"],
    [{ limits: { seconds: 1.5 } }, "PLAN_TYPE /limits/seconds: expected an integer from 1 to 31622400"],
    [{ limits: { maxBytes: -1 } }, "PLAN_RANGE /limits/maxBytes: expected an integer from 1 to 16777216"],
    [{ nodes: { "a b": { tool: "s/t" } } }, "PLAN_NAME /nodes/a b: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ nodes: [] }, "PLAN_TYPE /nodes: expected an object"],
    [{ nodes: { a: 1 } }, "PLAN_NODE /nodes/a: expected a node: an object with `tool` or `let`"],
    [{ nodes: { a: {} } }, "PLAN_NODE /nodes/a: expected a node: an object with `tool` or `let`"],
    [{ nodes: { a: { tool: "x y" } } }],
    [{ nodes: { a: { tool: " x" } } }, "PLAN_FORMAT /nodes/a/tool: expected the name of a tool, as in `server/tool`"],
    [{ nodes: { a: { tool: long(257) } } }, "PLAN_RANGE /nodes/a/tool: expected the name of a tool, as in `server/tool`"],
    [{ nodes: { a: { tool: long(256) } } }],
    [{ nodes: { a: { tool: 1 } } }, "PLAN_TYPE /nodes/a/tool: expected the name of a tool, as in `server/tool`"],
    [{ nodes: { a: { tool: "s/t", let: "1" } } }, "PLAN_NODE /nodes/a: a node has `tool` or `let`, not both"],
    [
      { nodes: { a: { args: {} } } },
      "PLAN_MISSING /nodes/a/tool: `tool` is missing: expected the name of a tool, as in `server/tool`",
    ],
    [{ nodes: { a: { let: 1 } } }, "PLAN_TYPE /nodes/a/let: expected an expression (CEL) of 1 to 4000 characters"],
    [{ nodes: { a: { let: "" } } }, "PLAN_RANGE /nodes/a/let: expected an expression (CEL) of 1 to 4000 characters"],
    [{ flows: 1 }, "PLAN_TYPE /flows: expected a list of flow rules"],
    [{ flows: [{ id: "a", deny: [], to: "*" }] }, "PLAN_RANGE /flows/0/deny: expected at least one name"],
    [{ flows: [{ id: "a", deny: ["b"], to: [] }] }, "PLAN_RANGE /flows/0/to: expected at least one text"],
    [{ flows: [{ id: "a", deny: ["b"], to: 1 }] }, "PLAN_TYPE /flows/0/to: expected a tool name or glob, or a list of them"],
    [{ flows: [{ id: "a", deny: ["b"], to: "*", args: [] }] }, "PLAN_RANGE /flows/0/args: expected at least one argument name"],
    [{ flows: [{ id: "a", deny: ["b"], to: "*", args: 1 }] }, "PLAN_TYPE /flows/0/args: expected a list of argument names"],
    [{ flows: [{ id: "a", deny: ["b"], to: "*", roles: [] }] }, "PLAN_RANGE /flows/0/roles: expected at least one role"],
    [
      { flows: [{ id: "a", deny: ["b"], to: "*", roles: ["x"] }] },
      "PLAN_VALUE /flows/0/roles/0: expected one of `target`, `command`, `credential`, `selector`, `control`, `content`",
    ],
    [{ flows: [{ id: "a", deny: ["b"], to: "*", roles: 1 }] }, "PLAN_TYPE /flows/0/roles: expected a list of roles"],
    [{ flows: [{ id: "a", deny: ["b"], to: "*", approve: "me" }] }, "PLAN_VALUE /flows/0/approve: expected `human`"],
    [{ flows: [{ id: "a", deny: 1, to: "*" }] }, "PLAN_TYPE /flows/0/deny: expected a list of names"],
    [{ envelope: 1 }, "PLAN_TYPE /envelope: expected a list of envelope entries"],
    [{ envelope: [{ tool: "s/t", times: 0 }] }, "PLAN_RANGE /envelope/0/times: expected an integer from 1 to 1000000"],
    [{ tsak: "x" }, "PLAN_MEMBER /tsak: unknown member `tsak`: did you mean `task`?"],
    [
      { zzz: 1 },
      "PLAN_MEMBER /zzz: unknown member `zzz`: known are `sluice`, `name`, `task`, `description`, `notAfter`, `params`, `labels`, `limits`, `nodes`, `flows`, `envelope`",
    ],
  ],
  node: [
    [{ description: 1 }, "PLAN_TYPE /description: expected text"],
    [
      { args: { sluice_node: 1 } },
      "PLAN_NAME /args/sluice_node: the name of an argument has 1 to 128 characters, and is not `sluice_node`",
    ],
    [{ args: { "": 1 } }, "PLAN_NAME /args/: the name of an argument has 1 to 128 characters, and is not `sluice_node`"],
    [{ args: { sluice_nodes: 1 } }],
    [
      {
        args: {
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1,
        },
      },
    ],
    [
      {
        args: {
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1,
        },
      },
      "PLAN_NAME /args/…: the name of an argument has 1 to 128 characters, and is not `sluice_node`",
    ],
    [{ args: [] }, "PLAN_TYPE /args: expected an object"],
    [{ labels: 1 }, "PLAN_TYPE /labels: expected a list of label names"],
    [{ labels: ["a b"] }, "PLAN_FORMAT /labels/0: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ parse: "xml" }, "PLAN_VALUE /parse: expected `json` or `yaml`"],
    [{ removes: { labels: [], paths: ["$"] } }, "PLAN_RANGE /removes/labels: expected at least one name"],
    [{ removes: { labels: ["a"], paths: [] } }, "PLAN_RANGE /removes/paths: expected at least one path"],
    [{ removes: { labels: ["a"], paths: 1 } }, "PLAN_TYPE /removes/paths: expected a list of paths"],
    [
      { removes: { labels: ["a"], paths: ["x$"] } },
      "PLAN_FORMAT /removes/paths/0: expected a path that begins with `$`, as in `$.rows[*].id`",
    ],
    [
      { removes: { labels: ["a"], paths: [`$${long(5000)}`] } },
      "PLAN_RANGE /removes/paths/0: expected a path that begins with `$`, as in `$.rows[*].id`",
    ],
    [{ times: 0 }, "PLAN_RANGE /times: expected an integer from 1 to 1000000"],
    [{ times: "a" }, "PLAN_TYPE /times: expected a number of runs, or an object with `max` and perhaps `min`"],
    [{ times: { min: -1, max: 1 } }, "PLAN_RANGE /times/min: expected an integer from 0 to 1000000"],
    [{ times: { max: 0 } }, "PLAN_RANGE /times/max: expected an integer from 1 to 1000000"],
    [{ each: 1 }, "PLAN_TYPE /each: expected the name of a node, or an object with `from` and `max`"],
    [{ each: { from: "b", max: 1 } }, "PLAN_FORMAT /each/from: expected a reference to a result, as in `node$.path`"],
    [{ each: { from: "b$", max: 0 } }, "PLAN_RANGE /each/max: expected an integer from 1 to 100000"],
    [{ each: { from: " b$", max: 1 } }, "PLAN_FORMAT /each/from: expected a reference to a result, as in `node$.path`"],
    [
      { each: { from: `b$${long(5998)}`, max: 1 } },
      "PLAN_RANGE /each/from: expected a reference to a result, as in `node$.path`",
    ],
    [{ when: "" }, "PLAN_RANGE /when: expected an expression (CEL) of 1 to 4000 characters"],
    [{ when: 1 }, "PLAN_TYPE /when: expected an expression (CEL) of 1 to 4000 characters"],
    [{ optional: 1 }, "PLAN_TYPE /optional: expected true or false"],
    [{ after: 1 }, "PLAN_TYPE /after: expected a list of node names"],
    [{ after: ["a b"] }, "PLAN_FORMAT /after/0: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ require: 1 }, "PLAN_TYPE /require: expected a list of expressions"],
    [{ require: [""] }, "PLAN_RANGE /require/0: expected an expression (CEL) of 1 to 4000 characters"],
    [{ show: "some" }, "PLAN_TYPE /show: expected `all`, `none` or a list of paths"],
    [{ show: 1 }, "PLAN_TYPE /show: expected `all`, `none` or a list of paths"],
    [{ show: ["a"] }, "PLAN_FORMAT /show/0: expected a path that begins with `$`, as in `$.rows[*].id`"],
    [{ constraints: 1 }, "PLAN_TYPE /constraints: expected an object"],
  ],
  rule: [
    [{ const: 1, param: "a" }, "PLAN_RULE : a rule has one class, here are `const` and `param`"],
    [
      { cnst: 1 },
      "PLAN_RULE : a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`: for `cnst` did you mean `const`?",
    ],
    [
      { zzz: 1 },
      'PLAN_RULE : a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`; an object as a constant is `{"const": …}`',
    ],
    [
      {},
      'PLAN_RULE : a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`; an object as a constant is `{"const": …}`',
    ],
    [
      [{ x: 1 }],
      'PLAN_RULE /0: a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`; an object as a constant is `{"const": …}`',
    ],
    [{ param: "a b" }, "PLAN_FORMAT /param: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ from: "b" }, "PLAN_FORMAT /from: expected a reference to a result, as in `node$.path`"],
    [{ from: "b$", pick: "any" }, "PLAN_VALUE /pick: expected `first`, `last` or `agent`"],
    [{ from: "b$", extract: 1 }, "PLAN_TYPE /extract: expected the name of a grammar, or an object with its options"],
    [{ from: "b$", where: "" }, "PLAN_RANGE /where: expected an expression (CEL) of 1 to 4000 characters"],
    [{ item: "a" }, "PLAN_FORMAT /item: expected a path that begins with `$`, as in `$.rows[*].id`"],
    [{ item: 1 }, "PLAN_TYPE /item: expected a path that begins with `$`, as in `$.rows[*].id`"],
    [{ expr: "" }, "PLAN_RANGE /expr: expected an expression (CEL) of 1 to 4000 characters"],
    [{ template: "xml", text: "" }, "PLAN_VALUE /template: expected `sql`, `url`, `path`, `argv`, `header` or `text`"],
    [{ template: "sql", text: 1 }, "PLAN_TYPE /text: expected text"],
    [{ template: "sql", text: "", with: 1 }, "PLAN_TYPE /with: expected an object"],
    [
      { template: "sql", text: "", with: { "a b": 1 } },
      "PLAN_NAME /with/a b: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`",
    ],
    [{ choose: 1 }, "PLAN_TYPE /choose: expected an object"],
    [{ write: 1 }, "PLAN_TYPE /write: expected an object"],
    [{ write: { maxLength: 0 } }, "PLAN_RANGE /write/maxLength: expected an integer from 1 to 4194304"],
    [{ write: { links: "all" } }, "PLAN_TYPE /write/links: expected `none`, `plan` or a list of hosts"],
    [{ write: { links: [1] } }, "PLAN_TYPE /write/links/0: expected a host, as in `example.com` or `*.example.com`"],
    [{ write: { links: [long(261)] } }, "PLAN_RANGE /write/links/0: expected a host, as in `example.com` or `*.example.com`"],
    [{ object: 1 }, "PLAN_TYPE /object: expected an object"],
    [
      { object: { sluice_node: 1 } },
      "PLAN_NAME /object/sluice_node: the name of an argument has 1 to 128 characters, and is not `sluice_node`",
    ],
    [{ param: "a", match: 1 }, "PLAN_TYPE /match: expected an object"],
    [{ param: "a", optional: 1 }, "PLAN_TYPE /optional: expected true or false"],
    [{ param: "a", endorse: { from: 1, to: "a", why: "x" } }, "PLAN_TYPE /endorse/from: expected a label or labels"],
    [{ param: "a", endorse: { from: "a", to: "a", why: "" } }, "PLAN_RANGE /endorse/why: say why"],
    [{ param: "a", declassify: { from: 1, to: "public", why: "x" } }, "PLAN_TYPE /declassify/from: expected a label or labels"],
    [
      { param: "a", declassify: { from: "a", to: 1, why: "" } },
      "PLAN_TYPE /declassify/to: expected `public`, a reader or readers",
      "PLAN_RANGE /declassify/why: say why",
    ],
    [{ param: "a", declassify: { from: "a", to: [], why: "x" } }, "PLAN_RANGE /declassify/to: expected at least one text"],
    [
      { CONST: 1 },
      "PLAN_RULE : a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`: for `CONST` did you mean `const`?",
    ],
    [
      { parm: "a" },
      "PLAN_RULE : a rule object names its class, one of `const`, `param`, `from`, `item`, `expr`, `template`, `choose`, `write`, `object`: for `parm` did you mean `param`?",
    ],
    [
      { template: "sql", text: "", const: 1, param: "x" },
      "PLAN_RULE : a rule has one class, here are `const` and `param` and `template`",
    ],
    [
      { const: 1, wehre: "x" },
      "PLAN_MEMBER /wehre: unknown member `wehre`: known are `const`, `match`, `optional`, `endorse`, `declassify`",
    ],
  ],
  constraints: [
    [{ readOnly: 1 }, "PLAN_TYPE /readOnly: expected true or false"],
    [{ maxBytes: 0 }, "PLAN_RANGE /maxBytes: expected an integer from 1 to 16777216"],
    [{ hosts: 1 }, "PLAN_TYPE /hosts: expected a list of hosts"],
    [{ hosts: [1] }, "PLAN_TYPE /hosts/0: expected a host, as in `example.com` or `*.example.com`"],
    [{ hosts: [""] }, "PLAN_RANGE /hosts/0: expected a host, as in `example.com` or `*.example.com`"],
    [{ paths: 1 }, "PLAN_TYPE /paths: expected a list of path prefixes"],
    [{ paths: [""] }, "PLAN_RANGE /paths/0: expected a path prefix"],
    [{ sql: { statements: [] } }, "PLAN_RANGE /sql/statements: expected at least one text"],
    [{ sql: { statements: 1 } }, "PLAN_TYPE /sql/statements: expected a list of texts"],
    [{ sql: { statements: ["select"], dialect: "oracle" } }, "PLAN_VALUE /sql/dialect: expected `postgres`, `sqlite` or `mysql`"],
    [{ sql: { statements: ["select"], tables: 1 } }, "PLAN_TYPE /sql/tables: expected a list of tables"],
    [
      { sql: { statements: ["select"], columns: 1 } },
      "PLAN_TYPE /sql/columns: expected columns by table, or a list of `table.column`",
    ],
    [{ sql: { statements: ["select"], columns: [1] } }, "PLAN_TYPE /sql/columns/0: expected a text of 1 to 256 characters"],
    [{ sql: { statements: ["select"], columns: { "": ["a"] } } }, "PLAN_NAME /sql/columns/: expected the name of a table"],
    [{ sql: { statements: ["select"], functions: 1 } }, "PLAN_TYPE /sql/functions: expected a list of functions"],
    [{ emails: 1 }, "PLAN_TYPE /emails: expected a list of addresses"],
    [{ emails: [""] }, "PLAN_RANGE /emails/0: expected an address, as in `ada@example.com`"],
    [{ domains: 1 }, "PLAN_TYPE /domains: expected a list of domains"],
    [{ domains: [""] }, "PLAN_RANGE /domains/0: expected a domain, as in `example.com` or `*.example.com`"],
    [{ argv: { programs: [] } }, "PLAN_RANGE /argv/programs: expected at least one text"],
    [{ argv: { programs: ["a"], options: 1 } }, "PLAN_TYPE /argv/options: expected a list of options"],
    [{ sandbox: "a b" }, "PLAN_FORMAT /sandbox: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`"],
    [{ approve: "me" }, "PLAN_VALUE /approve: expected `human`"],
    [{ rate: { calls: 0, per: "day" } }, "PLAN_RANGE /rate/calls: expected an integer from 1 to 1000000"],
    [{ rate: { calls: 1, per: "week" } }, "PLAN_VALUE /rate/per: expected `second`, `minute`, `hour` or `day`"],
    [{ budget: 1 }, "PLAN_TYPE /budget: expected a budget, or a list of budgets"],
    [{ budget: { max: -1 } }, "PLAN_RANGE /budget/max: expected a number from 0"],
    [{ budget: { max: "1" } }, "PLAN_TYPE /budget/max: expected a number from 0"],
    [{ budget: { max: 1, scope: "world" } }, "PLAN_VALUE /budget/scope: expected `session`, `principal` or `plan`"],
    [{ budget: { max: 1, per: "week" } }, "PLAN_VALUE /budget/per: expected `second`, `minute`, `hour` or `day`"],
    [{ budget: [1] }, "PLAN_TYPE /budget/0: expected an object"],
    [{ readonly: true }, "PLAN_MEMBER /readonly: unknown member `readonly`: did you mean `readOnly`?"],
    [{ idempotnt: true }, "PLAN_MEMBER /idempotnt: unknown member `idempotnt`: did you mean `idempotent`?"],
  ],
};

const node = { tool: "s/t", args: {} };
const around: { readonly [form: string]: { readonly at: string; readonly make: (members: Json) => Json } } = {
  plan: { at: "", make: (members) => ({ sluice: 1, name: "p", nodes: { a: node }, ...(members as JsonObject) }) },
  node: { at: "/nodes/a", make: (members) => planOf({ ...node, ...(members as JsonObject) }) },
  rule: { at: "/nodes/a/args/x", make: (rule) => planOf({ ...node, args: { x: rule } }) },
  constraints: { at: "/nodes/a/constraints", make: (constraints) => planOf({ ...node, constraints }) },
};

function planOf(only: Json): Json {
  return { sluice: 1, name: "p", nodes: { a: only } };
}

describe.each(Object.keys(around))("of a %s", (form) => {
  const { at, make } = around[form] as (typeof around)[string];
  const named = (rows[form] as readonly Row[]).map(
    ([members, ...said]) => [JSON.stringify(members).slice(0, 60), members, said] as const,
  );
  it.each(named)("%s", (_name, members, said) => {
    const read = parsePlan(make(members));
    const faults = read.ok ? [] : read.error;
    expect(faults.filter(({ severity, pointer }) => severity !== "error" || !pointer?.startsWith(at))).toEqual([]);
    expect(
      faults.map(({ code, pointer, message }) => `${code} ${pointer?.slice(at.length).replace(/x{120,}/, "…")}: ${message}`),
    ).toEqual(said);
  });
});

it("says of what is missing in the whole document that the plan is", () => {
  const read = parsePlan({});
  expect(read.ok ? [] : read.error.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`)).toEqual([
    "PLAN_MISSING /sluice: `sluice` is missing: expected `1`, the version of the plan language",
    "PLAN_MISSING /name: `name` is missing: a name has 1 to 128 of the characters `A-Z a-z 0-9 _ . -`",
    "PLAN_MISSING /nodes: `nodes` is missing: expected an object",
  ]);
  expect(parsePlan([])).toMatchObject({ error: [{ code: "PLAN_TYPE", pointer: "", message: "expected an object" }] });
});

describe("the name that was meant", () => {
  it.each([
    ["tsak", ["task", "tool"], ": did you mean `task`?"],
    ["TASK", ["mask", "task"], ": did you mean `task`?"],
    ["tool", ["TOOL"], ": did you mean `TOOL`?"],
    // Of two that are as near the first.
    ["cat", ["bat", "hat"], ": did you mean `bat`?"],
    ["bats", ["bat", "bats"], ": did you mean `bats`?"],
    // At most a third of the characters, and one of a short name.
    ["abc", ["abd"], ": did you mean `abd`?"],
    ["abc", ["axy"], ": known are `axy`"],
    ["a", ["b"], ": did you mean `b`?"],
    ["a", ["bc"], ": known are `bc`"],
    ["a", ["ab"], ": did you mean `ab`?"],
    ["abcdef", ["abcdxy"], ": did you mean `abcdxy`?"],
    ["abcdef", ["abcxyz"], ": known are `abcxyz`"],
    ["abcdef", ["abcdefgh"], ": did you mean `abcdefgh`?"],
    ["abcdef", ["abcdefghi"], ": known are `abcdefghi`"],
    ["abcdefghi", ["abcdefxyz"], ": did you mean `abcdefxyz`?"],
    ["abcdefghi", ["abcdexyzw"], ": known are `abcdexyzw`"],
    // A swap is two changes, and what is put in counts once.
    ["abcdef", ["bacdef"], ": did you mean `bacdef`?"],
    ["abcdef", ["xyabcdef"], ": did you mean `xyabcdef`?"],
    ["abcdef", ["fabcde"], ": did you mean `fabcde`?"],
    // A name of 64 characters is looked at, a longer one is no slip.
    [long(64), [`${long(63)}y`], `: did you mean \`${long(63)}y\`?`],
    [long(65), [`${long(64)}y`], `: known are \`${long(64)}y\``],
    ["q", [], ""],
    [
      "q",
      Array.from({ length: 12 }, (_, i) => `name${i}`),
      `: known are ${Array.from({ length: 12 }, (_, i) => `\`name${i}\``).join(", ")}`,
    ],
    ["q", Array.from({ length: 13 }, (_, i) => `name${i}`), ""],
  ] as const)("of `%s` among %j", (name, known, said) => {
    expect(suggestion(name, known)).toBe(said);
  });

  it("stands in one line for each member that nobody knows", () => {
    expect(unknownMembers(["tsak", "b\u0007"], ["task"])).toBe(
      "unknown member `tsak`: did you mean `task`?\nunknown member `b\\u{7}`: known are `task`",
    );
  });
});
