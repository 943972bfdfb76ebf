/**
 * Documents say of the benchmarks what `bench/results/` says, to the letter: whoever measures anew runs `node bench/readme.ts`.
 */
import { describe, expect, it } from "vitest";
import { overviewSvg } from "../../bench/overview.ts";
import { quotedIn } from "../../bench/quotation.ts";
import { quotations } from "../../bench/quotations.ts";
import { allReports, figuresIn } from "../../bench/reports.ts";
import { readProjectFile } from "./blocks.ts";

const reports = await allReports();

describe("what documents say of the last run", () => {
  it.each(quotations(reports).map((quotation) => [quotation.file, quotation.name ?? "Results", quotation] as const))(
    "is in %s, %s, what is in bench/results",
    (file, _, quotation) => {
      const document = readProjectFile(file);
      expect(quotedIn(document, quotation)).toBe(document);
    },
  );

  it("is in the plot what is in bench/results", () => {
    expect(readProjectFile("bench/results/overview.svg")).toBe(overviewSvg(figuresIn(reports)));
  });

  it("is of every benchmark of `npm run bench`", () => {
    expect(reports.flatMap((report) => ("problem" in report ? [`${report.bench}: ${report.problem}`] : []))).toEqual([]);
  });
});
