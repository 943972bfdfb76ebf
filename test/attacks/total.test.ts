/**
 * Whatever an agent, a tool or a host sends, the engine answers with data: it never throws, and it leaves no trace in
 * `Object.prototype`. Runs against the three examples of `plans/`.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SessionState } from "../../src/decide/state.ts";
import type { Json } from "../../src/json/value.ts";
import { exampleNames, freeze, readExample } from "../plans/example.ts";
import { enter, open, type World } from "./world.ts";

const intrinsics = [Object.prototype, Array.prototype, String.prototype, Number.prototype, Function.prototype, Map.prototype];
const before = intrinsics.map((prototype) => Object.getOwnPropertyNames(prototype).sort().join());

/** Names that have a meaning somewhere, and names that look like it. */
const nasty = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "length",
  "sluice_node",
  "sluice_handle",
  "",
  "\u0000",
  "a/b",
  "~1",
  "$",
  "*",
  "then",
  "toJSON",
);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  nasty,
  fc.constantFrom("sluice:h:AAAAAAAAAAAAAAAAAAAAAA", "\ud800", "https://evil.example/", "1e400"),
);
const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 5e-324),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), numbers, texts),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(nasty, fc.string()), tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

interface Fuzzed {
  readonly name: string;
  readonly tools: readonly string[];
  readonly args: readonly string[];
  enter(): World;
}

const examples: readonly Fuzzed[] = exampleNames.map((name) => {
  const example = readExample(name);
  const frozen = freeze(example);
  const nodes = Object.values(frozen.plan.nodes);
  return {
    name,
    tools: Object.keys(frozen.tools),
    args: [...new Set(nodes.flatMap((node) => Object.keys(node.args ?? {})))],
    enter: () => enter(frozen, { params: example.paramsOf("*") }),
  };
});

function nested(depth: number, inner: unknown): unknown {
  let value = inner;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** All that a session's later verdicts rest on, as data. */
function remembered({ guard }: World, state: SessionState): unknown {
  const { toValue } = guard.program.labels;
  const runs = state.runs.map((run) => [run.node, run.row, run.status, toValue(run.base), run.value, run.amounts, run.origins]);
  return [toValue(state.context), state.allowed, state.denied, [...state.inFlight.keys()], runs];
}

describe.each(examples)("the example $name", ({ tools, args, enter: start }) => {
  const calls = fc.array(
    fc.record({
      tool: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...tools) }, { weight: 1, arbitrary: texts }),
      args: fc.oneof(
        {
          weight: 5,
          arbitrary: fc.dictionary(
            fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...args) }, { weight: 1, arbitrary: nasty }),
            json,
            { maxKeys: 4, noNullPrototype: true },
          ),
        },
        { weight: 2, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: json },
      ),
      result: json,
      isError: fc.boolean(),
    }),
    { maxLength: 12 },
  );

  it("answers any calls with verdicts and any results with observations", () => {
    fc.assert(
      fc.property(calls, (list) => {
        const world = start();
        for (const call of list) {
          const verdict = world.session.check({ tool: call.tool, args: call.args as Json });
          expect(["allow", "deny"]).toContain(verdict.decision);
          if (verdict.decision === "deny") continue;
          const result = call.result as Json;
          const seen = world.session.record(verdict.run, call.isError ? { error: result } : { value: result });
          expect(seen.ok).toBe(true);
        }
        const again = world.guard.resume(world.session.events);
        expect(remembered(world, again.state)).toEqual(remembered(world, world.session.state));
      }),
      { numRuns: 120 },
    );
  });
});

describe("what no JSON text can say", () => {
  const free = () =>
    open({
      nodes: {
        put: { tool: "box/put", args: { key: { choose: {} } }, times: { min: 0, max: 99 } },
        look: { tool: "safe/read", times: { min: 0, max: 9 } },
      },
    });
  const bad: readonly (readonly [string, unknown])[] = [
    ["a lone surrogate", "\ud800"],
    ["a lone surrogate in a long text", `${"x".repeat(900_000)}\udc00`],
    ["a lone surrogate in a name", { "a\ud800": 1 }],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["minus infinity, deep", { a: [Number.NEGATIVE_INFINITY] }],
    ["undefined in a list", [undefined]],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
    ["a date", new Date(0)],
    ["a map", new Map([["a", 1]])],
    ["a list with holes", new Array(3)],
    ["65 levels", nested(65, 1)],
    ["200,000 levels", nested(200_000, 1)],
  ];

  it.each(bad)("is no call: %s", (_, value) => {
    expect(free().attempt("box/put", { key: value as Json })).toBe("CALL_MALFORMED");
    expect(free().attempt("box/put", { x: value as Json, key: 1 })).toBe("CALL_MALFORMED");
  });

  it.each(bad)("is no result: %s", (_, value) => {
    const world = free();
    const seen = world.session.record(world.start("safe/read"), { value: value as Json });
    expect(seen).toMatchObject({ ok: true, isError: true });
    expect(world.session.record(world.start("safe/read"), { error: value as Json })).toMatchObject({ ok: true, isError: true });
  });

  it("has no sign on zero, and nothing that a caller changes afterwards", () => {
    const world = free();
    expect(world.attempt("box/put", { key: -0 })).toBe('allow {"key":0}');
    const args = { key: { deep: "good" } };
    const verdict = world.session.check({ tool: "box/put", args });
    args.key.deep = "evil";
    expect(verdict).toMatchObject({ args: { key: { deep: "good" } } });
  });
});

describe("a result that its holder changes afterwards", () => {
  it("is recorded as it was", () => {
    const world = open({
      nodes: {
        look: { tool: "safe/read" },
        put: { tool: "box/put", args: { key: { from: "look$.k" }, data: { from: "look$.d" } }, times: { min: 0, max: 3 } },
      },
    });
    const result = { k: "good", d: { deep: "good" } };
    const delivered = world.call("safe/read", {}, result);
    result.k = "evil";
    result.d.deep = "evil";
    const verdict = world.session.check({ tool: "box/put", args: {} });
    expect(verdict).toMatchObject({ args: { key: "good", data: { deep: "good" } } });
    const change = (value: unknown): void => {
      (value as { d: { deep: string } }).d.deep = "evil";
    };
    expect(() => change(delivered)).toThrow(TypeError);
    expect(world.attempt("box/put")).toBe('allow {"data":{"deep":"good"},"key":"good"}');
  });
});

afterAll(() => {
  expect(intrinsics.map((prototype) => Object.getOwnPropertyNames(prototype).sort().join())).toEqual(before);
  expect(Object.keys({})).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
