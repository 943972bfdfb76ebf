/**
 * The shape of a value that the user gave, so that the plan may take it as a typed parameter.
 * Pure. A shape never refuses the value it was made from.
 */
import type { Json, JsonObject } from "../json/value.ts";
import { compileMatch } from "../lang/match.ts";

const shapes: readonly { readonly says: string; readonly test: RegExp; readonly spec: JsonObject }[] = [
  { says: "date", test: /^\d{4}-\d{2}-\d{2}$/, spec: { type: "string", format: "date" } },
  { says: "time", test: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/, spec: { type: "string", minLength: 16, maxLength: 32 } },
  { says: "email", test: /^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}$/, spec: { type: "string", format: "email" } },
  {
    says: "account",
    test: /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/,
    spec: { type: "string", pattern: "^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$" },
  },
  { says: "address", test: /^(?:https?:\/\/|www\.)[^\s]+$/i, spec: { type: "string", minLength: 4, maxLength: 2000 } },
];

/** The parameter spec for a value of the task: dates, times, e-mail and web addresses, account numbers, amounts. */
export function shapeOf(value: Json): JsonObject | undefined {
  const spec =
    typeof value === "number"
      ? { type: "number" }
      : typeof value === "string"
        ? shapes.find(({ test }) => test.test(value))?.spec
        : undefined;
  if (spec === undefined) return undefined;
  const match = compileMatch(spec);
  return match.ok && match.value.check(value) === undefined ? spec : undefined;
}
