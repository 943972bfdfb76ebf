/**
 * Every mistake of the corpus is caught by a finding that names it, and its repaired twin is clean.
 * Never counts a finding that only informs as caught.
 */
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { lintPlan, worstCaseFlows } from "../../src/plan/lint.ts";
import { type Mistake, readMistakes, type Work } from "./corpus.ts";

const mistakes = readMistakes();

function findingsOf({ plan, catalogue }: Work): readonly Finding[] {
  return lintPlan(plan, catalogue).filter(({ severity }) => severity !== "info");
}

const namesOf = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ code, pointer }) => `${code} ${pointer}`).sort();
const expectedOf = ({ expect: named }: Mistake): readonly string[] => named.map(({ code, at }) => `${code} ${at}`).sort();

describe("a corpus of mistakes", () => {
  it("holds more than sixty mistakes, no two of them alike", () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(mistakes.map(({ says }) => says)).size).toBe(mistakes.length);
    expect(mistakes.filter(({ expect: named }) => named.length === 0).map(({ file }) => file)).toEqual([]);
  });

  describe.each(mistakes.map((mistake) => [mistake.says, mistake] as const))("%s", (_says, mistake) => {
    it("is found", () => {
      expect(namesOf(findingsOf(mistake.bad))).toEqual(expect.arrayContaining([...expectedOf(mistake)]));
      const flows = worstCaseFlows(mistake.bad.plan, mistake.bad.catalogue);
      for (const flow of mistake.flows) expect(flows).toContainEqual(expect.objectContaining(flow));
    });

    it("is not found in the repaired twin, which can be frozen", () => {
      const kept = mistake.remains.map(({ code, at }) => `${code} ${at}`).sort();
      expect(namesOf(findingsOf(mistake.repaired))).toEqual(kept);
      expect(freezePlan(mistake.repaired.plan, mistake.repaired.catalogue)).toMatchObject({ ok: true });
    });
  });
});
