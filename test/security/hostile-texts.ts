/**
 * Texts that are written against what reads them: names that JavaScript's prototypes have, keys twice, keys that are numbers, and nesting without end.
 * Made of the honest inputs of a reader as well, so that what is wrong stands behind what it checks first. Texts only: judges nothing.
 */
import { jsonDepthMax } from "../../src/limits.ts";

/** How deep a bomb is: deeper than the stack of any engine holds frames. */
export const bombDepth = 100_000;

const nest = (open: string, close: string, depth: number, inner = ""): string => open.repeat(depth) + inner + close.repeat(depth);

/** One JSON text as a text in the next, as often as the length bears: each layer doubles the backslashes. */
function wrapped(depth: number): string {
  let text = "1";
  for (let i = 0; i < depth; i++) text = JSON.stringify({ a: text });
  return text;
}

/** Nodes of YAML that each hold the one before nine times. */
function laughs(depth: number): string {
  const lines = ['a0: &a0 "lol"'];
  for (let i = 1; i <= depth; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1},`.repeat(9).slice(0, -1)}]`);
  return lines.join("\n");
}

const polluting = [
  '"__proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"\\u005f_proto__":{"polluted":true,"toString":1}',
  '"prototype":{"polluted":true},"toString":1,"valueOf":null,"hasOwnProperty":0,"then":{"a":1},"toJSON":"x"',
] as const;

/** Members that come in before the first of an object. */
const members: Readonly<Record<string, string>> = {
  ...Object.fromEntries(polluting.map((text, i) => [`prototype ${i + 1}`, text])),
  "keys twice": '"a":1,"a":{"polluted":true}',
  "a key of a prototype twice": '"__proto__":1,"__proto__":{"polluted":true}',
  "keys that are numbers": '"4294967294":1,"-1":2,"0":3,"1e3":4,"length":9007199254740991',
};

/** Texts by name, for every reader. */
export const hostileTexts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(members).map(([name, text]) => [`an object with ${name}`, `{${text}}`])),
  "a list of objects with names of prototypes": `[{${polluting.join("},{")}}]`,
  "a path of names of prototypes": "__proto__.polluted",
  "a pointer of names of prototypes": "/__proto__/polluted",
  "YAML with names of prototypes": "__proto__:\n  polluted: true\nconstructor:\n  prototype:\n    polluted: true\n",
  "a merge of names of prototypes": "a: &a\n  __proto__: {polluted: true}\nb:\n  <<: *a\n",
  "lines with names of prototypes":
    "__proto__=1\nconstructor=2\n[__proto__]\npolluted = true\n[constructor.prototype]\npolluted = true\n",
  "arrays in arrays": nest("[", "]", bombDepth),
  "arrays without an end": "[".repeat(bombDepth),
  "objects in objects": nest('{"a":', "}", bombDepth, "1"),
  "objects without an end": '{"a":'.repeat(bombDepth),
  "arrays and objects by turns": nest('[{"":', "}]", bombDepth / 2, "1"),
  "arrays as deep as is read": nest("[", "]", jsonDepthMax - 1),
  "objects as deep as is read": nest('{"a":', "}", jsonDepthMax - 1, "1"),
  "JSON in texts of JSON": wrapped(14),
  parentheses: nest("(", ")", bombDepth, "a"),
  negations: `${"!".repeat(bombDepth)}a`,
  signs: `${"-".repeat(bombDepth)}1`,
  "choices without an end": `${"a ? b : ".repeat(bombDepth / 4)}c`,
  "steps without an end": `a${".b".repeat(bombDepth)}`,
  "indices in indices": nest("a[", "]", bombDepth, "1"),
  "operators in a row": `a${" && a".repeat(bombDepth / 4)}`,
  braces: nest("{", "}", bombDepth),
  "substitutions in substitutions": nest("$(", ")", bombDepth, "x"),
  "elements in elements": nest("<a>", "</a>", bombDepth / 2),
  "quotes of mail": `${">".repeat(bombDepth)} x`,
  "lists of YAML in one line": `${"- ".repeat(bombDepth / 2)}x`,
  "keys of YAML in one line": `${"? ".repeat(bombDepth / 2)}x`,
  "steps to the right": Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
  "aliases of aliases": laughs(30),
  "an alias in its own anchor": "a: &a [*a]\n",
  "anchors in a row": `${"&a ".repeat(bombDepth / 4)}x`,
  "a path of dots": "../".repeat(bombDepth / 4),
  "escapes of escapes": `%${"25".repeat(bombDepth / 4)}41`,
};

/** Places of `text` where `pattern` stands, from its beginning, its middle and its end. */
function placesOf(text: string, pattern: RegExp): readonly number[] {
  const all = [...text.matchAll(pattern)].map(({ index, 0: found }) => index + found.length);
  return [...new Set([all[0], all[Math.floor(all.length / 2)], all.at(-1)])].filter((place) => place !== undefined);
}

/**
 * The seed with hostile parts in it: members of an object at three of its objects, and in the place of three of its values a nest that is far too
 * deep and one that is just not.
 */
export function hostileForms(seed: string): Readonly<Record<string, string>> {
  const forms: Record<string, string> = {};
  for (const place of placesOf(seed, /\{(?=\s*["}])/g))
    for (const [name, text] of Object.entries(members)) {
      const comma = /^\s*\}/.test(seed.slice(place)) ? "" : ",";
      forms[`${name} at ${place}`] = seed.slice(0, place) + text + comma + seed.slice(place);
    }
  for (const [place, end] of valuesOf(seed))
    for (const [name, text] of Object.entries(nests))
      forms[`${name} at ${place}`] = seed.slice(0, place) + text + seed.slice(end);
  return forms;
}

const nests: Readonly<Record<string, string>> = {
  "a nest": nest("[", "]", bombDepth),
  "a nest of objects": nest('{"a":', "}", bombDepth, "1"),
  "a nest just shallow enough": nest('{"a":[', "]}", Math.floor(jsonDepthMax / 2) - 8, "1"),
  "a text of JSON": JSON.stringify(nest("[", "]", 4_000)),
  "a name of a prototype": '"__proto__"',
};

/** Where scalars behind a colon begin and end. */
function valuesOf(seed: string): readonly (readonly [number, number])[] {
  const all = [...seed.matchAll(/(?<=":\s*)(?:"(?:[^"\\\n]|\\.)*"|-?\d+|true|false|null)/g)];
  const some = [all[0], all[Math.floor(all.length / 2)], all.at(-1)].filter((found) => found !== undefined);
  return [...new Set(some)].map(({ index, 0: found }) => [index, index + found.length]);
}
