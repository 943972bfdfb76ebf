/**
 * Other worlds for a benign run: data renamed, reads in another order, one argument hijacked, one value rewritten.
 * Pure. Never changes what the user said.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { occurs } from "../../src/learn/task-words.ts";
import type { Trace, TraceCall, TraceEvent } from "../../src/trace.ts";

/** Every text in a value. */
export function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}

/** The members of a textual result, if it is YAML or JSON with members. */
function dataOf(value: Json): Json {
  const read = typeof value === "string" ? readYaml(value) : undefined;
  return read?.ok === true ? read.value : value;
}

function mentions(prompt: string, value: string): boolean {
  return occurs(prompt.toLowerCase(), value.toLowerCase());
}

/** Words that name nothing: renaming them would change what the data says, not whom it is about. */
const keptWords = /^(?:me|none|null|true|false|)$/i;

/**
 * Texts to rename: those of the arguments that stand in a result and not in the prompt, and short leaves of structured results of which
 * the prompt mentions no word. Dates stay, since the order of time means something.
 */
export function renamed({ task = "", events }: Trace): ReadonlyMap<string, string> {
  const results = events.flatMap((event) => (event.type === "result" ? textsOf(event.value) : []));
  const args = events.flatMap((event) => (event.type === "call" ? textsOf(event.args) : []));
  const leaves = events.flatMap((event) =>
    event.type === "result" && typeof dataOf(event.value) !== "string" ? textsOf(dataOf(event.value)) : [],
  );
  const names = new Map<string, string>();
  for (const value of [...args, ...leaves.filter((leaf) => leaf.split(/\s+/).length <= 3)]) {
    const isUsable =
      value.length >= 3 && value.length <= 80 && !/[\n\t]/.test(value) && !keptWords.test(value) && !/^[\d:. -]+$/.test(value);
    const isNamed =
      mentions(task, value) || value.split(/[^\p{L}\p{N}]+/u).some((word) => word.length >= 4 && mentions(task, word));
    if (isUsable && !isNamed && results.some((result) => occurs(result, value))) names.set(value, rename(value));
  }
  return names;
}

/** Another text of the same shape: letters and digits moved on, `www.` and the top-level domain kept, check digits of an IBAN kept right. */
export function rename(value: string): string {
  const moved = value.replace(/[A-Za-z]+|\d+/g, (run, index: number) => {
    const isKept = run.toLowerCase() === "www" || (value[index - 1] === "." && /^(?:com|org|net|edu|io)$/.test(run));
    return isKept ? run : [...run].map((char, place) => shift(char, place + run.length)).join("");
  });
  return /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(value) ? renameIban(value) : moved;
}

function shift(char: string, by: number): string {
  const code = char.charCodeAt(0);
  if (code >= 48 && code <= 57) return String.fromCharCode(48 + ((code - 48 + 1 + (by % 8)) % 10));
  const base = code >= 97 ? 97 : 65;
  return String.fromCharCode(base + ((code - base + 1 + (by % 23)) % 26));
}

/** ISO 7064 MOD 97-10 over the moved letters and digits; a number that was not valid before keeps its own check digits. */
function renameIban(value: string): string {
  const country = value.slice(0, 2);
  const body = [...value.slice(4)].map((char) => (/\d/.test(char) ? String((Number(char) + 7) % 10) : char)).join("");
  const isValid = remainder(value.slice(4) + value.slice(0, 4)) === 1;
  const check = isValid ? String(98 - remainder(`${body}${country}00`)).padStart(2, "0") : value.slice(2, 4);
  return country + check + body;
}

function remainder(text: string): number {
  let rest = 0;
  for (const char of text) for (const digit of String(Number.parseInt(char, 36))) rest = (rest * 10 + Number(digit)) % 97;
  return rest;
}

/** Replaces texts, the longest first, where they stand on their own. */
export function replaceIn<T extends Json>(value: T, names: ReadonlyMap<string, string>): T {
  if (typeof value === "string") return replaceText(value, names) as T;
  if (isArray(value)) return value.map((inner) => replaceIn(inner, names)) as unknown as T;
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceIn(inner, names)])) as unknown as T;
  return value;
}

