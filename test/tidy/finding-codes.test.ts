/**
 * Holds the table of findings' codes to the codes that occur in the source.
 */
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/codes.ts";
import { findingCodes, type FindingInfo } from "../../src/finding-codes.ts";
import { filesIn } from "./source.ts";

const table: { readonly [code: string]: FindingInfo } = findingCodes;
const sources = filesIn("src").filter(({ path }) => path.endsWith(".ts") && !/^src\/(?:finding-)?codes\.ts$/.test(path));
const areas = "CATALOGUE|LANG|LEARN|LINT|PLAN|POLICY";
const text = sources.map((file) => file.text).join("\n");
const used = new Set([...text.matchAll(new RegExp(`"((?:${areas})_[A-Z0-9_]+)"`, "g"))].map((match) => match[1] as string));

describe("the codes of findings", () => {
  it("are all in a table", () => {
    expect(used.size).toBeGreaterThan(150);
    expect([...used].filter((code) => !Object.hasOwn(table, code) && !Object.hasOwn(CODES, code))).toEqual([]);
  });

  it("are all used", () => {
    expect(Object.keys(table).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });

  it("are used with the severities of the table", () => {
    const written = /"([A-Z]+_[A-Z0-9_]+)",\s*(?:severity: )?"(error|warning|info)"/g;
    const found = [...text.matchAll(written)].map((match) => [match[1] as string, match[2] as string] as const);
    const known = found.filter(([code]) => Object.hasOwn(table, code));
    expect(known.length).toBeGreaterThan(100);
    expect(known.filter(([code, severity]) => !table[code]?.severities.some((each) => each === severity))).toEqual([]);
  });

  it("mean something different each", () => {
    const meanings = Object.values(table).map(({ meaning }) => meaning);
    expect(meanings.filter((meaning, at) => meanings.indexOf(meaning) !== at)).toEqual([]);
    expect(meanings.filter((meaning) => !/^[^A-Z\n][^\n]{10,110}[^.\n]$/.test(meaning))).toEqual([]);
  });
});
