/**
 * Whatever a planner proposes becomes a plan that parses, has no circle, lints without errors or says them, and lets its own calls through.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import type { Proposal, ProposedArgument, ProposedCall, ProposedSource } from "../../../src/infer/proposal.ts";
import { planOf } from "../../../src/infer/to-plan/to-plan.ts";
import { type DraftParam, type DraftTool, draftTool } from "../../../src/infer/tools.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { lintPlan } from "../../../src/plan/lint.ts";
import { parsePlan } from "../../../src/plan/schema.ts";
import { classify, rulesOf } from "../../../src/plan/walk.ts";
import { playThrough } from "../../../src/simulate/drive.ts";
import { officeTools } from "./scripted.ts";

const tools = [...officeTools.tools.values()].map(draftTool);
const words = [
  "find",
  "Ada",
  "and",
  "then",
  "mail",
  "each",
  "of",
  "them",
  "finally",
  "pay",
  "if",
  "before",
  "you",
  "the",
  "last",
  "one",
  ".",
  "next,",
];

const evidence = fc
  .record({ start: fc.nat(60), length: fc.integer({ min: 1, max: 12 }) })
  .map(({ start, length }) => ({ start, end: start + length }));

function constantFor(param: DraftParam): fc.Arbitrary<Json> {
  if (param.listed.length > 0) return fc.constantFrom(...param.listed);
  if (param.type === "integer") return fc.integer({ min: 0, max: 400 });
  if (param.type === "number") return fc.integer({ min: 0, max: 49_900 }).map((cents) => cents / 100);
  if (param.type === "array")
    return fc.array(fc.constantFrom("a@x.example", "b@y.example", "word"), { minLength: 1, maxLength: 3 });
  return fc.constantFrom("Ada", "ada@corp.example", "https://a.example/x", "2026-05-03", "notes/a.md", "DE00 1234", "");
}

function sourceFor(param: DraftParam, chosen: readonly DraftTool[]): fc.Arbitrary<ProposedSource> {
  const results = chosen.flatMap((tool, call) => [
    fc.constant<ProposedSource>({ kind: "result", call, path: [] }),
    ...tool.outputs.map(({ path }) => fc.constant<ProposedSource>({ kind: "result", call, path })),
  ]);
  return fc.oneof(
    constantFor(param).map((value): ProposedSource => ({ kind: "constant", value })),
    fc.constant<ProposedSource>({ kind: "ask" }),
    ...results,
  );
}

function argumentsFor(tool: DraftTool, chosen: readonly DraftTool[]): fc.Arbitrary<readonly ProposedArgument[]> {
  const each = tool.params.map((param) =>
    fc
      .record({
        isSaid: fc.boolean(),
        source: sourceFor(param, chosen),
        confidence: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
        evidence: fc.option(evidence, { nil: undefined }),
      })
      .map(({ isSaid, source, confidence, evidence: where }): readonly ProposedArgument[] =>
        isSaid
          ? [{ path: param.path, source, confidence, alternatives: [], ...(where === undefined ? {} : { evidence: where }) }]
          : [],
      ),
  );
  return fc.tuple(...each).map((parts) => parts.flat());
}

const proposals: fc.Arbitrary<{ readonly task: string; readonly proposal: Proposal }> = fc
  .array(fc.constantFrom(...tools), { minLength: 1, maxLength: 5 })
  .chain((chosen) =>
    fc.record({
      task: fc.array(fc.constantFrom(...words), { minLength: 12, maxLength: 24 }).map((said) => said.join(" ")),
      calls: fc.tuple(
        ...chosen.map((tool) =>
          fc
            .record({ args: argumentsFor(tool, chosen), evidence: fc.array(evidence, { maxLength: 2 }) })
            .map(
              ({ args, evidence: where }): ProposedCall => ({ tool, args, evidence: where, confidence: 0.9, alternatives: [] }),
            ),
        ),
      ),
    }),
  )
  .map(({ task, calls }) => ({
    task,
    proposal: { calls, confidence: 0.9, abstentions: [], origin: { planner: "model" as const } },
  }));

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 100);

describe("a plan of a proposal", { timeout: 60_000 + 50 * numRuns }, () => {
  it("parses, freezes, and says of itself what the linter would call an error", () => {
    fc.assert(
      fc.property(proposals, ({ task, proposal }) => {
        const planned = planOf(proposal, { task, catalogue: officeTools });
        if (!planned.ok) throw new Error(planned.error);
        const { plan, findings } = planned.value;
        expect(parsePlan(plan as unknown as Json)).toMatchObject({ ok: true });
        const errors = lintPlan(plan, officeTools).filter(({ severity }) => severity === "error");
        const said = new Set(findings.map(({ code, pointer }) => `${code} ${pointer}`));
        expect(errors.filter(({ code, pointer }) => !said.has(`${code} ${pointer}`))).toEqual([]);
        if (errors.length === 0) expect(freezePlan(plan, officeTools)).toMatchObject({ ok: true });
      }),
      { numRuns },
    );
  });

  it("lets every one of its own calls through", () => {
    fc.assert(
      fc.property(proposals, ({ task, proposal }) => {
        const planned = planOf(proposal, { task, catalogue: officeTools });
        if (!planned.ok) throw new Error(planned.error);
        const frozen = freezePlan(planned.value.plan, officeTools);
        if (!frozen.ok) return;
        const drive = playThrough(frozen.value);
        expect(drive).toMatchObject({ ok: true });
        if (drive.ok) expect([...drive.nodes].sort()).toEqual(Object.keys(planned.value.plan.nodes).sort());
      }),
      { numRuns },
    );
  });

  it("has a node for each call, a rule for each argument, and only values that were proposed", () => {
    fc.assert(
      fc.property(proposals, ({ task, proposal }) => {
        const planned = planOf(proposal, { task, catalogue: officeTools });
        if (!planned.ok) throw new Error(planned.error);
        const { plan, decisions } = planned.value;
        const runs = Object.values(plan.nodes).reduce((sum, { times }) => sum + (typeof times === "number" ? times : 1), 0);
        expect(runs).toBe(proposal.calls.length);
        const proposed = JSON.stringify(proposal.calls);
        for (const [name, node] of Object.entries(plan.nodes)) {
          for (const { rule } of rulesOf(name, node)) {
            const classed = classify(rule);
            if (classed.kind === "const" && typeof classed.rule.const === "string")
              expect(proposed).toContain(JSON.stringify(classed.rule.const));
          }
        }
        for (const { node, argument } of decisions) {
          expect(Object.hasOwn(plan.nodes, node)).toBe(true);
          const [top = ""] = (argument ?? "").split(/[.[]/);
          if (argument !== undefined) expect(Object.keys(plan.nodes[node]?.args ?? {})).toContain(top);
        }
      }),
      { numRuns },
    );
  });

  it("is the same for the same proposal", () => {
    fc.assert(
      fc.property(proposals, ({ task, proposal }) => {
        const make = (): string => JSON.stringify(planOf(proposal, { task, catalogue: officeTools }));
        expect(make()).toBe(make());
      }),
      { numRuns: 30 },
    );
  });
});
