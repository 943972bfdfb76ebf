import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { adaptationTasks, adaptCalibration } from "../../../src/infer/adapt/adapt.ts";
import { identityCalibration } from "../../../src/infer/adapt/calibration.ts";
import { type MadeTask, madeTasks, request } from "../../../src/infer/adapt/synthesise.ts";
import type { Example } from "../../../src/infer/memory/approved.ts";
import type { Planner, Proposal } from "../../../src/infer/proposal.ts";
import { draftTool } from "../../../src/infer/tools.ts";
import { sameValue } from "../../../src/infer/values/same-value.ts";
import { madeContext } from "../../../src/infer/adapt/made-values.ts";
import { valueOf as readValue } from "../../../src/infer/values/value-of.ts";

const read = readCatalogue([
  {
    name: "get_weather",
    description: "Returns the weather of a city. Free of charge.",
    inputSchema: {
      type: "object",
      properties: { city: { type: "string" }, day: { type: "string", format: "date" } },
      required: ["city"],
    },
  },
  {
    name: "send_money",
    description: "Sends money to a person",
    inputSchema: {
      type: "object",
      properties: {
        amount: { type: "number" },
        recipient: { type: "string" },
        currency: { type: "string", enum: ["EUR", "USD"] },
      },
      required: ["amount", "recipient"],
    },
  },
  { name: "list_alarms", description: "Lists all alarms", inputSchema: { type: "object", properties: {} } },
  {
    name: "book_table",
    description: "Books a table in a restaurant",
    inputSchema: {
      type: "object",
      properties: { restaurant: { type: "string" }, seats: { type: "integer" }, time: { type: "string", description: "HH:MM" } },
      required: ["restaurant", "seats"],
    },
  },
]);
if (!read.ok) throw new Error("no catalogue");
const tools = [...read.value.tools.values()].map(draftTool);

/** Knows the right plan of every task but one in `wrongEvery`, and is less sure of those. */
function scripted(tasks: readonly MadeTask[], wrongEvery: number): Planner {
  const plans = new Map(tasks.map((made, at) => [`${made.tools.length} ${made.task}`, { made, at }]));
  return {
    propose: async (task, given) => {
      const known = plans.get(`${given.length} ${task}`);
      if (known === undefined) throw new Error("an unknown task");
      const { made, at } = known;
      const isWrong = at % wrongEvery === 0;
      const probability = isWrong ? 0.3 + (at % 7) / 100 : 0.8 + (at % 17) / 100;
      const calls: Proposal["calls"] = made.right.calls.slice(isWrong ? 1 : 0).map(({ tool, args }) => ({
        tool: tools.find(({ name }) => name === tool) as (typeof tools)[number],
        args: Object.entries(args).map(([name, value]) => ({
          path: [name],
          source: { kind: "constant", value },
          confidence: 1,
          alternatives: [],
        })),
        confidence: probability,
        evidence: [],
        alternatives: [],
      }));
      const decisions = [
        { kind: "none", probability: made.right.calls.length === 0 ? 0.9 : 0.05 },
        { kind: "tools", probability },
      ] as const;
      return { calls, confidence: probability, decisions, abstentions: [], origin: { planner: "model" } };
    },
  };
}

