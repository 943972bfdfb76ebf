/**
 * src/README.md names what is in src/, and nothing that is not there.
 */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { layers } from "../tidy/layers.ts";
import { codesOf, readProjectFile, tableBelow } from "./blocks.ts";

const text = readProjectFile("src/README.md");
const rows = tableBelow(text, "## Directories");
const places = rows.flatMap(([place]) => codesOf(place ?? ""));
const entries = readdirSync(new URL("../../src/", import.meta.url), { withFileTypes: true })
  .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  .filter((name) => name !== "README.md");

describe("the table of directories", () => {
  it("has every directory and file of src", () => {
    expect(entries.filter((name) => !places.includes(name))).toEqual([]);
  });

  it("has nothing else", () => {
    const inPlan = readdirSync(new URL("../../src/plan/", import.meta.url)).map((name) => `plan/${name}`);
    const known = [...entries, ...inPlan, ...inPlan.map((name) => `${name}/`)];
    expect(places.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("is in the order in which layers may import each other", () => {
    const order = layers.flatMap(({ paths }) => paths);
    const listed = places.filter((place) => order.includes(place));
    expect(listed.length).toBeGreaterThan(10);
    expect(listed).toEqual([...listed].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
  });
});

it("names no file of the project that is not there", () => {
  const named = [...text.matchAll(/`((?:src|test|bench|plans)\/[\w./-]+)`/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(3);
  for (const path of named) expect(() => readdirOrFile(path), path).not.toThrow();
});

function readdirOrFile(path: string): void {
  if (/\.\w+$/.test(path)) readProjectFile(path);
  else readdirSync(new URL(`../../${path}/`, import.meta.url));
}
