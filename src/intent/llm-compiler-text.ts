/**
 * The text of an LLMCompiler plan (arXiv 2312.04511, `output_parser.py`): numbered calls with Python literals and `$1` references.
 * Pure. Never takes a line that is no call, comment or thought for nothing: it is an error with its place.
 */
import { isWellFormed } from "../json/read-error.ts";
import { readJson } from "../json/read.ts";
import type { Json } from "../json/value.ts";
import { importStepsMax, ruleDepthMax, textBytesMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";
import type { ImportError, Place } from "./intent.ts";

/** A value as a plan writes it: references stay apart, texts are not looked into yet. */
export type Term =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "text"; readonly text: string; readonly place: Place }
  | { readonly kind: "step"; readonly step: number; readonly place: Place }
  | { readonly kind: "list"; readonly items: readonly Term[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, Term])[]; readonly place: Place };

/** One numbered call. */
export interface Task {
  readonly index: number;
  readonly tool: string;
  readonly positional: readonly Term[];
  readonly named: readonly (readonly [string, Term])[];
  /** Numbers of the calls that it waits for, where the plan lists them. */
  readonly dependencies: readonly number[];
  readonly place: Place;
}

/** The calls of a plan, and the question that it answers. */
export interface TaskList {
  readonly question?: string;
  readonly tasks: readonly Task[];
}

/** Where reading stands in one line. */
interface Cursor {
  readonly text: string;
  readonly line: number;
  at: number;
}

type Read<T> = Result<T, ImportError>;

const end = "<END_OF_PLAN>";

/** Reads the lines of a plan. Errors: `IMPORT_SYNTAX` with line and column, `IMPORT_TOO_LARGE`. `join(…)` ends a plan and is no tool. */
export function readTasks(text: string): Read<TaskList> {
  if (text.length > textBytesMax) return err({ code: "IMPORT_TOO_LARGE", place: {}, message: "the text is too long" });
  const tasks: Task[] = [];
  let question: string | undefined;
  let isDone = false;
  for (const [number, line] of text.split(/\r\n|\n|\r/).entries()) {
    const cursor: Cursor = { text: line, line: number + 1, at: 0 };
    if (!isWellFormed(line)) return syntax(cursor, "half of a surrogate pair in this line: write the whole character");
    skip(cursor, /[ \t]*/y);
    if (isDone && cursor.at < line.length) return syntax(cursor, `nothing stands behind \`${end}\``);
    const asked = /^\s*Question:(.*)$/is.exec(line)?.[1]?.trim();
    if (asked !== undefined && asked !== "" && question === undefined) question = asked;
    if (cursor.at === line.length || asked !== undefined || /^\s*(?:#|Thought\b[^:]{0,20}:)/i.test(line)) continue;
    if (line.startsWith(end, cursor.at)) {
      skip(cursor, /<END_OF_PLAN>[ \t]*/y);
      if (cursor.at < line.length) return syntax(cursor, `nothing stands behind \`${end}\``);
      isDone = true;
      continue;
    }
    const task = readTask(cursor, tasks.at(-1)?.index ?? 0);
    if (!task.ok) return task;
    tasks.push(task.value);
    if (tasks.length > importStepsMax)
      return err({ code: "IMPORT_TOO_LARGE", place: here(cursor), message: `a plan is made of at most ${importStepsMax} calls` });
    const tail = /^[ \t]*(?:#[^<]*)?(?:(<END_OF_PLAN>)[ \t]*)?$/.exec(line.slice(cursor.at));
    if (tail === null) return syntax(cursor, `a call ends its line, but for a comment with \`#\` or \`${end}\``);
    isDone = tail[1] !== undefined;
  }
  return ok({ ...(question === undefined ? {} : { question }), tasks });
}

function here({ line, at }: Cursor): Place {
  return { line, column: at + 1 };
}

function syntax(cursor: Cursor, message: string): { readonly ok: false; readonly error: ImportError } {
  return err({ code: "IMPORT_SYNTAX", place: here(cursor), message });
}

/** The text that a sticky pattern matches here, which is read then; `undefined` if it does not match. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function skip(cursor: Cursor, pattern: RegExp): void {
  take(cursor, pattern);
}

function readTask(cursor: Cursor, last: number): Read<Task> {
  const place = here(cursor);
  const index = take(cursor, /\d{1,6}(?=\.)/y);
  if (index === undefined) return syntax(cursor, 'expected a numbered call, as in `1. search("…")`');
  if (Number(index) <= last)
    return err({ code: "IMPORT_SYNTAX", place, message: "the numbers of the calls go up, and each occurs once" });
  cursor.at++;
  skip(cursor, /[ \t]*/y);
  const tool = take(cursor, /[A-Za-z_][A-Za-z0-9_./:-]*/y);
  if (tool === undefined) return syntax(cursor, "expected the name of a tool");
  if (take(cursor, /\(/y) === undefined) return syntax(cursor, "expected `(` and the arguments");
  const positional: Term[] = [];
  const named: [string, Term][] = [];
  for (let isFirst = true; ; isFirst = false) {
    skip(cursor, /[ \t]*/y);
    if (take(cursor, /\)/y) !== undefined) break;
    if (!isFirst && take(cursor, /,/y) === undefined) return syntax(cursor, "expected `,` or `)` behind an argument");
    skip(cursor, /[ \t]*/y);
    // A comma may stand behind the last argument.
    if (!isFirst && take(cursor, /\)/y) !== undefined) break;
    const name = take(cursor, /[A-Za-z_]\w*(?=[ \t]*=(?!=))/y);
    if (name !== undefined) skip(cursor, /[ \t]*=[ \t]*/y);
    else if (named.length > 0) return syntax(cursor, "behind an argument by name every one has its name");
    if (named.some(([other]) => other === name)) return syntax(cursor, "the argument is given twice");
    const term = readTerm(cursor, 0);
    if (!term.ok) return term;
    if (name === undefined) positional.push(term.value);
    else named.push([name, term.value]);
  }
  return ok({ index: Number(index), tool, positional, named, dependencies: [], place });
}

