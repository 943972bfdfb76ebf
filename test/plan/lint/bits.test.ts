/** How many bits of choice a rule leaves, and how often a node may run at most. */
import { describe, expect, it } from "vitest";
import { bitsOf, runsMax } from "../../../src/plan/lint/bits.ts";
import type { Loose } from "../market.ts";

const four = { choose: { enum: [1, 2, 3, 4] } };
const eight = { choose: { enum: [1, 2, 3, 4, 5, 6, 7, 8] } };

describe("the bits of a rule", () => {
  it.each<[Loose, number | undefined]>([
    ["x", 0],
    [null, 0],
    [{ const: [1, 2] }, 0],
    [{ param: "p" }, 0],
    [{ from: "a$.x" }, undefined],
    [{ item: "$.x" }, undefined],
    [{ expr: "a.x" }, undefined],
    [{ write: {} }, undefined],
    [four, 2],
    [{ choose: { type: "string" } }, undefined],
    [{ choose: { pattern: "(" } }, undefined],
    [[four, eight, "x"], 5],
    [[four, { write: {} }], undefined],
    [{ object: { a: four, b: [eight] } }, 5],
    [{ object: { a: four, b: { from: "a$.x" } } }, undefined],
    [{ template: "text", text: "{a}", with: { a: { from: "a$.x", match: { enum: [1, 2] } } } }, 1],
    [{ from: "a$.x", match: { enum: ["a", "b"] } }, 1],
    [{ from: "a$.x", match: { type: "string" } }, undefined],
    [{ ...eight, match: { enum: [1, 2] } }, 1],
    [{ choose: { enum: [1, 2] }, match: { enum: [1, 2, 3, 4] } }, 1],
    // A value that may be left out is one value more, rounded up: log2(5).
    [{ ...four, optional: true }, 2.33],
    [{ param: "p", optional: true }, 1],
    [{ from: "a$.x", optional: true }, undefined],
    [{ ...four, optional: false }, 2],
  ])("of %j are %s", (rule, bits) => {
    expect(bitsOf(rule)).toBe(bits);
  });
});

describe("the most runs of a node", () => {
  it.each<[Loose, number]>([
    [{ n: {} }, 1],
    [{ n: { times: 3 } }, 3],
    [{ n: { times: { min: 1, max: 4 } } }, 4],
    [{ n: { times: { min: 1 } } }, 1],
    [{ n: { each: { from: "a$.x", max: 5 } }, a: { times: 9 } }, 5],
    [{ n: { times: 2, each: { from: "a$.x", max: 5 } } }, 10],
    [{ n: { times: 2, each: "a" }, a: { times: 3, each: "b" }, b: { each: { from: "c$.x", max: 4 } } }, 24],
    [{ n: { times: 2, each: "gone" } }, 2],
    [{ n: { times: 2, each: "constructor" } }, 2],
    [{ n: { times: 2, each: "a" }, a: { times: 3, each: "n" } }, 6],
    [{ n: { times: 2, each: "n" } }, 2],
  ])("of n in %j are %s", (nodes, runs) => {
    expect(runsMax(nodes, "n")).toBe(runs);
  });

  it("of a node that is not there is one", () => {
    expect(runsMax({}, "toString")).toBe(1);
  });
});
