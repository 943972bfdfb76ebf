import fc from "fast-check";
import { expect, test } from "vitest";
import { bitsOfCount } from "../../src/lang/bits.ts";
import { compilePattern, type Pattern } from "../../src/lang/pattern.ts";
import { patternCharsMax } from "../../src/limits.ts";

function pattern(source: string): Pattern {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error.message}`);
  return compiled.value;
}

const part = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("a", "b", "[ab]", "[^c]", "."),
    fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
    fc.tuple(tie("part"), tie("part")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("part"), fc.constantFrom("?", "{2}", "{0,2}", "{1,2}")).map(([a, repeat]) => `(?:${a})${repeat}`),
  ),
})).part;
const looping = fc.tuple(part, fc.constantFrom("*", "+", "{1,}", "*?"), part).map(([a, loop, b]) => `(?:${a})${loop}${b}`);
const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n"), maxLength: 8 });

test("matches whole texts as the language's RegExp does, on patterns that both know", () => {
  fc.assert(
    fc.property(fc.oneof(part, looping), text, (source, input) => {
      expect(pattern(source).test(input)).toBe(new RegExp(`^(?:${source})$(?![^])`, "u").test(input));
    }),
    { numRuns: 500 },
  );
});

test("a search starts where the language's RegExp starts, and what it finds is a match", () => {
  fc.assert(
    fc.property(fc.oneof(part, looping), text, (source, input) => {
      const compiled = pattern(source);
      const found = compiled.search(input);
      expect(found?.start).toBe(new RegExp(source, "u").exec(input)?.index);
      // Where a loop may match nothing RE2 ends it as early as RegExp or earlier, so the ends are not compared.
      if (found !== undefined) expect(compiled.test(input.slice(found.start, found.end))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** All texts over three letters up to a length. */
function texts(length: number): readonly string[] {
  return length === 0 ? [""] : ["", ...texts(length - 1).flatMap((rest) => ["a", "b", "c"].map((letter) => letter + rest))];
}

const short = [...new Set(texts(6))];

test("the bits of a finite pattern bound the number of texts that match", () => {
  fc.assert(
    fc.property(part, (source) => {
      const compiled = pattern(source);
      expect(compiled.isFinite).toBe(true);
      const count = short.filter(compiled.test).length;
      expect(compiled.bits).toBeGreaterThanOrEqual(Math.log2(Math.max(1, count)) - 1e-9);
    }),
    { numRuns: 150 },
  );
});

test("a pattern with a loop is infinite", () => {
  fc.assert(
    fc.property(looping, (source) => {
      expect(pattern(source)).toMatchObject({ isFinite: false, bits: undefined });
    }),
    { numRuns: 200 },
  );
});

test("the bits of a list of distinct words are exact", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 3, maxLength: 3 }), {
        minLength: 1,
        maxLength: 27,
      }),
      (words) => {
        const { bits } = pattern(words.join("|"));
        expect(bits).toBe(bitsOfCount(BigInt(words.length)));
      },
    ),
    { numRuns: 100 },
  );
});

test.each([
  ["(a+)+$", "a"],
  ["(a|a)*b", "a"],
  ["(.*)(.*)(.*)=", "a"],
  ["(a*)*c", "a"],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
  ["(x+x+)+y", "x"],
])("%s takes a long hostile text in linear time", (source, letter) => {
  // With backtracking these take longer than the age of the universe; a linear matcher ends well inside the test's time.
  const hostile = `${letter.repeat(100_000)}!`;
  expect(pattern(source).test(hostile)).toBe(false);
  expect(pattern(source).search(hostile)).toBeUndefined();
});

test.each([
  ["a(?=b)", "LANG_PATTERN_UNSUPPORTED", 1],
  ["(a)b\\1", "LANG_PATTERN_UNSUPPORTED", 4],
  ["(?<n>a)\\k<n>", "LANG_PATTERN_UNSUPPORTED", 7],
  ["a".repeat(patternCharsMax + 1), "LANG_PATTERN_LIMIT", patternCharsMax],
  ["(?:a{1000}b{1000}){1}c{1000}d{1000}e{1000}f{1000}", "LANG_PATTERN_LIMIT", 36],
])("pattern number %# is refused with a place", (source, code, offset) => {
  const compiled = compilePattern(source);
  expect(!compiled.ok && [compiled.error.code, compiled.error.offset]).toEqual([code, offset]);
});

test("what only looks like look-around or a back-reference is accepted", () => {
  expect(pattern("[(?=]+").test("(?=")).toBe(true);
  expect(pattern("\\Q(?=\\1\\E").test("(?=\\1")).toBe(true);
  expect(pattern("\\(?=").test("(=")).toBe(true);
  expect(pattern("[]\\1a]".replace("\\1", "1")).test("]")).toBe(true);
  expect(pattern("(?<year>\\d{4})").test("2026")).toBe(true);
});

test("no text makes the compiler throw, and no message is the library's", () => {
  const piece = fc.constantFrom(
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "?",
    "*",
    "+",
    "\\",
    "Q",
    "E",
    "p",
    "1",
    ",",
    "a",
    "^",
    "$",
    "|",
    ":",
    "<",
    "=",
    "\uD800",
    "\u{1F600}",
    "-",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const compiled = compilePattern(pieces.join(""));
      if (compiled.ok) compiled.value.test("a?");
      else expect(compiled.error.message).not.toContain("regexp:");
    }),
    { numRuns: 500 },
  );
});

test("bits are rounded up, to hundredths, and are whole for powers of two", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n, max: 2n ** 60n }), (count) => {
      const bits = bitsOfCount(count);
      expect(bits).toBeGreaterThanOrEqual(Math.log2(Number(count)) - 1e-9);
      expect(bits).toBeLessThan(Math.log2(Number(count)) + 0.0101);
    }),
  );
  for (let k = 0; k < 400; k++) expect(bitsOfCount(2n ** BigInt(k))).toBe(k);
});
