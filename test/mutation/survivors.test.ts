/**
 * The lists of survivors are about the code as it is: an entry whose code is gone, or that says no reason, fails. Mutates nothing: that is
 * `node test/mutation/run.ts`, which takes an hour.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { areas } from "./areas.ts";
import { testFilesOf } from "./runner/files.ts";
import { scriptMutants } from "./script-mutants.ts";
import { keyOf, type ListedSurvivor, listOf, readSurvivors, staleSurvivors } from "./survivors.ts";

const root = join(import.meta.dirname, "..", "..");

describe("the lists of survivors", () => {
  it("are of areas that there are", () => {
    const files = readdirSync(join(import.meta.dirname, "survivors")).map((file) => file.replace(/\.json$/, ""));
    expect(files.filter((name) => !Object.hasOwn(areas, name))).toEqual([]);
  });

  it.each(Object.keys(areas))("%s: refer to code that is there, once each, with a reason", (name) => {
    const listed = readSurvivors(listOf(name));
    expect(staleSurvivors(listed, root)).toEqual([]);
    expect(new Set(listed.map(keyOf)).size).toBe(listed.length);
    expect(listed.filter(({ reason }) => !/\w+ \w+/.test(reason)).map(keyOf)).toEqual([]);
  });

  it("notice an entry whose line or code has changed", () => {
    const entry: ListedSurvivor = {
      file: "test/mutation/areas.ts",
      line: "export const areas = {",
      code: "areas",
      mutator: "ObjectLiteral",
      replacement: "{}",
      reason: "made up",
    };
    expect(staleSurvivors([entry], root)).toEqual([]);
    for (const change of [{ file: "test/gone.ts" }, { line: "export const area = {" }, { code: `no ${"such"} code` }]) {
      expect(staleSurvivors([{ ...entry, ...change }], root)).toHaveLength(1);
    }
  });

  it("are compared with what tests there are: every area has some, and what is left out exists", () => {
    for (const area of Object.values(areas)) expect(testFilesOf(area, root).length).toBeGreaterThan(0);
  });
});

describe("mutants of what runs inside servers", () => {
  it.each(Object.values(scriptMutants).flat())("$file: $fault: is of a text that is there once, and changes it", (mutant) => {
    const { file, replace, with: replacement } = mutant;
    expect(readFileSync(join(root, file), "utf8").split(replace)).toHaveLength(2);
    expect(replacement).not.toBe(replace);
  });
});
