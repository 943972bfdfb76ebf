/**
 * What a plan may write as `extract`: the kinds, their options, and the check of both.
 * Pure. An unknown kind or option is an error, never ignored.
 */

import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";
import type { NumberLocale } from "./number.ts";

/** Every kind, from the most specific to the loosest. */
export const extractKinds = [
  "iban",
  "uuid",
  "email",
  "url",
  "date",
  "time",
  "phone",
  "amount",
  "integer",
  "number",
  "path",
  "id",
  "hashtag",
  "mention",
  "digits",
  "quoted",
  "name",
  "token",
  "word",
  "line",
] as const;

/** A kind of value that can be found in text. */
export type ExtractKind = (typeof extractKinds)[number];

/** The locales of `amount`, `number`, `integer` and `date`. `en` reads no date of three numbers but ISO; `ch` groups with `'`. */
export const extractLocales = ["en", "en-US", "en-GB", "de", "fr", "ch"] as const satisfies readonly NumberLocale[];

/** Characters of an anchor or a prefix. Longer ones would be copies of the text rather than labels in it. */
export const anchorCharsMax = 200;

/** A checked spec with its defaults filled in. */
export interface ExtractSpec {
  readonly kind: ExtractKind;
  /** `iban` only: check digits, length and national format must hold (default true). */
  readonly strict: boolean;
  /** `amount` only: a currency sign or word must stand beside it (default false). */
  readonly currency: boolean;
  readonly locale: NumberLocale;
  /** Only the first match behind each occurrence of this text, on its line or, if there is none, on the next line that is not blank. */
  readonly after: string | undefined;
  /** Only the last match before each occurrence of this text, on its line. */
  readonly before: string | undefined;
  /** The value starts with this text (a number as it is written). */
  readonly prefix: string | undefined;
  /** `value`: normalised (default). `written`: the characters of the text, as a string, whatever the kind. */
  readonly as: "value" | "written";
}

/** Why a spec or a text was refused. `pointer` is relative to the spec ("" for all of it). */
export interface ExtractError {
  readonly code: "EXTRACT_INVALID" | "EXTRACT_TEXT_TOO_LONG";
  readonly pointer: string;
  readonly message: string;
}

const numeric: ReadonlySet<ExtractKind> = new Set(["amount", "number", "integer", "date"]);

/** Which option fits which kind; options that are not here fit every kind. */
const optionKinds: Readonly<Record<string, (kind: ExtractKind) => boolean>> = {
  strict: (kind) => kind === "iban",
  currency: (kind) => kind === "amount",
  locale: (kind) => numeric.has(kind),
  after: () => true,
  before: () => true,
  prefix: () => true,
  as: () => true,
};

function invalid(pointer: string, message: string): { readonly ok: false; readonly error: ExtractError } {
  return err({ code: "EXTRACT_INVALID", pointer, message });
}

function isKind(value: Json | undefined): value is ExtractKind {
  return typeof value === "string" && (extractKinds as readonly string[]).includes(value);
}

function isLocale(value: Json): value is NumberLocale {
  return typeof value === "string" && (extractLocales as readonly string[]).includes(value);
}

/** An anchor must be visible text on one line. */
function anchorProblem(value: Json): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return "a text that is not blank";
  if (value.length > anchorCharsMax) return `a text of at most ${anchorCharsMax} characters`;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127 || code === 0x2028 || code === 0x2029)
      return "a text without line ends and control characters";
  }
  return undefined;
}

function optionProblem(name: string, value: Json, kind: ExtractKind): string | undefined {
  const fits = Object.hasOwn(optionKinds, name) ? optionKinds[name] : undefined;
  if (fits === undefined) return `no option of extract; it knows ${Object.keys(optionKinds).join(", ")}`;
  if (!fits(kind)) return `no option of the kind \`${kind}\``;
  if (name === "strict" || name === "currency") return typeof value === "boolean" ? undefined : "must be true or false";
  if (name === "locale") return isLocale(value) ? undefined : `must be one of ${extractLocales.join(", ")}`;
  if (name === "as") return value === "value" || value === "written" ? undefined : "must be `value` or `written`";
  const problem = anchorProblem(value);
  return problem && `must be ${problem}`;
}

function text(options: JsonObject, name: string): string | undefined {
  const value = member(options, name);
  return typeof value === "string" ? value : undefined;
}

/** Checks what a plan wrote: a kind (`"iban"`) or an object with a kind and its options. */
export function parseExtractSpec(spec: Json): Result<ExtractSpec, ExtractError> {
  const options: JsonObject | undefined = typeof spec === "string" ? { kind: spec } : isObject(spec) ? spec : undefined;
  if (options === undefined) return invalid("", "extract must be a kind or an object with `kind`");
  const kind = member(options, "kind");
  if (!isKind(kind))
    return invalid(typeof spec === "string" ? "" : "/kind", `the kind must be one of ${extractKinds.join(", ")}`);
  for (const [name, value] of Object.entries(options)) {
    const problem = name === "kind" ? undefined : optionProblem(name, value, kind);
    if (problem !== undefined) return invalid(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, problem);
  }
  const locale = member(options, "locale");
  return ok({
    kind,
    strict: member(options, "strict") !== false,
    currency: member(options, "currency") === true,
    locale: locale !== undefined && isLocale(locale) ? locale : "en",
    after: text(options, "after"),
    before: text(options, "before"),
    prefix: text(options, "prefix"),
    as: member(options, "as") === "written" ? "written" : "value",
  });
}
