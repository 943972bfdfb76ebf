/**
 * The table of threats has no hole: where it says that a surface meets a threat, a test of that surface names it, and nowhere else.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";
import { everySurface, places, type SurfaceName, surfaces, threats } from "./table.ts";
import { threatsFile, threatsText, withThreats } from "./text.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const files = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .map((path) => `test/${path.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".test.ts"));
const texts = new Map<string, readonly string[]>();

/** The texts of a file that could be titles: its string literals and templates, and no comment. */
function textsIn(path: string): readonly string[] {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const found: string[] = [];
  const { tokens = [] } = parse(readFileSync(`${root}${path}`, "utf8"), {
    sourceType: "module",
    plugins: ["typescript"],
    tokens: true,
  });
  for (const { type, value } of tokens as readonly { readonly type: unknown; readonly value?: unknown }[])
    if (typeof type === "object" && typeof value === "string") found.push(value);
  texts.set(path, found);
  return found;
}

/** "threat 3", "threats 3, 9, 18", "threat 19, 22", "ANCHORS D 13". */
function numbersIn(text: string): readonly number[] {
  return [...text.matchAll(/(?:\bthreats?|ANCHORS D,?(?: threats?)?) (\d+(?:(?:, | and )\d+)*)/g)].flatMap(([, list = ""]) =>
    list.split(/, | and /).map(Number),
  );
}

function namedIn(path: string): ReadonlySet<number> {
  return new Set(textsIn(path).flatMap(numbersIn));
}

function testsOf(surface: SurfaceName): readonly string[] {
  const own = files.filter((path) => places[surface].some((place) => path.startsWith(place)));
  return surface === "receipts" ? own : [...own, everySurface];
}

const rows = Object.entries(threats).map(([number, threat]) => [Number(number), threat] as const);

describe("the table of threats", () => {
  it("has all 25, each with every surface", () => {
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    for (const [number, { cells }] of rows) expect(Object.keys(cells).sort(), `${number}`).toEqual([...surfaces].sort());
  });

  it("reads titles as they are written", () => {
    expect(numbersIn("threat 1: x")).toEqual([1]);
    expect(numbersIn("a request (threats 3, 9, 18)")).toEqual([3, 9, 18]);
    expect(numbersIn("who does not hold the token (ANCHORS D 13)")).toEqual([13]);
    expect(numbersIn("threatens 4 of them")).toEqual([]);
  });

  it.each(surfaces)("has of %s no threat that no test names, and no reason where a test does", (surface) => {
    const named = new Set(testsOf(surface).flatMap((path) => [...namedIn(path)]));
    const holes = rows.filter(([number, { cells }]) => cells[surface] === "met" && !named.has(number)).map(([number]) => number);
    const excuses = rows.filter(([number, { cells }]) => cells[surface] !== "met" && named.has(number)).map(([number]) => number);
    expect({ holes, excuses }).toEqual({ holes: [], excuses: [] });
  });

  it("has of every threat a test somewhere, and what it names below the surfaces is there", () => {
    for (const [number, { cells, below = [] }] of rows) {
      expect(below.length > 0 || Object.values(cells).includes("met"), `${number}`).toBe(true);
      for (const { file, title } of below) {
        expect(files, `${number}`).toContain(file);
        if (title !== "") expect(textsIn(file).join("\n"), `${number}`).toContain(title);
      }
    }
  });

  it("counts no test that is switched off", () => {
    for (const path of new Set(surfaces.flatMap(testsOf)))
      expect(readFileSync(`${root}${path}`, "utf8"), path).not.toMatch(/\b(?:it|test|describe)\.(?:skip|todo|only)\b/);
  });

  it("stands in the document as it is here, with every cell in its place", () => {
    const document = readFileSync(`${root}${threatsFile}`, "utf8");
    expect(withThreats(document, threats)).toBe(document);
    const lines = threatsText(threats)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(lines.length).toBe(27);
    for (const line of lines) expect(line.split("|").length, line).toBe(6);
  });
});
