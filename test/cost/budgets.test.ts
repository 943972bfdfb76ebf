/** What the gate says of counts that have left their budgets. */
import { describe, expect, it } from "vitest";
import { type Budgets, findings, otherCounts } from "./budgets.ts";

const budgets: Budgets = {
  node: "v24.0.0",
  arch: "x64",
  allowed: {
    bytes: { share: 0.01, least: 16 },
    optimised: { share: 0.05, least: 0 },
    interpreted: { share: 0, least: 0 },
  },
  counts: { bytes: { small: 100, large: 10_000 }, optimised: { small: 1_000 }, interpreted: { small: 1_000 } },
};

describe("a count", () => {
  it.each([
    ["at its budget", { small: 100, large: 10_000 }],
    ["as far above it as is allowed", { small: 116, large: 10_100 }],
    ["as far below it as is allowed", { small: 84, large: 9_900 }],
  ])("%s is within it", (_, is) => {
    expect(findings("bytes", is, budgets)).toEqual([]);
  });

  it("above its budget is dearer: what it was, is and may be", () => {
    const [line, ...rest] = findings("bytes", { small: 117, large: 10_000 }, budgets);
    expect(line).toMatch(/^bytes a call of small: was 100, is 117, allowed 84 to 116\. Dearer.*update\.ts/);
    expect(rest).toEqual([]);
  });

  it("below its budget is cheaper, and asks for a lower one", () => {
    expect(findings("bytes", { small: 100, large: 9_899 }, budgets)).toEqual([
      expect.stringMatching(/was 10000, is 9899, allowed 9900 to 10100\. Cheaper: lower the budget/),
    ]);
    expect(findings("interpreted", { small: 999 }, budgets)).toHaveLength(1);
  });

  it("without a budget, and a budget without a count, are no success", () => {
    expect(findings("bytes", { small: 100 }, budgets)).toEqual([
      expect.stringMatching(/^large has a budget of bytes, 10000, but/),
    ]);
    expect(findings("bytes", { small: Number.NaN, large: 10_000 }, budgets)).toHaveLength(1);
    expect(findings("optimised", { small: 1_000, more: 5 }, budgets)).toEqual([
      expect.stringMatching(/^more has no budget of optimised: is 5/),
    ]);
  });
});

describe("budgets of another Node", () => {
  it("say nothing of this one", () => {
    expect(otherCounts(budgets, { version: "v24.0.0", arch: "x64" })).toBeUndefined();
    expect(otherCounts(budgets, { version: "v24.0.1", arch: "x64" })).toMatch(/node v24\.0\.0 on x64, this is v24\.0\.1/);
    expect(otherCounts(budgets, { version: "v24.0.0", arch: "arm64" })).toMatch(/on arm64/);
  });
});
