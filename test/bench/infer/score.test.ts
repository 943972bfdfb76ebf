import { describe, expect, it } from "vitest";
import { curveSvg } from "../../../bench/infer/curve.ts";
import { faultsOf } from "../../../bench/infer/errors.ts";
import { bm25 } from "../../../bench/infer/bm25.ts";
import { floorFigures } from "../../../bench/infer/floor.ts";
import { evalRow, nowOf } from "../../../bench/infer/rows.ts";
import { curveOf, figuresOf, type Judged } from "../../../bench/infer/score.ts";
import { toolSet } from "../../../models/train/data/catalogues.ts";
import type { RightOutline } from "../../../src/infer/adapt/outline.ts";

const transfer = { tool: "local/pay", args: { amount: 50, to: "Ann" } };
const gold: RightOutline = {
  calls: [transfer, { tool: "local/mail", args: {} }],
  edges: [["local/pay", "local/mail"]],
  hasArgs: true,
};

function judged(over: Partial<Judged>): Judged {
  return { id: "1", drafted: gold, gold, confidence: 0.5, isWithheld: false, isNone: false, ...over };
}

describe("figures", () => {
  it("count tools, arguments and edges as multisets", () => {
    const drafted = {
      calls: [
        { tool: "local/pay", args: { amount: "$50.0", to: "Bob" } },
        { tool: "local/pay", args: {} },
      ],
      edges: [],
    };
    const figures = figuresOf([judged({ drafted })]);
    // One of two drafted tools, one of two wanted ones; one of two arguments; no edge.
    expect(figures).toMatchObject({ rows: 1, toolF1: 0.5, toolsExact: 0, argF1: 0.5, edgeF1: 0, planExact: 0, keptRight: 0 });
  });

  it("take a plan for right only where tools, arguments and edges are", () => {
    expect(figuresOf([judged({})])).toMatchObject({
      toolF1: 1,
      toolsExact: 1,
      argF1: 1,
      edgeF1: 1,
      planExact: 1,
      keptRight: 1,
      coverage: 1,
    });
    expect(figuresOf([judged({ drafted: { ...gold, edges: [] } })]).planExact).toBe(0);
    expect(figuresOf([judged({ drafted: { ...gold, edges: [] }, gold: { ...gold, edges: [] } })]).planExact).toBe(1);
  });

  it("compare no arguments where none are labelled", () => {
    const unlabelled = { ...gold, hasArgs: false };
    const figures = figuresOf([
      judged({ gold: unlabelled, drafted: { ...gold, calls: gold.calls.map(({ tool }) => ({ tool, args: {} })) } }),
    ]);
    expect(figures.planExact).toBe(1);
    expect(figures.argF1).toBeUndefined();
  });

  it("count what is kept for a task without a tool as wrong, and withholding it as right", () => {
    const none: RightOutline = { calls: [], edges: [], hasArgs: true };
    const rows = [
      judged({}),
      judged({ gold: none }),
      judged({ gold: none, isWithheld: true }),
      judged({ gold: none, isWithheld: true, isNone: true }),
    ];
    expect(figuresOf(rows)).toMatchObject({
      rows: 1,
      coverage: 1,
      kept: 2,
      keptWrong: 1,
      keptRight: 0.5,
      toolless: 3,
      withheld: 2 / 3,
      saidNone: 1 / 3,
      falseNone: 0,
    });
  });

  it("compare an empty plan where it is said that no tool fits, and the best guess where the planner is only unsure", () => {
    expect(figuresOf([judged({ isWithheld: true, isNone: true })])).toMatchObject({
      toolF1: 0,
      planExact: 0,
      coverage: 0,
      falseNone: 1,
    });
    expect(figuresOf([judged({ isWithheld: true })])).toMatchObject({ toolF1: 1, planExact: 1, coverage: 0, falseNone: 0 });
  });

  it("follow accuracy from the surest draft on, equal confidences together", () => {
    const wrong = { drafted: { calls: [], edges: [] } };
    const other = { drafted: { calls: [{ tool: "local/x", args: {} }], edges: [] } };
    const rows = [
      judged({ confidence: 0.9 }),
      judged({ ...other, confidence: 0.7 }),
      judged({ confidence: 0.7 }),
      judged({ ...wrong, confidence: 0.99 }),
    ];
    expect(curveOf(rows)).toEqual([
      { coverage: 0.25, accuracy: 1 },
      { coverage: 0.75, accuracy: 2 / 3 },
    ]);
    expect(figuresOf(rows).surest).toEqual([1, 1, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3].map((share) => share));
  });

  it("measure how far confidences are from the truth", () => {
    const wrong = { drafted: { calls: [transfer], edges: [] } };
    expect(figuresOf([judged({ confidence: 1 })]).calibrationError).toBe(0);
    expect(figuresOf([judged({ ...wrong, confidence: 1 })]).calibrationError).toBe(1);
    expect(figuresOf([judged({ confidence: 0.5 }), judged({ ...wrong, confidence: 0.5 })]).calibrationError).toBe(0.5);
  });
});

