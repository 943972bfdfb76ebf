/**
 * draftPlan: planners in order, thresholds, abstaining, unusable input; and cues in hostile tasks take linear time.
 */
import { describe, expect, it } from "vitest";
import { draftPlan } from "../../src/infer/draft.ts";
import { InferError } from "../../src/infer/infer-error.ts";
import type { Planner } from "../../src/infer/proposal.ts";
import { cuesOf } from "../../src/infer/to-plan/cues.ts";
import { catalogueOf, officeTools, proposalOf, scriptedPlanner, unsure } from "./to-plan/scripted.ts";

const task = "Find Ada";
const call = { tool: "people/search", words: "Find Ada", args: { query: { is: "Ada", words: "Ada" } } } as const;
const sure = scriptedPlanner(proposalOf(task, [call]));
const noTool = { code: "INFER_NO_TOOL", message: "no tool fits", candidates: [] } as const;

async function draft(planners: readonly Planner[], options: Parameters<typeof draftPlan>[2] = {}): Promise<unknown> {
  const drafted = await draftPlan(task, officeTools, { planners, ...options });
  return drafted.ok ? drafted.value : drafted.error;
}

describe("draftPlan", () => {
  it("gives the plan of the first planner that does not abstain, and asks no other", async () => {
    let asked = 0;
    const other: Planner = {
      propose: async () => {
        asked += 1;
        return proposalOf(task, []);
      },
    };
    expect(await draft([scriptedPlanner(proposalOf(task, [], { abstentions: [noTool] })), sure, other])).toMatchObject({
      plan: { nodes: { search: { tool: "people/search", args: { query: "Ada" } } } },
      abstained: false,
      reasons: [],
      confidence: 0.97,
      origin: { planner: "model", from: "sha256:test" },
    });
    expect(asked).toBe(0);
  });

  it("abstains with the reasons of all planners, and keeps the surest guess", async () => {
    const memory = scriptedPlanner(proposalOf(task, [], { abstentions: [noTool], confidence: 0.9 }));
    const model = scriptedPlanner(proposalOf(task, [call], { abstentions: [unsure], confidence: 0.3 }));
    expect(await draft([memory, model])).toMatchObject({
      plan: { nodes: { search: {} } },
      abstained: true,
      confidence: 0.3,
      reasons: [{ code: "INFER_UNSURE" }, { code: "INFER_NO_TOOL" }],
    });
  });

  it("has no plan, and a reason, where nobody proposes a call", async () => {
    expect(await draft([scriptedPlanner(proposalOf(task, []))])).toMatchObject({
      plan: null,
      abstained: true,
      origin: null,
      reasons: [{ code: "INFER_NO_TOOL" }],
    });
  });

  it("has no best guess that the linter refuses", async () => {
    // `people/get` takes no argument `query`: no plan may say it.
    const wrong = proposalOf(task, [call]);
    const [first] = wrong.calls;
    const other = proposalOf(task, [{ tool: "people/get" }]).calls[0];
    if (first === undefined || other === undefined) throw new Error("no call");
    const guess = { ...wrong, calls: [{ ...first, tool: other.tool }], abstentions: [unsure] };
    expect(await draft([scriptedPlanner(guess)])).toMatchObject({
      plan: null,
      abstained: true,
      reasons: [{ code: "INFER_UNSURE" }, { code: "INFER_UNSURE" }],
    });
  });

  it("holds a draft to the caller's threshold in place of the planner's", async () => {
    expect(await draft([sure], { threshold: 0.98 })).toMatchObject({ abstained: true, reasons: [{ code: "INFER_UNSURE" }] });
    expect(await draft([sure], { threshold: 0.97 })).toMatchObject({ abstained: false });
    const low = scriptedPlanner(proposalOf(task, [call], { abstentions: [unsure], confidence: 0.3 }));
    expect(await draft([low], { threshold: 0.2 })).toMatchObject({ abstained: false, reasons: [] });
    expect(await draft([low, sure], { threshold: 0.2 })).toMatchObject({ confidence: 0.3 });
  });

  it("gives the same bytes for the same input", async () => {
    expect(JSON.stringify(await draft([sure]))).toBe(JSON.stringify(await draft([sure])));
  });

  it("says which planner cannot work, by its own code", async () => {
    const broken: Planner = { propose: () => Promise.reject(new InferError("INFER_NO_MODELS", "there is no model here")) };
    expect(await draft([broken])).toEqual({ code: "INFER_NO_MODELS", message: "there is no model here" });
    const faulty: Planner = { propose: () => Promise.reject(new TypeError("a bug")) };
    await expect(draft([faulty])).rejects.toThrow("a bug");
  });

  it.each([
    ["", officeTools, {}, "INFER_TASK"],
    [" \n", officeTools, {}, "INFER_TASK"],
    ["x".repeat(20_001), officeTools, {}, "INFER_TASK"],
    ["half \ud83d", officeTools, {}, "INFER_TASK"],
    [task, officeTools, { now: "tomorrow" }, "INFER_NOW"],
    [task, officeTools, { now: "2026-02-30" }, "INFER_NOW"],
    [task, officeTools, { zone: "Mars/Olympus" }, "INFER_ZONE"],
    [task, officeTools, { threshold: 2 }, "INFER_OPTION"],
    [task, officeTools, { planners: [] }, "INFER_OPTION"],
  ] as const)("refuses what it cannot read: %#", async (words, catalogue, options, code) => {
    const drafted = await draftPlan(words, catalogue, { planners: [sure], ...options });
    expect(drafted).toMatchObject({ ok: false, error: { code } });
    expect(drafted.ok ? "" : drafted.error.message).toMatch(/^[^A-Z\n][^\n]*[^.\n]$/);
  });

  it("passes on the user's time as hosts say it", async () => {
    const seen: unknown[] = [];
    const watching: Planner = {
      propose: async (_task, _tools, context) => {
        seen.push(context);
        return proposalOf(task, [call]);
      },
    };
    const times = ["2026-07-01", "2026-07-01T09:30:00+02:00", "2026-07-01 09:30:15", "Today is 2026-07-01, Wednesday."];
    for (const now of times) await draft([watching], { now, zone: "Europe/Berlin" });
    expect(seen).toEqual(times.map((now) => ({ now, zone: "Europe/Berlin" })));
  });

  it("abstains where the catalogue has no tool, and asks nobody", async () => {
    const drafted = await draftPlan(task, catalogueOf({ tools: [] }), { planners: [sure] });
    expect(drafted).toMatchObject({ ok: true, value: { plan: null, abstained: true, reasons: [{ code: "INFER_NO_TOOL" }] } });
  });
});

describe("cues", () => {
  it.each([".", "'", '"', "if ", "check if ", "before aaa", "then ", "\n", "“", "next, "])(
    "are read in time linear in a task of %j over and over",
    (part) => {
      const time = (length: number): number => {
        const text = `${part.repeat(Math.ceil(length / part.length))}x`;
        const started = performance.now();
        const cues = cuesOf(text);
        cues.saysEach([]);
        cues.order(0, text.length - 1);
        return performance.now() - started;
      };
      time(2_000);
      expect(time(20_000)).toBeLessThan(1_000);
    },
  );
});