const words: { readonly [word: string]: Json } = { True: true, False: false, None: null, true: true, false: false, null: null };

function readTerm(cursor: Cursor, depth: number): Read<Term> {
  const place = here(cursor);
  if (depth > ruleDepthMax) return syntax(cursor, `lists and objects are nested at most ${ruleDepthMax} deep`);
  const next = cursor.text[cursor.at];
  if (next === '"' || next === "'") {
    const text = readText(cursor, next);
    return text.ok ? ok({ kind: "text", text: text.value, place }) : text;
  }
  if (next === "$") return readReference(cursor);
  if (next === "[" || next === "(") return readList(cursor, depth, next === "[" ? "]" : ")");
  if (next === "{") return readObject(cursor, depth);
  const number = take(cursor, /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
  if (number !== undefined) {
    const read = readJson(number);
    return read.ok ? ok({ kind: "value", value: read.value }) : syntax(cursor, "the number is beyond the range of a double");
  }
  const word = take(cursor, /(?:True|False|None|true|false|null)(?![\w(])/y);
  if (word !== undefined) return ok({ kind: "value", value: words[word] ?? null });
  return syntax(
    cursor,
    "expected a value: a text in quotes, a number, `True`, `False`, `None`, a list, an object or a reference as `$1`",
  );
}

/** `$1` or `${1}` outside of quotes. */
function readReference(cursor: Cursor): Read<Term> {
  const place = here(cursor);
  const text = take(cursor, /\$(?:\d{1,6}|\{\d{1,6}\})(?![\w.[])/y);
  return text === undefined
    ? syntax(cursor, "a reference is the number of an earlier call and nothing more, as in `$1` or `${1}`")
    : ok({ kind: "step", step: Number(/\d+/.exec(text)?.[0]), place });
}

function readList(cursor: Cursor, depth: number, close: "]" | ")"): Read<Term> {
  cursor.at++;
  const items: Term[] = [];
  let commas = 0;
  for (;;) {
    skip(cursor, /[ \t]*/y);
    if (cursor.text[cursor.at] === close) break;
    if (items.length > commas) return syntax(cursor, `expected \`,\` or \`${close}\``);
    const item = readTerm(cursor, depth + 1);
    if (!item.ok) return item;
    items.push(item.value);
    skip(cursor, /[ \t]*/y);
    if (take(cursor, /,/y) !== undefined) commas++;
  }
  cursor.at++;
  const [only] = items;
  // `("a")` is `"a"` in Python, `("a",)` is a list of it.
  return close === ")" && only !== undefined && items.length === 1 && commas === 0 ? ok(only) : ok({ kind: "list", items });
}

function readObject(cursor: Cursor, depth: number): Read<Term> {
  const place = here(cursor);
  cursor.at++;
  const members: [string, Term][] = [];
  for (let isOpen = true; ; ) {
    skip(cursor, /[ \t]*/y);
    if (take(cursor, /\}/y) !== undefined) break;
    if (!isOpen) return syntax(cursor, "expected `,` or `}`");
    const quote = cursor.text[cursor.at];
    if (quote !== '"' && quote !== "'") return syntax(cursor, "the name of a member is a text in quotes");
    const key = readText(cursor, quote);
    if (!key.ok) return key;
    if (members.some(([other]) => other === key.value)) return syntax(cursor, "the member is given twice");
    skip(cursor, /[ \t]*/y);
    if (take(cursor, /:/y) === undefined) return syntax(cursor, "expected `:` behind the name of a member");
    skip(cursor, /[ \t]*/y);
    const value = readTerm(cursor, depth + 1);
    if (!value.ok) return value;
    members.push([key.value, value.value]);
    skip(cursor, /[ \t]*/y);
    isOpen = take(cursor, /,/y) !== undefined;
  }
  return ok({ kind: "object", members, place });
}

const escapes: { readonly [code: string]: string } = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
};

/** A text in quotes, with the escapes of Python (Language Reference §2.4.1.1) but octal ones, names, and those that mean nothing. */
function readText(cursor: Cursor, quote: '"' | "'"): Read<string> {
  const start = cursor.at;
  if (cursor.text.startsWith(quote.repeat(3), start)) return syntax(cursor, "a text has single quotes and stands on one line");
  let text = "";
  cursor.at++;
  for (;;) {
    const plain = take(cursor, quote === '"' ? /[^"\\]*/y : /[^'\\]*/y);
    text += plain ?? "";
    const next = cursor.text[cursor.at];
    if (next === undefined) {
      cursor.at = start;
      return syntax(cursor, "the text has no closing quote on its line");
    }
    cursor.at++;
    if (next === quote) break;
    const escaped = take(cursor, /x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}|[\\'"nrtbfva]/y);
    if (escaped === undefined) {
      cursor.at--;
      return syntax(cursor, "no such escape: a backslash itself is written `\\\\`");
    }
    text += escaped.length > 1 ? String.fromCodePoint(Number.parseInt(escaped.slice(1), 16)) : (escapes[escaped] ?? "");
  }
  if (isWellFormed(text)) return ok(text);
  cursor.at = start;
  return syntax(cursor, "half of a surrogate pair: write the whole character");
}
