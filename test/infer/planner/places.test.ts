import { describe, expect, it } from "vitest";
import { placesOf } from "../../../src/infer/planner/places.ts";
import { tool, toolsOf } from "./scripted.ts";

const [find, mail] = toolsOf(tool("find", {}), tool("mail", {})) as [never, never];
const spans = [
  [0, 5],
  [5, 9],
  [9, 14],
] as const;
const call = (of: never, ordinal = 0) => ({ tool: of, ordinal });

describe("the clause that asks for a call", () => {
  it("is the one that its tool is nearest to", () => {
    const nearness = new Map([
      [find, [0.9, 0.2, 0.7, 0.1]],
      [mail, [0.8, 0.1, 0.2, 0.6]],
    ]);
    expect(placesOf([call(find), call(mail)], { spans, nearness })).toEqual([spans[1], spans[2]]);
  });

  it("is for each call of one tool its own, in the order of the task", () => {
    const nearness = new Map([[mail, [0.9, 0.6, 0.1, 0.65]]]);
    expect(placesOf([call(mail, 1), call(mail, 0)], { spans, nearness })).toEqual([spans[2], spans[0]]);
  });

  it("is not known where a tool is called more often than clauses are near to it, or where there is one clause", () => {
    const nearness = new Map([[mail, [0.9, 0.6, 0.1, 0.2]]]);
    expect(placesOf([call(mail, 0), call(mail, 1)], { spans, nearness })).toEqual([undefined, undefined]);
    expect(placesOf([call(mail)], { spans: [], nearness: new Map([[mail, [0.9]]]) })).toEqual([undefined]);
  });
});
