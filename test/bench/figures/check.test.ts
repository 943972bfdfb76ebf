/** The rows of the check are made of scenarios that there are, with the ratios of one run. */
import { describe, expect, it } from "vitest";
import { figuresOf } from "../../../bench/check/figures.ts";
import { scenariosOf } from "../../../bench/check/scenarios.ts";
import type { Row } from "../../../bench/check/table.ts";

const times = (p50: number, p99: number) => ({ p50, p99, noise: 0.01 });
/** Every scenario, each dearer than the one before. */
const rows = scenariosOf(false).map(
  ({ group, name }, i): Row => ({
    group,
    name,
    bytes: 300,
    freezeMs: 1,
    compileMs: 1,
    times: {
      parse: times(2, 4),
      hash: times(3, 6),
      zod: times(4, 8),
      read: times(3, 5),
      decide: times(1, 2),
      check: times(10 + i, 20 + i),
    },
  }),
);

describe("the figures of the check", () => {
  it("are of scenarios that the benchmark has", () => {
    const figures = figuresOf({ rows });
    expect(figures.length).toBeGreaterThan(20);
    expect(figures.filter(({ p50 }) => Number.isNaN(p50))).toEqual([]);
  });

  it("are ratios to JSON.parse of the same scenario", () => {
    const at = rows.findIndex(({ name }) => name === "5 references");
    const figure = figuresOf({ rows }).find(({ name }) => name === "5 references");
    expect(figure).toMatchObject({ p50: 10 + at, ratio: (10 + at) / 2, ratioP99: (20 + at) / 4 });
    expect(figuresOf({ rows }).find(({ name }) => name === "strict reader")).toMatchObject({ ratio: 1.5, ratioP99: 1.25 });
  });

  it("compare the largest session with the smallest", () => {
    const [from = 0, to = 0] = ["1", "100000"].map((name) =>
      rows.findIndex((row) => row.group === "calls before" && row.name === name),
    );
    const figure = figuresOf({ rows }).find(({ name }) => name === "100,000 events");
    expect(figure?.ratio).toBeCloseTo((10 + to) / (10 + from), 10);
  });

  it("say what was not measured, and keep no bar by it", () => {
    const figures = figuresOf({ rows: [] });
    expect(figures).toHaveLength(figuresOf({ rows }).length);
    expect(figures.every(({ p50 }) => Number.isNaN(p50))).toBe(true);
  });
});
