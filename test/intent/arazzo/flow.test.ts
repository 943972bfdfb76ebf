/**
 * A small runner of Arazzo, written after the specification (§4.6.5 to §4.6.8), against the engine under the imported plan: at every moment the
 * engine allows the step that the runner takes next, and no other.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { createGuard } from "../../../src/engine.ts";
import { importArazzo } from "../../../src/intent/arazzo/import.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { must } from "../../plans/example.ts";

type Flag = "a" | "b" | "c";
type Result = { readonly [F in Flag]: boolean };
interface Test {
  readonly flag: Flag;
  readonly wanted: boolean;
}
interface Action {
  readonly type: "end" | "goto";
  /** Steps ahead, for `goto`. */
  readonly ahead: number;
  readonly criteria: readonly Test[];
}
interface Step {
  readonly success: readonly Test[];
  readonly actions: readonly Action[];
}

const tests = fc.array(fc.record({ flag: fc.constantFrom<Flag>("a", "b", "c"), wanted: fc.boolean() }), { maxLength: 2 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    success: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, tests),
    actions: fc.array(
      fc.record({ type: fc.constantFrom("end", "goto"), ahead: fc.integer({ min: 1, max: 4 }), criteria: tests }),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 7 },
);
const results = fc.array(fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }), { minLength: 7, maxLength: 7 });

const holds = (criteria: readonly Test[], result: Result): boolean =>
  criteria.every(({ flag, wanted }) => result[flag] === wanted);

/** Where `goto` leads: no further than the last step; from there nowhere. */
function targetOf(at: number, { ahead }: Action, count: number): number {
  return at === count - 1 ? count : Math.min(at + ahead, count - 1);
}

/** The steps that a runner takes, by their numbers. */
function taken(workflow: readonly Step[], answers: readonly Result[]): readonly number[] {
  const order: number[] = [];
  for (let at = 0; at < workflow.length; ) {
    const step = workflow[at] as Step;
    const answer = answers[at] as Result;
    order.push(at);
    // A step without success breaks the workflow, as there is no failure action.
    if (!holds(step.success, answer)) break;
    const action = step.actions.find(({ criteria }) => holds(criteria, answer));
    if (action?.type === "end") break;
    at = action === undefined ? at + 1 : targetOf(at, action, workflow.length);
  }
  return order;
}

function documentOf(workflow: readonly Step[]): string {
  const written = (criteria: readonly Test[]) =>
    criteria.map(({ flag, wanted }) => ({
      condition: wanted ? `$response.body#/${flag} == true` : `!($response.body#/${flag} == true)`,
    }));
  return JSON.stringify({
    arazzo: "1.0.1",
    info: { title: "Flow", version: "1" },
    sourceDescriptions: [{ name: "s", url: "./s.yaml", type: "openapi" }],
    workflows: [
      {
        workflowId: "flow",
        steps: workflow.map(({ success, actions }, at) => ({
          stepId: `s${at}`,
          operationId: `t${at}`,
          ...(success.length === 0 ? {} : { successCriteria: written(success) }),
          onSuccess: actions.map(({ type, ahead, criteria }, number) => ({
            name: `x${number}`,
            // From the last step there is nowhere to go.
            ...(type === "goto" && at < workflow.length - 1
              ? { type, stepId: `s${targetOf(at, { type, ahead, criteria }, workflow.length)}` }
              : { type: "end" }),
            ...(criteria.length === 0 ? {} : { criteria: written(criteria) }),
          })),
        })),
      },
    ],
  });
}

function sessionOf(plan: Plan, count: number) {
  const tools = Array.from({ length: count }, (_, at) => ({ name: `s/t${at}`, sluice: { effects: ["read"], labels: ["ours"] } }));
  const catalogue = must(readCatalogue({ tools, labels: { ours: { integrity: "trusted" } } }), "catalogue");
  let now = Date.UTC(2026, 0, 1);
  const guard = must(
    createGuard(must(freezePlan(plan, catalogue), "freezePlan"), { clock: () => (now += 1_000) }),
    "createGuard",
  );
  return must(guard.session({ id: "s", key: "00112233445566778899aabbccddeeff", principal: "p", params: {} }), "session");
}

it("the engine allows exactly the step that a runner of the workflow takes next", () => {
  let skipped = 0;
  fc.assert(
    fc.property(steps, results, (workflow, answers) => {
      const { plan } = must(importArazzo(documentOf(workflow), undefined), "importArazzo");
      const order = taken(workflow, answers);
      const session = sessionOf(plan, workflow.length);
      for (const next of [...order, undefined]) {
        for (const other of workflow.keys())
          if (other !== next)
            expect([order, other, session.check({ tool: `s/t${other}`, args: {} }).decision]).toEqual([order, other, "deny"]);
        if (next === undefined) break;
        const verdict = session.check({ tool: `s/t${next}`, args: {} });
        expect([order, next, verdict.decision === "allow" ? "allow" : verdict.code]).toEqual([order, next, "allow"]);
        if (verdict.decision === "allow") session.record(verdict.run, { value: answers[next] as Result });
      }
      if (order.some((step, at) => at > 0 && step > (order[at - 1] as number) + 1)) skipped++;
    }),
    { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 300), seed: 21 },
  );
  expect(skipped).toBeGreaterThan(20);
});
