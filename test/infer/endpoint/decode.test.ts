/**
 * From an answer to a proposal: nothing that the task, the catalogue and the other calls do not bear out.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer, AnswerArgument, AnswerSource } from "../../../src/infer/endpoint/answer.ts";
import { decodeAnswer } from "../../../src/infer/endpoint/decode.ts";
import { wordFinder } from "../../../src/infer/endpoint/found-words.ts";
import type { Proposal, ProposedCall } from "../../../src/infer/proposal.ts";
import type { Json } from "../../../src/json/value.ts";
import { tools } from "./tools.ts";

const task = "Find Ada Lovelace, mail her \u201cSee you\u201d and book a table for three on the terrace at Nopa.";

function decode(calls: Answer["calls"], options: { readonly task?: string; readonly threshold?: number } = {}): Proposal {
  const decodeOptions = { tools, context: { now: "2026-03-02" }, model: "m", confidence: 0.8, threshold: options.threshold ?? 0 };
  return decodeAnswer(options.task ?? task, { outcome: "plan", calls }, decodeOptions);
}

const told = (name: string, words: string | readonly string[], value: Json): AnswerArgument => ({
  name,
  source: { from: "task", words: typeof words === "string" ? [words] : words, value },
});
const result = (name: string, call: number, path = ""): AnswerArgument => ({ name, source: { from: "result", call, path } });
const ask = (name: string): AnswerArgument => ({ name, source: { from: "ask" } });
const book = (...args: readonly AnswerArgument[]) => ({ tool: "tables/book", words: "book a table", args });
const find = { tool: "people/find", words: "Find Ada Lovelace", args: [told("name", "Ada Lovelace", "Ada Lovelace")] };
const send = (...args: readonly AnswerArgument[]) => ({ tool: "mail/send", words: "mail her", args });

function sources(call: ProposedCall | undefined): Record<string, unknown> {
  return Object.fromEntries((call?.args ?? []).map(({ path, source }) => [path.join("."), source]));
}

/** The sources of the first call's arguments, with values alone for constants. */
function values(...calls: Answer["calls"]): Record<string, unknown> {
  const found = Object.entries(sources(decode(calls).calls[0]));
  return Object.fromEntries(
    found.map(([name, source]) => {
      const { kind, value } = source as { readonly kind: string; readonly value?: unknown };
      return [name, kind === "constant" ? value : kind];
    }),
  );
}

