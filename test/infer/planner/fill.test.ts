import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFill, type OpenArgument } from "../../../src/infer/planner/fill.ts";
import { orderCalls } from "../../../src/infer/planner/order.ts";
import type { Outcome } from "../../../src/infer/planner/outcomes.ts";
import { tool, toolsOf } from "./scripted.ts";

const text = { type: "string" };
const absent = (weight: number): Outcome => ({ kind: "absent", weight, probability: weight });
const said = (value: string, weight: number, words: readonly [number, number] = [0, 0]): Outcome => ({
  kind: "words",
  value,
  weight,
  probability: weight,
  words,
  evidence: { start: words[0] * 10, end: words[1] * 10 + 5 },
});

/** Arguments of calls by `CALL.NAME`, in order. */
function open(
  tools: ReturnType<typeof toolsOf>,
  outcomes: Readonly<Record<string, readonly Outcome[]>>,
): readonly OpenArgument[] {
  return Object.entries(outcomes).map(([key, list]) => {
    const [call = "0", ...names] = key.split(".");
    const name = names.join(".");
    const param = tools[Number(call)]?.params.find(({ path }) => path.join(".") === name);
    if (param === undefined) throw new Error(`no argument ${key}`);
    return { call: Number(call), param, outcomes: list };
  });
}

const [search, book, note] = toolsOf(
  tool("search", { "query!": text, city: text }, { id: text, found: { type: "array", items: text } }),
  tool("book", { "id!": text, guest: text, city: text, place: text }, { receipt: text }),
  tool("note", { title: text, body: text, receipt: text }, { id: text }),
) as [never, never, never];

/** What was chosen, by `CALL.NAME`. */
function chosen(decoded: ReturnType<typeof decodeFill>): Record<string, unknown> {
  return Object.fromEntries(
    decoded.args.map(({ call, param, outcome, isAsked }) => [
      `${call}.${param.path.join(".")}`,
      isAsked
        ? "?"
        : outcome.kind === "result"
          ? `#${outcome.call}.${outcome.output?.path.join(".") ?? ""}`
          : (outcome.value ?? "-"),
    ]),
  );
}

