/**
 * Laws of the formats of calls: what is written in a format is read back as the same calls, and whatever else is given is refused with a place.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallFormat, importCalls } from "../../src/intent/import.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import { replayTrace } from "../../src/replay.ts";
import { callsOf, catalogue, fixture, fixtures, type PlannedCall } from "./call-formats.ts";

/** Turns of calls that are made at once. */
type Turns = readonly (readonly PlannedCall[])[];

const text = fc.string({ unit: "binary", maxLength: 12 });
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    text,
    fc.constantFrom("", "kim@example.com", "https://example.com/x", 'it\'s "q" \\ \n\t{x}', "{{x}}", "None"),
    fc.integer(),
    fc.constantFrom(0.5, 1e21, -1.25, 12345678901234567890n, 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const argument = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
const call: fc.Arbitrary<PlannedCall> = fc.record({
  tool: fc.constantFrom("search", "mail/send", "a.b", "x__y", "send_money", "get"),
  args: fc.dictionary(argument, value, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>,
});
const turns: fc.Arbitrary<Turns> = fc.array(fc.array(call, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

/** JSON with integers beyond 2^53 in their digits. */
function json(of: Json): string {
  if (typeof of === "bigint") return String(of);
  if (isArray(of)) return `[${of.map(json).join(",")}]`;
  if (isObject(of))
    return `{${Object.entries(of)
      .map(([key, inner]) => `${JSON.stringify(key)}:${json(inner)}`)
      .join(",")}}`;
  return JSON.stringify(of);
}

const openAiCall = ({ tool, args }: PlannedCall, id: string): Json => ({
  id,
  type: "function",
  function: { name: tool, arguments: json(args) },
});

/** Python's literals, as planners print them. */
function python(of: Json): string {
  if (typeof of === "string") return pythonText(of);
  if (of === null) return "None";
  if (typeof of === "boolean") return of ? "True" : "False";
  if (isArray(of)) return `[${of.map(python).join(", ")}]`;
  if (isObject(of))
    return `{${Object.entries(of)
      .map(([key, inner]) => `${pythonText(key)}: ${python(inner)}`)
      .join(", ")}}`;
  return json(of);
}

function pythonText(of: string): string {
  const quote = of.includes("'") ? '"' : "'";
  const escaped = [...of].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === "\\" || char === quote) return `\\${char}`;
    if (char === "\n") return "\\n";
    if (code < 32 || code === 127) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code > 0xffff && code % 2 === 0 ? `\\U${code.toString(16).padStart(8, "0")}` : char;
  });
  return `${quote}${escaped.join("")}${quote}`;
}

interface Format {
  readonly from: CallFormat;
  readonly write: (turns: Turns) => string;
  /** What the format makes of turns: calls at once one turn after the other, calls one after the other, or no order at all. */
  readonly order: "turns" | "calls" | "none";
}

const numbered = (of: Turns): readonly (readonly [PlannedCall, number])[] => of.flat().map((each, at) => [each, at + 1]);

/** A small writer of each format. */
const formats: { readonly [name: string]: Format } = {
  "chat messages": {
    from: "openai",
    order: "turns",
    write: (of) =>
      json({
        messages: of.map((turn, at) => ({
          role: "assistant",
          content: null,
          tool_calls: turn.map((each, place) => openAiCall(each, `call_${at}_${place}`)),
        })),
      }),
  },
  "items of a response": {
    from: "openai",
    order: "turns",
    write: (of) =>
      json(
        of.flatMap((turn, at) => [
          ...turn.map(({ tool, args }, place) => ({
            type: "function_call",
            call_id: `call_${at}_${place}`,
            name: tool,
            arguments: json(args),
          })),
          { type: "message", role: "assistant", content: [] },
        ]),
      ),
  },
  "messages of Claude": {
    from: "anthropic",
    order: "turns",
    write: (of) =>
      of
        .map((turn, at) =>
          json({
            role: "assistant",
            content: turn.map(({ tool, args }, place) => ({ type: "tool_use", id: `t_${at}_${place}`, name: tool, input: args })),
          }),
        )
        .join("\n"),
  },
  "batches of MCP": {
    from: "mcp",
    order: "turns",
    write: (of) =>
      json(
        of.map((turn, at) =>
          turn.map(({ tool, args }, place) => ({
            jsonrpc: "2.0",
            id: `${at}/${place}`,
            method: "tools/call",
            params: { name: tool, arguments: args },
          })),
        ),
      ),
  },
  "bare calls": {
    from: "mcp",
    order: "calls",
    write: (of) =>
      of
        .flat()
        .map(({ tool, args }) => json({ tool, args }))
        .join("\r\n"),
  },
  "numbered lines": {
    from: "llm-compiler",
    order: "none",
    write: (of) =>
      numbered(of)
        .map(
          ([{ tool, args }, at]) =>
            `${at}. ${tool}(${Object.entries(args)
              .map(([name, inner]) => `${name}=${python(inner)}`)
              .join(", ")})`,
        )
        .join("\n"),
  },
  tasks: {
    from: "llm-compiler",
    order: "none",
    write: (of) => json(numbered(of).map(([{ tool, args }, idx]) => ({ idx, tool, args, dependencies: [] }))),
  },
};

const sorted = (calls: readonly PlannedCall[]): readonly string[] =>
  calls.map(({ tool, args }) => `${tool} ${canonicalJson(args)}`).sort();

/** What the format of LLMCompiler reads as a reference is left to its own tests. */
const hasDollar = (of: Turns): boolean => /\$\{?\d/.test(json(of as unknown as Json));

describe.each(Object.entries(formats))("%s", (_name, { from, write }) => {
  it("are read back as the calls that were written", () => {
    fc.assert(
      fc.property(turns, (of) => {
        fc.pre(!hasDollar(of));
        const read = importCalls(write(of), undefined, { from });
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        expect(parsePlan(read.value.plan as unknown as Json)).toMatchObject({ ok: true });
        expect(sorted(callsOf(read.value.plan))).toEqual(sorted(of.flat()));
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 150) },
    );
  });

  it("are allowed by the frozen plan in the order of the log, and never twice", () => {
    fc.assert(
      fc.property(turns, (of) => {
        fc.pre(!hasDollar(of));
        const read = importCalls(write(of), undefined, { from });
        const frozen = read.ok ? freezePlan(read.value.plan) : undefined;
        if (frozen?.ok !== true) throw new Error(JSON.stringify([read, frozen]));
        const calls = of.flat();
        const events = [...calls, ...calls.slice(0, 1)].flatMap(({ tool, args }, at) => [
          { type: "call" as const, id: String(at), tool, args },
          { type: "result" as const, id: String(at), value: null },
        ]);
        const replayed = replayTrace(frozen.value, { events });
        if (!replayed.ok) throw new Error(JSON.stringify(replayed.error));
        expect(replayed.value.map(({ verdict }) => verdict)).toEqual([...calls.map(() => "allow"), "deny"]);
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 100) },
    );
  });
});

describe.each(Object.entries(formats).filter(([, { order }]) => order === "turns"))("%s", (_name, { from, write }) => {
  it("keep the calls of one turn unordered, and the turns in order", () => {
    fc.assert(
      fc.property(turns, (of) => {
        let count = 0;
        // Calls that are told apart by their last argument are neither joined nor put in order.
        const told = of.map((turn) => turn.map(({ tool }) => ({ tool, args: { at: ++count } })));
        const read = importCalls(write(told), undefined, { from });
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        const { nodes } = read.value.plan;
        const depth = (name: string): number => 1 + Math.max(0, ...(nodes[name]?.after ?? []).map(depth));
        const depths = Object.entries(nodes).map(([name, { args }]) => [args?.at, depth(name)]);
        expect(depths).toEqual(told.flatMap((turn, at) => turn.map(({ args }) => [args.at, at + 1])));
      }),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 50) },
    );
  });
});

