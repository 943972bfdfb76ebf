/**
 * Every mistake of the corpus is caught by a finding that names it, and its repaired twin is clean.
 * Never counts a finding that only informs as caught.
 */
import { describe, expect, it } from "vitest";
import { worstCaseFlows } from "../../src/plan/lint.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { mutate } from "../../src/policy/test/suite.ts";
import type { LoadedExample } from "../../src/policy/test/run.ts";
import { exampleNames, readExample } from "../plans/example.ts";
import { readMistakes } from "./corpus.ts";
import { judge } from "./judge.ts";

const mistakes = readMistakes();

describe("a corpus of mistakes", () => {
  it("holds more than sixty mistakes, no two of them alike", () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(mistakes.map(({ says }) => says)).size).toBe(mistakes.length);
    expect(mistakes.filter(({ expect: named }) => named.length === 0).map(({ file }) => file)).toEqual([]);
  });

  it("holds the mistakes that the peers shipped", () => {
    const sources = mistakes.map(({ source }) => source ?? "").join(" ");
    for (const peer of ["CaMeL", "Invariant", "Progent", "AGT", "Microsoft Agent Framework", "trustband"])
      expect(sources).toContain(peer);
  });

  describe.each(mistakes.map((mistake) => [mistake.says, mistake] as const))("%s", (_says, mistake) => {
    it("is found", () => {
      const expected = mistake.expect.map(({ code, at }) => `${code} ${at}`);
      expect(judge(mistake.bad)).toEqual(expect.arrayContaining(expected));
      const flows = worstCaseFlows(mistake.bad.plan, mistake.bad.catalogue);
      for (const flow of mistake.flows) expect(flows).toContainEqual(expect.objectContaining(flow));
    });

    it("is not found in the repaired twin, of which nothing else is said", () => {
      expect(judge(mistake.repaired)).toEqual(mistake.remains.map(({ code, at }) => `${code} ${at}`).sort());
    });
  });
});

describe("a policy with a rule that no example exercises", () => {
  const policy: Policy = {
    sluicePolicy: 1,
    name: "half-tested",
    forbid: [
      { id: "no-payments", tools: "bank/pay" },
      { id: "no-shells", tools: "ops/run" },
    ],
  };
  const { catalogue } = mistakes[0]?.bad ?? {};
  const example = (name: string, node: Plan["nodes"][string]): LoadedExample => ({
    example: { name, plan: "inline", expect: "deny", code: "POLICY_FORBIDDEN" },
    plan: { sluice: 1, name, nodes: { node } },
    catalogue,
    trace: undefined,
    params: undefined,
  });
  const payment = example("a-payment", { tool: "bank/pay", args: { iban: "DE89370400440532013000", amount: 20 } });
  const shell = example("a-shell", { tool: "ops/run", args: { command: "make" }, constraints: { sandbox: "builder" } });

  it("is told which rule could be removed without anybody noticing", () => {
    expect(mutate(policy, [payment]).survivors.map(({ pointer }) => pointer)).toEqual(["/forbid/1"]);
  });

  it("has no such rule once there is an example for it", () => {
    expect(mutate(policy, [payment, shell]).survivors).toEqual([]);
  });
});

describe("the examples of plans/", () => {
  // A warning that is true of an example would stand here with the reason why it is true.
  const expected: { readonly [example: string]: readonly string[] } = { trading: [], support: [], research: [] };

  it.each(exampleNames)("%s raises no false finding", (name) => {
    const { plan, catalogue } = readExample(name);
    expect(judge({ plan, catalogue })).toEqual(expected[name]);
  });
});