describe("arguments together", () => {
  it("fill the rows of a list of objects only if each member has as many values", () => {
    const rows = { type: "array", items: { type: "object", properties: { id: text, kind: text } } };
    const tools = toolsOf(tool("test", { rows }));
    const column = (...value: string[]): Outcome => ({ kind: "words", value, weight: 0.9, probability: 0.9, isColumn: true });
    const ids = [column("A", "B"), said("A", 0.5, [0, 0])];
    const even = { "0.rows.[].id": ids, "0.rows.[].kind": [column("x", "y"), said("x", 0.4, [1, 1])] };
    expect(chosen(decodeFill(tools, open(tools, even)))).toEqual({ "0.rows.[].id": ["A", "B"], "0.rows.[].kind": ["x", "y"] });
    const odd = { ...even, "0.rows.[].kind": [said("x", 0.4, [1, 1])] };
    expect(chosen(decodeFill(tools, open(tools, odd)))).toEqual({ "0.rows.[].id": "A", "0.rows.[].kind": "x" });
  });

  it("give a typed thing that nothing else takes to the argument that it fits best, and what is taken to none", () => {
    const tools = [note];
    const typed = (value: string, weight: number, words: readonly [number, number]): Outcome => ({
      ...said(value, weight, words),
      isTyped: true,
    });
    const unsaid = { "0.title": [absent(0.8), typed("7", 0.15, [3, 3])], "0.body": [absent(0.7), typed("7", 0.25, [3, 3])] };
    expect(chosen(decodeFill(tools, open(tools, unsaid)))).toEqual({ "0.title": "-", "0.body": "7" });
    const taken = { "0.title": [said("7 pm", 0.9, [3, 4])], "0.body": [absent(0.7), typed("7", 0.25, [3, 3])] };
    expect(chosen(decodeFill(tools, open(tools, taken)))).toEqual({ "0.title": "7 pm", "0.body": "-" });
    const faint = { "0.title": [absent(0.9), typed("7", 0.02, [3, 3])] };
    expect(chosen(decodeFill(tools, open(tools, faint)))).toEqual({ "0.title": "-" });
  });

  it("leave words that two arguments of one call claim to the stronger one", () => {
    const tools = [note];
    const decoded = decodeFill(
      tools,
      open(tools, { "0.title": [said("Hello", 0.6), absent(0.3)], "0.body": [said("Hello", 0.9), absent(0.1)] }),
    );
    expect(chosen(decoded)).toEqual({ "0.title": "-", "0.body": "Hello" });
  });

  it("leave words to the stronger call, and give the other one its result", () => {
    const tools = [search, book];
    const flow: Outcome = { kind: "result", weight: 0.2, probability: 0.2, call: 0 };
    const decoded = decodeFill(
      tools,
      open(tools, { "0.query": [said("it", 0.8)], "1.guest": [said("it", 0.5), flow, absent(0.1)] }),
    );
    expect(chosen(decoded)).toEqual({ "0.query": "it", "1.guest": "#0." });
  });

  it("share words between calls whose arguments have the same name", () => {
    const tools = [search, book];
    const decoded = decodeFill(
      tools,
      open(tools, { "0.city": [said("Rome", 0.6), absent(0.3)], "1.city": [said("Rome", 0.9), absent(0.1)] }),
    );
    expect(chosen(decoded)).toEqual({ "0.city": "Rome", "1.city": "Rome" });
  });

  it("keep words that nothing else can take the place of", () => {
    const tools = [note];
    const decoded = decodeFill(
      tools,
      open(tools, { "0.title": [said("Hello", 0.9), absent(0.01)], "0.body": [said("Hello", 0.95), absent(0.01)] }),
    );
    expect(chosen(decoded)).toEqual({ "0.title": "Hello", "0.body": "Hello" });
  });

  it("never flow in a circle: the weakest flow of it goes", () => {
    const tools = [search, book];
    const [id] = (book as { params: { path: string[] }[]; outputs: { path: string[]; words: string; type: "string" }[] }).outputs;
    const decoded = decodeFill(
      tools,
      open(tools, {
        "0.query": [
          { kind: "result", weight: 0.6, probability: 0.6, call: 1, ...(id === undefined ? {} : { output: id }) },
          said("x", 0.3),
          absent(0.1),
        ],
        "1.id": [{ kind: "result", weight: 0.9, probability: 0.9, call: 0 }, absent(0.1)],
      }),
    );
    expect(chosen(decoded)).toEqual({ "0.query": "x", "1.id": "#0." });
  });

  it("ask for what a tool needs and nobody says", () => {
    const tools = [search];
    const decoded = decodeFill(tools, open(tools, { "0.query": [absent(0.9), said("x", 0.1)], "0.city": [absent(0.9)] }));
    expect(chosen(decoded)).toEqual({ "0.query": "?", "0.city": "-" });
  });

  it("take a result of exactly the name and type before they ask", () => {
    const tools = [search, book];
    const decoded = decodeFill(tools, open(tools, { "0.query": [said("x", 0.9)], "1.id": [absent(0.9)] }));
    expect(chosen(decoded)).toEqual({ "0.query": "x", "1.id": "#0.id" });
    expect(decoded.args[1]?.outcome.probability).toBe(0);
  });

  it("do not take a result for what is optional", () => {
    const tools = [book, note];
    const decoded = decodeFill(tools, open(tools, { "0.id": [said("7", 0.9)], "1.receipt": [absent(0.9)] }));
    expect(chosen(decoded)).toEqual({ "0.id": "7", "1.receipt": "-" });
  });

  it("make two calls of one tool differ by the likeliest other value", () => {
    const tools = [search, search];
    const decoded = decodeFill(
      tools,
      open(tools, {
        "0.query": [said("tea", 0.9)],
        "0.city": [said("Rome", 0.7, [2, 2]), said("Oslo", 0.2, [4, 4]), absent(0.1)],
        "1.query": [said("tea", 0.9)],
        "1.city": [said("Rome", 0.6, [2, 2]), said("Oslo", 0.3, [4, 4]), absent(0.1)],
      }),
    );
    expect(chosen(decoded)).toEqual({ "0.query": "tea", "0.city": "Rome", "1.query": "tea", "1.city": "Oslo" });
    expect(decoded.dropped).toEqual([]);
  });

  it("drop a second call of a tool that nothing tells from the first", () => {
    const tools = [search, search];
    const decoded = decodeFill(
      tools,
      open(tools, { "0.query": [said("tea", 0.9), absent(0.1)], "1.query": [said("tea", 0.9), absent(0.1)] }),
    );
    expect(decoded.dropped).toEqual([1]);
    expect(chosen(decoded)).toEqual({ "0.query": "tea" });
  });

  it("do not refer to a call that was dropped", () => {
    const tools = [search, search, book];
    const decoded = decodeFill(
      tools,
      open(tools, {
        "0.query": [said("tea", 0.9)],
        "1.query": [said("tea", 0.9)],
        "2.id": [
          { kind: "result", weight: 0.8, probability: 0.8, call: 1 },
          { kind: "result", weight: 0.1, probability: 0.1, call: 0 },
          absent(0.1),
        ],
      }),
    );
    expect(decoded.dropped).toEqual([1]);
    expect(chosen(decoded)["2.id"]).toBe("#0.");
  });

  it("always come to calls without a cycle, whatever flows are likely", () => {
    const tools = [search, book, note, book];
    const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
    const flow = fc
      .record({ call: fc.nat(3), weight })
      .map(({ call, weight: share }): Outcome => ({ kind: "result", call, weight: share, probability: share }));
    const names = ["0.query", "0.city", "1.id", "1.guest", "2.title", "2.body", "3.id", "3.place"];
    fc.assert(
      fc.property(fc.array(fc.array(flow, { maxLength: 4 }), { minLength: names.length, maxLength: names.length }), (flows) => {
        const outcomes = Object.fromEntries(
          names.map((name, at) => [
            name,
            [...(flows[at] ?? []).filter(({ call }) => call !== Number(name[0])), absent(0.3)].sort(
              (one, other) => other.weight - one.weight,
            ),
          ]),
        );
        const decoded = decodeFill(tools, open(tools, outcomes));
        const kept = [0, 1, 2, 3].filter((call) => !decoded.dropped.includes(call));
        const order = orderCalls(kept.map((call) => ({ call, args: decoded.args.filter((one) => one.call === call) })));
        expect(order.toSorted()).toEqual(kept);
        for (const { call, outcome } of decoded.args) {
          if (outcome.kind !== "result") continue;
          expect(kept).toContain(outcome.call);
          expect(order.indexOf(outcome.call ?? -1)).toBeLessThan(order.indexOf(call));
        }
      }),
      { numRuns: 300 },
    );
  });
});