/** A text that was changed in a few places, by characters and by words of the formats. */
const scrap = fc.constantFrom(
  ..."{}[](),:\"'\\$\n #.0-".split(""),
  '"tool_calls"',
  '"messages"',
  '"role"',
  '"type":"tool_use"',
  "null",
  "$1",
  "${2}",
  "1e999",
  "join()",
  "<END_OF_PLAN>",
  "data: {}",
  "\ud800",
  "\u0000",
);
const edit = fc.record({ at: fc.nat(), length: fc.nat(8), put: fc.oneof(scrap, fc.constant("")) });
const edits = fc.array(edit, { minLength: 1, maxLength: 6 });

function edited(of: string, changes: readonly { readonly at: number; readonly length: number; readonly put: string }[]): string {
  let now = of;
  for (const { at, length, put } of changes) {
    const start = at % (now.length + 1);
    now = now.slice(0, start) + put + now.slice(start + length);
  }
  return now;
}

/** A document with one of its values replaced. */
function replaced(of: Json, at: number, by: Json): Json {
  let left = at;
  const visit = (each: Json): Json => {
    if (left-- === 0) return by;
    if (isArray(each)) return each.map(visit);
    return isObject(each) ? Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, visit(inner)])) : each;
  };
  return visit(of);
}

/** Codes of what is wrong with a whole text, which has no place of its own. */
const placeless: ReadonlySet<string> = new Set(["IMPORT_EMPTY", "IMPORT_TOO_LARGE"]);

function checkTotal(from: CallFormat, of: string): void {
  for (const known of [catalogue, undefined]) {
    const read = importCalls(of, known, { from });
    if (read.ok) expect(parsePlan(read.value.plan as unknown as Json)).toMatchObject({ ok: true });
    else {
      const { code, place, message } = read.error;
      expect(code).toMatch(/^(?:IMPORT|JSON)_[A-Z_]+$/);
      expect(message).toMatch(/^[^\n]+[^.\n]$/);
      if (!placeless.has(code)) expect(place.line !== undefined || place.pointer !== undefined, `${code}: ${message}`).toBe(true);
    }
  }
}

describe.each(fixtures)("$name", ({ from, name }) => {
  it("is imported or refused with a place, however it is mutilated", () => {
    fc.assert(
      fc.property(edits, (changes) => checkTotal(from, edited(fixture(name), changes))),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 120) },
    );
  });
});

describe.each(fixtures.filter(({ name }) => name.endsWith(".json")))("$name", ({ from, name }) => {
  it("is imported or refused with a place, whatever value stands in it", () => {
    const whole = readJson(fixture(name));
    if (!whole.ok) throw new Error("the fixture is broken");
    const strange = fc.oneof(
      value,
      fc.constantFrom<Json>("$1", "a/b", "text", "message", "{", [[]], { function: {} }, { type: "x_call" }),
    );
    fc.assert(
      fc.property(fc.nat(60), strange, (at, by) => checkTotal(from, json(replaced(whole.value, at, by)))),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 120) },
    );
  });
});

describe.each(["openai", "anthropic", "mcp", "llm-compiler"] as const)("%s", (from) => {
  it("refuses, and never throws on, any text and any value", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(scrap).map((parts) => parts.join("")),
          value.map(json),
        ),
        (of) => checkTotal(from, of),
      ),
      { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300) },
    );
  });
});
