/**
 * Whatever an agent or a tool sends, the engine answers: a malformed call is denied, a malformed result refused or delivered, and
 * nothing throws.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/codes.ts";
import { createGuard } from "../../src/engine.ts";
import { type Json, type JsonObject, jsonEqual } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { startsAt } from "../spec/generate-plan.ts";

const roles = { a: "target", body: "content", n: "selector", c: "content" } as const;
const tool = {
  name: "s/get",
  definition: { name: "get", inputSchema: { type: "object" } },
  facts: { labels: [], effects: ["read" as const], roles, inferred: [] },
};
const frozen: FrozenPlan = {
  kind: "sluice.frozen-plan",
  version: 1,
  digest: `sha256:${"0".repeat(64)}`,
  plan: {
    sluice: 1,
    name: "malformed",
    nodes: {
      first: { tool: "s/get", args: { n: { choose: { type: "number" } } }, show: "none" },
      second: {
        tool: "s/get",
        args: { a: { from: "first$.id" }, c: { object: { x: [1, { const: null }] } }, body: { write: {} } },
        times: { max: 1000 },
      },
    },
  },
  tools: { "s/get": tool },
  servers: { s: null },
  labels: {},
};

/** A session in which `second` can be called. */
function openSession() {
  const guard = createGuard(frozen, { clock: () => startsAt });
  if (!guard.ok) throw new Error("the plan of this test is a plan");
  const session = guard.value.session({ id: "s-1", key: "00112233445566778899aabbccddeeff" });
  if (!session.ok) throw new Error("the session of this test opens");
  session.value.check({ tool: "s/get", args: { n: 1 }, node: "first" });
  session.value.record(0, { value: { id: "u1" } });
  return session.value;
}

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "__proto__", "constructor", "", "s/get", "second", "\u0000", "sluice:h:"),
);
const hostile = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -0, 1e308, 2n ** 70n, Number.NaN, Number.POSITIVE_INFINITY),
    hostileText,
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(
    fc.oneof(fc.constantFrom("a", "body", "n", "c", "x", "sluice_node", "__proto__"), hostileText),
    tie("value"),
    { maxKeys: 4 },
  ),
}));

describe("malformed input", () => {
  it("is denied with a code of the table, and never throws", () => {
    const session = openSession();
    fc.assert(
      fc.property(hostileText, hostile.value, fc.option(hostileText, { nil: undefined }), (name, args, node) => {
        const call = { tool: name, args: args as Json, ...(node === undefined ? {} : { node }) };
        const verdict = session.check(call);
        expect(verdict.decision).toBe("deny");
        expect(verdict.decision === "deny" && Object.hasOwn(CODES, verdict.code)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("is denied where only one argument is wrong", () => {
    const session = openSession();
    fc.assert(
      fc.property(fc.constantFrom("a", "c", "n", "zz"), hostile.value, (name, value) => {
        const args: JsonObject = { body: "hello", [name]: value as Json };
        const verdict = session.check({ tool: "s/get", node: "second", args });
        const isPlanned = value === null || (name === "c" && isPartOf(value as Json));
        if (!isPlanned) expect(verdict.decision).toBe("deny");
      }),
      { numRuns: 500 },
    );
  });

  it("is refused or delivered where a tool sends it, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double()), hostile.value, fc.boolean(), (run, value, isError) => {
        const session = openSession();
        session.check({ tool: "s/get", node: "second", args: { body: "hello" } });
        for (const number of [run, 1]) {
          const observed = session.record(number, isError ? { error: value as Json } : { value: value as Json });
          if (!observed.ok) expect(Object.hasOwn(CODES, observed.code)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether a value is the object of the plan, whole or with parts left out. */
function isPartOf(value: Json): boolean {
  return [{}, { x: null }, { x: [1, null] }].some((part) => jsonEqual(part, value));
}
