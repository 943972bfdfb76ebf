import { describe, expect, it } from "vitest";
import { adaptLines } from "../../models/train/data/adapt-packs.ts";
import { toolSet } from "../../models/train/data/catalogues.ts";
import type { Json } from "../../src/json/value.ts";
import { isObject, member } from "../../src/json/value.ts";
import { readJson } from "../../src/json/read.ts";
import { nearness, officeTools, openWords } from "./fixture.ts";

const { pieces } = openWords();
const tools = toolSet("adapt", officeTools as unknown as Json);
const offered = officeTools.map(({ name }) => name);
const line = (args: Json): string =>
  JSON.stringify({
    id: "adapt/0",
    task: "Find the badge of Ada Quill",
    tools: offered,
    plan: { nodes: [{ id: "n0", tool: "Badges_1.FindBadge", args }], edges: [] },
  });

/** Rows of one kind, as objects. */
function rows(lines: readonly string[], kind: string): readonly Json[] {
  return lines.flatMap((text) => {
    const read = readJson(text);
    return read.ok && isObject(read.value) && read.value.k === kind ? [read.value] : [];
  });
}

describe("packs of a catalogue's own tasks", () => {
  it("are several draws of candidates, and label what the task says", async () => {
    const made = await adaptLines([line({ visitor_name: { const: "Ada Quill" } }), ""], { tools, pieces, nearness });
    expect(rows(made, "s")).toHaveLength(4);
    for (const row of rows(made, "f")) expect(member(row, "y")).toContainEqual([["s", 4, 5]]);
  });

  it("learn nothing of a result whose part is not known", async () => {
    const made = await adaptLines([line({ visitor_name: { const: "Ada Quill" }, floor: { unresolved: true } })], {
      tools,
      pieces,
      nearness,
    });
    for (const row of rows(made, "f")) expect(member(row, "y")).toContainEqual(null);
  });

  it("are refused with the number of the line that is no task, or that calls a tool the catalogue lacks", async () => {
    await expect(adaptLines([line({}), "{}"], { tools, pieces, nearness })).rejects.toThrow("line 2: not a task");
    const foreign = line({}).replace('"tool":"Badges_1.FindBadge"', '"tool":"Moon.Fly"');
    await expect(adaptLines([foreign], { tools, pieces, nearness })).rejects.toThrow("line 1: its plan has a tool");
  });
});
