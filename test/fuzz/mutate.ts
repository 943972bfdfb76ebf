/**
 * Mutations of texts: characters, words, lines, brackets, values of JSON, and pieces of other inputs.
 * Pure: the same random choices give the same text. Never longer than the bound that it is given.
 */
import type { Json } from "../../src/json/value.ts";
import type { Random } from "./random.ts";

/** What mutations may draw from. */
export interface Material {
  readonly random: Random;
  /** Other inputs that reached something. */
  readonly others: readonly string[];
  readonly dictionary: readonly string[];
  readonly lengthMax: number;
  /** The highest code unit: 0xff where a character stands for a byte. */
  readonly unitMax: number;
}

type Mutation = (text: string, material: Material) => string;

const characters = [
  ..."\0\t\n\r !\"#$%&'()*+,-./0189:;<=>?@AZ[\\]^_`az{|}~",
  "\x1b",
  "\x7f",
  "\x80",
  "\xa0",
  "\xe9",
  "\xff",
  "\u0130",
  "\u0660",
  "\u200b",
  "\u202e",
  "\u2028",
  "\ufeff",
  "\ufffd",
  "\uff0e",
  "\ud800",
  "\udc00",
  "😀",
];
const numbers = [
  ...["0", "-0", "1", "-1", "2", "1e3", "0.1", "1e400", "1e-400", "255", "256", "65536", "2147483648", "4294967296"],
  ...["9007199254740991", "9007199254740992", "18446744073709551616", "00", "0x10", "1_0", "NaN", "1e", "+1"],
];
const hostile = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "length", "\r\n", "\r\nX-Injected: 1\r\n"],
  ...["%00", "%2e%2e%2f", "%0d%0a", "../", "//", "\\u0000", "\\ud800", "$(", "${", "{{", "}}", "--", "/*", "*/", "';", '"', "@"],
  ...["null", "true", "false", "{}", "[]", '""', "data: ", "\n\n", "\n  ", "&a ", "*a", "<<: ", "!!js/function ", "\0"],
];

function place(text: string, { random }: Material): number {
  return random.below(text.length + 1);
}

function range(text: string, { random }: Material): readonly [number, number] {
  const from = random.below(text.length);
  const lengths = [1, 2, 4, 8, 32, text.length];
  return [from, Math.min(text.length, from + 1 + random.below(random.pick(lengths)))];
}

