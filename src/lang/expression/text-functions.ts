/**
 * Functions over text: tests, cutting, joining, patterns and extraction.
 * Never uses the locale and never the language's RegExp on input. Pure. No I/O, no clock.
 */
import type { Json } from "../../json/value.ts";
import { expressionListMax, expressionTextMax } from "../../limits.ts";
import { err, ok } from "../../result.ts";
import { codePointOffset } from "../code-point.ts";
import { langError } from "../error.ts";
import { compilePattern } from "../pattern.ts";
import {
  charge,
  type Frame,
  isWithinList,
  listOf,
  madeText,
  numberOf,
  refuse,
  refuseType,
  refuseValue,
  textOf,
} from "./frame.ts";
import { type FunctionRow, literalText, strict } from "./function-row.ts";

type Compute = (frame: Frame, texts: readonly string[], at: number) => Json | undefined;

/** A function all of whose arguments are texts. */
function ofTexts(
  name: string,
  count: number,
  { doc, compute }: { readonly doc: string; readonly compute: Compute },
): FunctionRow {
  return strict({ name, arity: [count, count], doc }, (frame, values, at) => {
    const texts: string[] = [];
    for (const value of values) {
      const text = textOf(frame, value, at);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return compute(frame, texts, at);
  });
}

/** A scalar as text; numbers as ECMAScript prints them (`Number::toString`), which is the same on every runtime. */
function scalarText(frame: Frame, value: Json, at: number): string | undefined {
  if (typeof value === "object" && value !== null)
    return refuseType(frame, "only texts, numbers, booleans and null can be written as text", at);
  return String(value);
}

function changeCase(text: string, from: RegExp, change: (letter: string) => string): string {
  return text.replace(from, change);
}

const blanks = " \t\n\v\f\r";

function trimAscii(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blanks.includes(text[start] as string)) start++;
  while (end > start && blanks.includes(text[end - 1] as string)) end--;
  return text.slice(start, end);
}

function join(frame: Frame, [value, separator]: readonly Json[], at: number): string | undefined {
  const list = listOf(frame, value, at);
  const between = separator === undefined ? "" : textOf(frame, separator, at);
  if (list === undefined || between === undefined) return undefined;
  let length = between.length * list.length;
  const parts: string[] = [];
  for (const element of list) {
    const text = scalarText(frame, element, at);
    if (text === undefined) return undefined;
    length += text.length;
    parts.push(text);
  }
  // The length is checked before the text is made.
  return length > expressionTextMax ? tooLong(frame, at) : madeText(frame, parts.join(between), at);
}

function tooLong(frame: Frame, at: number): undefined {
  return refuse(frame, "LANG_EXPR_LIMIT", { message: `a text has at most ${expressionTextMax} characters`, at });
}

/** The engines' substring search is quadratic at worst, so it is charged as such: one step for 1,024 comparisons of units. */
function chargeSearch(frame: Frame, [text, part]: readonly [string, string], at: number): boolean {
  return charge(frame, Math.ceil((text.length * part.length) / 1024), at);
}

function contains(frame: Frame, [text, part]: readonly string[], at: number): boolean | undefined {
  if (text === undefined || part === undefined || !chargeSearch(frame, [text, part], at)) return undefined;
  return text.includes(part);
}

function replace(frame: Frame, [text, from, to]: readonly string[], at: number): string | undefined {
  if (text === undefined || from === undefined || to === undefined) return undefined;
  if (from === "") return refuseValue(frame, "`replace` needs a text to replace", at);
  if (!chargeSearch(frame, [text, from], at)) return undefined;
  let count = 0;
  for (let i = text.indexOf(from); i !== -1; i = text.indexOf(from, i + from.length)) count++;
  const length = text.length + count * (to.length - from.length);
  // The length is checked before the text is made; a function as replacement keeps `$` literal.
  return length > expressionTextMax
    ? tooLong(frame, at)
    : madeText(
        frame,
        text.replaceAll(from, () => to),
        at,
      );
}

function split(frame: Frame, [text, separator]: readonly string[], at: number): readonly string[] | undefined {
  if (separator === "") return refuseValue(frame, "`split` needs a separator", at);
  if (text === undefined || separator === undefined || !chargeSearch(frame, [text, separator], at)) return undefined;
  const parts = text.split(separator, expressionListMax + 1);
  return isWithinList(frame, parts.length, at) && charge(frame, parts.length, at) ? parts : undefined;
}

function substring(frame: Frame, [value, from, to]: readonly Json[], at: number): string | undefined {
  const text = textOf(frame, value, at);
  const first = text === undefined ? undefined : numberOf(frame, from, at);
  const last = to === undefined ? undefined : numberOf(frame, to, at);
  if (text === undefined || first === undefined || (to !== undefined && last === undefined)) return undefined;
  const isPosition = (x: number): boolean => Number.isSafeInteger(x) && x >= 0;
  const start = isPosition(first) ? codePointOffset(text, first) : undefined;
  const end = last === undefined ? text.length : isPosition(last) ? codePointOffset(text, last) : undefined;
  if (start === undefined || end === undefined || start > end) return refuseValue(frame, "`substring` lies outside the text", at);
  return text.slice(start, end);
}

