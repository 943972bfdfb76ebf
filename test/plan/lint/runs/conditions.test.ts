/** Conditions that hold always or never, and words that nobody ever says. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { each, told, use, when } from "./returning.ts";

const p = { p: { type: "number", minimum: 1, maximum: 5 }, w: { enum: ["x", "y"] }, t: { type: "string" } };
const conditions: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  ["a word that is said", when("get.state == 'ok'"), []],
  [
    "a word that is never said",
    when("get.state == 'reject'"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a word that is never said, first",
    when("'reject' == get.state"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a word that is never said, denied",
    when("get.state != 'reject'"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a word that is never said, the one that is",
    when("get.one == 'other'"),
    ["LINT_WORD_UNKNOWN /nodes/use/when: `other` is never there, so the comparison always ends alike; there is `only`"],
  ],
  [
    "one of two words",
    when("get.state in ['ok', 'reject']"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "the left of a conjunction",
    when("get.state == 'reject' && get.n > 1"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "the right of a disjunction",
    when("get.n > 1 || get.state == 'reject'"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a negation",
    when("!(get.state == 'reject')"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  ["a word that is ordered", when("get.state > 'reject'"), []],
  ["a number", when("get.n == 5"), []],
  [
    "a word by the results' name",
    when("nodes.get.state == 'reject'"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a word by an index",
    when("get['state'] == 'reject'"),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `reject` is never there, so the comparison always ends alike; there are `ok`, `rejected`",
    ],
  ],
  [
    "a word of a parameter",
    when("params.w == 'z'", p),
    ["LINT_WORD_UNKNOWN /nodes/use/when: `z` is never there, so the comparison always ends alike; there are `x`, `y`"],
  ],
  ["a word of a text parameter", when("params.t == 'z'", p), []],
  ["a word of a member of a parameter", when("params.w.a == 'z'", p), []],
  [
    "a word of an argument that is constant",
    use({ require: ["args.q == 'z'"] }),
    ["LINT_WORD_UNKNOWN /nodes/use/require/0: `z` is never there, so the comparison always ends alike; there is `x`"],
  ],
  [
    "a word of an argument that is chosen",
    use({ args: { q: { choose: { enum: ["x", "y"] } } }, require: ["args.q == 'z'"] }),
    ["LINT_WORD_UNKNOWN /nodes/use/require/0: `z` is never there, so the comparison always ends alike; there are `x`, `y`"],
  ],
  [
    "a word of an argument that a parameter is",
    use({ args: { q: { param: "w" } }, require: ["args.q == 'z'"] }, {}, p),
    ["LINT_WORD_UNKNOWN /nodes/use/require/0: `z` is never there, so the comparison always ends alike; there are `x`, `y`"],
  ],
  [
    "a word of an argument that is held to words",
    use({ args: { q: { from: "get$.any", match: { enum: ["x"] } } }, require: ["args.q == 'z'"] }),
    ["LINT_WORD_UNKNOWN /nodes/use/require/0: `z` is never there, so the comparison always ends alike; there is `x`"],
  ],
  ["a word of an argument that is held to nothing", use({ args: { q: { from: "get$.any" } }, require: ["args.q == 'z'"] }), []],
  [
    "a word of an argument that may be left out",
    use({ args: { q: { choose: { enum: ["x"] }, optional: true } }, require: ["args.q == 'z'"] }),
    [],
  ],
  ["a word of an argument that is not there", use({ require: ["args.r == 'z'"] }), []],
  [
    "a word of a row",
    each("$.rows", "$.name", { where: "item.kind == 'c'" }),
    ["LINT_WORD_UNKNOWN /nodes/use/each/where: `c` is never there, so the comparison always ends alike; there are `a`, `b`"],
  ],
  ["a word of a row that is said", each("$.rows", "$.name", { where: "item.kind == 'a'" }), []],
  [
    "more than eight words",
    when("params.w == 'z'", { w: { enum: [..."abcdefghi"] } }),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `z` is never there, so the comparison always ends alike; there are `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`",
    ],
  ],
  [
    "a long word",
    when(`params.w == '${"z".repeat(90)}'`, p),
    [
      "LINT_WORD_UNKNOWN /nodes/use/when: `zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz` is never there, so the comparison always ends alike; there are `x`, `y`",
    ],
  ],
  [
    "what the bounds make true",
    when("params.p <= 5", p),
    ["LINT_CONDITION_CONSTANT /nodes/use/when: this is true whatever the values are, so it holds nothing back"],
  ],
  [
    "what the bounds make false",
    when("params.p > 5", p),
    ["LINT_CONDITION_CONSTANT /nodes/use/when: no values within their bounds make this true, so every call is denied"],
  ],
  ["what the bounds leave open", when("params.p > 1", p), []],
  ["what a result would have to be", when("get.n > 1"), []],
  [
    "what is true",
    when("1 < 2"),
    ["LINT_CONDITION_CONSTANT /nodes/use/when: the condition is always true, so it constrains nothing"],
  ],
  [
    "what is false",
    when("2 < 1"),
    ["LINT_CONDITION_CONSTANT /nodes/use/when: the condition is never true, so the node never runs"],
  ],
  ["what fails", when("1 / 0 > 1"), []],
  [
    "a filter of a loop that is false",
    each("$.rows", "$.name", { where: "1 > 2" }),
    ["LINT_CONDITION_CONSTANT /nodes/use/each/where: the condition is never true, so there are no rows"],
  ],
  [
    "a filter of a loop that is true",
    each("$.rows", "$.name", { where: "1 < 2" }),
    ["LINT_CONDITION_CONSTANT /nodes/use/each/where: the condition is always true, so it constrains nothing"],
  ],
  [
    "a filter of a reference that is false",
    use({ args: { q: { from: "get$.rows[*]", where: "1 > 2" } } }),
    ["LINT_CONDITION_CONSTANT /nodes/use/args/q/where: the condition is never true, so nothing is selected"],
  ],
  [
    "the second of two conditions",
    use({ require: ["get.n > 1", "1 > 2"] }),
    ["LINT_CONDITION_CONSTANT /nodes/use/require/1: the condition is never true, so every call is denied"],
  ],
];

describe("of a condition, lint says, where it is about", () => {
  it.each(conditions)("%s", (_what, value, lines) => {
    expect(told(value)).toEqual(lines);
  });
});
