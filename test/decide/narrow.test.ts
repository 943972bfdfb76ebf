/** Leaving out the nodes that have another constant changes no verdict. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { narrow } from "../../src/decide/narrow.ts";
import { createGuard, type Session } from "../../src/engine.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { CompiledNode } from "../../src/plan/compile/compiled.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { PlanNode } from "../../src/plan/plan.ts";

const tool = "mail/send";
const kinds = ["a", "b", "c", "d", "e", "1"];

function open(more: { readonly [name: string]: PlanNode } = {}): Session {
  const properties = { kind: {}, text: { type: "string" } };
  const catalogue = readCatalogue({
    tools: [{ name: tool, inputSchema: { type: "object", properties }, sluice: { effects: ["read"], labels: ["user_input"] } }],
  });
  const often = { min: 0, max: 9 };
  const nodes = Object.fromEntries(
    kinds.map((kind) => [`of-${kind}`, { tool, args: { kind, text: { write: {} } }, times: often } as PlanNode]),
  );
  const frozen = freezePlan(
    { sluice: 1, name: "narrow", params: {}, nodes: { ...nodes, ...more } },
    catalogue.ok ? catalogue.value : expect.unreachable(),
  );
  const guard = createGuard(frozen.ok ? frozen.value : expect.unreachable(JSON.stringify(frozen.error)), { clock: () => 1 });
  const session = (guard.ok ? guard.value : expect.unreachable()).session({ id: "s", key: "00".repeat(16) });
  return session.ok ? session.value : expect.unreachable();
}

function verdictOf(session: Session, args: JsonObject): string {
  const verdict = session.check({ tool, args });
  return verdict.decision === "allow" ? verdict.node : verdict.code;
}

describe("nodes of one tool with different constants", () => {
  it("are told apart by the constant that is sent", () => {
    const session = open();
    for (const kind of kinds) expect(verdictOf(session, { kind, text: "hello" })).toBe(`of-${kind}`);
  });

  it("are all looked at where the constant is left out, or nobody has it", () => {
    const session = open();
    expect(verdictOf(session, { text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: null, text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "z", text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: 1, text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: ["a"], text: "hello" })).toBe("ARG_MISMATCH");
    expect(verdictOf(session, { kind: "a", text: 5 })).toBe("ARG_MISMATCH");
  });

  it("are not told apart from one that takes the same value, by a constant or by a choice", () => {
    const again: PlanNode = { tool, args: { kind: "b", text: { write: {} } } };
    const any: PlanNode = { tool, args: { kind: { choose: { enum: ["c", "other"] } }, text: { write: {} } } };
    const session = open({ again, any });
    expect(verdictOf(session, { kind: "b", text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "c", text: "hello" })).toBe("CALL_AMBIGUOUS");
    expect(verdictOf(session, { kind: "other", text: "hello" })).toBe("any");
    expect(verdictOf(session, { kind: "d", text: "hello" })).toBe("of-d");
  });
});

/** A node with these constants, where `undefined` is an argument that the agent chooses; only what is looked at here. */
function nodeOf(constants: { readonly [arg: string]: Json | undefined }, hiddenReads: readonly unknown[] = []): CompiledNode {
  const args = Object.entries(constants).map(([name, value]) => ({
    name,
    rule: value === undefined ? { kind: "choose" } : { kind: "const", value },
  }));
  return { args, hiddenReads } as unknown as CompiledNode;
}

const isLookedUp = (value: Json | undefined): boolean => ["string", "number", "boolean"].includes(typeof value);
const constantOf = ({ args }: CompiledNode, arg: string): Json | undefined => {
  const rule = args.find(({ name }) => name === arg)?.rule;
  return rule?.kind === "const" ? rule.value : undefined;
};

describe("narrowing", () => {
  const value = fc.constantFrom<Json | undefined>("a", "b", "c", 1, 2, "1", true, false, null, [1], { a: 1 }, undefined);
  const some = fc.dictionary(fc.constantFrom("x", "y", "z"), value);
  const sent = fc.dictionary(
    fc.constantFrom("x", "y", "other"),
    fc.constantFrom<Json>("a", "b", 1, "1", true, null, [1], "none"),
  );

  it("leaves out what has another constant of the most telling argument where a value was sent, keeps the order, and leaves out nothing else", () => {
    fc.assert(
      fc.property(fc.array(some, { minLength: 4, maxLength: 9 }), sent, (all, args) => {
        const candidates = all.map((each) => nodeOf(each));
        const differing = (arg: string): number =>
          new Set(candidates.map((node) => constantOf(node, arg)).filter((each) => isLookedUp(each))).size;
        const names = [...new Set(all.flatMap((each) => Object.keys(each)))].filter((arg) => differing(arg) > 1);
        const most = names.filter((arg) => names.every((other) => differing(other) <= differing(arg)));
        const fitting = (arg: string): readonly CompiledNode[] =>
          !isLookedUp(args[arg])
            ? candidates
            : candidates.filter((node) => !isLookedUp(constantOf(node, arg)) || constantOf(node, arg) === args[arg]);
        const allowed = most.length === 0 ? [candidates] : most.map(fitting);
        const left = narrow(candidates, args);
        expect(allowed.some((list) => list.length === left.length && list.every((node, i) => node === left[i]))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  const different = (count: number): CompiledNode[] => Array.from({ length: count }, (_, i) => nodeOf({ x: `v${i}`, y: 0 }));
  const chosen = (count: number): CompiledNode[] => Array.from({ length: count }, () => nodeOf({ x: undefined }));

  it("is done from four candidates on", () => {
    expect(narrow(different(3), { x: "v1" })).toHaveLength(3);
    expect(narrow(different(4), { x: "v1" })).toHaveLength(1);
  });

  it("is done while at most sixteen of them take any value, each of which stays, whatever is sent", () => {
    expect(narrow([...different(4), ...chosen(16)], { x: "v1" })).toHaveLength(17);
    expect(narrow([...different(4), ...chosen(16)], { x: "none" })).toHaveLength(16);
    expect(narrow([...different(4), ...chosen(17)], { x: "v1" })).toHaveLength(21);
  });

  it("is not done where what a node reads is hidden, since each verdict then joins what all of them read", () => {
    const hidden = nodeOf({ x: "hidden" }, [{}]);
    expect(narrow([...different(4), hidden], { x: "v1" })).toHaveLength(5);
  });

  it("looks through the nodes of a plan once, and not for each call", () => {
    let looks = 0;
    const counted = different(50).map(({ args, hiddenReads }) => ({
      hiddenReads,
      get args() {
        looks += 1;
        return args;
      },
    })) as unknown as readonly CompiledNode[];
    const first = narrow(counted, { x: "v7" });
    const before = looks;
    expect(narrow(counted, { x: "v7" })).toBe(first);
    expect(first).toEqual([counted[7]]);
    expect(looks).toBe(before);
  });
});