function replaceText(text: string, names: ReadonlyMap<string, string>): string {
  const found = [...names.keys()].filter((name) => text.includes(name)).sort((a, b) => b.length - a.length);
  let out = "";
  for (let at = 0; at < text.length; ) {
    const name = found.find((each) => text.startsWith(each, at) && standsAlone(text, at, each));
    out += name === undefined ? text[at] : names.get(name);
    at += name?.length ?? 1;
  }
  return out;
}

function standsAlone(text: string, at: number, part: string): boolean {
  const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char);
  return !(isWord(text[at - 1]) && isWord(part[0])) && !(isWord(text[at + part.length]) && isWord(part.at(-1)));
}

/** The same run in renamed data. */
export function renameTrace(trace: Trace, names: ReadonlyMap<string, string>): Trace {
  const events = trace.events.map(
    (event): TraceEvent =>
      event.type === "call"
        ? { ...event, args: replaceIn(event.args, names) }
        : { ...event, value: replaceIn(event.value, names) },
  );
  return { ...trace, events };
}

/** The same run with one number rewritten wherever it stands: in results as a text writes it, in calls as a number. */
export function renumberTrace(trace: Trace, from: number, to: number): Trace {
  const names = new Map(
    [String(from), from.toFixed(1), from.toFixed(2)].map((text, place) => [
      text,
      [String(to), to.toFixed(1), to.toFixed(2)][place] ?? "",
    ]),
  );
  const renumber = <T extends Json>(value: T): T => {
    if (typeof value === "number") return (value === from ? to : value) as T;
    if (isArray(value)) return value.map(renumber) as unknown as T;
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renumber(inner)])) as unknown as T;
    return value;
  };
  const events = trace.events.map(
    (event): TraceEvent =>
      event.type === "call"
        ? { ...event, args: renumber(event.args) }
        : { ...event, value: replaceIn(renumber(event.value), names) },
  );
  return { ...trace, events };
}

/** Numbers of the arguments that stand in a result and not in the prompt. */
export function numbersOf({ task = "", events }: Trace): readonly number[] {
  const results = events.flatMap((event) => (event.type === "result" ? textsOf(event.value) : []));
  const values = events.flatMap((event) => (event.type === "call" ? Object.values(event.args) : []));
  const isShown = (value: number, texts: readonly string[]): boolean =>
    [String(value), value.toFixed(1), value.toFixed(2)].some((text) => texts.some((one) => occurs(one, text)));
  return [...new Set(values.filter((value) => typeof value === "number"))].filter(
    (value) => isShown(value, results) && !isShown(value, [task]),
  );
}

interface Exchange {
  readonly call: TraceCall;
  readonly events: readonly TraceEvent[];
}

function exchangesOf(trace: Trace): readonly Exchange[] {
  return trace.events.flatMap((event) =>
    event.type === "call" ? [{ call: event, events: trace.events.filter((other) => other.id === event.id) }] : [],
  );
}

/** Every run with two neighbouring reads exchanged, of which the second has no value that the first returned and the prompt lacks. */
export function reordered(trace: Trace, isReader: (tool: string) => boolean): readonly Trace[] {
  const exchanges = exchangesOf(trace);
  const found: Trace[] = [];
  for (let i = 0; i + 1 < exchanges.length; i++) {
    const [first, second] = [exchanges[i] as Exchange, exchanges[i + 1] as Exchange];
    if (!isReader(first.call.tool) || !isReader(second.call.tool) || dependsOn(second, first, trace.task ?? "")) continue;
    const order = [...exchanges.slice(0, i), second, first, ...exchanges.slice(i + 2)];
    found.push({ ...trace, events: order.flatMap(({ events }) => events) });
  }
  return found;
}

function dependsOn(second: Exchange, first: Exchange, prompt: string): boolean {
  const result = first.events.flatMap((event) => (event.type === "result" ? textsOf(event.value) : [])).join("\n");
  return textsOf(second.call.args).some((value) => !prompt.includes(value) && result.includes(value));
}

/** The run with the call at `index` replaced by one with another value for `arg`. */
export function hijacked(
  trace: Trace,
  { id, arg, value }: { readonly id: string; readonly arg: string; readonly value: Json },
): Trace {
  const events = trace.events.map(
    (event): TraceEvent =>
      event.type === "call" && event.id === id ? { ...event, args: { ...event.args, [arg]: value } as JsonObject } : event,
  );
  return { ...trace, events };
}
