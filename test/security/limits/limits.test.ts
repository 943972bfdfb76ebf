/**
 * Every constant of src/limits.ts is tested at its value and one beyond, or a test elsewhere is named, or it stands in a list that may only shrink.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as limits from "../../../src/limits.ts";
import { root } from "../../tidy/source.ts";
import { cacheCases } from "./caches.ts";
import { edgeCases } from "./edges.ts";
import { elsewhere, open } from "./elsewhere.ts";
import { moreCases } from "./more.ts";
import { planCases } from "./plans.ts";
import { pureCases } from "./pure.ts";
import { sessionCases } from "./sessions.ts";
import { surfaceCases } from "./surfaces.ts";
import { textCases } from "./texts.ts";
import { timeCases } from "./times.ts";

/** The limits by name, as a table: the namespace itself is not looked into by names. */
const table = { ...limits };
const cases = [
  ...textCases,
  ...planCases,
  ...sessionCases,
  ...cacheCases,
  ...pureCases,
  ...surfaceCases,
  ...timeCases,
  ...moreCases,
  ...edgeCases,
];

describe("what is as large as its limit passes, and what is one larger does not", () => {
  it.each(cases)("%s", { timeout: 60_000 }, async (name, beyond, outcome) => {
    expect([await outcome(table[name]), await outcome(table[name] + 1)]).toEqual(["ok", beyond]);
  });
});

describe("the limits", () => {
  const names = Object.keys(table);
  const known = new Set<string>([...cases.map(([name]) => name), ...Object.keys(elsewhere)]);

  it("are tested, each, or known not to be", () => {
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !known.has(name) && !Object.hasOwn(open, name))).toEqual([]);
  });

  it("that are tested stand in no list of those that are not, and no list names one that is none", () => {
    expect(Object.keys(open).filter((name) => known.has(name) || !names.includes(name))).toEqual([]);
    expect(Object.keys(elsewhere).filter((name) => !names.includes(name))).toEqual([]);
    expect(Object.keys(open).length).toBeLessThanOrEqual(10);
    for (const [name, why] of Object.entries(open)) expect(why.length, name).toBeGreaterThan(30);
  });

  it.each(Object.entries(elsewhere))("%s has the test that is named", (_, [file, title]) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(title);
  });
});