function replaced(text: string, [from, to]: readonly [number, number], by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

function someText(material: Material): string {
  const { random, dictionary } = material;
  const kind = random.below(8);
  if (kind < 3 && dictionary.length > 0) return random.pick(dictionary);
  if (kind === 3) return random.pick(hostile);
  if (kind === 4) return random.pick(numbers);
  return kind === 5 ? String.fromCharCode(random.below(material.unitMax + 1)) : random.pick(characters);
}

const ofCharacters: readonly Mutation[] = [
  (text, m) => insert(text, m, someText(m)),
  (text, m) => replaced(text, range(text, m), ""),
  (text, m) => replaced(text, range(text, m), someText(m)),
  (text, m) => {
    const [from, to] = range(text, m);
    const times = m.random.pick([2, 2, 3, 8, 64]);
    return replaced(text, [from, to], text.slice(from, to).repeat(times));
  },
  (text, m) => {
    const [from, to] = range(text, m);
    return insert(text, m, text.slice(from, to));
  },
  (text, m) => {
    const at = m.random.below(text.length);
    const unit = (text.charCodeAt(at) ^ (1 << m.random.below(8))) & m.unitMax;
    return replaced(text, [at, at + 1], String.fromCharCode(unit));
  },
];

function insert(text: string, m: Material, what: string): string {
  const at = place(text, m);
  return replaced(text, [at, at], what);
}

const wordPattern = /[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu;

function ofWords(text: string, m: Material): string {
  const words = text.match(wordPattern) ?? [];
  if (words.length === 0) return someText(m);
  const at = m.random.below(words.length);
  const other = m.random.below(words.length);
  const word = words[at] as string;
  switch (m.random.below(5)) {
    case 0:
      words.splice(at, 1);
      break;
    case 1:
      words[at] = someText(m);
      break;
    case 2:
      words[at] = words[other] as string;
      words[other] = word;
      break;
    case 3:
      words.splice(other, 0, word);
      break;
    default:
      words[at] = /^\d+$/.test(word) ? m.random.pick(numbers) : toggled(word);
  }
  return words.join("");
}

function toggled(word: string): string {
  return word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase();
}

function ofLines(text: string, m: Material): string {
  const lines = text.split("\n");
  const at = m.random.below(lines.length);
  const other = m.random.below(lines.length);
  const line = lines[at] as string;
  switch (m.random.below(4)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(other, 0, line);
      break;
    case 2:
      lines[at] = m.random.below(2) === 0 ? `  ${line}` : line.replace(/^ {1,2}/, "");
      break;
    default:
      lines[at] = lines[other] as string;
      lines[other] = line;
  }
  return lines.join("\n");
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`", "<": ">" };

/** The range inside a pair of brackets or quotes, chosen by chance; the whole text if there is none. */
function inside(text: string, { random }: Material): readonly [number, number] {
  const start = random.below(text.length);
  for (let from = start; from < text.length; from++) {
    const open = text[from] as string;
    const close = closing[open];
    if (close === undefined) continue;
    for (let to = from + 1, depth = 0; to < text.length; to++) {
      if (text[to] === close && depth-- === 0) return [from + 1, to];
      if (text[to] === open) depth++;
    }
  }
  return [0, text.length];
}

function ofBrackets(text: string, m: Material): string {
  const target = inside(text, m);
  const from = m.random.below(2) === 0 || m.others.length === 0 ? text : m.random.pick(m.others);
  const [a, b] = inside(from, m);
  const piece = m.random.below(6) === 0 ? "" : from.slice(a, b);
  return replaced(text, target, piece);
}

function ofOthers(text: string, m: Material): string {
  if (m.others.length === 0) return insert(text, m, someText(m));
  const other = m.random.pick(m.others);
  if (m.random.below(2) === 0) return text.slice(0, place(text, m)) + other.slice(place(other, m));
  const [from, to] = range(other, m);
  return insert(text, m, other.slice(from, to));
}

/** Changes one value of a text that is JSON. */
function ofJson(text: string, m: Material): string {
  const value = parsed(text);
  return value === undefined ? ofWords(text, m) : write(changed(value, m));
}

/** By the engine's reader: the one of src/ would count as coverage, and which of two keys it loses matters to nobody here. */
function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function changed(value: Json, m: Material): Json {
  if (typeof value !== "object" || value === null || m.random.below(6) === 0) return otherValue(value, m);
  if (Array.isArray(value)) {
    const list = [...(value as readonly Json[])];
    const at = m.random.below(list.length);
    const kind = m.random.below(6);
    if (kind === 0) list.splice(at, 1);
    else if (kind === 1) list.splice(at, 0, list[m.random.below(list.length)] ?? null);
    else if (list.length > 0) list[at] = changed(list[at] as Json, m);
    return list;
  }
  const members = Object.entries(value as { readonly [key: string]: Json });
  const at = m.random.below(members.length);
  const kind = m.random.below(8);
  const [key, member] = members[at] ?? ["a", null];
  if (kind === 0) members.splice(at, 1);
  else if (kind === 1) members.push([someText(m), members[m.random.below(members.length)]?.[1] ?? null]);
  else if (kind === 2) members[at] = [someText(m), member];
  else members[at] = [key, changed(member, m)];
  return Object.fromEntries(members);
}

function otherValue(value: Json, m: Material): Json {
  switch (m.random.below(8)) {
    case 0:
      return null;
    case 1:
      return [value];
    case 2:
      return { a: value };
    case 3:
      return m.random.pick([true, false, 0, -1, 1.5, 2 ** 53, 1e300, 2n ** 64n, "", [], {}]);
    case 4:
      return String(typeof value === "string" ? ofWords(value, m) : someText(m));
    default:
      return typeof value === "string" ? ofCharacterChange(value, m) : someText(m);
  }
}

/** JSON as a program writes it, with lone surrogates and big integers, which `JSON.stringify` has not. */
function write(value: Json): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(write).join(",")}]`;
  return `{${Object.entries(value as { readonly [key: string]: Json })
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`)
    .join(",")}}`;
}

function ofCharacterChange(text: string, m: Material): string {
  return m.random.pick(ofCharacters)(text, m);
}

const mutations: readonly Mutation[] = [
  ofCharacterChange,
  ofCharacterChange,
  ofWords,
  ofWords,
  ofLines,
  ofBrackets,
  ofOthers,
  ofJson,
  ofJson,
];

/** The text after one to sixteen mutations. */
export function mutate(text: string, material: Material): string {
  let now = text;
  for (let left = 1 << material.random.below(5); left > 0; left -= 1 + material.random.below(3)) {
    now = material.random.pick(mutations)(now, material).slice(0, material.lengthMax);
  }
  return material.unitMax === 0xff ? bytesOnly(now) : now;
}

/** Characters beyond a byte become the bytes of their UTF-8. */
function bytesOnly(text: string): string {
  if (!/[^\0-\xff]/.test(text)) return text;
  return [...text].map((char) => (char > "\xff" ? String.fromCharCode(...new TextEncoder().encode(char)) : char)).join("");
}
