/** Constraints that nothing or everything satisfies, and the examples that are shown of them. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const catalogue = catalogueOf([tool("own/get", ["q"], { effects: ["read"], labels: ["own"], roles: { q: "content" } })], {
  own: { integrity: "trusted" },
});
const get = { tool: "own/get", args: { q: "x" } };
const linted = (value: Plan): readonly string[] => said(value, catalogue, "LINT_MATCH_*");
const choosing = (choose: object): readonly string[] => linted(plan({ get: { ...get, args: { q: { choose } } } }));
const matching = (match: object): readonly string[] =>
  linted(plan({ a: get, get: { ...get, args: { q: { from: "a$.x", match } } } }));
const constant = (value: unknown, match: object): readonly string[] =>
  linted(plan({ get: { ...get, args: { q: { const: value, match } } } }));

const noNumber = "warning LINT_MATCH_NEVER /nodes/get/args/q/choose: no value satisfies this: no number lies between its bounds";
const noneListed =
  "warning LINT_MATCH_NEVER /nodes/get/args/q/choose: no value satisfies this: none of its values satisfies the rest of it";

describe("a choice is never possible", () => {
  it.each<[object, readonly string[]]>([
    [{ exclusiveMinimum: 2, maximum: 2 }, [noNumber]],
    [{ exclusiveMinimum: 2, maximum: 3 }, []],
    [{ minimum: 2, exclusiveMaximum: 2 }, [noNumber]],
    [{ minimum: 2, exclusiveMaximum: 3 }, []],
    [{ exclusiveMinimum: 2, exclusiveMaximum: 2 }, [noNumber]],
    [{ exclusiveMinimum: 2, exclusiveMaximum: 3 }, []],
    [{ minimum: 2, maximum: 2 }, []],
    [{ minimum: 5, exclusiveMinimum: 0, maximum: 5 }, []],
    [{ exclusiveMaximum: 9, exclusiveMinimum: 3, maximum: 3 }, [noNumber]],
    [{ exclusiveMinimum: 2 }, []],
    [{ exclusiveMaximum: 2 }, []],
    [{ type: "integer", exclusiveMinimum: 2, exclusiveMaximum: 3 }, [noNumber]],
    [{ type: "integer", exclusiveMinimum: 2, exclusiveMaximum: 4 }, []],
    [{ type: "integer", exclusiveMinimum: 1.5, exclusiveMaximum: 2.5 }, []],
    [{ type: "integer", minimum: 1.2, maximum: 1.8 }, [noNumber]],
    [{ type: "integer", minimum: 1, maximum: 1 }, []],
    [{ type: "integer", minimum: 1, exclusiveMaximum: 1.5 }, []],
    [{ type: "integer" }, []],
    [{ enum: ["a", "b"], pattern: "c" }, [noneListed]],
    [{ enum: ["a", "c"], pattern: "c" }, []],
    [{ const: "a", pattern: "c" }, [noneListed]],
    [{ const: "c", pattern: "c" }, []],
    [{ type: "string" }, []],
  ])("of %j: %j", (choose, lines) => {
    expect(choosing(choose)).toEqual(lines);
  });

  it("of a parameter neither", () => {
    const value = plan({ get: { ...get, args: { q: { param: "p" } } } }, { params: { p: { enum: ["a"], pattern: "c" } } });
    expect(linted(value)).toEqual([
      "warning LINT_MATCH_NEVER /params/p: no value satisfies this: none of its values satisfies the rest of it",
    ]);
  });
});

describe("everything satisfies", () => {
  it.each<[object, boolean]>([
    [{}, true],
    [{ type: "string" }, false],
    [{ type: "string", pattern: ".*" }, true],
    [{ pattern: "^.*$" }, true],
    [{ pattern: "(?s).*" }, true],
    [{ pattern: "[\\s\\S]*" }, true],
    [{ pattern: "[\\S\\s]*" }, true],
    [{ pattern: "[\\d\\D]*" }, true],
    [{ pattern: "[\\w\\W]*" }, true],
    [{ pattern: "a.*" }, false],
    [{ pattern: ".*a" }, false],
    [{ pattern: ".+" }, false],
    [{ pattern: ".*", maxLength: 5 }, false],
    [{ maxLength: 5 }, false],
  ])("%j: %s", (match, isFound) => {
    expect(matching(match)).toHaveLength(isFound ? 1 : 0);
  });

  it("the choice that anything is, which other rules are about", () => {
    expect(choosing({ pattern: ".*" })).toEqual([]);
  });

  it("a constraint that a constant is held against, which it satisfies", () => {
    expect(constant("x", { pattern: ".*" })).toEqual([]);
  });
});

describe("of a constant that misses its own constraint lint shows", () => {
  it.each<[unknown, object, unknown]>([
    [
      9,
      { type: "integer", minimum: 1, maximum: 5 },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `1`, `2` and refuses `1.5`, `0`",
      ],
    ],
    [
      "x",
      { enum: ["EUR", "USD", "GBP"] },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `EUR`, `USD` and refuses `EURx`, `xEUR`",
      ],
    ],
    [
      "x",
      { enum: [`${"a".repeat(40)}`] },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` and refuses `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`, `xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`",
      ],
    ],
    [
      "x",
      { enum: [`${"a".repeat(41)}`] },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` and refuses `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`, `xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…`",
      ],
    ],
    [
      "x",
      { enum: ["a\u202eb`c\u2028d"] },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `a�b�c�d` and refuses `a�b�c�dx`, `xa�b�c�d`",
      ],
    ],
    [
      "x",
      { enum: [null, true] },
      [
        'warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `null`, `true` and refuses `"true"`, `1`',
      ],
    ],
    [
      "x",
      { type: "array", items: { type: "string" } },
      [
        'warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `["text"]`, `[]` and refuses `[1]`, `text`',
      ],
    ],
    [
      5,
      { enum: ["5", "-1.5e3", "5 apples", ""] },
      [
        'warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `"5"`, `"-1.5e3"` and refuses `5x`, `x5`',
      ],
    ],
    [
      "x",
      { const: "5 apples" },
      [
        "warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `5 apples` and refuses `5 applesx`, `x5 apples`",
      ],
    ],
    [
      "x",
      { enum: ["[1]", "{}"] },
      [
        'warning LINT_MATCH_NEVER /nodes/get/args/q/match: the constant does not satisfy its own `match`, so every call is denied; it takes `"[1]"`, `"{}"` and refuses `"[1]x"`, `x[1]`',
      ],
    ],
  ])("%j, %j", (value, match, lines) => {
    expect(constant(value, match)).toEqual(lines);
  });
});
