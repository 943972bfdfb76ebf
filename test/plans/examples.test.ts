/**
 * Holds the example plans to their word: they lint, freeze, and give each call of each trace the verdict that they say.
 * Never opens a socket.
 */
import type { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { createApp as research } from "../../plans/research/server.ts";
import { createApp as support } from "../../plans/support/server.ts";
import { createApp as trading } from "../../plans/trading/server.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { lintPlan } from "../../src/plan/lint.ts";
import { type Example, exampleNames, freeze, must, readExample, replay } from "./example.ts";

const servers: { readonly [name in (typeof exampleNames)[number]]: () => Hono } = { trading, support, research };

describe.each(exampleNames)("the %s example", (name) => {
  const example = readExample(name);
  const frozen = freeze(example);

  it("has no finding that forbids freezing", () => {
    expect(lintPlan(example.plan, example.catalogue).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("has the same digest whenever it is frozen", () => {
    expect(freeze(readExample(name)).digest).toBe(frozen.digest);
  });

  it("says what it expects of every trace, and has a benign one and at least five attacks", () => {
    expect([...example.expected.keys()].sort()).toEqual([...example.traces.keys()]);
    expect([...example.traces.keys()].filter((file) => file.startsWith("attack-")).length).toBeGreaterThanOrEqual(5);
    expect(example.expected.get("benign.jsonl")?.every(({ verdict }) => verdict === "allow")).toBe(true);
    for (const [file, verdicts] of example.expected) {
      if (file.startsWith("attack-"))
        expect(
          verdicts.some(({ verdict }) => verdict === "deny"),
          file,
        ).toBe(true);
    }
  });

  it.each([...example.traces.keys()])("gives each call of %s the expected verdict", (file) => {
    const verdicts = replay(frozen, example.traces.get(file) ?? [], example.paramsOf(file));
    const seen = verdicts.map((verdict, i) => ({
      i,
      verdict: verdict.decision,
      code: verdict.decision === "allow" ? null : verdict.code,
    }));
    expect(seen).toEqual(example.expected.get(file));
  });

  it("forwards the benign calls in a form that the real tools take, with the results that the trace has", async () => {
    const calls = example.traces.get("benign.jsonl") ?? [];
    const app = servers[name]();
    for (const [i, verdict] of replay(frozen, calls, example.paramsOf("benign.jsonl")).entries()) {
      if (verdict.decision === "deny") throw new Error(`call ${i} is denied: ${verdict.code}`);
      const response = await app.request(`/${calls[i]?.tool}`, { method: "POST", body: canonicalJson(verdict.args) });
      expect(must(readJson(await response.text()), "a tool's answer"), `call ${i}`).toEqual(calls[i]?.result);
    }
  });
});

/** The plan without the member at a path. */
function without(plan: Example["plan"], path: readonly string[]): Example["plan"] {
  const remove = (value: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (typeof value !== "object" || value === null || step === undefined)
      throw new Error(`the plan has nothing at ${path.join("/")}`);
    const entries = Object.entries(value);
    if (!entries.some(([key]) => key === step)) throw new Error(`the plan has nothing at ${path.join("/")}`);
    return Object.fromEntries(
      entries.flatMap(([key, inner]) => (key !== step ? [[key, inner]] : rest.length === 0 ? [] : [[key, remove(inner, rest)]])),
    );
  };
  return remove(plan, path) as Example["plan"];
}

const protections: readonly (readonly [(typeof exampleNames)[number], string, string])[] = [
  ["trading", "flows", "attack-poisoned-risk.jsonl"],
  ["trading", "nodes/risk/removes", "benign.jsonl"],
  ["trading", "nodes/order/require", "attack-budget.jsonl"],
  ["trading", "nodes/order/constraints", "attack-budget.jsonl"],
  ["trading", "nodes/quotes/after", "attack-choice.jsonl"],
  ["support", "labels/this_customer/readers", "attack-changed-address.jsonl"],
  ["support", "nodes/refund/constraints/approve", "attack-refund-amount.jsonl"],
  ["support", "nodes/refund/when", "attack-refund.jsonl"],
  ["support", "nodes/close/args/priority/endorse", "attack-priority.jsonl"],
  ["support", "nodes/metric/args/tier/declassify", "benign.jsonl"],
  ["research", "nodes/page/constraints/hosts", "attack-foreign-host.jsonl"],
  ["research", "nodes/search/show", "attack-page-text.jsonl"],
];

it.each(protections)("the %s plan needs %s: without it a call of %s gets another verdict", (name, pointer, file) => {
  const example = readExample(name);
  const calls = example.traces.get(file) ?? [];
  const changed = freeze({ ...example, plan: without(example.plan, pointer.split("/")) });
  const before = replay(freeze(example), calls, example.paramsOf(file)).map((verdict) =>
    verdict.decision === "allow" ? "allow" : verdict.code,
  );
  const after = replay(changed, calls, example.paramsOf(file)).map((verdict) =>
    verdict.decision === "allow" ? "allow" : verdict.code,
  );
  expect(after).not.toEqual(before);
});