describe("a proposal", () => {
  it("has the calls, their words, constants, references and questions of the answer", () => {
    const proposal = decode([
      find,
      send(result("to", 0, "email"), told("subject", "See you", "See you")),
      book(told("restaurant", "Nopa", "Nopa"), told("seats", "three", 3), told("area", "terrace", "terrace")),
    ]);
    expect(proposal.abstentions).toEqual([]);
    expect(proposal.confidence).toBe(0.8);
    expect(proposal.origin).toEqual({ planner: "endpoint", from: "m" });
    expect(proposal.calls.map(({ tool }) => tool.name)).toEqual(["people/find", "mail/send", "tables/book"]);
    expect(proposal.calls.map(({ evidence }) => evidence.map(({ start, end }) => task.slice(start, end)))).toEqual([
      ["Find Ada Lovelace"],
      ["mail her"],
      ["book a table"],
    ]);
    expect(sources(proposal.calls[1])).toEqual({
      to: { kind: "result", call: 0, path: ["email"] },
      subject: { kind: "constant", value: "See you" },
    });
    expect(sources(proposal.calls[2])).toEqual({
      restaurant: { kind: "constant", value: "Nopa" },
      seats: { kind: "constant", value: 3 },
      area: { kind: "constant", value: "terrace" },
    });
  });

  it.each<readonly [string, AnswerArgument, Record<string, unknown>]>([
    ["a value that its words contradict is read from the words", told("seats", "three", 30), { seats: 3 }],
    ["a value of another type is read from the words", told("seats", "three", "three people"), { seats: 3 }],
    ["a value whose words the task does not have is asked for", told("seats", "seven", 7), { seats: "ask" }],
    ["a value without words is asked for", told("seats", [], 7), { seats: "ask" }],
    ["a value without words that the task has is taken", told("restaurant", [], "Nopa"), { restaurant: "Nopa" }],
    [
      "a part of its words is taken where the value is exactly that",
      told("restaurant", "terrace at Nopa", "Nopa"),
      { restaurant: "Nopa" },
    ],
    ["a listed value needs no equal word, but a reason", told("area", "at Nopa", "indoor"), { area: "indoor" }],
    ["a listed value without a reason is left out", told("area", "inside", "indoor"), {}],
    ["no value is an object", told("restaurant", "Nopa", { name: "Nopa" }), { restaurant: "Nopa" }],
    ["what the task does not say is asked for", ask("restaurant"), { restaurant: "ask" }],
    ["an optional argument is not asked for", ask("area"), {}],
    ["an argument that the tool does not have is left out", told("floor", "three", 3), {}],
    ["an argument named like a member of every object is left out", told("__proto__", "three", 3), {}],
  ])("in which %s", (_, arg, expected) => {
    const asked = { restaurant: "ask", seats: "ask" };
    expect(values(book(arg))).toEqual({ ...asked, ...expected });
  });

  it("is less sure where the words and the model disagree, and says what the model said of a closed list", () => {
    const [call] = decode([book(told("area", "terrace", "indoor"), told("seats", "three", 4))]).calls;
    const area = call?.args.find(({ path }) => path[0] === "area");
    expect(area).toMatchObject({ source: { value: "terrace" }, confidence: 0.4 });
    expect(area?.alternatives).toMatchObject([{ source: { kind: "constant", value: "indoor" } }]);
    expect(call?.args.find(({ path }) => path[0] === "seats")).toMatchObject({ source: { value: 3 }, confidence: 0.4 });
  });

  it("reads a list from several places", () => {
    const said = "Mail the plan to a@x.example, with copies for b@x.example and also c@x.example";
    const list = told("cc", ["b@x.example", "c@x.example"], ["b@x.example", "c@x.example"]);
    const proposal = decode([{ tool: "mail/send", words: "Mail", args: [list] }], { task: said });
    expect(sources(proposal.calls[0]).cc).toEqual({ kind: "constant", value: ["b@x.example", "c@x.example"] });
  });

  it("gives words that stand twice to the two calls that say them", () => {
    const said = "Book Nopa for two, and Nopa for two again";
    const again = () => ({ tool: "tables/book", words: "Nopa for two", args: [told("restaurant", "Nopa", "Nopa")] });
    const second = { ...again(), args: [...again().args, told("seats", "two", 2)] };
    const places = decode([again(), second], { task: said }).calls.map(({ args }) => args[0]?.evidence?.start);
    expect(places).toEqual([5, 23]);
  });

  it.each<readonly [string, AnswerArgument, unknown]>([
    ["a part of the result", result("to", 0, "email"), { kind: "result", call: 0, path: ["email"] }],
    ["all of it", result("to", 0), { kind: "result", call: 0, path: [] }],
    ["a part by its JSONPath", result("to", 0, "$.email"), { kind: "result", call: 0, path: ["email"] }],
    ["a part of elements", result("to", 0, "teams[].id"), { kind: "result", call: 0, path: ["teams", "[]", "id"] }],
    ["a part by its last name", result("to", 0, "person.id"), { kind: "result", call: 0, path: ["teams", "[]", "id"] }],
    ["all of it for a part that there is not", result("to", 0, "iban"), { kind: "result", call: 0, path: [] }],
    ["a question for a call that there is not", result("to", 7, "email"), { kind: "ask" }],
    ["a question for a call before the first", result("to", -1, "email"), { kind: "ask" }],
    ["a question for half a call", result("to", 0.5, "email"), { kind: "ask" }],
    ["a question for its own result", result("to", 1, ""), { kind: "ask" }],
  ])("takes from another call %s", (_, arg, expected) => {
    expect(sources(decode([find, send(arg, told("subject", "See you", "See you"))]).calls[1]).to).toEqual(expected);
  });

  it("has no circle: the reference that would close one is asked for", () => {
    const circle = [
      send(result("to", 1), ask("subject")),
      { ...find, args: [result("name", 2)] },
      { ...book(result("restaurant", 0), told("seats", "three", 3)) },
    ];
    const kinds = decode(circle).calls.map(({ args }) => args[0]?.source.kind);
    expect(kinds).toEqual(["result", "result", "ask"]);
  });

  it("leaves out calls of tools that there are not, keeps references to the others, and is marked as unsure", () => {
    const proposal = decode([
      { tool: "shell/run", words: "Find", args: [] },
      find,
      send(result("to", 1, "email"), result("subject", 0)),
    ]);
    expect(proposal.calls.map(({ tool }) => tool.name)).toEqual(["people/find", "mail/send"]);
    expect(sources(proposal.calls[1])).toEqual({ to: { kind: "result", call: 0, path: ["email"] }, subject: { kind: "ask" } });
    expect(proposal.abstentions.map(({ code }) => code)).toEqual(["INFER_UNSURE"]);
  });

  it("finds a tool by the only name without a server", () => {
    expect(decode([{ tool: "list", words: "", args: [] }]).calls.map(({ tool }) => tool.name)).toEqual(["rooms/list"]);
  });

  it("has a call once that the answer has twice, also for those that read it", () => {
    const proposal = decode([find, find, send(result("to", 1, "email"), told("subject", "See you", "See you"))]);
    expect(proposal.calls.map(({ tool }) => tool.name)).toEqual(["people/find", "mail/send"]);
    expect(sources(proposal.calls[1]).to).toEqual({ kind: "result", call: 0, path: ["email"] });
  });

  it("has what the server says of its tokens as confidence, never quite 0 or 1", () => {
    const sure = { ...find, certainty: 1, args: find.args.map((arg) => ({ ...arg, certainty: 0 })) };
    const [call] = decode([sure]).calls;
    expect([call?.confidence, call?.args[0]?.confidence]).toEqual([0.99, 0.01]);
    expect(decode([sure]).confidence).toBe(0.01);
  });

  it.each([
    ["no_tool", "INFER_NO_TOOL"],
    ["ambiguous", "INFER_AMBIGUOUS"],
    ["out_of_scope", "INFER_OUT_OF_SCOPE"],
  ] as const)("abstains on %s, with the calls as a guess", (outcome, code) => {
    const options = { tools, context: {}, model: "m", confidence: 0.8, threshold: 0 };
    const proposal = decodeAnswer(task, { outcome, calls: [find] }, options);
    expect(proposal.abstentions).toMatchObject([{ code, candidates: [{ tool: "people/find" }] }]);
    expect(proposal.abstentions[0]?.message).toMatch(/^[a-z][^\n]+[^.\n]$/);
    expect(proposal.calls).toHaveLength(1);
  });

  it("abstains where the plan is empty, and below the threshold", () => {
    expect(decode([]).abstentions.map(({ code }) => code)).toEqual(["INFER_NO_TOOL"]);
    expect(decode([find], { threshold: 0.81 }).abstentions.map(({ code }) => code)).toEqual(["INFER_UNSURE"]);
    expect(decode([find], { threshold: 0.8 }).abstentions).toEqual([]);
  });
});

