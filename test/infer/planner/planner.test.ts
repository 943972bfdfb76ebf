import { describe, expect, it } from "vitest";
import { identityCalibration } from "../../../src/infer/adapt/calibration.ts";
import { createModelPlanner } from "../../../src/infer/planner/planner.ts";
import { linesOf, type Script, scriptedModels, tool, toolsOf } from "./scripted.ts";

const text = { type: "string" };
const tools = toolsOf(
  tool("weather", { "city!": text, day: { type: "string", format: "date" } }, { forecast: text, degrees: { type: "number" } }),
  tool("mail", { "to!": text, "body!": text, urgent: { type: "boolean" } }, { id: text }),
  tool("sms", { "to!": text, "body!": text }, { id: text }),
);

async function proposal(script: Omit<Script, "tools"> & Partial<Script>, now = "2026-11-20T09:00:00") {
  const whole: Script = { tools, ...script };
  const { models, runs } = scriptedModels(whole);
  return { proposal: await createModelPlanner({ opened: models }).propose(whole.task, whole.tools, { now }), runs };
}

describe("the model planner", () => {
  it("proposes typed constants, results and questions, in the order in which they are needed", async () => {
    const task = "Mail Ann the forecast for Rome tomorrow";
    const got = await proposal({
      task,
      tool: { weather: 6, mail: 6 },
      calls: ["weather", "mail"],
      wishes: {
        "0.city": [{ words: "Rome", logit: 8 }],
        "0.day": [{ words: "tomorrow", logit: 8 }],
        "1.to": [{ absent: 8 }],
        "1.body": [{ from: 0, output: "forecast", logit: 8 }],
      },
    });
    expect(linesOf(got.proposal)).toEqual(['weather(city="Rome", day="2026-11-21")', "mail(to=?, body=#0.forecast)"]);
    expect(got.proposal.abstentions).toEqual([]);
    expect(got.proposal.confidence).toBeGreaterThan(0.5);
    expect(got.proposal.origin).toEqual({ planner: "model", from: "scripted" });
    const [weather] = got.proposal.calls;
    expect(weather?.args.map(({ evidence }) => task.slice(evidence?.start, evidence?.end))).toEqual(["Rome", "tomorrow"]);
    expect(got.proposal.decisions?.map(({ kind }) => kind)).toEqual([
      "none",
      "tools",
      "count",
      "count",
      "words",
      "words",
      "ask",
      "result",
      "absent",
    ]);
  });

  it("puts a call behind the one whose result it takes, wherever the task speaks of it", async () => {
    const got = await proposal({
      task: "Tell Bob what Oslo is like",
      tool: { sms: 7, weather: 6 },
      calls: ["sms", "weather"],
      wishes: {
        "0.to": [{ words: "Bob", logit: 8 }],
        "0.body": [{ from: 1, output: "forecast", logit: 8 }],
        "1.city": [{ words: "Oslo", logit: 8 }],
      },
    });
    expect(linesOf(got.proposal)).toEqual(['weather(city="Oslo")', 'sms(to="Bob", body=#0.forecast)']);
    for (const { kind, call, path } of got.proposal.decisions ?? []) {
      if (kind !== "words") continue;
      expect(got.proposal.calls[call ?? -1]?.args.some((one) => one.path.join() === path?.join())).toBe(true);
    }
  });

  it("calls a tool as often as the network counts, with other values each time", async () => {
    const got = await proposal({
      task: "Weather in Rome and in Oslo",
      tool: { weather: 6 },
      count: { weather: 2 },
      calls: ["weather", "weather"],
      wishes: {
        "0.city": [
          { words: "Rome", logit: 8 },
          { words: "Oslo", logit: 6 },
        ],
        "1.city": [
          { words: "Rome", logit: 7 },
          { words: "Oslo", logit: 6 },
        ],
      },
    });
    expect(linesOf(got.proposal)).toEqual(['weather(city="Rome")', 'weather(city="Oslo")']);
  });

  it("says that no tool fits, and keeps what it would have proposed beside it", async () => {
    const got = await proposal({
      task: "Water the plants of Rome",
      tool: { weather: -1 },
      cardinality: { 0: 1.5 },
      calls: ["weather"],
      wishes: { "0.city": [{ words: "Rome", logit: 5 }] },
    });
    expect(got.proposal.abstentions.map(({ code }) => code)).toEqual(["INFER_NO_TOOL"]);
    expect(linesOf(got.proposal)).toEqual(['weather(city="Rome")']);
    expect(got.proposal.abstentions[0]?.candidates[0]?.tool).toBe("local/weather");
    expect(got.proposal.decisions?.find(({ kind }) => kind === "none")?.probability).toBeGreaterThan(0.9);
  });

  it("says that a task is about something else where no candidate is near", async () => {
    const got = await proposal({ task: "Bake a cake", tool: {}, cardinality: { 0: 4 }, calls: ["weather"] });
    expect(got.proposal.abstentions.map(({ code }) => code)).toEqual(["INFER_OUT_OF_SCOPE"]);
  });

  it("says which two tools it cannot tell apart", async () => {
    const got = await proposal({
      task: "Send Ann the words hello",
      tool: { mail: 5, sms: 5 },
      cardinality: { 1: 12 },
      calls: ["mail"],
      wishes: { "0.to": [{ words: "Ann", logit: 9 }], "0.body": [{ words: "hello", logit: 9 }] },
    });
    expect(got.proposal.abstentions).toMatchObject([
      { code: "INFER_AMBIGUOUS", message: "`local/mail` and `local/sms` fit the task equally well: name the one that is meant" },
    ]);
    expect(got.proposal.calls[0]?.alternatives[0]?.tool.name).toBe("local/sms");
    expect(got.proposal.calls[0]?.alternatives[0]?.confidence).toBeCloseTo(0.5, 2);
  });

  it("says what it is least sure of where the whole is below the threshold", async () => {
    const calibration = { ...identityCalibration, threshold: 0.9 };
    const script = {
      task: "Weather in Rome or Oslo",
      tool: { weather: 12 },
      calls: ["weather"],
      calibration,
      wishes: {
        "0.city": [
          { words: "Rome", logit: 8 },
          { words: "Oslo", logit: 7.5 },
        ],
      },
    } as const;
    const got = await proposal(script);
    expect(got.proposal.abstentions[0]?.code).toBe("INFER_UNSURE");
    expect(got.proposal.abstentions[0]?.message).toContain("what the argument city is");
    expect(got.proposal.calls[0]?.args[0]?.alternatives).toMatchObject([{ source: { kind: "constant", value: "Oslo" } }]);
  });

  it("does not keep a draft of a task whose end it did not read", async () => {
    const task = `Weather in Rome ${"and so on ".repeat(80)}`;
    const got = await proposal({
      task,
      tool: { weather: 9 },
      calls: ["weather"],
      wishes: { "0.city": [{ words: "Rome", logit: 8 }] },
    });
    expect(got.proposal.abstentions.map(({ code }) => code)).toEqual(["INFER_UNSURE"]);
    expect(got.proposal.abstentions[0]?.message).toContain("longer than the model reads");
  });

  it.each([
    ["", "INFER_OUT_OF_SCOPE"],
    [" ?! ", "INFER_OUT_OF_SCOPE"],
  ])("proposes nothing for the task %j", async (task, code) => {
    const got = await proposal({ task, tool: {} });
    expect(got.proposal).toMatchObject({ calls: [], abstentions: [{ code }] });
    expect(got.runs).toEqual([]);
  });

  it("proposes nothing from a catalogue without tools", async () => {
    const got = await proposal({ task: "Weather", tool: {}, tools: [] });
    expect(got.proposal).toMatchObject({ calls: [], abstentions: [{ code: "INFER_NO_TOOL" }] });
  });

  it("asks for needed arguments that no pack has room for", async () => {
    const args = Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`field${at}!`, text]));
    const wide = toolsOf(tool("wide", args));
    const got = await proposal({ task: "Fill the form", tools: wide, tool: { wide: 9 }, calls: ["wide"] });
    expect(got.proposal.calls[0]?.args).toHaveLength(24);
    expect(got.proposal.confidence).toBeLessThanOrEqual(0.5);
  });

  it("refuses a network whose answers have another shape", async () => {
    const { models } = scriptedModels({ task: "x", tools, tool: {} });
    const broken = {
      ...models,
      planner: async () => ({
        run: async () => ({ tool: { dims: [1, 1], data: Float32Array.of(1) } }),
        close: async () => undefined,
      }),
    };
    await expect(createModelPlanner({ opened: broken }).propose("Weather in Rome", tools, {})).rejects.toMatchObject({
      code: "INFER_FORMAT",
    });
  });

  it("says the same of the same task, byte for byte", async () => {
    const script = {
      task: "Weather in Rome",
      tool: { weather: 6 },
      calls: ["weather"],
      wishes: { "0.city": [{ words: "Rome", logit: 3 }] },
    } as const;
    const [one, other] = [await proposal(script), await proposal(script)];
    expect(JSON.stringify(one.proposal)).toBe(JSON.stringify(other.proposal));
  });
});
