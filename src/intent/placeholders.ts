/**
 * Texts that look as if they stood for a value of another call: `$1`, `{{steps.1.output.id}}`, `<result of search>`.
 * Pure. Only says that they do: which value is meant, no format of calls says.
 */
import { isArray, isObject, type Json } from "../json/value.ts";

const forms: readonly RegExp[] = [
  // `$1`, `${1}`, `#E1` (ReWOO), as the whole value.
  /^\s*(?:\$\{?\d{1,4}\}?|#E\d{1,4})\s*$/,
  // `${steps.a.id}`, `{{ steps.1.output }}`, `$.steps.a`, `$steps.a.outputs.b`, `@{step_1}` anywhere.
  /\$\{[A-Za-z_][\w.[\]-]*\}|\{\{[^{}]{1,200}\}\}|\$\.?(?:steps?|outputs?|results?)\.[\w.[\]-]+|@\{[\w.[\]-]+\}/,
  // `{result_1}`, `<output from get_user>`, `[RESULT OF STEP 1]`.
  /[{<[](?:the\s+)?(?:previous|result|output|response|value|id)s?[ _-](?:of|from|step|call|\d)[^{}<>[\]]{0,100}[}>\]]/i,
];

/** Whether a value, or one inside of it, looks like a placeholder. */
export function isPlaceholder(value: Json): boolean {
  if (typeof value === "string") return forms.some((form) => form.test(value.length > 2_000 ? value.slice(0, 2_000) : value));
  if (isArray(value)) return value.some(isPlaceholder);
  return isObject(value) && Object.values(value).some(isPlaceholder);
}
