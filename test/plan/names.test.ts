/** Names that programs make for nodes and parameters: identifiers, never a word of the language, each once. */
import { describe, expect, it } from "vitest";
import { freshName, isKeyword, slugOf } from "../../src/plan/names.ts";

const keywords =
  "as break const continue else false for function if import in let loop namespace null package return true var void while";
const words =
  "params nodes item args size sum min max sort map filter all exists round floor ceil abs distinct flatten join split extract date now has string double int zip";

describe("a slug", () => {
  it.each([
    ["Get the quotes!", "get_the_quotes"],
    ["getOpenOrders2Day", "get_open_orders2_day"],
    ["HTTPServer", "httpserver"],
    ["__a--b__", "a_b"],
    ["3 orders", "n_3_orders"],
    ["größe", "gr_e"],
    ["", "value"],
    ["!?", "value"],
    ["a".repeat(60), "a".repeat(48)],
    [`${"a".repeat(47)} b`, "a".repeat(47)],
    ["a3", "a3"],
  ])("of `%s` is `%s`", (text, slug) => {
    expect(slugOf(text)).toBe(slug);
  });

  it.each([...keywords.split(" "), ...words.split(" ")])("is not the word `%s`", (word) => {
    expect(slugOf(word)).toBe(`n_${word}`);
  });
});

describe("a keyword", () => {
  it.each(keywords.split(" "))("is `%s`", (word) => {
    expect(isKeyword(word)).toBe(true);
  });

  it("is no other word, not even one of the plan language", () => {
    for (const word of [...words.split(" "), "", "order"]) expect(isKeyword(word)).toBe(false);
  });
});

describe("a fresh name", () => {
  it("is the first that is not taken, and is taken then", () => {
    const taken = new Set(["b"]);
    expect(["a", "a", "a", "b", "a_2"].map((base) => freshName(base, taken))).toEqual(["a", "a_2", "a_3", "b_2", "a_2_2"]);
    expect([...taken]).toEqual(["b", "a", "a_2", "a_3", "b_2", "a_2_2"]);
  });
});
