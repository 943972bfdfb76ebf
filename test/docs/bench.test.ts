/**
 * READMEs say of the benchmarks what `bench/results/` says, to the letter: whoever measures anew runs `node bench/readme.ts`.
 */
import { describe, expect, it } from "vitest";
import { overviewSvg } from "../../bench/overview.ts";
import { barsSection, resultsSection } from "../../bench/readme-text.ts";
import { allReports, figuresIn } from "../../bench/reports.ts";
import { readProjectFile } from "./blocks.ts";

const reports = await allReports();

describe("what READMEs say of the last run", () => {
  it("is in bench/README.md what is in bench/results", () => {
    const [, said] = readProjectFile("bench/README.md").split("\n## Results\n");
    expect(`## Results\n${said}`).toBe(resultsSection(reports));
  });

  it("is in README.md what is in bench/results", () => {
    const [, said] = /^<!-- bench -->\n([\s\S]*?)^<!-- \/bench -->$/m.exec(readProjectFile("README.md")) ?? [];
    expect(said?.trim()).toBe(barsSection(reports).trim());
  });

  it("is in the plot what is in bench/results", () => {
    expect(readProjectFile("bench/results/overview.svg")).toBe(overviewSvg(figuresIn(reports)));
  });

  it("is of every benchmark of `npm run bench`", () => {
    expect(reports.flatMap((report) => ("problem" in report ? [`${report.bench}: ${report.problem}`] : []))).toEqual([]);
  });
});
