/**
 * Words of a task as a model copies them: found whole, or not at all.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordFinder } from "../../../src/infer/endpoint/found-words.ts";

function found(task: string, words: string): string | undefined {
  const place = wordFinder(task)(words);
  return place === undefined ? undefined : task.slice(place.start, place.end);
}

describe("words of a task", () => {
  it.each([
    ["Book Nopa for two", "nopa", "Nopa"],
    ["Book  the\n Nopa", "the Nopa", "the\n Nopa"],
    ["Say \u201chello\u201d to her", 'say "hello"', "Say \u201chello\u201d"],
    ["Pay $50.", "$50", "$50"],
    ["It\u2019s Anna\u2019s", "Anna's", "Anna\u2019s"],
    ["caf\u00e9 au lait", "CAF\u00c9", "caf\u00e9"],
  ])("in %j finds %j", (task, words, expected) => expect(found(task, words)).toBe(expected));

  it.each([
    ["Start the party", "art"],
    ["Send 150 euros", "50"],
    ["Send it", ""],
    ["Send it", "   "],
    ["Send it", "send this"],
  ])("in %j does not find %j", (task, words) => expect(found(task, words)).toBeUndefined());

  it("takes a later place where the first is taken, and the first where all are", () => {
    const find = wordFinder("two tables, then two rooms");
    expect(find("two", ({ start }) => start === 0)).toEqual({ start: 17, end: 20 });
    expect(find("two", () => true)).toEqual({ start: 0, end: 3 });
  });

  it("finds every piece between blanks at its place", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9\u00e4\u0416\u4e2d$#@.-]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (words, from, length) => {
        const first = from % words.length;
        const wanted = words.slice(first, first + 1 + (length % (words.length - first))).join(" ");
        expect(found(words.join("  "), wanted)?.replace(/ +/g, " ").toLowerCase()).toBe(wanted.toLowerCase());
      }),
      { numRuns: 300 },
    );
  });
});
