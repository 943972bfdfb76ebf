/**
 * What a check says that an allowed call was made of is what a replay works out again from the event: labels, origins, verdict reads.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../src/decide/decide.ts";
import { apply } from "../../src/decide/fold.ts";
import { readsOfAll, remake } from "../../src/decide/made.ts";
import { observe } from "../../src/decide/observe.ts";
import { openScope } from "../../src/decide/rows.ts";
import { createGuard } from "../../src/engine.ts";
import type { PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan } from "../amend/world.ts";
import { diceOf } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";

const handleKey = "00112233445566778899aabbccddeeff";
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 60);

it("the labels, origins and verdict reads of an allowed call are worked out again from its event", () => {
  let compared = 0;
  fc.assert(
    fc.property(entropy, (numbers) => {
      const dice = diceOf(numbers);
      const { frozen, params, agentParams } = generatePlan(dice, new Set());
      const guard = createGuard(frozen, { clock: () => startsAt });
      const opened = guard.ok ? guard.value.session({ id: "s-1", key: handleKey, params, agentParams }) : guard;
      if (!guard.ok || !opened.ok) return;
      const { program } = guard.value;
      const { state } = opened.value;
      const spec = open(frozen, { params, agentParams, session: "s-1", handleKey, at: startsAt });
      let now = startsAt;
      for (let i = 0; i < 18; i++) {
        const step = generateStep(dice, spec, now);
        if (step.kind === "settle") {
          const { run, at, ...result } = step.result;
          now = at;
          settle(spec, step.result);
          const observed = observe(program, state, run, { result, at });
          if (observed.ok) apply(program, state, observed.event);
          continue;
        }
        now = step.call.at;
        check(spec, step.call);
        const decision = decide(program, state, step.call, { leaseMs: 300_000 });
        if (decision.allow) {
          const { event, made, fit } = decision;
          const again = remake(openScope(program, state, event.at), fit.node, event.row);
          const candidates = event.isNamed ? [fit.node] : (program.plan.byTool.get(step.call.tool) ?? []);
          expect(program.labels.toValue(again.label)).toEqual(program.labels.toValue(made.label));
          expect(again.origins).toEqual(made.origins);
          expect(program.labels.toValue(readsOfAll(state, candidates))).toEqual(program.labels.toValue(made.reads));
          compared++;
        }
        apply(program, state, decision.event, decision.made);
      }
    }),
    { seed: Number(process.env.SLUICE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31)), numRuns, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(numRuns);
});

it("an allowed call says from which runs each of its arguments came", () => {
  const nodes: Record<string, PlanNode> = {
    mail: { tool: "inbox/read", args: { id: "m1" } },
    both: { let: "mail.text + mail.text" },
    again: {
      tool: "inbox/read",
      args: {
        id: { template: "text", text: "{a} {b}", with: { a: { from: "mail$.text" }, b: { expr: "both" } } },
      },
    },
  };
  const guard = createGuard(frozenPlan(nodes, {}), { clock: () => startsAt });
  const opened = guard.ok ? guard.value.session({ id: "s-1", key: handleKey }) : guard;
  if (!guard.ok || !opened.ok) throw new Error("the session is opened");
  const { program } = guard.value;
  const { state } = opened.value;
  const call = (node: string) =>
    decide(program, state, { tool: "inbox/read", args: {}, node, at: startsAt }, { leaseMs: 300_000 });
  const first = call("mail");
  apply(program, state, first.event, first.made);
  const observed = observe(program, state, 0, { result: { value: { text: "m2" } }, at: startsAt });
  if (observed.ok) apply(program, state, observed.event);
  const { made } = call("again");
  expect(made.origins).toEqual([
    { arg: "id", run: 0 },
    { arg: "id", run: 0 },
  ]);
});
