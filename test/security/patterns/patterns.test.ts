/**
 * No regular expression of the source takes more than linear time on a text of any length: JavaScript's backtrack, so each is analysed
 * (scslre). What the analysis cannot see is measured in `../linear.test.ts`.
 */
import { analyse } from "scslre";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../tidy/source.ts";
import { type Found, patternsOf } from "./collect.ts";

/** File and pattern, with the bound that makes it harmless. It may only shrink. */
const bounded: readonly (readonly [path: string, source: string, reason: string])[] = [
  ["src/dashboard/shell/text.ts", "\\B(?=(\\d{3})+(?!\\d))", "reads a number as JavaScript writes it: at most 25 characters"],
  ["src/plan/lint/arguments/patterns.ts", "\\[(?:\\\\.|[^\\]\\\\])*\\]", "reads a pattern: at most `patternCharsMax` characters"],
];

/** What is wrong with a pattern: ways in which it takes more than linear time, or an error. */
function faultsOf({ source, flags }: Pick<Found, "source" | "flags">): readonly string[] {
  // A sticky pattern is tried at one place, so that the starts do not multiply.
  const reportTypes = { Move: !flags.includes("y"), Self: true, Trade: true };
  return analyse({ source, flags }, { reportTypes }).reports.map(({ type, exponential }) =>
    exponential ? `${type}, exponential` : type,
  );
}

const files = filesIn("src").filter(({ path }) => /\.(?:ts|mjs|js)$/.test(path) && !path.endsWith(".d.ts"));
const found = files.flatMap(({ path, text }) => patternsOf(path, text));

describe("the analysis", () => {
  it.each([
    ["a run that is searched for from each of its characters", "a+$", ""],
    ["two loops that share a run", "^\\s*(.*?)\\s*$", ""],
    ["a loop in a loop", "^(?:a+)+$", ""],
    ["a run before something that may fail", "\\d+\\s*%", "g"],
  ])("sees %s", (_, source, flags) => {
    expect(faultsOf({ source, flags })).not.toEqual([]);
  });

  it.each([
    ["a run that begins where none was before", "(?<!a)a+$", ""],
    ["a run at one place", "a+$", "y"],
  ])("lets %s pass", (_, source, flags) => {
    expect(faultsOf({ source, flags })).toEqual([]);
  });

  it("finds literals, and texts that are put together from constants", () => {
    const text = 'const w = "[a-z]+"; const a = /x\\/y/u; const b = (n: string) => new RegExp(`^${w}:${n}` + "$", "g");';
    expect(patternsOf("a.ts", text)).toEqual([
      { path: "a.ts", line: 1, source: "x\\/y", flags: "u" },
      { path: "a.ts", line: 1, source: "^[a-z]+:hole$", flags: "g" },
    ]);
  });
});

describe("the regular expressions of the source", () => {
  it("are found", () => {
    expect(found.length).toBeGreaterThan(900);
    expect(found.filter(({ source }) => source === "hole")).toEqual([]);
  });

  it("take linear time, but for those that a bound makes harmless", () => {
    const slow = found.filter((each) => faultsOf(each).length > 0);
    const known = (each: Found) => bounded.some(([path, source]) => path === each.path && source === each.source);
    expect(
      slow.filter((each) => !known(each)).map((each) => [`${each.path}:${each.line}`, each.source, ...faultsOf(each)]),
    ).toEqual([]);
  });

  it("have no exception that is not needed any more", () => {
    const needed = (path: string, source: string) =>
      found.some((each) => each.path === path && each.source === source && faultsOf(each).length > 0);
    expect(bounded.filter(([path, source]) => !needed(path, source))).toEqual([]);
    expect(bounded.length).toBeLessThanOrEqual(2);
  });
});