describe("made-up tasks", () => {
  const tasks = madeTasks(tools, 400);

  it("are the same each time, and other ones for another catalogue", () => {
    expect(madeTasks(tools, 50)).toEqual(madeTasks(tools, 50));
    expect(madeTasks(tools.slice(1), 50).map(({ task }) => task)).not.toEqual(madeTasks(tools, 50).map(({ task }) => task));
    expect(madeTasks([], 50)).toEqual([]);
  });

  it("ask for one tool, for two, and for none", () => {
    const kinds = new Map<string, number>();
    for (const { kind } of tasks) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const kind of ["one tool", "two tools", "no tool"]) expect(kinds.get(kind) ?? 0).toBeGreaterThan(30);
    for (const { kind, right, tools: given } of tasks) {
      expect(right.calls.length).toBe(kind === "no tool" ? 0 : kind === "one tool" ? 1 : 2);
      expect(given.length).toBeGreaterThan(0);
    }
  });

  it("say every value of their right plan, and give each needed argument", () => {
    for (const { task, right } of tasks) {
      for (const { tool, args } of right.calls) {
        const drafted = tools.find(({ name }) => name === tool);
        for (const param of drafted?.params ?? []) {
          const value = args[param.words.replaceAll(" ", "_")];
          if (param.isRequired) expect(value).toBeDefined();
          if (value === undefined) continue;
          const words = task
            .split(/[\s()?]+/)
            .flatMap((_, from, all) => [1, 2, 3, 4, 5, 6].map((count) => all.slice(from, from + count).join(" ")));
          expect(
            words.some((text) => {
              const got = readValue(text.replace(/[.,"]+$|^"/g, ""), param, madeContext);
              return got !== undefined && sameValue(got, value);
            }),
          ).toBe(true);
        }
      }
    }
  });

  it("turn descriptions into requests", () => {
    const said = (description: string): string => request({ description, words: "do it" });
    expect(said("Returns the weather of a city. Free of charge.")).toBe("return the weather of a city");
    expect(said("Searches (fast) for flights")).toBe("search for flights");
    expect(said("Identifies a plant; needs a photo")).toBe("identify a plant");
    expect(said("This tool is used to convert units")).toBe("convert units");
    expect(said("API status of servers")).toBe("API status of servers");
    expect(said("")).toBe("do it");
  });
});

describe("adapting", () => {
  const tasks = madeTasks(tools, 600);
  const options = { name: "made up", prior: identityCalibration, tasks: 600 };

  it("raises the threshold above the drafts that were wrong, and says what will be kept", async () => {
    const adapted = await adaptCalibration(tools, { ...options, planner: scripted(tasks, 4) });
    expect(adapted.calibration.assurance).toMatchObject({ isReached: true });
    expect(adapted.calibration.threshold).toBeGreaterThan(0.3);
    expect(adapted.calibration.threshold).toBeLessThan(0.9);
    expect(adapted.isWhole).toBe(false);
    expect(adapted.keptRight).toBeGreaterThan(0.95);
    expect(adapted.coverage).toBeGreaterThan(0.6);
    expect(adapted.coverage).toBeLessThan(0.8);
    expect(adapted.tasks.reduce((sum, { count }) => sum + count, 0)).toBe(tasks.length);
  });

  it("never lowers the models' threshold by tasks that it made up itself", async () => {
    const prior = { ...identityCalibration, threshold: 0.95 };
    const { calibration } = await adaptCalibration(tools, { ...options, prior, planner: scripted(tasks, 10_000) });
    expect(calibration.threshold).toBe(0.95);
    expect(calibration.scales).toEqual(prior.scales);
  });

  it("says so where nothing can be promised", async () => {
    const { calibration } = await adaptCalibration(tools, { ...options, tasks: 30, planner: scripted(madeTasks(tools, 30), 2) });
    expect(calibration.assurance?.isReached).toBe(false);
  });

  it("counts approved plans' tasks, and fits everything from forty on", async () => {
    const [weather] = tools;
    if (weather === undefined) throw new Error("no tool");
    const approved = Array.from(
      { length: 45 },
      (_, at): Example => ({
        digest: `sha256:${at}`,
        task: `Is it warm in town ${at}?`,
        context: {},
        calls: [{ tool: weather, definition: {}, args: [{ path: ["city"], source: { kind: "constant", value: `town ${at}` } }] }],
      }),
    );
    const all = adaptationTasks(tools, { tasks: 600, approved });
    expect(all.at(-1)).toMatchObject({
      kind: "approved",
      right: { calls: [{ tool: "local/get_weather", args: { city: "town 44" } }] },
    });
    const adapted = await adaptCalibration(tools, { ...options, approved, planner: scripted(all, 4) });
    expect(adapted.isWhole).toBe(true);
    expect(adapted.calibration.scales).not.toEqual(identityCalibration.scales);
    expect(adapted.tasks.find(({ kind }) => kind === "approved")?.count).toBe(45);
  });

  it("leaves out approved plans of tools that the catalogue does not have", () => {
    const [weather] = tools;
    if (weather === undefined) throw new Error("no tool");
    const approved: readonly Example[] = [
      { digest: "x", task: "Fly", context: {}, calls: [{ tool: { ...weather, name: "local/fly" }, definition: {}, args: [] }] },
    ];
    expect(adaptationTasks(tools, { tasks: 0, approved })).toEqual([]);
  });
});
