/** Patterns that let through more than they seem to, and those that do not. */
import { describe, expect, it } from "vitest";
import { lintPlan } from "../../../../src/plan/lint.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { said } from "../linting.ts";

const nodes: Plan["nodes"] = { read: { tool: "files/read", args: { path: { param: "value" } } } };

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

/** Findings about patterns, with their words, of a parameter. */
const saidOf = (pattern: string): readonly string[] =>
  said({ sluice: 1, name: "p", params: { value: { type: "string", pattern } }, nodes }, undefined, "LINT_PATTERN*").map((line) =>
    line.replace(/^warning (\S+) \/params\/value: /, "$1 "),
  );

describe("a pattern is told, by a text that it should not accept,", () => {
  it.each<[string, unknown]>([
    [
      "[^ourcompany.com$]+",
      [
        "LINT_PATTERN_CLASS `[^ourcompany.com$]` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    [
      "[abc$]+",
      [
        "LINT_PATTERN_CLASS `[abc$]` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    ["[ab$]+", []],
    ["[a-c$]+", []],
    ["[abc]+", []],
    [
      "[ab.cd]+",
      [
        "LINT_PATTERN_CLASS `[ab.cd]` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    [
      "[ab\\.cd]+",
      [
        "LINT_PATTERN_CLASS `[ab\\.cd]` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    ["[a.cd]+", []],
    ["[ab.c]+", []],
    [
      `[${"a".repeat(70)}$]`,
      [
        "LINT_PATTERN_CLASS `[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    ["[a-z]+@example.com", ["LINT_PATTERN_DOT a dot is any character, so `a@examplexcom` has the pattern, too: `\\.` is a dot"]],
    [
      "https://api.example.com/",
      ["LINT_PATTERN_DOT a dot is any character, so `https://apixexamplexcom/` has the pattern, too: `\\.` is a dot"],
    ],
    [
      "https://api.example.com",
      ["LINT_PATTERN_DOT a dot is any character, so `https://apixexamplexcom` has the pattern, too: `\\.` is a dot"],
    ],
    ["api.example.com", ["LINT_PATTERN_DOT a dot is any character, so `apixexamplexcom` has the pattern, too: `\\.` is a dot"]],
    ["api.example.com/", ["LINT_PATTERN_DOT a dot is any character, so `apixexamplexcom/` has the pattern, too: `\\.` is a dot"]],
    [
      "x@api.example.com.+",
      [
        "LINT_PATTERN_DOT a dot is any character, so `…apixexamplexcom` has the pattern, too: `\\.` is a dot",
        "LINT_PATTERN_HOST `x@api.example.com.evil.example` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    [
      "https://api.example.com:8443/v1",
      ["LINT_PATTERN_DOT a dot is any character, so `…apixexamplexcom` has the pattern, too: `\\.` is a dot"],
    ],
    ["v1: api.example.com:8443", []],
    ["[a-z.]+ api", []],
    ["(a.b.com)*", ["LINT_PATTERN_DOT a dot is any character, so `axbxcom` has the pattern, too: `\\.` is a dot"]],
    ["ab.cd+", []],
    ["ab.cd*", []],
    ["ab.cd?", []],
    ["ab.cd{2}", []],
    [
      "[x.example.com]y",
      [
        "LINT_PATTERN_CLASS `[x.example.com]` is one character out of a set (or none of it), and no word: write `(a|b)`, or the text itself with `\\.` for a dot",
      ],
    ],
    [
      "https://.*example\\.com",
      [
        "LINT_PATTERN_HOST `https://evil-example.com` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    [
      "https://api\\.example\\.com.*",
      [
        "LINT_PATTERN_HOST `https://api.example.com.evil.example/` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    ["https://api\\.example\\.com/.*", []],
    [
      ".*example\\.com",
      [
        "LINT_PATTERN_HOST `https://evil-example.com` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    [".*@example\\.com", []],
    [
      ".*@.*example\\.com",
      [
        "LINT_PATTERN_HOST `x@evil-example.com` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    [
      "https://[a-z]+\\.example\\.com.*",
      [
        "LINT_PATTERN_HOST `https://a.example.com.evil.example/` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    ["https://[a-z]+\\.example\\.com/.*", []],
    ["[a-z]+@([a-z]+\\.)?example\\.com", []],
    ["https://.*", []],
    [
      ".*\\.example\\.com.*",
      [
        "LINT_PATTERN_HOST `https://a.example.com.evil.example/` has the pattern, too, and is another host: `hosts` or `domains` compare hosts, or end it with `/` and begin it with `\\.`",
      ],
    ],
    [
      "/data/.*",
      [
        "LINT_PATTERN_PATH `/data//../../etc/passwd` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "/data.*",
      [
        "LINT_PATTERN_PATH `/database/x` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    ["^/data/[a-z]+$", []],
    [
      "data/.*\\.md",
      [
        "LINT_PATTERN_PATH `data//../../etc/passwd.md` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "data/sub/.*\\.tar\\.gz$",
      [
        "LINT_PATTERN_PATH `data/sub//../../etc/passwd.tar.gz` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "\\/data\\/.*",
      [
        "LINT_PATTERN_PATH `/data//../../etc/passwd` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "\\.\\./data/.*",
      [
        "LINT_PATTERN_PATH `../data//../../etc/passwd` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "./data/.*",
      [
        "LINT_PATTERN_PATH `./data//../../etc/passwd` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "/data/a[a-z/.]*",
      [
        "LINT_PATTERN_PATH `/data/abase/x` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "/data(base)?/x",
      [
        "LINT_PATTERN_PATH `/database/x` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    [
      "/data(-old)?/x",
      [
        "LINT_PATTERN_PATH `/data-old/x` has the pattern, too: end a folder with `/`, and take characters without a dot and a slash for names, or use `paths`",
      ],
    ],
    ["/data-old/x", []],
    ["x /data/.*", []],
  ])("%s", (pattern, lines) => {
    expect(saidOf(pattern)).toEqual(lines);
  });
});

describe("a pattern is looked at", () => {
  const at = (args: object): readonly string[] =>
    said(
      { sluice: 1, name: "p", nodes: { a: { tool: "files/read", args: { path: "x" } }, ...args } } as unknown as Plan,
      undefined,
      "LINT_PATTERN*",
    ).map((line) => line.split(": ")[0] ?? "");
  const reading = (rule: object): readonly string[] => at({ read: { tool: "files/read", args: { path: rule } } });
  const pattern = "/data.*";

  it.each<[string, readonly string[], unknown]>([
    ["in a `match`", reading({ from: "a$.x", match: { pattern } }), ["warning LINT_PATTERN_PATH /nodes/read/args/path/match"]],
    ["in a `choose`", reading({ choose: { pattern } }), ["warning LINT_PATTERN_PATH /nodes/read/args/path/choose"]],
    [
      "in the elements of a list",
      reading({ from: "a$.x", match: { type: "array", items: { pattern } } }),
      ["warning LINT_PATTERN_PATH /nodes/read/args/path/match/items"],
    ],
    [
      "in the members of an object",
      reading({ from: "a$.x", match: { type: "object", properties: { b: { pattern } } } }),
      ["warning LINT_PATTERN_PATH /nodes/read/args/path/match/properties/b"],
    ],
    [
      "in a member that is called so",
      reading({ from: "a$.x", match: { type: "object", properties: { pattern: { pattern } } } }),
      ["warning LINT_PATTERN_PATH /nodes/read/args/path/match/properties/pattern"],
    ],
    ["nowhere in a list of values", reading({ from: "a$.x", match: { enum: [{ pattern }] } }), []],
    ["nowhere in a value", reading({ from: "a$.x", match: { const: { pattern } } }), []],
    ["nowhere in what must not be", reading({ from: "a$.x", match: { not: { pattern } } }), []],
    ["nowhere, where it is none", reading({ from: "a$.x", match: { pattern: "(" } }), []],
  ])("%s", (_what, lines, expected) => {
    expect(lines).toEqual(expected);
  });
});
