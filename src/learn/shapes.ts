/**
 * The shape of a value that the user gave, so that the plan may take it as a typed parameter.
 * Pure. A shape never refuses the value it was made from.
 */
import type { Json, JsonObject } from "../json/value.ts";
import { compileMatch } from "../lang/match.ts";

const addressPattern = "^(https?://)?[A-Za-z0-9.-]+[.][A-Za-z]{2,}(:[0-9]+)?([/?#][!-~]*)?$";

const shapes: readonly { readonly says: string; readonly test: RegExp; readonly spec: JsonObject }[] = [
  { says: "date", test: /^\d{4}-\d{2}-\d{2}$/, spec: { type: "string", format: "date" } },
  { says: "email", test: /^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}$/, spec: { type: "string", format: "email" } },
  {
    says: "account",
    test: /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/,
    spec: { type: "string", pattern: "^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$" },
  },
  { says: "address", test: /^(?:https?:\/\/|www\.)[^\s]+$/i, spec: { type: "string", pattern: addressPattern } },
  {
    says: "name",
    test: /^\p{Lu}[\p{L}'’.-]+(?: \p{Lu}[\p{L}'’.-]*){0,4}$/u,
    spec: { type: "string", minLength: 1, maxLength: 80 },
  },
];

/** A date with a time, in the very form that the tool was given. */
function timeSpec(value: string): JsonObject | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?$/.test(value)) return undefined;
  const digits = value.replace("+", "[+]").replace(/\d+/g, (run) => `[0-9]{${run.length}}`);
  return { type: "string", pattern: `^${digits}$` };
}

/** The parameter spec for a value of the task: dates, times, e-mail and web addresses, account numbers, amounts, names. */
export function shapeOf(value: Json): JsonObject | undefined {
  const spec =
    typeof value === "number"
      ? { type: "number" }
      : typeof value === "string"
        ? (timeSpec(value) ?? shapes.find(({ test }) => test.test(value))?.spec)
        : undefined;
  if (spec === undefined) return undefined;
  const match = compileMatch(spec);
  return match.ok && match.value.check(value) === undefined ? spec : undefined;
}

/** Whether a text is a date or a time: such values coincide with others that mean something else. */
export function isMoment(value: Json): boolean {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}(?:$|[T ]\d{2}:\d{2})/.test(value);
}
