/**
 * Patterns of a policy where the table of states does not know the answer, and where the text is small but the program is not.
 */
import { expect, it } from "vitest";
import { compilePattern } from "../../../src/lang/pattern.ts";

it.each([
  // Beyond ASCII a table has one class: which letter it was, the program is asked.
  ["\\p{Greek}+", "\u03b1\u03b2", ["\u03b1\u03b2!", "!\u03b1\u03b2", "\u03b1\u0431", "\u03b1\n\u03b2", "\u03b1\n"]],
  ["[a-z\u00e9]+@bank", "caf\u00e9@bank", ["caf\u00e9@bank.evil", "EVIL caf\u00e9@bank", "caf\u00e9@bank\n", "caf\u00e8@bank"]],
  ["\u00e9|\u00e9a", "\u00e9a", ["\u00e9ab", "b\u00e9", "\u00e9\u00e9"]],
])("threat 5: a pattern covers the whole text beyond ASCII too: %s", (source, whole, others) => {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(compiled.error.message);
  expect(compiled.value.test(whole)).toBe(true);
  for (const other of others) expect([other, compiled.value.test(other)]).toEqual([other, false]);
});

it("threat 5: a short pattern that compiles to a large program is refused, whatever its parts come to", () => {
  // Each repeat is small, and so is their sum; one inside another they multiply.
  for (const source of ["(?:abcdefghij){600}", "(?:(?:abcdefghi){30}x){30}"])
    expect(compilePattern(source)).toMatchObject({ ok: false, error: { code: "LANG_PATTERN_LIMIT" } });
  expect(compilePattern("(?:abcdefghij){60}").ok).toBe(true);
});