describe("faults", () => {
  const row = { gold, flows: new Set(["local/mail.body"]), unsaid: new Set(["local/pay.day"]) };
  const kinds = (drafted: Judged["drafted"], over: Partial<typeof row> = {}): readonly string[] =>
    faultsOf(drafted, { ...row, ...over }).map(({ kind }) => kind);

  it("are none in a right draft", () => {
    expect(kinds(gold)).toEqual([]);
  });

  it("name wrong, missing and extra arguments, by where the right plan has them from", () => {
    const drafted = {
      calls: [
        { tool: "local/pay", args: { amount: 5, day: "Monday", why: "rent" } },
        { tool: "local/mail", args: { body: "the receipt" } },
      ],
      edges: gold.edges,
    };
    expect(kinds(drafted)).toEqual([
      "wrong value",
      "argument missing",
      "value where gold says default",
      "argument extra",
      "constant where gold has a flow",
    ]);
  });

  it("tell twins and siblings from other tools", () => {
    const hotels: RightOutline = { calls: [{ tool: "local/Hotels_1.SearchHotel", args: {} }], edges: [], hasArgs: true };
    const extra = (tool: string): readonly string[] =>
      kinds({ calls: [...hotels.calls, { tool, args: {} }], edges: [] }, { gold: hotels });
    expect(extra("local/Hotels_4.SearchHotel")).toEqual(["extra tool: twin"]);
    expect(extra("local/Hotels_1.ReserveHotel")).toEqual(["extra tool: sibling"]);
    expect(extra("local/Buses_1.FindBus")).toEqual(["extra tool: other"]);
  });

  it("count calls and edges, and leave out what follows from a missing tool", () => {
    expect(kinds({ calls: [transfer, transfer], edges: [] })).toEqual([
      "called too often",
      "missing tool",
      "argument extra",
      "argument extra",
    ]);
    expect(kinds({ calls: gold.calls, edges: [["local/mail", "local/pay"]] })).toEqual(["edge missing", "edge extra"]);
    expect(kinds({ calls: [], edges: [] })).toEqual(["nothing drafted"]);
    expect(kinds(gold, { gold: { calls: [], edges: [], hasArgs: true } })).toHaveLength(2);
  });
});

describe("rows", () => {
  const tools = toolSet("made up", [
    {
      name: "find_room",
      description: "Find a free room",
      parameters: { type: "object", properties: { day: { type: "string" }, floor: { type: "integer" } } },
    },
    { name: "book_room", description: "Book a room", parameters: { type: "object", properties: { room: { type: "string" } } } },
  ]);
  const none = (): never => {
    throw new Error("not needed");
  };
  const line = {
    id: "made-up/1",
    task: "Book a free room for Monday",
    catalog: "made up",
    now: "Today is Tuesday, June 28, 2022.",
    plan: {
      nodes: [
        { id: "n0", tool: "find_room", args: { day: { const: "Monday" }, floor: { const: 1, not_from_user: true } } },
        { id: "n1", tool: "book_room", args: { room: { from: "n0", path: "room" } } },
      ],
      edges: [["n0", "n1"]],
    },
  };

  it("keep what the task says, and know what comes from results or from nobody", () => {
    const row = evalRow(line, "made up", () => ({ set: tools, catalogue: none }));
    expect(row?.gold).toEqual({
      calls: [
        { tool: "local/find_room", args: { day: "Monday" } },
        { tool: "local/book_room", args: {} },
      ],
      edges: [["local/find_room", "local/book_room"]],
      hasArgs: true,
    });
    expect([...(row?.flows ?? [])]).toEqual(["local/book_room.room"]);
    expect([...(row?.unsaid ?? [])]).toEqual(["local/find_room.floor"]);
    expect(row?.now).toBe("2022-06-28T00:00:00Z");
  });

  it("leave out a plan that names a tool that is not there", () => {
    const plan = { nodes: [{ id: "n0", tool: "fly", args: {} }], edges: [] };
    expect(evalRow({ ...line, plan }, "made up", () => ({ set: tools, catalogue: none }))).toBeUndefined();
  });

  it("read the day that a set says", () => {
    expect(nowOf("The current time is April 03, 2026, Friday")).toBe("2026-04-03T00:00:00Z");
    expect(nowOf("2023-09-11 09:00:00")).toBe("2023-09-11T09:00:00Z");
    expect(nowOf("soon")).toBeUndefined();
  });

  it("are ranked by their words, and the floor is the best threshold", () => {
    const row = evalRow(line, "made up", () => ({ set: tools, catalogue: none }));
    if (row === undefined) throw new Error("no row");
    const rank = bm25(row.tools);
    expect(rank("find something free").map(({ tool }) => tool.name)).toEqual(["local/find_room", "local/book_room"]);
    expect(floorFigures([row], ({ task }) => rank(task))).toMatchObject({ toolF1: 1, toolsExact: 1 });
  });
});

describe("the curve", () => {
  it("is a document with a line for each set, and names in it cannot break it", () => {
    const svg = curveSvg("kept", [
      {
        name: "a <b>",
        points: [
          { coverage: 0.1, accuracy: 1 },
          { coverage: 1, accuracy: 0.5 },
        ],
      },
    ]);
    expect(svg).toContain("a &lt;b&gt;");
    expect(svg.match(/<path d="M104\.0 20L536\.0 170"/)).not.toBeNull();
  });
});
