import { describe, expect, it } from "vitest";
import { lintPlan } from "../../../../src/plan/lint.ts";
import type { Plan } from "../../../../src/plan/plan.ts";

/** Codes of the findings about the pattern of a parameter. */
function codesOf(pattern: string): readonly string[] {
  const plan: Plan = {
    sluice: 1,
    name: "p",
    params: { value: { type: "string", pattern } },
    nodes: { read: { tool: "files/read", args: { path: { param: "value" } } } },
  };
  return lintPlan(plan)
    .filter(({ pointer }) => pointer === "/params/value")
    .map(({ code }) => code);
}

describe("patterns that are what they seem", () => {
  it.each([
    "^AC[0-9]{6}$",
    "^[a-z0-9-]{1,40}$",
    "https://api\\.example\\.com/.*",
    "https://([a-z0-9-]+\\.)?example\\.com/[a-z]*",
    "[^@]+@example\\.com",
    "[a-zA-Z0-9._%+-]+@(sales|support)\\.example\\.com",
    "reports/[a-z0-9-]+\\.md",
    "/data/[a-z]+",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "v[0-9]+\\.[0-9]+\\.[0-9]+",
    "(bill|letter)-[a-z]+\\.txt",
    "INV-[0-9]{1,9}",
    "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}",
    "[^\\r\\n]*",
    "(mon|tue|wed)",
    "[a-z.$]+",
  ])("raise no finding: %s", (pattern) => {
    expect(codesOf(pattern)).toEqual([]);
  });
});

describe("patterns that are not", () => {
  it.each([
    [".*@[^ourcompany.com$].*", "LINT_PATTERN_CLASS"],
    ["[^evil.example]+", "LINT_PATTERN_CLASS"],
    ["[a-z]+@example.com", "LINT_PATTERN_DOT"],
    ["https://api.example.com/.*", "LINT_PATTERN_DOT"],
    ["https://api\\.example\\.com.*", "LINT_PATTERN_HOST"],
    ["https://.*example\\.com/.*", "LINT_PATTERN_HOST"],
    [".*@.*ourcompany\\.com", "LINT_PATTERN_HOST"],
    ["/data.*", "LINT_PATTERN_PATH"],
    ["/reports/.*", "LINT_PATTERN_PATH"],
    ["reports/.+\\.md", "LINT_PATTERN_PATH"],
  ])("raise a finding: %s", (pattern, code) => {
    expect(codesOf(pattern)).toContain(code);
  });
});
