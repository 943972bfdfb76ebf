/**
 * READMEs say of the benchmarks what `bench/results/` says, to the letter: whoever measures anew runs `node bench/readme.ts`.
 */
import { describe, expect, it } from "vitest";
import { overviewSvg } from "../../bench/overview.ts";
import { marked } from "../../bench/marked.ts";
import { resultsSection } from "../../bench/readme-text.ts";
import { allReports, figuresIn } from "../../bench/reports.ts";
import { readProjectFile } from "./blocks.ts";

const reports = await allReports();

describe("what READMEs say of the last run", () => {
  it("is in bench/README.md what is in bench/results", () => {
    const [, said] = readProjectFile("bench/README.md").split("\n## Results\n");
    expect(`## Results\n${said}`).toBe(resultsSection(reports));
  });

  it.each(marked(reports).map((each) => [each.file, each.name, each.text] as const))(
    "is in %s, %s, what is in bench/results",
    (file, name, text) => {
      const [, said] = new RegExp(`^<!-- ${name} -->\\n([\\s\\S]*?)^<!-- /${name} -->$`, "m").exec(readProjectFile(file)) ?? [];
      expect(said?.trim()).toBe(text.trim());
    },
  );

  it("is in the plot what is in bench/results", () => {
    expect(readProjectFile("bench/results/overview.svg")).toBe(overviewSvg(figuresIn(reports)));
  });

  it("is of every benchmark of `npm run bench`", () => {
    expect(reports.flatMap((report) => ("problem" in report ? [`${report.bench}: ${report.problem}`] : []))).toEqual([]);
  });
});
