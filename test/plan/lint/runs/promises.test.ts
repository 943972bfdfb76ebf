/** References against what tools say that they return: what is never there, and loops over what is no list. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { plan } from "../linting.ts";
import { each, get, told, use, when } from "./returning.ts";

const from = (path: string, source: object = {}): Plan => use({ args: { q: { from: `get${path}` } } }, source);

const places: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  ["a member", from("$.n"), []],
  [
    "a member that is not there",
    from("$.m"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `m` by its schema, so nothing is selected"],
  ],
  [
    "a member of a number",
    from("$.n.a"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the tool's output schema has no `a` here, so nothing is selected"],
  ],
  [
    "an element of a number",
    from("$.n[0]"),
    [
      "LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the tool's output schema says that there is no list here, so nothing is selected",
    ],
  ],
  ["an element of an object", from("$.tight[0]"), []],
  ["a member of a row", from("$.rows[0].name"), []],
  [
    "a member of a row that is not there",
    from("$.rows[0].nmae"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `nmae` by its schema, so nothing is selected"],
  ],
  [
    "members of all rows that are not there",
    from("$.rows[*].nmae"),
    [
      "LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the tool's output schema has no `nmae` here, so nothing is selected: did you mean `name`?",
    ],
  ],
  [
    "a member of a list",
    from("$.rows.name"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the tool's output schema has no `name` here, so nothing is selected"],
  ],
  ["a member of what may be anything", from("$.any.a"), []],
  ["an element of what may be anything", from("$.any[0]"), []],
  ["a member of an object that says nothing", from("$.open.a"), []],
  ["a member that an open object does not name", from("$.loose.b"), []],
  [
    "a member deep in a closed object",
    from("$.tight.alpha.beta"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `beta` by its schema, so nothing is selected"],
  ],
  [
    "a member like another of a closed object",
    from("$.tight.alhpa"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `alhpa` by its schema, so nothing is selected"],
  ],
  ["a member of one of several forms", from("$.either.x"), []],
  [
    "a member of what may be null",
    from("$.many.x"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `x` by its schema, so nothing is selected"],
  ],
  [
    "a member of what has no type",
    from("$.untyped.x"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `x` by its schema, so nothing is selected"],
  ],
  ["a member of what is described elsewhere", from("$.linked.name"), []],
  [
    "a member that is not in what is described elsewhere",
    from("$.linked.x"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the result of `own/get` has no `x` by its schema, so nothing is selected"],
  ],
  ["members at any depth", from("$..x"), []],
  ["two members at once", from("$['n','m']"), []],
  [
    "rows by a filter",
    from("$.rows[?@.name == 'a'].nmae"),
    [
      "LINT_NO_SUCH_PLACE /nodes/use/args/q/from: the tool's output schema has no `nmae` here, so nothing is selected: did you mean `name`?",
    ],
  ],
  ["a result that is parsed", use({ args: { q: { from: "get$.m" } } }, { tool: "text/get" }), []],
  ["a result that the plan parses", from("$.m", { tool: "raw/get", parse: "json" }), []],
  ["a result without a schema", from("$.m", { tool: "raw/get" }), []],
  ["a result of an open schema", from("$.m", { tool: "own/open" }), []],
  ["a computation", plan({ get: { let: "1" }, use: { tool: "own/get", args: { q: { from: "get$.m" } } } }), []],
  [
    "an expression",
    use({ args: { q: { expr: "get.m" } } }),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q: the tool's output schema has no `m` here, so nothing is selected: did you mean `n`?"],
  ],
  [
    "an expression, twice",
    use({ args: { q: { expr: "get.m + get.m" } } }),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q: the tool's output schema has no `m` here, so nothing is selected: did you mean `n`?"],
  ],
  [
    "a guard",
    when("get.m == 1"),
    ["LINT_NO_SUCH_PLACE /nodes/use/when: the tool's output schema has no `m` here, so nothing is selected: did you mean `n`?"],
  ],
  ["a condition", use({ require: ["get.rows[0].nmae == 'a'"] }), []],
  [
    "a computed value",
    plan({ get, sum: { let: "get.m" }, use: { tool: "own/get", args: { q: { from: "sum$" } } } }),
    ["LINT_NO_SUCH_PLACE /nodes/sum/let: the tool's output schema has no `m` here, so nothing is selected: did you mean `n`?"],
  ],
  [
    "a guard about a loop",
    plan({
      get: { ...get, each: { from: "src$.rows", max: 2 } },
      src: get,
      use: { tool: "own/get", args: { q: "x" }, when: "get.m == 1" },
    }),
    [],
  ],
  ["a loop over rows", each("$.rows[*]", "$.name"), []],
  ["a loop over a list", each("$.rows", "$.name"), []],
  [
    "a loop over a list, and a field that is not there",
    each("$.rows", "$.nmae"),
    [
      "LINT_NO_SUCH_PLACE /nodes/use/args/q: the tool's output schema has no `nmae` here, so nothing is selected: did you mean `name`?",
    ],
  ],
  [
    "a loop over rows, and a field that is not there",
    each("$.rows[*]", "$.nmae"),
    [
      "LINT_NO_SUCH_PLACE /nodes/use/args/q: the tool's output schema has no `nmae` here, so nothing is selected: did you mean `name`?",
    ],
  ],
  [
    "a loop over texts, and a field of one",
    each("$.names[*]", "$.a"),
    ["LINT_NO_SUCH_PLACE /nodes/use/args/q: the tool's output schema has no `a` here, so nothing is selected"],
  ],
  [
    "a loop over one number",
    each("$.n"),
    [
      "LINT_EACH_SINGLE /nodes/use/each/from: the place is an integer by the schema of `own/get` and never a list, so the loop has one row",
    ],
  ],
  ["a loop over anything", each("$.any"), []],
  [
    "a loop over what is not there",
    each("$.m"),
    ["LINT_NO_SUCH_PLACE /nodes/use/each/from: the result of `own/get` has no `m` by its schema, so nothing is selected"],
  ],
  [
    "a loop over elements of a number",
    each("$.n[*]"),
    ["LINT_NO_SUCH_PLACE /nodes/use/each/from: the tool's output schema says that there is no list here, so nothing is selected"],
  ],
];

describe("of a reference to, lint says:", () => {
  it.each(places)("%s", (_what, value, lines) => {
    expect(told(value)).toEqual(lines);
  });
});
