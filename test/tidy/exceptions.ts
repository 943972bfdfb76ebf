/**
 * What is over a limit today, with its size: the number may only go down, and the row goes when the limit is kept.
 */

/** File → its lines, where it has more than `fileLinesMax`. */
export const longFiles: Readonly<Record<string, number>> = {};

/** `file#function` → its lines, where it has more than `functionLinesMax`. */
export const longFunctions: Readonly<Record<string, number>> = {};

/** Codes of src/codes.ts that no test provokes yet. */
export const untestedCodes: readonly string[] = [];

/**
 * Files that import each other in a circle, types included; a circle may only shrink. An evaluator's parts call each other because expressions
 * hold expressions (`intent/code`); the others are tied by types that have no file of their own yet.
 */
export const circles: readonly (readonly string[])[] = [
  [
    "src/decide/chain.ts",
    "src/decide/constraints.ts",
    "src/decide/fill.ts",
    "src/decide/flow.ts",
    "src/decide/given.ts",
    "src/decide/handle.ts",
    "src/decide/hold.ts",
    "src/decide/program.ts",
    "src/decide/ready.ts",
    "src/decide/received.ts",
    "src/decide/regions.ts",
    "src/decide/resolve.ts",
    "src/decide/rows.ts",
    "src/decide/state.ts",
    "src/decide/try.ts",
  ],
  ["src/intent/code/bind.ts", "src/intent/code/comprehend.ts", "src/intent/code/evaluate.ts", "src/intent/code/loops.ts"],
  ["src/intent/code/emit.ts", "src/intent/code/texts.ts"],
  [
    "src/intent/code/javascript/callbacks.ts",
    "src/intent/code/javascript/calls.ts",
    "src/intent/code/javascript/expressions.ts",
    "src/intent/code/javascript/methods.ts",
    "src/intent/code/javascript/orders.ts",
    "src/intent/code/javascript/patterns.ts",
  ],
  ["src/intent/code/operators.ts", "src/intent/code/rules.ts", "src/intent/code/templates.ts"],
];
