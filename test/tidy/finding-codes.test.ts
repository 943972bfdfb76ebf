/**
 * Holds the tables of findings' and of imports' codes to the codes that occur in the source.
 */
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/codes.ts";
import { findingCodes, type FindingInfo } from "../../src/finding-codes.ts";
import { inferCodes } from "../../src/infer/infer-error.ts";
import { importCodes } from "../../src/intent/codes.ts";
import { filesIn } from "./source.ts";

const table: { readonly [code: string]: FindingInfo } = findingCodes;
const sources = filesIn("src").filter(({ path }) => path.endsWith(".ts") && !/^src\/(?:finding-|intent\/)?codes\.ts$/.test(path));
const areas = "CATALOGUE|IMPORT|LANG|LEARN|LINT|OBSERVE|PLAN|POLICY";
const tables = [table, CODES, importCodes];
const text = sources.map((file) => file.text).join("\n");
const used = new Set([...text.matchAll(new RegExp(`"((?:${areas})_[A-Z0-9_]+)"`, "g"))].map((match) => match[1] as string));

describe("the codes of findings", () => {
  it("are all in a table", () => {
    expect(used.size).toBeGreaterThan(150);
    expect([...used].filter((code) => !tables.some((each) => Object.hasOwn(each, code)))).toEqual([]);
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

describe("the codes of imports", () => {
  it("are all used", () => {
    expect(Object.keys(importCodes).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });

  it("are none of a finding, and mean something different each", () => {
    const meanings = Object.values(importCodes);
    expect(Object.keys(importCodes).filter((code) => Object.hasOwn(table, code))).toEqual([]);
    expect(new Set(meanings).size).toBe(meanings.length);
    expect(meanings.filter((meaning) => !/^[^A-Z\n]{2}[^\n]{10,110}[^.\n]$/.test(meaning))).toEqual([]);
  });
});

describe("the codes of planners that cannot work", () => {
  it("are all used", () => {
    expect(Object.keys(inferCodes).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });

  it("are none of a finding, and mean something different each", () => {
    const meanings = Object.values(inferCodes);
    expect(Object.keys(inferCodes).filter((code) => Object.hasOwn(table, code))).toEqual([]);
    expect(new Set(meanings).size).toBe(meanings.length);
    expect(meanings.filter((meaning) => !/^[^A-Z\n]{2}[^\n]{10,110}[^.\n]$/.test(meaning))).toEqual([]);
  });
});
