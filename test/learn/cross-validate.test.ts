import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareWithPlan } from "../../src/learn/compare.ts";
import { crossValidate } from "../../src/learn/cross-validate.ts";
import { learnPlan } from "../../src/learn/learn.ts";
import { renamePlan } from "../../src/learn/rename.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import type { Trace } from "../../src/trace.ts";
import { catalogues, ordered, runFamily, seeds, type StepKind } from "./families.ts";
import { catalogueOf, traceOf } from "./worlds.ts";

const catalogue = catalogues.untrusted;
const steps: readonly StepKind[] = ["list", "rate", "pay-named", "remind-overdue", "mail-task"];
const runs = (kinds: readonly StepKind[], count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => runFamily(kinds, from + at * 37 + 1));

describe("cross-validation", () => {
  it("allows held-out runs under parameters that are found by the learned rules, and denies every changed target", () => {
    const found = crossValidate(runs(steps, 8, 3), catalogue);
    if (!found.ok) throw new Error(found.error[0]?.message);
    const { folds, allowedRuns, falseDenials, attacks, passed, missingParams } = found.value;
    expect([folds, allowedRuns, falseDenials, missingParams]).toEqual([8, 8, [], []]);
    expect(found.value.hostParams).toEqual([]);
    expect(attacks["other-run"].denied).toBeGreaterThan(50);
    expect(attacks["other-leaf"].denied).toBeGreaterThan(50);
    expect(attacks.fresh.denied).toBeGreaterThan(20);
    expect(attacks["other-tool"].denied).toBeGreaterThan(20);
    expect(passed.filter(({ outcome }) => outcome !== "read")).toEqual([]);
  });

  it("divides the traces into as many parts as it is told, and needs three traces", () => {
    const found = crossValidate(runs(steps, 6), catalogue, { folds: 3 });
    expect(found.ok && found.value.folds).toBe(3);
    const few = crossValidate(runs(steps, 2), catalogue);
    expect(!few.ok && few.error[0]?.code).toBe("LEARN_FEW_TRACES");
  });

  it("names the call and the code of a denial of what only the held-out run does", () => {
    const odd = runFamily([...steps, "mail-const"], 5);
    const found = crossValidate([...runs(steps, 4), odd], catalogue);
    if (!found.ok) throw new Error(found.error[0]?.message);
    const own = found.value.falseDenials.filter(({ trace }) => trace === 4);
    expect(own.map(({ node, code }) => [node, code])).toEqual([["send_mail", "CALL_REPEATED"]]);
  });

  it("counts by hand: one target that only the host knows, in three runs of one call each", () => {
    const office = catalogueOf({ send_mail: ["Sends a message.", { to: "string", body: "string" }] });
    const mails = ["kim@a.example", "lee@b.example", "ann@c.example"].map((to) =>
      traceOf("Tell them.", [["send_mail", { to, body: "Done." }, "sent"]]),
    );
    const found = crossValidate(mails, office);
    if (!found.ok) throw new Error(found.error[0]?.message);
    const { attacks, hostParams, ...counts } = found.value;
    expect(counts).toEqual({
      folds: 3,
      traces: 3,
      calls: 3,
      allowedRuns: 3,
      falseDenials: [],
      missingParams: [],
      passed: [],
      failures: [],
    });
    expect(hostParams).toEqual([0, 1, 2].map((trace) => ({ trace, names: ["to"] })));
    const none = { denied: 0, content: 0, choice: 0, read: 0, optional: 0, planned: 0, open: 0 };
    // Each run: the targets of the two others, no result to take one from, one made up, and the call again.
    expect(attacks).toEqual({
      "other-run": { ...none, denied: 6 },
      "other-leaf": none,
      fresh: { ...none, denied: 3 },
      "other-tool": none,
      repeated: { ...none, denied: 3 },
    });
  });

  it("marks what was denied after another denial of the run, and a step that the plan demands and a run does without", () => {
    const office = catalogueOf({
      get_profile: ["Returns the profile.", {}],
      set_tag: ["Sets a tag.", { tag: "string" }],
      send_mail: ["Sends a message.", { to: "string" }],
    });
    const run = (tag: string, isTold: boolean): Trace =>
      traceOf("Do it.", [
        ["get_profile", {}, { n: 1 }],
        ["set_tag", { tag }, "ok"],
        ...(isTold ? ([["send_mail", { to: "kim@a.example" }, "sent"]] as const) : []),
      ]);
    const found = crossValidate([run("a", true), run("a", true), run("a", true), run("b", true), run("a", false)], office);
    if (!found.ok) throw new Error(found.error[0]?.message);
    expect(found.value.falseDenials.map(({ trace, call, isLater }) => [trace, call, isLater])).toEqual([
      [3, 1, undefined],
      [3, 2, true],
    ]);
    expect(found.value.passed.filter(({ kind }) => kind === "other-tool")).toEqual([
      { trace: 4, call: 2, kind: "other-tool", outcome: "planned", node: "send_mail" },
    ]);
  });

  it("mostly allows the held-out runs of any family, and lets no changed target through", () => {
    const total = { traces: 0, allowed: 0 };
    fc.assert(
      fc.property(ordered, seeds(5, 6), (kinds, from) => {
        const traces = from.map((seed) => runFamily(kinds, seed)).filter(({ events }) => events.length > 0);
        const found = traces.length < 3 ? undefined : crossValidate(traces, catalogue);
        if (found?.ok !== true) return;
        total.traces += found.value.traces;
        total.allowed += found.value.allowedRuns;
        expect(found.value.passed.filter(({ outcome, argument }) => outcome === "open" && argument !== undefined)).toEqual([]);
      }),
      { numRuns: 12, seed: 20 },
    );
    expect(total.allowed / total.traces).toBeGreaterThan(0.9);
  });
});