/** Splits `"{} of {}"` at its holes; `{{` and `}}` stand for braces. `undefined` for a lone brace. */
function splitHoles(source: string): readonly string[] | undefined {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < source.length; i++) {
    const pair = source.slice(i, i + 2);
    if (pair === "{{" || pair === "}}" || pair === "{}") i++;
    else if (pair[0] === "{" || pair[0] === "}") return undefined;
    if (pair === "{}") {
      parts.push(part);
      part = "";
    } else part += pair[0];
  }
  return [...parts, part];
}

const format: FunctionRow = {
  name: "format",
  arity: [1, Number.POSITIVE_INFINITY],
  doc: 'format("{} of {}", a, b): a literal text with one `{}` for each argument; `{{` and `}}` are braces',
  compile: (node, args) => {
    const source = literalText(node, 0, "its template");
    if (!source.ok) return source;
    const parts = splitHoles(source.value);
    if (parts?.length !== args.length) {
      return err(
        langError("LANG_EXPR_TYPE", "`format` needs one `{}` for each argument; `{{` is a brace", node.args[0]?.at ?? node.at),
      );
    }
    return ok((frame) => {
      let text = parts[0] as string;
      for (let i = 1; i < args.length; i++) {
        const value = args[i]?.(frame);
        const piece = value === undefined ? undefined : scalarText(frame, value, node.at);
        if (piece === undefined) return undefined;
        text += piece + (parts[i] as string);
        if (text.length > expressionTextMax) return tooLong(frame, node.at);
      }
      return madeText(frame, text, node.at);
    });
  },
};

const matchesPattern: FunctionRow = {
  name: "re",
  arity: [2, 2],
  doc: 're(text, "pattern"): whether the whole text matches a literal RE2 pattern, in linear time; write `.*` for the rest',
  compile: (node, [source]) => {
    const literal = literalText(node, 1, "a pattern");
    const pattern = literal.ok ? compilePattern(literal.value) : literal;
    if (!pattern.ok) return err(langError("LANG_EXPR_TYPE", pattern.error.message, node.args[1]?.at ?? node.at));
    return ok((frame) => {
      const text = textOf(frame, source?.(frame), node.at);
      // Matching reads every unit, so it costs more than a comparison does.
      if (text === undefined || !charge(frame, text.length >> 3, node.at)) return undefined;
      return pattern.value.test(text);
    });
  },
};

const extract: FunctionRow = {
  name: "extract",
  arity: [2, 2],
  doc: 'extract(text, "iban"): the one distinct value of a published kind that occurs in a text; none or several is an error',
  compile: (node, [source], { extractors }) => {
    const kind = literalText(node, 1, "a kind");
    if (!kind.ok) return kind;
    const find = Object.hasOwn(extractors, kind.value) ? extractors[kind.value] : undefined;
    if (find === undefined) return err(langError("LANG_EXPR_NAME", "`extract` knows no such kind", node.args[1]?.at ?? node.at));
    return ok((frame) => {
      const text = textOf(frame, source?.(frame), node.at);
      if (text === undefined || !charge(frame, text.length >> 3, node.at)) return undefined;
      const found = [...new Set(find(text))];
      if (found.length === 1) return found[0];
      return refuseValue(
        frame,
        `\`extract\` needs exactly one distinct match, and there ${found.length === 0 ? "is none" : "are several"}`,
        node.at,
      );
    });
  },
};

/** Texts. Offsets and sizes count code points. */
export const textFunctions: readonly FunctionRow[] = [
  ofTexts("startsWith", 2, {
    doc: "startsWith(text, start)",
    compute: (_frame, [text, start]) => text?.startsWith(start as string),
  }),
  ofTexts("endsWith", 2, { doc: "endsWith(text, end)", compute: (_frame, [text, end]) => text?.endsWith(end as string) }),
  ofTexts("contains", 2, {
    doc: "contains(text, part); for lists write `x in list`",
    compute: contains,
  }),
  ofTexts("lowerAscii", 1, {
    doc: "lowerAscii(text): A–Z as a–z, all else as it is",
    compute: (_frame, [text]) => changeCase(text as string, /[A-Z]+/g, (letters) => letters.toLowerCase()),
  }),
  ofTexts("upperAscii", 1, {
    doc: "upperAscii(text): a–z as A–Z, all else as it is",
    compute: (_frame, [text]) => changeCase(text as string, /[a-z]+/g, (letters) => letters.toUpperCase()),
  }),
  ofTexts("trim", 1, {
    doc: "trim(text): without ASCII blanks at both ends",
    compute: (_frame, [text]) => trimAscii(text as string),
  }),
  ofTexts("split", 2, { doc: "split(text, separator): the parts between separators", compute: split }),
  ofTexts("replace", 3, { doc: "replace(text, from, to): every occurrence, literally", compute: replace }),
  strict(
    {
      name: "substring",
      arity: [2, 3],
      doc: "substring(text, start), substring(text, start, end): by code points; outside is an error",
    },
    substring,
  ),
  strict({ name: "join", arity: [1, 2], doc: "join(list), join(list, separator): texts and numbers, one after the other" }, join),
  strict({ name: "string", arity: [1, 1], doc: "string(x): a number, boolean or null as text" }, (frame, [x], at) =>
    scalarText(frame, x as Json, at),
  ),
  format,
  matchesPattern,
  extract,
];
