import { describe, expect, it } from "vitest";
import type { Span } from "../../../src/infer/pack.ts";
import { mentionsOf } from "../../../src/infer/values/mentions.ts";
import { outcomesOf } from "../../../src/infer/planner/outcomes.ts";
import { logitsFor, packOf, tool, toolsOf, type Wishes } from "./scripted.ts";

const text = { type: "string" };

/** The outcomes of an argument of the first call. */
function outcomes(
  task: string,
  wishes: Wishes,
  {
    args,
    name,
    others = [],
    places,
  }: {
    args: Record<string, never> | object;
    name: string;
    others?: readonly ReturnType<typeof tool>[];
    places?: readonly (Span | undefined)[];
  },
) {
  const tools = toolsOf(tool("main", args as never), ...others);
  const calls = ["main", ...others.map((other) => (other as { name: string }).name)];
  const pack = packOf({ task, tools, calls });
  const row = pack.params.findIndex(({ call, param }) => call === 0 && param.path.join(".") === name);
  return outcomesOf(pack, logitsFor(pack, wishes, task), {
    row,
    task,
    context: {},
    mentions: mentionsOf(task),
    ...(places === undefined ? {} : { places }),
  });
}

describe("what may stand in an argument", () => {
  it("is the words of the task that the network points at, with their place", () => {
    const [first] = outcomes(
      "Fly to New York soon",
      { "0.city": [{ words: "New York", logit: 6 }] },
      { args: { "city!": text }, name: "city" },
    );
    expect(first).toMatchObject({ kind: "words", value: "New York", evidence: { start: 7, end: 15 } });
    expect(first?.probability).toBeGreaterThan(0.9);
  });

  it("is never words that are no value of the argument's type", () => {
    const found = outcomes(
      "Send three copies to Bob",
      {
        "0.copies": [
          { words: "Bob", logit: 9 },
          { words: "three", logit: 5 },
        ],
      },
      { args: { "copies!": { type: "integer" } }, name: "copies" },
    );
    expect(found.map(({ value }) => value)).not.toContain("Bob");
    expect(found[0]).toMatchObject({ kind: "words", value: 3 });
    expect(found[0]?.weight).toBeGreaterThan(0.9);
  });

  it("is only a listed value where the list is closed", () => {
    const found = outcomes(
      "Paint it in purple please",
      {
        "0.colour": [
          { words: "purple", logit: 9 },
          { value: "red", logit: 2 },
        ],
      },
      { args: { "colour!": { type: "string", enum: ["red", "blue"] } }, name: "colour" },
    );
    expect(found[0]).toMatchObject({ kind: "listed", value: "red" });
    for (const { kind, value } of found) if (kind !== "absent") expect(["red", "blue"]).toContain(value);
  });

  it("adds up what is said twice and what is said and listed", () => {
    const found = outcomes(
      "Red, I said red",
      {
        "0.colour": [
          { words: "Red", logit: 2 },
          { words: "red", logit: 2 },
          { value: "red", logit: 2 },
        ],
      },
      { args: { "colour!": { type: "string", enum: ["red", "blue"] } }, name: "colour" },
    );
    const reds = found.filter(({ value }) => value === "red");
    expect(reds).toHaveLength(1);
    expect(reds[0]?.weight).toBeGreaterThan(0.9);
    expect(reds[0]?.evidence).toBeDefined();
  });

  it("joins elements of a list that stand apart", () => {
    const [first] = outcomes(
      "Invite Ann today and also Bob",
      {
        "0.people": [
          { words: "Ann", logit: 5 },
          { words: "Bob", logit: 5 },
        ],
      },
      { args: { "people!": { type: "array", items: text } }, name: "people" },
    );
    expect(first?.value).toEqual(["Ann", "Bob"]);
    expect(first?.probability).toBeGreaterThan(0.9);
  });

  it("is no result of a type that does not fit, and none of its own call", () => {
    const other = tool(
      "other",
      { note: text },
      { total: { type: "number" }, items: { type: "object", properties: { a: text } } },
    );
    const found = outcomes(
      "Use the total now",
      {
        "0.amount": [
          { from: 1, output: "items", logit: 9 },
          { from: 1, output: "total", logit: 6 },
        ],
      },
      { args: { "amount!": { type: "number" } }, name: "amount", others: [other] },
    );
    expect(found[0]).toMatchObject({ kind: "result", call: 1, output: { path: ["total"] } });
    expect(found.filter(({ kind }) => kind === "result").map(({ output }) => output?.path.join("."))).not.toContain("items");
    expect(found.every(({ call }) => call !== 0)).toBe(true);
  });

  it("is nothing at all where the network finds nothing", () => {
    const [first] = outcomes("Do something", { "0.city": [{ absent: 9 }] }, { args: { city: text }, name: "city" });
    expect(first).toMatchObject({ kind: "absent" });
    expect(first?.probability).toBeGreaterThan(0.99);
  });

  it("is rather what is said in the clause that asks for the call", () => {
    const task = "Book a room for Ada, then write Ida a note";
    const wishes: Wishes = {
      "0.guest": [
        { words: "Ida", logit: 3 },
        { words: "Ada", logit: 2.5 },
      ],
    };
    const options = { args: { "guest!": text }, name: "guest" };
    expect(outcomes(task, wishes, options)[0]).toMatchObject({ value: "Ida" });
    // "Book a room for Ada ,"
    expect(outcomes(task, wishes, { ...options, places: [[0, 6]] })[0]).toMatchObject({ value: "Ada" });
  });

  it("is rather the result that the clause names, and never likelier for a call that is asked for later", () => {
    const task = "Look it up, translate it, then mail the translated text to Bo";
    const others = [tool("translate", {}, { translated_text: text }), tool("find", {}, { entry: text })];
    const wishes: Wishes = {
      "0.body": [
        { from: 2, output: "entry", logit: 3 },
        { from: 1, output: "translated_text", logit: 2 },
      ],
    };
    const options = { args: { "body!": text }, name: "body", others };
    const named = {
      ...options,
      places: [
        [8, 15],
        [4, 7],
        [0, 4],
      ] as const,
    };
    const later = { ...options, places: [[4, 7], undefined, [8, 15]] as const };
    expect(outcomes(task, wishes, options)[0]).toMatchObject({ call: 2 });
    expect(outcomes(task, wishes, named)[0]).toMatchObject({ call: 1 });
    expect(outcomes(task, wishes, later)[0]).toMatchObject({ call: 1 });
  });

  it("is one value for each row where the argument is a member of a list of objects", () => {
    const samples = { type: "array", items: { type: "object", properties: { id: text, kind: text } } };
    const [first] = outcomes(
      "Analyse the samples A1 and B2 today",
      {
        "0.samples.[].id": [
          { words: "B2", logit: 4 },
          { words: "A1", logit: 4.2 },
          { words: "today", logit: 1 },
        ],
      },
      { args: { "samples!": samples }, name: "samples.[].id" },
    );
    expect(first).toMatchObject({ isColumn: true, value: ["A1", "B2"], evidence: { start: 20, end: 29 } });
  });
});
