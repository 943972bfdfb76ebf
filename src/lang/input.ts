/**
 * How a parameter is read from what the host was given: `{ read: "date" }`. A template of a plan is approved once and runs with
 * what people write: `3 December 2026`, `1.234,50 €`, an IBAN with blanks. Read once, when the session opens; the value is then constant.
 * Pure. Never guesses: a text that reads in two ways is refused. What was read before reads as itself.
 */
import { isArray, isObject, type Json, type JsonObject } from "../json/value.ts";
import { err, ok, type Result } from "../result.ts";
import { type AmountSpec, isCurrency, readAmount, readNumber } from "./input/amount.ts";
import { readDay, readInstant } from "./input/day.ts";
import type { InputScene } from "./input/scene.ts";
import { readEmailText, readIbanText, readPlainText } from "./input/text.ts";
import { extractLocales } from "./extract/spec.ts";
import type { NumberLocale } from "./extract/number.ts";

export type { InputScene, InputUser } from "./input/scene.ts";

/** Every way of reading. */
export const inputKinds = ["text", "email", "iban", "date", "instant", "number", "integer", "amount"] as const;

/** A way of reading. */
export type InputKind = (typeof inputKinds)[number];

/** A compiled way of reading. */
export interface Input {
  readonly kind: InputKind;
  /** The value, or one line that says what would be right. The line holds nothing of the value. */
  read(value: Json, scene: InputScene): Result<Json, string>;
  /** What every value that was read satisfies, in the vocabulary of `lang/match.ts`. */
  readonly match: JsonObject;
}

/** Why `read` of a parameter cannot be compiled. */
export interface InputError {
  /** Within the spec. */
  readonly pointer: string;
  readonly message: string;
}

/** Elements of one list. */
const listMax = 1_000;

const matches: { readonly [K in InputKind]: JsonObject } = {
  text: { type: "string" },
  email: { type: "string", format: "email" },
  iban: { type: "string", format: "iban" },
  date: { type: "string", format: "date" },
  instant: { type: "string", format: "date-time" },
  number: { type: "number" },
  integer: { type: "integer" },
  amount: { type: "number" },
};
const withLocale: ReadonlySet<InputKind> = new Set(["date", "number", "integer", "amount"]);
const kindRule = `expected one of ${inputKinds.map((kind) => `\`${kind}\``).join(", ")}`;

/**
 * Compiles what a plan writes as `read`: a kind, or `{ kind, locale?, currency?, list? }`.
 *
 * @example compileInput({ kind: "amount", currency: "EUR" })
 */
export function compileInput(spec: Json): Result<Input, InputError> {
  const given = typeof spec === "string" ? { kind: spec } : spec;
  if (!isObject(given)) return err({ pointer: "", message: `${kindRule}, or an object with \`kind\`` });
  const { kind, locale, currency, list = false, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return err({ pointer: `/${unknown}`, message: "expected `kind`, `locale`, `currency` or `list` and no other member" });
  if (!isInputKind(kind)) return err({ pointer: typeof spec === "string" ? "" : "/kind", message: kindRule });
  if (locale !== undefined && !(withLocale.has(kind) && typeof locale === "string" && localeOf(locale) !== undefined))
    return err({
      pointer: "/locale",
      message: `expected one of ${extractLocales.map((name) => `\`${name}\``).join(", ")}, of a date or a number`,
    });
  if (kind === "amount" ? !isCurrency(currency) : currency !== undefined)
    return err({ pointer: "/currency", message: "an amount has a currency (ISO 4217), as in `EUR`, and nothing else has" });
  if (typeof list !== "boolean") return err({ pointer: "/list", message: "expected true or false" });
  const fixed = typeof locale === "string" ? localeOf(locale) : undefined;
  const one = reader({ kind, locale: fixed, currency: typeof currency === "string" ? currency : "" });
  if (!list) return ok({ kind, read: one, match: matches[kind] });
  return ok({ kind, read: (value, scene) => readList(one, value, scene), match: { type: "array", items: matches[kind] } });
}

function isInputKind(value: Json | undefined): value is InputKind {
  return typeof value === "string" && (inputKinds as readonly string[]).includes(value);
}

/** The locale that a language tag (BCP 47) means; `undefined`: none whose numbers and dates are known. */
function localeOf(tag: string): NumberLocale | undefined {
  const known = extractLocales.find((name) => name.toLowerCase() === tag.toLowerCase());
  if (known !== undefined) return known;
  return tags.get(tag.toLowerCase());
}

const tags: ReadonlyMap<string, NumberLocale> = new Map([
  ["de-de", "de"],
  ["de-ch", "ch"],
  ["fr-fr", "fr"],
]);

interface Reading extends AmountSpec {
  readonly kind: InputKind;
  /** Of the plan; absent: the user's. */
  readonly locale: NumberLocale | undefined;
}

function reader({ kind, locale: fixed, currency }: Reading): Input["read"] {
  return (value, scene) => {
    const locale = fixed ?? (scene.user.locale === undefined ? "en" : localeOf(scene.user.locale));
    if (locale === undefined && withLocale.has(kind) && typeof value === "string")
      return err(`the user's locale is none of ${extractLocales.map((name) => `\`${name}\``).join(", ")}`);
    const language = locale ?? "en";
    switch (kind) {
      case "text":
        return readPlainText(value);
      case "email":
        return readEmailText(value);
      case "iban":
        return readIbanText(value);
      case "date":
        return readDay(value, { ...scene, locale: language });
      case "instant":
        return readInstant(value, scene);
      case "number":
      case "integer":
        return readNumber(value, { locale: language, isInteger: kind === "integer" });
      case "amount":
        return readAmount(value, { locale: language, currency });
    }
  };
}

function readList(one: Input["read"], value: Json, scene: InputScene): Result<Json, string> {
  if (!isArray(value) || value.length > listMax) return err(`expected a list of at most ${listMax}`);
  const values: Json[] = [];
  for (const [index, element] of value.entries()) {
    const read = one(element, scene);
    if (!read.ok) return err(`element ${index + 1}: ${read.error}`);
    values.push(read.value);
  }
  return ok(values);
}
