/**
 * What the adaptive attacker found, each so that it stays found.
 */
import { describe, expect, it } from "vitest";
import { isPlainProse } from "../../src/lang/template/characters.ts";
import { evaluate, isAllowedText } from "../spec/lang.ts";

describe("the engine and the reference interpreter", () => {
  it("take the same characters for free text, of the planes that have any", () => {
    const differing: string[] = [];
    for (let code = 0; code <= 0xe0fff; code = code === 0x1ffff ? 0xe0000 : code + 1) {
      const text = `a${String.fromCodePoint(code)}b`;
      if (isPlainProse(text) !== isAllowedText(text, [])) differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
  });

  it("know the same extractors in expressions", () => {
    expect(evaluate('double(extract(text, "amount"))', { text: "by 100.00. Please" })).toBe(100);
    expect(evaluate('extract(text, "nothing")', { text: "by 100.00" })).toBeUndefined();
  });
});