const names = tools.flatMap(({ params }) => params.map(({ path }) => path.join(".")));
const words = fc.oneof(
  fc.constantFrom("Nopa", "three", "Ada Lovelace", "terrace", "See you", "evil@x.example", "900", ""),
  fc.string({ maxLength: 12 }),
  fc.tuple(fc.nat(task.length), fc.nat(20)).map(([from, length]) => task.slice(from, from + length)),
);
const source: fc.Arbitrary<AnswerSource> = fc.oneof(
  fc.record({
    from: fc.constant("task" as const),
    words: fc.array(words, { maxLength: 3 }),
    value: fc.jsonValue() as fc.Arbitrary<Json>,
  }),
  fc.record({ from: fc.constant("task" as const), words: fc.array(words, { maxLength: 3 }), value: words }),
  fc.record({
    from: fc.constant("result" as const),
    call: fc.integer({ min: -1, max: 5 }),
    path: fc.constantFrom("", "email", "teams[].id", "id", "__proto__", "$..x"),
  }),
  fc.constant({ from: "ask" as const }),
);
const answers = fc.array(
  fc.record({
    tool: fc.constantFrom(...tools.map(({ name }) => name), "send", "shell/run"),
    words,
    args: fc.array(fc.record({ name: fc.constantFrom(...names, "__proto__", "x"), source }), { maxLength: 5 }),
  }),
  { maxLength: 6 },
);

describe("whatever a model answers, a proposal", () => {
  const isSaid = (value: Json, words: string): boolean => {
    const find = wordFinder(words);
    const parts = Array.isArray(value) ? value : [value];
    // The task has one number, in words.
    return parts.every((part) => (typeof part === "number" ? part === 3 : find(String(part)) !== undefined));
  };

  it("says nothing that the task does not say, but for values of closed lists", () => {
    fc.assert(
      fc.property(answers, (calls) => {
        for (const { tool, args } of decode(calls).calls)
          for (const { path, source: from, evidence } of args) {
            if (from.kind !== "constant") continue;
            const param = tool.params.find((one) => one.path.join() === path.join());
            const said = task.slice(evidence?.start, evidence?.end);
            expect(evidence).toBeDefined();
            expect(param?.isClosed === true ? param.listed.includes(from.value) : isSaid(from.value, said)).toBe(true);
          }
      }),
      { numRuns: 500 },
    );
  });

  it("has only known tools and arguments, every required one, each once, and references that lead to other calls without a circle", () => {
    fc.assert(
      fc.property(answers, (given) => {
        const { calls, confidence } = decode(given);
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThan(1);
        const reads = calls.map(() => new Set<number>());
        for (const [at, { tool, args }] of calls.entries()) {
          expect(tools).toContain(tool);
          const paths = args.map(({ path }) => path.join());
          expect(new Set(paths).size).toBe(paths.length);
          for (const { path, isRequired } of tool.params) if (isRequired) expect(paths).toContain(path.join());
          for (const { path, source: from } of args) {
            expect(tool.params.map((param) => param.path.join())).toContain(path.join());
            if (from.kind !== "result") continue;
            reads[at]?.add(from.call);
            const outputs = calls[from.call]?.tool.outputs.map((output) => output.path.join()) ?? [];
            expect(["", ...outputs]).toContain(from.path.join());
          }
        }
        const done = new Set<number>();
        for (let round = 0; round <= calls.length; round++)
          for (const [at, read] of reads.entries()) if ([...read].every((other) => done.has(other))) done.add(at);
        expect(done.size).toBe(calls.length);
      }),
      { numRuns: 500 },
    );
  });
});
