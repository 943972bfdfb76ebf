import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isErrorResult, readTrace } from "../src/trace.ts";

const lines = (...values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join("\n");

describe("readTrace", () => {
  it("reads task, calls and results in order", () => {
    const trace = readTrace(
      lines(
        { type: "task", text: "Do it" },
        { type: "call", id: 1, tool: "a/b", args: { x: 1 } },
        { type: "result", id: "1", value: { error: "no" } },
      ),
    );
    expect(trace).toEqual({
      ok: true,
      value: {
        task: "Do it",
        events: [
          { type: "call", id: "1", tool: "a/b", args: { x: 1 } },
          { type: "result", id: "1", value: { error: "no" } },
        ],
      },
    });
  });

  const call = { type: "call", id: "1", tool: "a", args: {} };
  it.each([
    ["a line that is not JSON", '{"type":', { code: "JSON_SYNTAX", line: 1 }],
    ["a duplicate key", '{"type":"call","type":"call"}', { code: "JSON_DUPLICATE_KEY", line: 1 }],
    ["a line that is no object", "[]", { code: "TRACE_MALFORMED", line: 1, pointer: "" }],
    ["an unknown type", lines({ type: "note" }), { code: "TRACE_MALFORMED", line: 1, pointer: "/type" }],
    [
      "a task that is not first",
      lines(call, { type: "task", text: "x" }),
      { code: "TRACE_MALFORMED", line: 2, pointer: "/type" },
    ],
    ["a task without words", lines({ type: "task" }), { code: "TRACE_MALFORMED", line: 1, pointer: "/text" }],
    ["a call without a tool", lines({ type: "call", id: "1", args: {} }), { code: "TRACE_MALFORMED", line: 1, pointer: "/tool" }],
    ["arguments that are a list", lines({ ...call, args: [] }), { code: "TRACE_MALFORMED", line: 1, pointer: "/args" }],
    ["an id that is used twice", lines(call, call), { code: "TRACE_MALFORMED", line: 2, pointer: "/id" }],
    ["an id that is no name", lines({ ...call, id: 1.5 }), { code: "TRACE_MALFORMED", line: 1, pointer: "/id" }],
    ["a result of no call", lines({ type: "result", id: "9", value: 1 }), { code: "TRACE_MALFORMED", line: 1, pointer: "/id" }],
    [
      "a second result",
      lines(call, { type: "result", id: "1", value: 1 }, { type: "result", id: "1", value: 1 }),
      { code: "TRACE_MALFORMED", line: 3, pointer: "/id" },
    ],
    [
      "a result without a value",
      lines(call, { type: "result", id: "1" }),
      { code: "TRACE_MALFORMED", line: 2, pointer: "/value" },
    ],
  ])("refuses %s and says where", (_, text, error) => {
    expect(readTrace(text)).toMatchObject({ ok: false, error });
  });

  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => typeof readTrace(text).ok === "boolean"),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.array(fc.json()), (values) => typeof readTrace(values.join("\n")).ok === "boolean"),
      { numRuns: 200 },
    );
  });
});

describe("isErrorResult", () => {
  it("is true only of an object with `error` and nothing else", () => {
    expect(
      [{ error: "x" }, { error: null }, { error: "x", data: 1 }, "error", null].map((value) => isErrorResult(value)),
    ).toEqual([true, false, false, false, false]);
  });
});