describe("traces compared with a frozen plan", () => {
  function frozenOf(kinds: readonly StepKind[]): FrozenPlan {
    const learned = learnPlan(runs(kinds, 5), catalogue);
    const frozen = learned.ok ? freezePlan(learned.value.plan, catalogue) : learned;
    if (!frozen.ok) throw new Error(frozen.error[0]?.message);
    return frozen.value;
  }

  it("need nothing if it allows them", () => {
    const found = compareWithPlan(frozenOf(steps), runs(steps, 4, 1_000), catalogue);
    expect(found.ok && [found.value.beyond, found.value.amendment.nodes]).toEqual([[], {}]);
    // What a parameter is was taken from each trace, and is said.
    expect(found.ok && found.value.params.map((own) => Object.keys(own).sort())).toEqual(
      Array.from({ length: 4 }, () => Object.keys(frozenOf(steps).plan.params ?? {}).sort()),
    );
  });

  it("need what it does not have, as nodes of an amendment that is wider; the plan is left as it is", () => {
    const frozen = frozenOf(steps);
    const before = JSON.stringify(frozen);
    const found = compareWithPlan(frozen, runs([...steps, "mail-const"], 4, 1_000), catalogue);
    if (!found.ok) throw new Error(found.error[0]?.message);
    const { beyond, amendment, diff } = found.value;
    expect(beyond).toHaveLength(4);
    expect(Object.values(amendment.nodes).map(({ tool, args }) => [tool, args?.to])).toEqual([
      ["office/send_mail", "boss@corp.example"],
    ]);
    expect(Object.keys(frozen.plan.nodes)).not.toContain(Object.keys(amendment.nodes)[0]);
    expect(diff?.relation).toBe("wider");
    expect(JSON.stringify(frozen)).toBe(before);
  });

  it("say which nodes no trace ran", () => {
    const found = compareWithPlan(frozenOf([...steps, "remark"]), runs(steps, 4), catalogue);
    expect(found.ok && found.value.unused).toEqual(["add_note"]);
  });
});

describe("a renamed plan", () => {
  it("has the new names in code and the old texts elsewhere", () => {
    const plan = renamePlan(
      {
        sluice: 1,
        name: "a",
        params: { p: { type: "string" } },
        nodes: {
          a: { tool: "t", args: { from: "a", x: { param: "p" } } },
          b: { let: 'a.filter(r, r.a == params.p && r.t != "a")' },
          c: { tool: "t", after: ["a"], args: { x: { from: "b$[?@.a=='a'].a" }, y: { const: { from: "a" } } } },
        },
      },
      {
        nodes: new Map([
          ["a", "b"],
          ["b", "a"],
        ]),
        params: new Map([["p", "q"]]),
      },
    );
    expect(plan.nodes).toEqual({
      b: { tool: "t", args: { from: "a", x: { param: "q" } } },
      a: { let: 'b.filter(r, r.a == params.q && r.t != "a")' },
      c: { tool: "t", after: ["b"], args: { x: { from: "a$[?@.a=='a'].a" }, y: { const: { from: "a" } } } },
    });
    expect(plan.params).toEqual({ q: { type: "string" } });
  });
});
