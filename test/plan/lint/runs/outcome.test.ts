import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression } from "../../../../src/lang/expression.ts";
import { functionArities } from "../../../../src/lang/expression/functions.ts";
import { parseExpression } from "../../../../src/lang/expression/syntax.ts";
import { type Known, outcomeOf } from "../../../../src/plan/lint/runs/outcome.ts";

/** Bounds of the two parameters that the conditions are about. */
const bounds: { readonly [name: string]: Known } = {
  a: { kind: "number", min: -2, max: 3 },
  b: { kind: "number", min: 1 },
  c: { kind: "string" },
};

const operand = fc.oneof(
  fc.constantFrom("params.a", "params.b", "params.c"),
  fc.integer({ min: -4, max: 5 }).map(String),
  fc.constant('"x"'),
);
const comparison = fc
  .tuple(operand, fc.constantFrom("<", "<=", ">", ">=", "==", "!="), operand)
  .map(([left, operator, right]) => `(${left} ${operator} ${right})`);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small" },
    comparison,
    fc.constantFrom("true", "false"),
    tie("condition").map((inner) => `!${inner}`),
    fc
      .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
  ),
}));

function judge(source: string): ReturnType<typeof outcomeOf> {
  const tree = parseExpression(source, { variables: new Set(["params"]), functions: functionArities });
  if (!tree.ok) throw new Error(`${source}: ${tree.error.message}`);
  return outcomeOf(tree.value, (place) =>
    place.kind === "member" && place.of.kind === "variable" ? bounds[place.name] : undefined,
  );
}

describe("what a condition can come to", () => {
  it("is never narrower than what it comes to for values within the bounds", () => {
    const values = fc.record({
      a: fc.integer({ min: -2, max: 3 }),
      b: fc.integer({ min: 1, max: 6 }),
      c: fc.constantFrom("x", "y"),
    });
    fc.assert(
      fc.property(condition, values, (source, params) => {
        const compiled = compileExpression(source, { variables: ["params"] });
        // An expression that reads nothing and fails is refused when the plan is frozen.
        if (!compiled.ok) return;
        const result = compiled.value.run({ params });
        const isTrue = result.ok && result.value === true;
        const { canBeTrue, canBeFalse } = judge(source);
        expect({ source, params, isWithin: isTrue ? canBeTrue : canBeFalse }).toMatchObject({ isWithin: true });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["params.a <= 3", { canBeTrue: true, canBeFalse: false }],
    ["params.a > 3", { canBeTrue: false, canBeFalse: true }],
    ["params.b > 5 && params.b < 2", { canBeTrue: false, canBeFalse: true }],
    ["params.a > 1 || true", { canBeTrue: true, canBeFalse: false }],
    ['params.a < "1"', { canBeTrue: false, canBeFalse: true }],
    ["params.a > 1", { canBeTrue: true, canBeFalse: true }],
  ])("knows of `%s`", (source, outcome) => {
    expect(judge(source)).toEqual(outcome);
  });
});
