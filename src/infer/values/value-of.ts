/**
 * From words of a task to the value of an argument: typed by the tool's schema, in the form that it describes.
 * Pure. Never invents: what the words do not say is `undefined`, and text stays as it is written unless the schema says a form.
 */
import { valueCharsMax } from "../../limits.ts";
import { isObject, type Json, member } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import { type Ask, askOf } from "./asks.ts";
import { calendarValue } from "./calendar-value.ts";
import { isEmail, isUrl } from "./chunks.ts";
import { codeOf, listedCode } from "./codes.ts";
import { fits } from "./fits.ts";
import { listItems } from "./lists.ts";
import { listedValue } from "./listed.ts";
import type { ValueContext } from "./mention.ts";
import { digitsText, numberValue } from "./number-value.ts";
import { quotedParts } from "./quotes.ts";
import { truthOf } from "./truth.ts";

/**
 * The value that a piece of a task gives an argument, or `undefined` if it cannot be one. Never throws.
 *
 * @example valueOf("half past six in the evening", param, {}) // "18:30" for an argument `time` of type string
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it, and no object is meant here
export function valueOf(text: string, param: DraftParam, context: ValueContext): Json | undefined {
  if (text.length > valueCharsMax) return undefined;
  const said = clean(text);
  if (said === "") return undefined;
  const value = readAs(said, param, { text, context });
  return value !== undefined && fits(value, param.schema) ? value : undefined;
}

function readAs(
  said: string,
  param: DraftParam,
  { text, context }: { readonly text: string; readonly context: ValueContext },
): Json | undefined {
  switch (param.type) {
    case "boolean":
      return truthOf(said, param);
    case "number":
    case "integer":
      return numeric(said, param, context);
    case "array":
      return list(text, param, context);
    case "object":
      return undefined;
    case "string":
      return textual(said, param, context);
  }
}

/** Blanks around, one pair of quotes around, and marks behind that end a clause are no part of a value. */
function clean(text: string): string {
  const trimmed = text
    .trim()
    .replace(/(?<![,;])[,;]+$|(?<=.{3}):$/, "")
    .trim();
  const [quoted, ...others] = quotedParts(trimmed);
  const isWhole =
    quoted !== undefined &&
    others.length === 0 &&
    quoted.start === 1 &&
    quoted.end >= trimmed.replace(/(?<![.,;:!?])[.,;:!?]+$/, "").length - 1;
  return isWhole ? trimmed.slice(quoted.start, quoted.end).trim() : trimmed;
}

function numeric(said: string, param: DraftParam, context: ValueContext): Json | undefined {
  const ask = askOf(param);
  if (param.isClosed) return listedValue(said, param.listed, { isClosed: true });
  if (ask.kind === "epoch") {
    const instant = calendarValue(said, ask, context);
    if (typeof instant === "number") return instant;
  }
  return numberValue(said, param);
}

/** The parts of a list, each a value of the list's items; one that cannot be one spoils the list. */
function list(text: string, param: DraftParam, context: ValueContext): Json | undefined {
  const item: DraftParam = { ...param, type: param.itemType === "array" ? "string" : param.itemType, schema: itemSchema(param) };
  const values: Json[] = [];
  for (const part of listItems(text, param)) {
    const value = typeof part === "string" ? valueOf(part, item, context) : part;
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values.length > 0 ? values : undefined;
}

function itemSchema({ schema }: DraftParam): DraftParam["schema"] {
  const items = member(schema, "items");
  return isObject(items) ? items : {};
}

function textual(said: string, param: DraftParam, context: ValueContext): Json | undefined {
  const alias = aliasOf(said, param, context);
  if (param.listed.length > 0) {
    const { isClosed } = param;
    const listed = listedValue(said, param.listed, { isClosed }) ?? (alias && listedValue(alias, param.listed, { isClosed }));
    if (listed !== undefined) return listed;
    const coded = listedCode(said, param);
    if (coded !== undefined) return coded;
    if (isClosed) return undefined;
  }
  if (alias !== undefined && askOf(param).kind === "text") return alias;
  return formed(said, param, { ask: askOf(param), context });
}

const hasOtherNames =
  /\b(?:city|cities|town|place|area|location|destination|origin|from|to|where|region|state|airport|depart|departure|arrival|category|genre|cuisine|type|kind|subcategory)\b/;

/** The value that another name stands for: of this argument, or of arguments for places and kinds (a title is never a place's other name). */
function aliasOf(said: string, { words, description }: DraftParam, { aliases }: ValueContext): string | undefined {
  const surface = said.toLowerCase();
  const own = aliases?.get(`${words}:${surface}`);
  return own ?? (hasOtherNames.test(words) || /\bcity\b/i.test(description) ? aliases?.get(surface) : undefined);
}

/** The text in the form that the argument asks for; as it is written where it asks for none, or the words have another. */
function formed(said: string, param: DraftParam, { ask, context }: { readonly ask: Ask; readonly context: ValueContext }): Json {
  switch (ask.kind) {
    case "date":
    case "time":
    case "datetime":
    case "epoch": {
      const value = ask.isInWords === true ? undefined : calendarValue(said, ask, context);
      return value === undefined ? said : typeof value === "number" ? String(value) : value;
    }
    case "number":
    case "amount":
    case "duration":
    case "percent":
      return digitsText(said, param) ?? said;
    case "email":
      return onlyPart(said, isEmail) ?? said;
    case "url":
      return onlyPart(said, isUrl) ?? said;
    case "currency":
    case "country":
    case "language":
      return codeOf(said, param) ?? said;
    default:
      return said;
  }
}

/** The one run without blanks that is such a thing, if there is one. */
function onlyPart(said: string, is: (part: string) => boolean): string | undefined {
  const parts = said.split(/[\s<>()"']+/).map((part) => part.replace(/^[,;:]+|(?<![.,;:!?])[.,;:!?]+$/g, ""));
  const fitting = parts.filter(is);
  return fitting.length === 1 ? fitting[0] : undefined;
}
