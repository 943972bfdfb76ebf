/**
 * The hand-made plans and the programs for AgentDojo: what needs AgentDojo's catalogues and runs is skipped without the data.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSuite, type Suite } from "../../../bench/agentdojo/data.ts";
import { confirmationsOf } from "../../../bench/agentdojo/plans/confirmations.ts";
import { fromCode } from "../../../bench/agentdojo/plans/from-code.ts";
import { handMade } from "../../../bench/agentdojo/plans/hand.ts";
import { plansFolder, readYamlFile, reviewedCatalogue } from "../../../bench/agentdojo/plans/reviewed.ts";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { playBenign } from "./benign.ts";

const counts = { banking: 16, slack: 21, workspace: 40, travel: 20 };
const folder = join(process.env.SLUICE_DATA ?? "../shared/data", "agentdojo");
const hasData = existsSync(join(folder, "traces.json"));
/** The suites whose runs are recorded. */
const recorded = hasData ? ["banking", "slack"] : [];
if (!hasData) process.stderr.write(`skipped: AgentDojo's runs are not in ${folder} (see bench/agentdojo/README.md)\n`);

describe("hand-made plans", () => {
  it.each(Object.entries(counts))("has a plan that parses for every user task of %s", (suite, count) => {
    const files = readdirSync(new URL(`hand/${suite}`, plansFolder));
    expect(files).toHaveLength(count);
    const refused = files.filter((file) => !parsePlan(readYamlFile(`hand/${suite}/${file}`)).ok);
    expect(refused).toEqual([]);
  });

  it.each(recorded)("freezes every plan of %s without an error, and its task is the prompt", async (name) => {
    const suite: Suite = readSuite(folder, name);
    const plans = await handMade.plansOf(suite);
    for (const task of suite.tasks) {
      const planned = plans.get(task.id);
      if (planned === undefined || "missing" in planned) throw new Error(`${task.id}: ${planned?.missing}`);
      const errors = lintPlan(planned.frozen.plan, reviewedCatalogue(suite)).filter(({ severity }) => severity === "error");
      expect([task.id, errors]).toEqual([task.id, []]);
      // The password of banking's user_task_14 is a parameter, and does not stand in the plan.
      const words = (text: string): string => text.replace(/\s+/g, " ").replace("1j1l-2k3j", "…").trim();
      expect(words(planned.frozen.plan.task ?? "")).toBe(words(task.prompt));
    }
  });

  it.each(recorded)("allows the ground truth's calls of every task of %s", async (name) => {
    const suite = readSuite(folder, name);
    const plans = await handMade.plansOf(suite);
    const denied: string[] = [];
    let played = 0;
    for (const task of suite.tasks) {
      const planned = plans.get(task.id);
      if (planned === undefined || "missing" in planned) throw new Error(task.id);
      // What the ground truth does not read has no recorded result: such runs are played in AgentDojo's environments.
      if (planned.script !== undefined && planned.isAmended !== true) continue;
      played += 1;
      denied.push(...playBenign(planned, task).denied.map((code) => `${task.id}: ${code}`));
    }
    expect(denied).toEqual([]);
    expect(played).toBe(name === "banking" ? 15 : 18);
  });
});

describe("plans from code", () => {
  const missing: Readonly<Record<string, readonly string[]>> = {
    banking: ["user_task_14 the program compute"],
    slack: [
      "user_task_11 the program compute",
      "user_task_13 IMPORT_CODE_OUTSIDE",
      "user_task_14 IMPORT_CODE_OUTSIDE",
      "user_task_15 the program compute",
      "user_task_20 the program compute",
    ],
  };

  it.each(["banking", "slack"] as const)("has a program for every user task of %s", (suite) => {
    const files = readdirSync(new URL(`code/${suite}`, plansFolder));
    expect(files.sort()).toEqual(Array.from({ length: counts[suite] }, (_, i) => `user_task_${i}.py`).sort());
  });

  it.each(recorded)("imports the programs of %s that no answer of a model steers, and refuses the others", async (name) => {
    const plans = await fromCode.plansOf(readSuite(folder, name));
    const left = [...plans].flatMap(([id, planned]) => ("missing" in planned ? [`${id} ${planned.missing.slice(0, 19)}`] : []));
    expect(left).toEqual(missing[name]);
  });
});

describe("confirmationsOf", () => {
  const read = readCatalogue({
    tools: [
      { name: "read", inputSchema: { type: "object", properties: {} }, sluice: { labels: ["external_api"], effects: ["read"] } },
      {
        name: "pay",
        inputSchema: {
          type: "object",
          properties: { to: { type: "string" }, sum: { type: "number" }, note: { type: "string" } },
        },
        sluice: { labels: ["external_api"], effects: ["money"], roles: { to: "target", sum: "target", note: "content" } },
      },
    ],
  });
  if (!read.ok) throw new Error(read.error[0]?.message);
  const catalogue = read.value;
  const confirmations = (pay: Plan["nodes"][string], prompt: string): readonly string[] => {
    const plan: Plan = { sluice: 1, name: "p", params: { who: { type: "string" } }, nodes: { read: { tool: "read" }, pay } };
    const frozen = freezePlan(plan, catalogue);
    if (!frozen.ok) throw new Error(frozen.error[0]?.message);
    return confirmationsOf(frozen.value, { catalogue, prompt, params: { who: "Ada" } });
  };

  it("asks for nothing that the prompt says, whatever its case and however the number is written", () => {
    const pay = { tool: "pay", args: { to: { param: "who" }, sum: 1200, note: { write: {} } } };
    expect(confirmations(pay, "pay 1,200.00 to ADA")).toEqual([]);
  });

  it("asks once for each argument that data fills in, the agent chooses or nobody has said", () => {
    const filled = { tool: "pay", args: { to: { from: "read$.to" }, sum: { choose: { enum: [1, 2] } }, note: "x" } };
    expect(confirmations(filled, "pay")).toEqual(["pay.to: data chooses it", "pay.sum: the agent chooses it"]);
    expect(confirmations({ tool: "pay", args: { to: { param: "who" }, sum: 5 } }, "pay Bob 15")).toEqual([
      "pay.to: the prompt does not say it",
      "pay.sum: the prompt does not say it",
    ]);
  });

  it("leaves calls that are held for a human to the run", () => {
    const held: Plan["nodes"][string] = {
      tool: "pay",
      args: { to: { from: "read$.to" }, sum: 5 },
      constraints: { approve: "human" },
    };
    expect(confirmations(held, "pay")).toEqual([]);
  });
});
