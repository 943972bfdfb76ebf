/**
 * `bench/adaptive/README.md` says of the last run what `bench/results/adaptive.json` says, and that run found nothing wrong.
 */
import { describe, expect, it } from "vitest";
import { isMet } from "../../bench/figures.ts";
import { figuresOf } from "../../bench/adaptive/figures.ts";
import { mergeReports } from "../../bench/adaptive/merge.ts";
import type { AdaptiveReport } from "../../bench/adaptive/report.ts";
import { setNames } from "../../bench/adaptive/sets.ts";
import { table } from "../../bench/adaptive/table.ts";
import { readProjectFile } from "../docs/blocks.ts";

const report = JSON.parse(readProjectFile("bench/results/adaptive.json")) as AdaptiveReport;

describe("the last run of the adaptive attacker", () => {
  it("is in its README to the letter", () => {
    const [, said] = /^<!-- results -->\n([\s\S]*?)^<!-- \/results -->$/m.exec(readProjectFile("bench/adaptive/README.md")) ?? [];
    expect(said?.trim()).toBe(table(report).trim());
  });

  it("was of every set, and met its bars", () => {
    expect(report.sets.map(({ set }) => set)).toEqual([...setNames]);
    const missed = figuresOf(report).filter((figure) => figure.bars?.some((bar) => !isMet(figure, bar)));
    expect(missed).toEqual([]);
  });

  it("is the sum of its sets", () => {
    expect(mergeReports([report])).toEqual(report);
    const twice = mergeReports([report, report]);
    expect(twice?.techniques.map(({ tries }) => tries)).toEqual(report.techniques.map(({ tries }) => 2 * tries));
    expect(twice?.controls.cleanTrips.sent).toBe(2 * report.controls.cleanTrips.sent);
    expect(mergeReports([])).toBeUndefined();
  });

  it("misses a bar for one violation", () => {
    const sets = report.sets.map((row, i) => ({ ...row, violations: i === 0 ? 1 : 0 }));
    const missed = figuresOf({ ...report, sets }).filter((figure) => figure.bars?.some((bar) => !isMet(figure, bar)));
    expect(missed.map(({ name }) => name)).toEqual(["violations"]);
  });
});
