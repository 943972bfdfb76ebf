import { describe, expect, it } from "vitest";
import { padded, quantile } from "../../../bench/infer/latency.ts";
import type { EvalRow } from "../../../bench/infer/rows.ts";
import { tables } from "../../../bench/infer/table.ts";
import { toollessRows } from "../../../bench/infer/toolless.ts";
import { toolSet } from "../../../models/train/data/catalogues.ts";
import { figuresOf } from "../../../bench/infer/score.ts";

const tool = (name: string, description: string) => ({ name, description, parameters: { type: "object", properties: {} } });
const travel = toolSet("travel", [
  tool("Hotels_1.SearchHotel", "Search hotels in a city"),
  tool("Hotels_4.ReserveRoom", "Reserve a room for some nights"),
  tool("Flights_1.FindFlight", "Find flights between airports"),
  tool("Inns.LookUp", "Search small hotels near a city"),
]);
const music = toolSet("music", [
  tool("play_song", "Play a song on a device"),
  tool("hotel_radio", "Search hotels in a city by radio"),
]);
const row = (id: string, set: typeof travel, name: string): EvalRow => ({
  id,
  set: set.name,
  task: "a task",
  tools: [...set.tools.values()],
  catalogue: () => {
    throw new Error("not needed");
  },
  gold: { calls: [{ tool: `local/${name}`, args: {} }], edges: [], hasArgs: true },
  flows: new Set(),
  unsaid: new Set(),
});
const sets = [
  [row("a", travel, "Hotels_1.SearchHotel"), row("b", travel, "Hotels_1.SearchHotel")],
  [row("c", music, "play_song"), row("d", music, "play_song")],
];

describe("tasks that no tool fits", () => {
  it("lose the right tool, its service and what is like it; or get tools of another set", () => {
    const made = toollessRows(sets, 4);
    const names = made.map(({ id, tools }) => [id, tools.map(({ name }) => name)]);
    expect(names[0]).toEqual(["a/none", ["local/Flights_1.FindFlight"]]);
    expect(names[1]).toEqual(["b/none", ["local/play_song"]]);
    expect(made.every(({ gold, set }) => gold.calls.length === 0 && set === "no_tool")).toBe(true);
  });
});

describe("times", () => {
  it("are taken on catalogues of just the wanted size, with the right tools in them", () => {
    const [first] = sets[0] ?? [];
    if (first === undefined) throw new Error("no row");
    const others = [...music.tools.values()];
    expect(
      padded(first, others, 6)
        .map(({ name }) => name)
        .slice(4),
    ).toEqual(["local/play_song", "local/hotel_radio"]);
    expect(padded(first, others, 1).map(({ name }) => name)).toEqual(["local/Hotels_1.SearchHotel"]);
  });

  it("are quantiles of what was measured", () => {
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95)).toBe(10);
    expect(quantile([], 0.5)).toBe(0);
  });
});

describe("tables", () => {
  it("show what was not measured as a dash, and floors beside the planner", () => {
    const machine = { processor: "p", cores: 2, memoryGiB: 4, platform: "x", runtime: "node", load: 0 };
    const figures = figuresOf([]);
    const set = {
      name: "made up",
      skipped: 3,
      figures,
      faults: {},
      p50: 1,
      p95: 2,
      lexical: { toolF1: 0.5, toolsExact: 0.25, threshold: 0.1, isRelative: true },
    };
    const text = tables({ machine, planner: "weights x", split: "development", sets: [set] });
    expect(text).toContain("| made up | 0 (and 3 that name a tool that is not there) | .00 (–, .50) | .00 (–, .25) | – (–) |");
  });
});
