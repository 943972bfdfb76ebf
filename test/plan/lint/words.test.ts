/**
 * All that an author and an approver are told of each mistake of the corpus and of its repaired twin, word for word: the findings, the flows of
 * the worst case as sentences, and the summary. `vitest run test/plan/lint/words.test.ts --update` writes them anew: read the difference.
 */
import { describe, expect, it } from "vitest";
import { flowSentence } from "../../../src/plan/lint/approver/sentence.ts";
import { approvalSummary } from "../../../src/plan/lint/approver/summary.ts";
import { lintPlan, worstCaseFlows } from "../../../src/plan/lint.ts";
import { readMistakes, type Work } from "../../mistakes/corpus.ts";

function toldOf({ plan, catalogue }: Work): readonly string[] {
  const findings = lintPlan(plan, catalogue).map(
    ({ severity, code, pointer, message, bits }) =>
      `${severity} ${code} ${pointer}: ${message}${bits === undefined ? "" : ` (${bits} bits)`}`,
  );
  const flows = worstCaseFlows(plan, catalogue).map((flow) => `flow into ${flow.node}: ${flowSentence(flow)}`);
  return [...findings, ...flows, ...approvalSummary(plan, catalogue).map((sentence) => `summary: ${sentence}`)];
}

describe("what is told of", () => {
  it.each(readMistakes().map((mistake) => [mistake.file.slice(0, -".yaml".length), mistake] as const))(
    "%s",
    async (name, { bad, repaired }) => {
      const text = ["mistake", ...toldOf(bad), "", "repaired", ...toldOf(repaired), ""].join("\n");
      await expect(text).toMatchFileSnapshot(`words/${name}.txt`);
    },
  );
});
