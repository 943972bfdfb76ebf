/**
 * Functions over numbers and dates.
 * Never rounds silently, never reads a clock. Pure. No I/O, no clock.
 */
import { isArray, isObject, type Json } from "../../json/value.ts";
import { countCodePoints } from "../code-point.ts";
import { addDays, compileDateFormat, datePart } from "../date.ts";
import { roundDecimal } from "../decimal.ts";
import { langError } from "../error.ts";
import { textSteps } from "../work.ts";
import { charge, type Frame, listOf, madeNumber, numberOf, orderOf, refuseType, refuseValue, textOf } from "./frame.ts";
import { type FunctionRow, literalText, strict } from "./function-row.ts";

function integral(name: string, doc: string, compute: (x: number) => number): FunctionRow {
  return strict({ name, arity: [1, 1], doc }, (frame, [x], at) => {
    // An integer beyond 2^53 is integral already; it keeps its digits.
    if (typeof x === "bigint" && name !== "abs") return x;
    if (typeof x === "bigint") return x < 0n ? -x : x;
    const value = numberOf(frame, x, at);
    return value === undefined ? undefined : madeNumber(frame, compute(value), at);
  });
}

/** `min(a, b, …)` or `min(list)`; `sign` is 1 for the greatest, -1 for the least. */
function extreme(name: string, sign: number, doc: string): FunctionRow {
  return strict({ name, arity: [1, Number.POSITIVE_INFINITY], doc }, (frame, values, at) => {
    const list = values.length === 1 ? listOf(frame, values[0], at) : values;
    if (list === undefined) return undefined;
    let best: Json | undefined;
    for (const value of list) {
      // The first value is compared with itself, so that a list of one is checked for its type too.
      const order = orderOf(frame, [value, best ?? value], at);
      if (order === undefined) return undefined;
      if (best === undefined || order * sign > 0) best = value;
    }
    return best ?? refuseValue(frame, `\`${name}\` of an empty list`, at);
  });
}

function sizeOf(frame: Frame, value: Json | undefined, at: number): number | undefined {
  if (typeof value === "string") return charge(frame, textSteps(value), at) ? countCodePoints(value) : undefined;
  if (isArray(value)) return value.length;
  if (!isObject(value)) return refuseType(frame, "only texts, lists and objects have a size", at);
  const { length } = Object.keys(value);
  return charge(frame, length, at) ? length : undefined;
}

const numberToken = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

/** A JSON number in a text; integers beyond 2^53 keep their digits. */
function parseNumber(frame: Frame, text: string, at: number): number | bigint | undefined {
  if (text.length > 400 || !numberToken.test(text)) return refuseValue(frame, "the text is not a number as JSON writes it", at);
  const value = Number(text);
  if (!Number.isFinite(value)) return refuseValue(frame, "the number is larger than a double", at);
  return /^-?[0-9]+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value === 0 ? 0 : value;
}

/** Numbers, sizes and dates. */
export const numberFunctions: readonly FunctionRow[] = [
  strict(
    {
      name: "round",
      arity: [1, 2],
      doc: "round(x), round(x, places): decimal rounding, a half away from zero; round(1.005, 2) is 1.01",
    },
    (frame, [x, places], at) => {
      const digits = places === undefined ? 0 : numberOf(frame, places, at);
      if (typeof x !== "bigint" && numberOf(frame, x, at) === undefined) return undefined;
      if (digits === undefined) return undefined;
      const rounded = roundDecimal(x as number | bigint, digits);
      return rounded.ok ? rounded.value : refuseValue(frame, rounded.error.message, at);
    },
  ),
  integral("floor", "floor(x): the greatest integer not above x", Math.floor),
  integral("ceil", "ceil(x): the least integer not below x", Math.ceil),
  integral("abs", "abs(x): x without its sign", Math.abs),
  extreme("min", -1, "min(a, b, …), min(list): the least of numbers or of texts; an empty list is an error"),
  extreme("max", 1, "max(a, b, …), max(list): the greatest of numbers or of texts; an empty list is an error"),
  strict(
    { name: "sum", arity: [1, 1], doc: "sum(list): the numbers added from first to last; 0 for none" },
    (frame, [value], at) => {
      let total: number | undefined = 0;
      for (const element of listOf(frame, value, at) ?? [undefined]) {
        const term = element === undefined ? undefined : numberOf(frame, element, at);
        total = term === undefined ? undefined : madeNumber(frame, total + term, at);
        if (total === undefined) return undefined;
      }
      return total;
    },
  ),
  strict(
    { name: "size", arity: [1, 1], doc: "size(x): code points of a text, elements of a list, members of an object" },
    (frame, [x], at) => sizeOf(frame, x, at),
  ),
  strict(
    { name: "double", arity: [1, 1], doc: "double(x): a number, or the number that a text is in JSON's notation" },
    (frame, [x], at) => {
      if (typeof x === "number" || typeof x === "bigint") return x;
      const text = textOf(frame, x, at);
      return text === undefined ? undefined : parseNumber(frame, text, at);
    },
  ),
  strict({ name: "int", arity: [1, 1], doc: "int(x): as double(x), cut off towards zero" }, (frame, [x], at) => {
    const text = typeof x === "string" ? textOf(frame, x, at) : undefined;
    const value = typeof x === "string" ? (text === undefined ? undefined : parseNumber(frame, text, at)) : x;
    if (value === undefined || typeof value === "bigint") return value;
    const number = numberOf(frame, value, at);
    return number === undefined ? undefined : madeNumber(frame, Math.trunc(number), at);
  }),
  strict(
    {
      name: "date",
      arity: [1, 1],
      doc: "date(x): the date part of an ISO date or date-time, as written; anything else is an error",
    },
    (frame, [x], at) => {
      const text = textOf(frame, x, at);
      const date = text === undefined ? undefined : datePart(text);
      return date === undefined ? undefined : date.ok ? date.value : refuseValue(frame, date.error.message, at);
    },
  ),
  strict(
    { name: "addDays", arity: [2, 2], doc: "addDays(date, n): the date n days later (earlier if negative)" },
    (frame, [x, n], at) => {
      const text = textOf(frame, x, at);
      const days = text === undefined ? undefined : numberOf(frame, n, at);
      const moved = text === undefined || days === undefined ? undefined : addDays(text, days);
      return moved === undefined ? undefined : moved.ok ? moved.value : refuseValue(frame, moved.error.message, at);
    },
  ),
  {
    name: "formatDate",
    arity: [2, 2],
    doc: 'formatDate(date, "D MMMM YYYY"): fields YYYY YY MMMM MMM MM M DD D dddd ddd HH mm ss, words in []; English names',
    compile: (node, [date]) => {
      const source = literalText(node, 1, "a date format");
      const format = source.ok ? compileDateFormat(source.value) : source;
      if (!format.ok) return { ok: false, error: langError("LANG_EXPR_TYPE", format.error.message, node.args[1]?.at ?? node.at) };
      return {
        ok: true,
        value: (frame) => {
          const text = textOf(frame, date?.(frame), node.at);
          const formatted = text === undefined ? undefined : format.value.format(text);
          if (formatted === undefined) return undefined;
          return formatted.ok ? formatted.value : refuseValue(frame, formatted.error.message, node.at);
        },
      };
    },
  },
];
