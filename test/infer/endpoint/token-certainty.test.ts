/**
 * Certainty of parts of an answer: the product of the probabilities of the tokens that touch them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certaintyOf } from "../../../src/infer/endpoint/token-certainty.ts";

/** Cuts a text into tokens at these places, each with the log-probability `-1 / (1 + index)`. */
function tokensOf(text: string, cuts: readonly number[]) {
  const places = [...new Set([0, ...cuts.map((cut) => cut % text.length), text.length])].toSorted((one, other) => one - other);
  return places.slice(1).map((end, at) => ({ token: text.slice(places[at], end), logprob: -1 / (1 + at) }));
}

describe("how sure a model was", () => {
  it("is the product over the tokens that a value touches", () => {
    const answer = '{"a":["x","yz"],"b":1}';
    const tokens = ['{"a":[', '"x"', ',"y', 'z"', '],"b":', "1", "}"].map((token, at) => ({
      token,
      logprob: Math.log(1 - at / 10),
    }));
    const certainty = certaintyOf(answer, { tokens, answer, offset: 0 });
    expect(certainty(["a", 0])).toBeCloseTo(0.9);
    expect(certainty(["a", 1])).toBeCloseTo(0.8 * 0.7);
    expect(certainty(["b"])).toBeCloseTo(0.5);
    expect(certainty(["c"])).toBeUndefined();
    expect(certainty(["a", 2])).toBeUndefined();
  });

  it("is found where text stands before the JSON", () => {
    const json = '{"b":true}';
    const tokens = [
      { token: "```\n", logprob: -9 },
      { token: '{"b":', logprob: -8 },
      { token: "true}", logprob: 0 },
    ];
    expect(certaintyOf(json, { tokens, answer: `\`\`\`\n${json}`, offset: 4 })(["b"])).toBe(1);
  });

  it.each([
    ["none", undefined],
    ["those of another text", [{ token: "{}", logprob: -1 }]],
    ["those that end early", [{ token: "[1", logprob: -1 }]],
    ["no numbers", [{ token: "[1]", logprob: "-1" }]],
    ["no list", { token: "[1]" }],
  ])("is not known from tokens that are %s", (_, tokens) => {
    expect(certaintyOf("[1]", { tokens, answer: "[1]", offset: 0 })([0])).toBeUndefined();
  });

  it("is known for every part of every JSON text, however it is cut into tokens, and lies between 0 and 1", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (value, cuts, isWide) => {
        const json = JSON.stringify(value, null, isWide ? 2 : 0);
        const certainty = certaintyOf(json, { tokens: tokensOf(json, cuts), answer: json, offset: 0 });
        const visit = (part: unknown, path: readonly (string | number)[]): void => {
          const sure = certainty(path) as number;
          expect(sure).toBeGreaterThan(0);
          expect(sure).toBeLessThanOrEqual(1);
          if (typeof part !== "object" || part === null) return;
          for (const [name, inner] of Object.entries(part))
            if (JSON.stringify(name) === `"${name}"`) visit(inner, [...path, Array.isArray(part) ? Number(name) : name]);
        };
        visit(value, []);
      }),
      { numRuns: 300 },
    );
  });
});
