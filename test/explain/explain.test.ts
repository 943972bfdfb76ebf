/**
 * Explanations of the example plans' attacks: what is proposed really allows the call, and opens what it says.
 */
import { describe, expect, it } from "vitest";
import { type Explanation, explainCall } from "../../src/explain/explain.ts";
import { applyPatch } from "../../src/explain/patch.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { readTrace, type Trace } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { replayTrace } from "../../src/replay.ts";
import { readFileSync } from "node:fs";
import { type Example, exampleNames, freeze, must, readExample } from "../plans/example.ts";

const examples = new Map(exampleNames.map((name) => [name, readExample(name)] as const));
const traces = new Map<string, Trace>();

function traceOf(name: (typeof exampleNames)[number], file: string): Trace {
  const key = `${name}/${file}`;
  const known = traces.get(key) ?? must(readTrace(readFileSync(new URL(`../../plans/${key}`, import.meta.url), "utf8")), key);
  traces.set(key, known);
  return known;
}

function explain(name: (typeof exampleNames)[number], file: string, call: number): Explanation {
  const example = examples.get(name) as Example;
  return must(
    explainCall(freeze(example), traceOf(name, file), { call, params: example.paramsOf(file), catalogue: example.catalogue }),
    `${file} ${call}`,
  );
}

/** Every denied call of the attacks of an example, by file and number. */
function denials(name: (typeof exampleNames)[number]): readonly (readonly [file: string, call: number, code: string])[] {
  const { expected } = examples.get(name) as Example;
  return [...expected].flatMap(([file, verdicts]) =>
    verdicts.filter(({ verdict }) => verdict === "deny").map(({ i, code }) => [file, i, code ?? ""] as const),
  );
}

describe.each(exampleNames)("of the %s example", (name) => {
  it.each(denials(name))(
    "%s, call %i (%s): each change allows the call, and denies none that was allowed before it",
    (file, call, code) => {
      const example = examples.get(name) as Example;
      const trace = traceOf(name, file);
      const explained = explain(name, file, call);
      expect(explained).toMatchObject({ verdict: "deny", code });
      expect(explained.rule.says).toMatch(/^[^A-Z\n]/);
      const before = must(replayTrace(freeze(example), trace, { params: example.paramsOf(file) }), file);
      for (const { patch, params = example.paramsOf(file), opens, bits } of explained.changes) {
        const changed = applyPatch(freeze(example).plan, patch);
        if (changed === undefined) throw new Error(`no such place: ${JSON.stringify(patch)}`);
        const after = must(
          replayTrace(must(freezePlan(changed, example.catalogue), "freeze"), trace, { params: params as JsonObject }),
          file,
        );
        expect(after[call]?.verdict, canonicalJson(patch as unknown as Json)).toBe("allow");
        for (const { i, verdict } of before) if (i < call && verdict === "allow") expect(after[i]?.verdict).toBe("allow");
        expect(opens.every((sentence) => /^[^A-Z]/.test(sentence) && !sentence.endsWith("."))).toBe(true);
        expect(bits === undefined || bits >= 0).toBe(true);
      }
    },
  );
});

describe("an explanation", () => {
  it("finds the sent value in the result that it was injected by", () => {
    const { arguments: values } = explain("trading", "attack-tampered-order.jsonl", 3);
    const quantity = values.find(({ name }) => name === "quantity");
    expect(quantity).toMatchObject({ class: "item", sent: 900, final: 190 });
    expect(quantity?.seen[0]).toEqual({ call: 0, tool: "market/quotes", pointer: "/quotes/0/note", partly: true });
    expect(quantity?.origins).toEqual([{ argument: "quantity", run: 2, node: "risk", tool: "risk/check" }]);
  });

  it("proposes to hide the source before it proposes to endorse the choice", () => {
    const [first, second] = explain("trading", "attack-choice.jsonl", 1).changes;
    expect(first?.patch).toEqual([{ op: "add", path: ["nodes", "news", "show"], value: "none" }]);
    expect(second?.bits).toBeCloseTo(Math.log2(3), 1);
  });

  it("names the flow rule that denied, and what is lost without it", () => {
    const { rule, changes, chain } = explain("trading", "attack-poisoned-risk.jsonl", 3);
    expect(rule.pointer).toBe("/flows/0");
    expect(rule.says).toBe("the rule `unsanitized-market-data` keeps `external_api` out of `limit` of `broker/order`");
    expect(chain.map(({ kind }) => kind)).toEqual(["result", "result", "argument"]);
    expect(changes.at(-1)?.opens.at(-1)).toMatch(/`external_api` may reach every argument of `broker\/\*`/);
  });

  it("raises a budget by no more than the call needs", () => {
    const [change] = explain("trading", "attack-budget.jsonl", 5).changes;
    expect(change?.patch).toEqual([{ op: "replace", path: ["nodes", "order", "constraints", "budget", "max"], value: 123_140 }]);
  });

  it("combines several changes where one is not enough, and says which other calls change", () => {
    const [change] = explain("trading", "attack-tampered-order.jsonl", 4).changes;
    expect(change?.opens.length).toBeGreaterThan(1);
    expect(change?.denied).toEqual([9]);
  });

  it("proposes nothing for an allowed call, and says as what it ran", () => {
    expect(explain("trading", "benign.jsonl", 4)).toMatchObject({
      verdict: "allow",
      node: "order",
      changes: [],
      rule: { pointer: "/nodes/order" },
    });
  });
});
