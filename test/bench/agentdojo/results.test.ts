/**
 * The README says of the last full run what was measured, and the run was full.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AgentDojoReport, figuresOf } from "../../../bench/agentdojo/figures.ts";
import { resultsText } from "../../../bench/agentdojo/results.ts";
import { readProjectFile } from "../../docs/blocks.ts";

describe("what is said of the last run", () => {
  const report = JSON.parse(readFileSync("bench/results/agentdojo.json", "utf8")) as AgentDojoReport;

  it("is in the README what is in bench/results, to the letter", () => {
    const [, said] = readProjectFile("bench/agentdojo/README.md").split("\n## Results\n");
    expect(`## Results\n${said}`).toBe(resultsText());
  });

  it("has utility, utility under attack and attack success of every kind of plans, and of none", () => {
    const names = figuresOf(report).map(({ name }) => name);
    for (const { kind } of report.runs.total) {
      const own = kind === "undefended" ? kind : `plans ${kind}`;
      for (const what of ["utility", "utility under attack", "attack success"]) expect(names).toContain(`${own}: ${what}`);
    }
  });

  it("is of all 97 user tasks and all 949 pairs, whatever the kind of plans", () => {
    for (const { tasks, agents } of report.runs.total) {
      expect(tasks).toBe(97);
      for (const { pairs } of Object.values(agents)) expect(pairs).toBe(949);
    }
  });
});
