/** The table of all benchmarks says every bar, met or missed, and fits its terminal. */
import { describe, expect, it } from "vitest";
import { type Bar, type Figure, isMet } from "../../../bench/figures.ts";
import { barsMet, barsTable, digits, markdownTable, terminalLines } from "../../../bench/figures-text.ts";
import { madeFigures } from "./made-figures.ts";

describe("a bar", () => {
  const figure = { group: "g", name: "n", kind: "sluice", unit: "µs", p50: 2, ratio: 3 } as const;
  it.each([
    [{ of: "ratio", atMost: 3 }, true],
    [{ of: "ratio", atMost: 2.99 }, false],
    [{ of: "ratio", atLeast: 3 }, true],
    [{ of: "ratio", atLeast: 3.01 }, false],
    [{ of: "p50", atMost: 2 }, true],
    [{ of: "p99", atMost: 1_000 }, false],
    [{ of: "ratioP99", atLeast: 0 }, false],
  ] as const)("%j is kept: %s; one about a number that is missing is not", (bar, expected) => {
    expect(isMet(figure, bar)).toBe(expected);
    expect(isMet({ ...figure, ratio: Number.NaN }, { of: "ratio", atMost: 3 })).toBe(false);
  });

  it("counts among all, met or missed", () => {
    expect(barsMet(madeFigures)).toEqual({ met: 2, all: 5 });
  });
});

describe("in a terminal", () => {
  it.each([60, 80, 109, 110, 120, 200])("of %i columns no line is longer", (columns) => {
    const lines = terminalLines(madeFigures, columns);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    const text = lines.join(" ").replace(/\s+/g, " ");
    for (const word of ["MISSED", "installed", "package", "terminal", "claimed:"]) expect(text).toContain(word);
  });

  it("a figure stands on one line if there is room, with its bars below one another", () => {
    const lines = terminalLines(madeFigures, 160);
    const at = lines.findIndex((line) => line.startsWith("Sluice"));
    expect(lines[at]).toMatch(/^Sluice <check> & state +4\.50 µs +45\.0 µs +JSON\.parse +3\.00× +10\.0× +met ≤ 3\.00×$/);
    expect(lines[at + 1]?.trim()).toBe("MISSED p99 ≤ 8.00×");
  });

  it("groups stand together, in the order in which they come", () => {
    const [first, ...rest] = madeFigures;
    const lines = terminalLines([...rest, ...(first === undefined ? [] : [first])], 120);
    expect(lines.filter((line) => ["others", "middleware", "cost"].includes(line))).toEqual(["others", "middleware", "cost"]);
  });
});

describe("in Markdown", () => {
  it("every figure is a row, with each of its bars", () => {
    const rows = markdownTable(madeFigures).trim().split("\n").slice(2);
    expect(rows).toHaveLength(madeFigures.length);
    expect(rows[5]).toBe("| middleware | throughput, in process | 45,679 1/s | – | the same without | 0.93× | – | met ≥ 0.90× |");
    expect(rows[6]).toBe(
      "| middleware | added at p99 | 0.010 ms | 0.21 ms | – | – | – | MISSED p99 ≤ 0.20 ms; MISSED p99 ≤ 1.00× |",
    );
    expect(rows[7]).toContain("| $0.00012 |");
    expect(rows.every((row) => row.split(" | ").length === 8)).toBe(true);
  });
});

describe("of the bars", () => {
  const short = (figures: readonly Figure[]): readonly string[] => barsTable(figures).trim().split("\n").slice(2);

  it("each has a row, with the worst figure that has to keep it", () => {
    expect(short(madeFigures)).toEqual([
      "| others | JSON.parse | ≤ 3.00× | 1 of 1 | 3.00×: Sluice <check> & state |",
      "| others | JSON.parse | p99 ≤ 8.00× | **0 of 1** | p99 10.0×: Sluice <check> & state |",
      "| middleware | the same without | ≥ 0.90× | 1 of 1 | 0.93×: throughput, in process |",
      "| middleware | – | p99 ≤ 0.20 ms | **0 of 1** | p99 0.21 ms: added at p99 |",
      "| middleware | – | p99 ≤ 1.00× | **0 of 1** | p99 –: added at p99 |",
    ]);
  });

  it("the worst is that which is furthest beyond, and before it what was not measured", () => {
    const of = (name: string, ratio: number, bar: Bar): Figure => ({
      group: "g",
      name,
      kind: "sluice",
      unit: "µs",
      p50: 1,
      floor: "f",
      ratio,
      bars: [bar],
    });
    const [most, least] = [{ of: "ratio", atMost: 3 } as const, { of: "ratio", atLeast: 0.9 } as const];
    expect(short([of("a", 2, most), of("b", 4, most), of("c", 3, most)])).toEqual([
      "| g | f | ≤ 3.00× | **2 of 3** | 4.00×: b |",
    ]);
    expect(short([of("a", 0.8, least), of("b", 0.5, least)])).toEqual(["| g | f | ≥ 0.90× | **0 of 2** | 0.50×: b |"]);
    expect(short([of("a", 9, most), of("b", Number.NaN, most)])).toEqual(["| g | f | ≤ 3.00× | **0 of 2** | –: b |"]);
  });

  it("what has none is a span of ratios, of Sluice alone", () => {
    const of = (kind: Figure["kind"], ratio: number): Figure => ({
      group: "g",
      name: "n",
      kind,
      unit: "µs",
      p50: 1,
      floor: "f",
      ratio,
    });
    expect(short([of("sluice", 7), of("sluice", 3), of("peer", 100), of("sluice", Number.NaN)])).toEqual([
      "| g | f | – | – | 3.00× to 7.00× |",
    ]);
  });
});

describe("a number", () => {
  it.each([
    [0, "0.00"],
    [0.012345, "0.012"],
    [0.93, "0.93"],
    [9.996, "10.00"],
    [42.42, "42.4"],
    [421.7, "422"],
    [1_234_567, "1,234,567"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("%d is written %s", (value, text) => {
    expect(digits(value)).toBe(text);
  });
});
