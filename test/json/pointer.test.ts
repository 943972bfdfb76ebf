import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePointer, pointerOf, showPointer } from "../../src/json/pointer.ts";

test.each<[(string | number)[], string]>([
  [[], ""],
  [["foo", 0], "/foo/0"],
  [[""], "/"],
  [["a/b"], "/a~1b"],
  [["m~n"], "/m~0n"],
  [["~1"], "/~01"],
  [["c%d", " ", '"'], '/c%d/ /"'],
])("writes %j as %j (RFC 6901 §5)", (path, pointer) => {
  expect(pointerOf(path)).toBe(pointer);
});

test("reads what it writes", () => {
  const paths = fc.array(fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "a", "é") }), { maxLength: 4 });
  fc.assert(
    fc.property(paths, (path) => {
      expect(parsePointer(pointerOf(path))).toEqual(path);
    }),
    { numRuns: 300 },
  );
});

test.each(["a", "#/a", " /a", "/a~", "/~2", "/a/~b"])("reads %j as no pointer", (text) => {
  expect(parsePointer(text)).toBeUndefined();
});

test("two paths of keys have one pointer only if they are equal", () => {
  const paths = fc.array(fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "a") }), { maxLength: 3 });
  fc.assert(
    fc.property(paths, paths, (a, b) => {
      expect(pointerOf(a) === pointerOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 300 },
  );
});

test("shows no control, format or line character of a key", () => {
  expect(showPointer("/a\n\u001b[31m\u202eb\u2028")).toBe("/a\\u{a}\\u{1b}[31m\\u{202e}b\\u{2028}");
  expect(showPointer("/größe/日本/0")).toBe("/größe/日本/0");
});

test("cuts the middle of a long pointer", () => {
  const shown = showPointer(`/${"a".repeat(500)}/z`);
  expect(shown).toHaveLength(79);
  expect(shown).toMatch(/^\/a+…a+\/z$/);
});
