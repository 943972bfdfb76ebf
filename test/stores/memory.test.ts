import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { isSoundChange } from "../../src/stores/store.ts";
import { addTo, noTotal, totalOf } from "../../src/stores/total.ts";
import { joinValues } from "../../src/taint/label.ts";
import { arrivalContract } from "./edge-contract.ts";
import { storeContract } from "./store-contract.ts";

storeContract("memory", createMemoryStore);
arrivalContract("memory", createMemoryStore);

describe("a recorded label", () => {
  it("joins to the union of sources and the intersection of readers, and to itself where nothing is added", () => {
    const a = { sources: ["a", "c"], readers: ["x", "y"] };
    expect(joinValues(a, { sources: ["b", "a"], readers: ["y", "z"] })).toEqual({ sources: ["a", "b", "c"], readers: ["y"] });
    expect(joinValues(a, { sources: ["c"], readers: null })).toBe(a);
    expect(joinValues({ sources: [], readers: null }, a)).toEqual(a);
    expect(joinValues(a, { sources: [], readers: [] })).toEqual({ sources: ["a", "c"], readers: [] });
  });
});

describe("a change", () => {
  it("is unsound without events, or with an amount that is no finite number or negative", () => {
    const entries = [{ event: { type: "close" as const, at: 0 } }];
    const take = { counter: "c", run: 0, max: 1, at: 0 };
    expect(isSoundChange({ entries })).toBe(true);
    expect(isSoundChange({ entries: [] })).toBe(false);
    for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(isSoundChange({ entries, takes: [{ ...take, amount }] })).toBe(false);
      expect(isSoundChange({ entries, gives: [{ counter: "c", run: 0, amount }] })).toBe(false);
    }
  });
});

describe("a total", () => {
  it("returns to nothing when all that was added is taken away, in any order", () => {
    const amounts = [1e16, 0.1, 1, 0.2, 3.7, 1e-3];
    const up = amounts.reduce(addTo, noTotal);
    const down = amounts.reduce((total, amount) => addTo(total, -amount), up);
    expect(Math.abs(totalOf(down))).toBeLessThan(1e-15);
  });
});
