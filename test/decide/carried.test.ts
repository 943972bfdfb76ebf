/**
 * What an audit is told of a verdict: names of declared labels, downgrades of arguments that were there, and never a reader.
 */
import { describe, expect, it } from "vitest";
import { declaredNames, factsOfDecision, factsOfVerdict } from "../../src/decide/carried.ts";
import { reservedOf } from "../../src/decide/constraints.ts";
import { decide } from "../../src/decide/decide.ts";
import type { Guard } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import { recordedLabelsMax } from "../../src/limits.ts";
import type { CompiledBudget } from "../../src/plan/compile/compiled.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, guardOf, run } from "../amend/world.ts";

const labels = { mine: { integrity: "trusted", readers: ["ana"] }, web: { integrity: "untrusted" } } as const;
const list: PlanNode = { tool: "ledger/list", labels: ["mine"] };

function open(nodes: { readonly [name: string]: PlanNode }, rest: Partial<Plan> = {}) {
  const guard: Guard = guardOf(frozenPlan(nodes, { labels, ...rest }));
  const session = guard.session({ id: "s", key: "00".repeat(16) });
  if (!session.ok) throw new Error(session.error.message);
  return { guard, session: session.value };
}

function factsOf(world: ReturnType<typeof open>, tool: string, args: Json = {}): Json {
  return factsOfVerdict(world.guard.program, world.session.check({ tool, args })) as Json;
}

describe("the names that an audit may say", () => {
  it("are those that the plan declares, sorted and once", () => {
    const { guard } = open({ list });
    expect(declaredNames(guard.program, ["web", "mine", "stranger", "web", "constructor"])).toEqual(["mine", "web"]);
    expect(declaredNames(guard.program, ["stranger"])).toEqual([]);
  });
});

describe("what is told of an allowed call", () => {
  it("is nothing where its arguments carried nothing that was declared, and nothing was downgraded", () => {
    expect(factsOf(open({ list }), "ledger/list")).toStrictEqual({});
    const plain = open({ send: { tool: "mail/send", args: { to: "ana", body: "x" } } });
    expect(factsOf(plain, "mail/send")).toStrictEqual({});
  });

  it("is which declared labels each argument carried, and of whom it is read nothing", () => {
    const world = open({ list, send: { tool: "mail/send", args: { to: "ana", body: { from: "list$" } } } });
    run(world.session, "ledger/list", {}, "x");
    expect(factsOf(world, "mail/send")).toStrictEqual({ labels: { body: ["ledger", "mine"] } });
  });

  it("is how many labels there were, if they are more than a record holds", () => {
    const nodesOf = (count: number): { readonly [name: string]: PlanNode } => ({
      list: { tool: "ledger/list", labels: Array.from({ length: count }, (_, i) => `l${i}`) },
      send: { tool: "mail/send", args: { to: "ana", body: { from: "list$" } } },
    });
    // The tool has one label of its own.
    const factsWith = (all: number): Json => {
      const count = all - 1;
      const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, { integrity: "trusted" as const }]));
      const world = open(nodesOf(count), { labels: many });
      run(world.session, "ledger/list", {}, "x");
      return factsOf(world, "mail/send");
    };
    expect(Object.keys(factsWith(recordedLabelsMax) as object)).toEqual(["labels"]);
    expect(factsWith(recordedLabelsMax + 1)).toStrictEqual({ labelCount: recordedLabelsMax + 1 });
  });

  it("is what the plan endorses and declassifies in the arguments that were there", () => {
    const read: PlanNode = { tool: "inbox/read", args: { id: "m1" } };
    const send: PlanNode = {
      tool: "mail/send",
      args: {
        to: {
          choose: { enum: ["ana", "bob"] },
          optional: true,
          endorse: { from: ["external_api"], to: "user_input", why: "one of two" },
        },
        body: { from: "list$", optional: true, declassify: { from: ["mine"], to: ["eve"], why: "she asked" } },
      },
      times: 2,
    };
    const world = open({ read, list, send });
    run(world.session, "inbox/read", {}, "x");
    run(world.session, "ledger/list", {}, "x");
    const declassified = { argument: "body", declassify: ["mine"] };
    const endorsed = { argument: "to", endorse: ["external_api"], to: ["user_input"] };
    const downgradesOf = (args: Json): Json => (factsOf(world, "mail/send", args) as { readonly downgrades: Json }).downgrades;
    expect(downgradesOf({ to: "ana" })).toEqual(expect.arrayContaining([declassified, endorsed]));
    expect(downgradesOf({})).toEqual([declassified]);
  });
});

describe("what is told of a denial", () => {
  it("is its facts and its chain", () => {
    const world = open({ list });
    const verdict = world.session.check({ tool: "ledger/list", args: { x: 1 } });
    if (verdict.decision !== "deny") throw new Error("was allowed");
    expect(factsOfVerdict(world.guard.program, verdict)).toEqual({ ...verdict.facts, chain: verdict.chain });
  });

  it("is the same of the decision before it is folded", () => {
    const { guard, session } = open({ list });
    const call = { tool: "ledger/list", args: { x: 1 }, at: 1_000 };
    const decision = decide(guard.program, session.state, call, { leaseMs: 1_000 });
    expect(factsOfDecision(guard.program, session.state, decision)).toEqual(
      factsOfVerdict(guard.program, session.check({ tool: call.tool, args: call.args })),
    );
  });
});

describe("what is recorded of a reservation", () => {
  const budget = (id: string, scope?: "principal", windowMs = Number.POSITIVE_INFINITY): CompiledBudget =>
    ({ id, scope, isShared: false, windowMs, max: 9, sum: undefined }) as unknown as CompiledBudget;
  const budgets = [budget("a"), budget("b", "principal", 1_000)];
  const node = (isIdempotent: boolean) =>
    ({ isIdempotent, constraints: { budgets } }) as unknown as Parameters<typeof reservedOf>[0]["node"];
  const shared = [{ budget: budgets[1] as CompiledBudget, amount: 2 }];

  it("is nothing without a budget, and else the amounts", () => {
    expect(reservedOf({ node: node(true), amounts: [], shared: [] })).toBe(undefined);
    expect(reservedOf({ node: node(true), amounts: [1, 2], shared: [] })).toStrictEqual({ amounts: [1, 2] });
    expect(reservedOf({ node: node(false), amounts: [1, 2], shared })).toStrictEqual({ amounts: [1, 2] });
  });

  it("is also the names of the counters, where a failed call gives back what sessions share", () => {
    expect(reservedOf({ node: node(true), amounts: [1, 2], shared })).toStrictEqual({
      amounts: [1, 2],
      budgets: ['["session",false,false,"a"]', '["principal",false,true,"b"]'],
    });
  });
});
