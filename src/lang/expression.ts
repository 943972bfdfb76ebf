/**
 * CEL expressions over JSON, compiled at freeze and run per call within a budget of steps.
 * Never reads a clock, a locale, a prototype or anything but its bindings; never rounds silently. Pure. No I/O, no clock.
 *
 * Where this differs from the CEL specification, on purpose: there is one number type (double), so `7 / 2` is 3.5 and `2 == 2.0`;
 * integers beyond 2^53 (bigint) compare but take part in no arithmetic; overflow, NaN and division by zero are errors; texts have
 * an order by code point; objects are iterated in UTF-16 order of their names; bytes, unsigned, timestamps, durations, types, messages and
 * `matches` are not offered.
 */
import type { Json } from "../json/value.ts";
import { expressionStepsMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import { type LangError, langError } from "./error.ts";
import { compileNode } from "./expression/compile.ts";
import type { Frame } from "./expression/frame.ts";
import type { Extractor } from "./expression/function-row.ts";
import { functionArities, functions } from "./expression/functions.ts";
import { type Read, readsOf } from "./expression/reads.ts";
import { parseExpression } from "./expression/syntax.ts";
import type { Work } from "./work.ts";

export type { Extractor } from "./expression/function-row.ts";
export type { Read } from "./expression/reads.ts";

/** What an expression may name. */
export interface ExpressionScope {
  /** Top-level names, such as `args`, `params`, `item` and nodes. */
  readonly variables: readonly string[];
  /** The kinds that `extract(text, "kind")` knows; none unless given. */
  readonly extractors?: Readonly<Record<string, Extractor>>;
}

/** A compiled expression. */
export interface Expression {
  readonly source: string;
  /** Every variable that it may read, with the static chain of members below it; a computed index counts as reading all. */
  readonly reads: readonly Read[];
  /**
   * Evaluates. Takes at most `expressionStepsMax` steps (one per node of the tree evaluated, list element touched, comparison and 64
   * units of text), so work is bounded whatever the bindings; `work` is a budget that several runs share, and never makes it more. Errors: `LANG_EXPR_TYPE`, `LANG_EXPR_RUNTIME`, `LANG_EXPR_LIMIT`.
   */
  run(bindings: Readonly<Record<string, Json>>, work?: Work): Result<Json, LangError>;
}

/**
 * Compiles an expression. Errors: `LANG_EXPR_SYNTAX`; `LANG_EXPR_NAME` (a name or function that is not known; the message says which);
 * `LANG_EXPR_TYPE` (a literal argument is wrong); `LANG_EXPR_LIMIT` (too long, too deep, macros nested too deep); and, for an expression
 * that reads nothing, whatever its only run says.
 */
export function compileExpression(source: string, scope: ExpressionScope): Result<Expression, LangError> {
  const parsed = parseExpression(source, { variables: new Set(scope.variables), functions: functionArities });
  if (!parsed.ok) return parsed;
  const options = { extractors: scope.extractors ?? {} };
  const compiled = compileNode(parsed.value, {
    compile: (node, args) =>
      functions.get(node.name)?.compile(node, args, options) ?? err(langError("LANG_EXPR_NAME", "unknown function")),
  });
  if (!compiled.ok) return compiled;
  const thunk = compiled.value;
  const run = (bindings: Readonly<Record<string, Json>>, shared?: Work): Result<Json, LangError> => {
    const steps = Math.min(expressionStepsMax, shared?.left ?? expressionStepsMax);
    const frame: Frame = { bindings, locals: [], work: { left: steps }, fault: undefined };
    const value = thunk(frame);
    if (shared !== undefined) shared.left -= steps - frame.work.left;
    if (value !== undefined && frame.work.left >= 0) return ok(value);
    return err(frame.fault ?? langError("LANG_EXPR_LIMIT", "the expression takes more steps than a run may"));
  };
  const reads = readsOf(parsed.value);
  // What depends on nothing has one outcome; if that is an error, the author hears of it at freeze.
  const constant = reads.length === 0 ? run({}) : undefined;
  if (constant?.ok === false) return constant;
  return ok({ source, reads, run });
}
