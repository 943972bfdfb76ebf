/**
 * Executes one vector of test/vectors/lang.json on the language layer, the same on every runtime.
 * Never asserts and never reads a file: it returns both sides as text.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { addDays, datePart, formatDate, isDateTime } from "../../src/lang/date.ts";
import { compileExpression } from "../../src/lang/expression.ts";
import { compileMatch } from "../../src/lang/match.ts";
import { compilePath } from "../../src/lang/path.ts";
import { compilePattern } from "../../src/lang/pattern.ts";
import type { Result } from "../../src/result.ts";

/** A vector: what is compiled, what it is run on, and the canonical JSON of the outcome or the code of the error. */
export interface LangVector {
  readonly name: string;
  readonly kind: "path" | "expression" | "pattern" | "match" | "date";
  /** The path, expression or pattern; for `date`, the operation (`part`, `is-time`, `add` or a format). */
  readonly source?: string;
  /** The constraint, for `match`. */
  readonly spec?: Json;
  /** The value, the bindings, the text or the list of texts. */
  readonly input: Json;
  readonly ok?: string;
  readonly error?: string;
}

/** Both sides of a vector as text; equal texts pass. */
export function runLangVector(vector: LangVector): { readonly expected: string; readonly got: string } {
  const outcome = execute(vector);
  return { expected: vector.ok ?? vector.error ?? "", got: outcome.ok ? canonicalJson(outcome.value) : outcome.error.code };
}

function execute({ kind, source = "", spec = null, input }: LangVector): Result<Json, { readonly code: string }> {
  switch (kind) {
    case "path": {
      const path = compilePath(source);
      const found = path.ok ? path.value.select(input) : path;
      return found.ok ? { ok: true, value: found.value.map(({ path, value }) => [path, value]) } : found;
    }
    case "expression": {
      const bindings = input as Readonly<Record<string, Json>>;
      const expression = compileExpression(source, { variables: Object.keys(bindings) });
      return expression.ok ? expression.value.run(bindings) : expression;
    }
    case "pattern": {
      const pattern = compilePattern(source);
      if (!pattern.ok) return pattern;
      const { bits, test } = pattern.value;
      return { ok: true, value: [bits ?? null, ...(input as readonly string[]).map(test)] };
    }
    case "match": {
      const match = compileMatch(spec);
      if (!match.ok) return match;
      const failures = (input as readonly Json[]).map((value) => match.value.check(value));
      return {
        ok: true,
        value: [
          match.value.bits ?? null,
          ...failures.map((failure) => (failure ? `${failure.keyword}${failure.pointer}` : true)),
        ],
      };
    }
    case "date":
      return date(source, input as string);
  }
}

function date(operation: string, text: string): Result<Json, { readonly code: string }> {
  if (operation === "part") return datePart(text);
  if (operation === "is-time") return { ok: true, value: isDateTime(text) };
  if (operation.startsWith("add ")) return addDays(text, Number(operation.slice(4)));
  return formatDate(text, operation);
}
