import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import type { Program } from "../../../src/lang/pattern/program.ts";
import { type PatternTable, tableOf, testTable } from "../../../src/lang/pattern/table.ts";
import { textsOf } from "../../../src/lang/pattern/texts.ts";

function compile(source: string): { readonly whole: (text: string) => boolean; readonly table: PatternTable | undefined } {
  const compiled = RE2JS.compile(source);
  return { whole: (text) => compiled.testExact(text), table: tableOf(compiled.re2().prog as Program) };
}

const atom = fc.constantFrom(
  ...[
    "a",
    "b",
    "k",
    "é",
    " ",
    "[ab]",
    "[^c]",
    ".",
    "(?s:.)",
    "[a-z0-9]",
    "[é-ü]",
    "\\d",
    "\\w",
    "\\W",
    "\\p{L}",
    "\\.",
    "[\\x{1F600}-\\x{1F64F}]",
  ],
  ...["(?i:k)", "(?i:b)", "^", "$", "\\A", "\\z", "\\b", "(?m:^)", "(?m:$)"],
);
const pattern = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.array(tie("part"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    fc.tuple(tie("part"), tie("part")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("part"), fc.constantFrom("?", "*", "+", "{2}", "{0,3}", "{2,}", "*?")).map(([a, times]) => `(?:${a})${times}`),
  ),
})).part;
/** Letters of the patterns, other cases of them, line ends, pairs and lone halves of pairs. */
const unit = fc.constantFrom(..."abckK0. \n\r\u2028éüß\u212a", "\u{1F600}", "\u{1F680}", "\ud83d", "\ude00");
const text = fc.string({ unit, maxLength: 10 });

test("a table that answers says what the pattern's program says, of any text and of those that only just match or fail", () => {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 4 }), unit, fc.nat(), (source, texts, other, at) => {
      const { whole, table } = compile(source);
      if (table === undefined) return;
      const matching = textsOf(source, { count: 4 });
      const near = matching.flatMap((each) => {
        const place = at % (each.length + 1);
        return [each.slice(0, place) + each.slice(place + 1), each.slice(0, place) + other + each.slice(place), `${each}\n`];
      });
      for (const each of ["", ...texts, ...matching, ...near]) {
        const answer = testTable(table, each);
        if (answer === undefined) continue;
        seen[answer ? "yes" : "no"] += 1;
        expect(answer, `${source} of ${JSON.stringify(each)}`).toBe(whole(each));
      }
    }),
    { numRuns: 400 },
  );
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(100);
});

test.each([
  "[A-Za-z0-9_ =<>'.,()-]*",
  "^[a-z]{2,12}-[0-9]{1,9}$",
  "https://.*",
  "(?:a|ab)*c",
  "[a-z]{0,1000}",
  "(?:.*x){1,5}",
  '[^"]*',
])("%s has a table, which knows every text", (source) => {
  const { whole, table } = compile(source);
  expect(table).toBeDefined();
  const texts = ["", "a", "ab-12", "https://é\u{1F600}\ud83d", "\n", "x".repeat(1001), ...textsOf(source, { count: 9 })];
  for (const each of texts) expect(table && testTable(table, each)).toBe(whole(each));
});

test.each([".*a.{20}", "(a{0,30}){0,30}", "\\bword\\b", "(?m:^a$)"])(
  "%s has none: its states are too many or ask for words or lines",
  (source) => {
    expect(compile(source).table).toBeUndefined();
  },
);

test("what a class holds beyond ASCII only in part is left to the program", () => {
  const { table } = compile("[a-zé]+|(?i:k)");
  expect(table && ["abc", "k", "K", "1"].map((each) => testTable(table, each))).toEqual([true, true, true, false]);
  expect(table && ["é", "abé", "\u212a"].map((each) => testTable(table, each))).toEqual([undefined, undefined, undefined]);
});
