/**
 * Texts that are almost programs: a corpus cut, joined, repeated and strewn with what parsers stumble over.
 * Test support. Pure: what comes out follows from what fast-check draws.
 */
import fc from "fast-check";

/** Pieces that lexers disagree about. */
const odd: readonly string[] = [
  "\u0000",
  "\ufeff",
  "\f",
  "\v",
  "\r",
  "\r\n",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u00a0",
  "\u3000",
  "\u200b",
  "\u202e",
  "\u2066",
  "\ud800",
  "\udc00",
  "\ud83d\ude00",
  "ﬁ",
  "𝐱",
  "ⅷ",
  "é",
  "e\u0301",
  "ſ",
  "\\",
  "\\\n",
  "\\u0061",
  "\t",
  "        ",
  "`",
  "'",
  '"',
  '"""',
  "'''",
  "${",
  "}",
  "{",
  "{{",
  "}}",
  "#",
  "//",
  "/*",
  "*/",
  "<!--",
  "-->",
  ";",
  ":",
  ":=",
  "=",
  "==",
  "?.",
  "??",
  "=>",
  "**",
  "...",
  "_",
  "__proto__",
  "constructor",
  "0x",
  "1e999",
  "9".repeat(400),
  "0.1e-400",
  "1_000",
  "1n",
  "0o17",
  "-0",
  "NaN",
];

/** Words of both languages, and of the plans. */
const words: readonly string[] =
  `if else elif for in of while not and or is await async def function return lambda yield import from as class
  new this None True False null undefined true false const let var range enumerate len sum note get_order x y item params nodes args
  self print f"{x}" f"{x:.2f}" r"\\d" b"a" ( ) [ ] { } , . : ; + - * / // % ** < > <= >= == != === = += -= 0 1 2.5 1e3 "a" 'b' \n \n\u0020\u0020 \n\t`
    .split(/[ \n]+/)
    .flatMap((word) => [word, word === ":" ? ":\n    " : `${word} `]);

type Edit = (text: string, at: number, other: string) => string;

const place = (text: string, at: number): number => (text.length === 0 ? 0 : at % (text.length + 1));

const edits: readonly Edit[] = [
  (text, at) => text.slice(0, place(text, at)),
  (text, at) => text.slice(place(text, at)),
  (text, at) => text.slice(0, place(text, at)) + text.slice(place(text, at) + 1),
  (text, at) => text.slice(0, place(text, at)) + text.slice(place(text, at) + 1 + (at % 17)),
  (text, at, other) => text.slice(0, place(text, at)) + other + text.slice(place(text, at)),
  (text, at, other) => text.slice(0, place(text, at)) + other + text.slice(place(text, at) + other.length),
  (text, at) => swapLines(text, at),
  (text, at) => repeatLine(text, at),
  (text, at, other) => swapWord(text, at, other),
  (text, at, other) => swapWord(text, at, other),
  (text, at) => swapWord(text, at, wordAt(text, at * 7 + 3)),
  (text, at) => swapWord(text, at, wordAt(text, at * 13 + 5)),
];

function swapLines(text: string, at: number): string {
  const lines = text.split("\n");
  const from = at % lines.length;
  const to = (at * 31 + 7) % lines.length;
  [lines[from], lines[to]] = [lines[to] as string, lines[from] as string];
  return lines.join("\n");
}

function repeatLine(text: string, at: number): string {
  const lines = text.split("\n");
  const line = lines[at % lines.length] as string;
  return lines.toSpliced((at * 17) % (lines.length + 1), 0, line).join("\n");
}

const token = /[A-Za-z_][A-Za-z0-9_]*|[0-9.]+|"[^"\n]*"|'[^'\n]*'|[-+*/%=<>!]+|[()[\]{},:.]/gu;

function wordAt(text: string, at: number): string {
  const tokens = text.match(token) ?? [""];
  return tokens[at % tokens.length] as string;
}

/** Another token in the place of one: what comes out is often a program still. */
function swapWord(text: string, at: number, other: string): string {
  const found = [...text.matchAll(token)];
  const chosen = found[at % Math.max(found.length, 1)];
  if (chosen === undefined) return other;
  return text.slice(0, chosen.index) + other + text.slice(chosen.index + chosen[0].length);
}

const edit = fc.tuple(fc.constantFrom(...edits), fc.nat(100_000), fc.oneof(fc.constantFrom(...odd), fc.constantFrom(...words)));

/** Programs of a corpus with one to a few edits each. */
export function mutatedFrom(corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([text, list]) => list.reduce((changed, [change, at, other]) => change(changed, at, other), text));
}

/** Words in any order. */
export const soup: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.constantFrom(...odd) }), {
    maxLength: 60,
  })
  .map((list) => list.join(""));

/** One piece many times over, closed or not. */
export const towers: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      "(",
      "[",
      "{",
      "x[",
      "f(",
      "-",
      "not ",
      "!",
      "a.",
      "a + ",
      "a?b:",
      "`${",
      'f"{',
      "if x:\n ",
      "{a:",
      "x = ",
      "x => ",
      "[x for x in ",
      "@",
      ";",
      "\n",
    ),
    fc.constantFrom("", "1", "x", "1)"),
    fc.constantFrom("", ")", "]", "}", '"', "`"),
    fc.constantFrom(3, 40, 500, 20_000),
  )
  .map(([open, middle, close, count]) =>
    `${open.repeat(count).slice(0, 90_000)}${middle}${close.repeat(count)}`.slice(0, 99_000),
  );
