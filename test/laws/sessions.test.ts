/**
 * Laws of the engine on generated plans and traces: the same events are the same state, the same calls the same verdicts, and what
 * only restricts a plan never allows what was denied.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { FlowRule, FrozenPlan, FrozenTool, PlanNode } from "../../src/plan/plan.ts";
import { type Dice, diceOf } from "../spec/dice.ts";
import { type Generated, generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep, type Step } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";
import { handleKey, openWorld, type Said } from "./worlds.ts";

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const hold = (law: (dice: Dice) => void): void =>
  fc.assert(
    fc.property(entropy, (numbers) => law(diceOf(numbers))),
    { seed, numRuns, endOnFailure: true },
  );
const textOf = (value: unknown): string => canonicalJson(JSON.parse(JSON.stringify(value)) as Json);

/** A plan and a trace of it. */
function generate(dice: Dice): { readonly generated: Generated; readonly steps: readonly Step[] } {
  const generated = generatePlan(dice, new Set());
  const { frozen, params, agentParams } = generated;
  const spec = open(frozen, { params, agentParams, session: "s-1", handleKey, at: startsAt });
  const steps: Step[] = [];
  let now = startsAt;
  for (let i = 0; i < 18; i++) {
    const step = generateStep(dice, spec, now);
    now = step.kind === "call" ? step.call.at : step.result.at;
    if (step.kind === "call") check(spec, step.call);
    else settle(spec, step.result);
    steps.push(step);
  }
  return { generated, steps };
}

describe(`sessions (seed ${seed})`, () => {
  it("say the same of the same calls", () => {
    let compared = 0;
    hold((dice) => {
      const { generated, steps } = generate(dice);
      const [a, b] = [openWorld(generated, generated.frozen), openWorld(generated, generated.frozen)];
      if (a === undefined || b === undefined) return;
      for (const step of steps) expect(textOf(a.step(step))).toBe(textOf(b.step(step)));
      expect(textOf(a.session.events)).toBe(textOf(b.session.events));
      compared++;
    });
    expect(compared).toBeGreaterThan(numRuns / 2);
  });

  it("are the fold of their events: a session resumed at any moment goes on in the same way", () => {
    hold((dice) => {
      const { generated, steps } = generate(dice);
      const world = openWorld(generated, generated.frozen);
      if (world === undefined) return;
      const at = dice.below(steps.length);
      for (const step of steps.slice(0, at)) world.step(step);
      const resumed = world.resume();
      for (const step of steps.slice(at)) expect(textOf(resumed.step(step))).toBe(textOf(world.step(step)));
      expect(textOf(resumed.session.context())).toBe(textOf(world.session.context()));
    });
  });

  it("never allow under a stricter plan what the plan denied", () => {
    const counts = { compared: 0, stricter: 0 };
    hold((dice) => {
      const { generated, steps } = generate(dice);
      const before = openWorld(generated, generated.frozen);
      const after = openWorld(generated, stricter(dice, generated.frozen));
      if (before === undefined || after === undefined) return;
      counts.compared++;
      for (const step of steps) {
        const [one, other] = [before.step(step), after.step(step)].map(outcomeOf) as [string, string];
        if (one === other) continue;
        if (one === "deny" && other.startsWith("allow"))
          throw new Error(JSON.stringify({ step, frozen: generated.frozen, other }));
        counts.stricter++;
        // A call that was ambiguous may fit one node now, and another node or row is another history.
        return;
      }
    });
    expect(counts.compared).toBeGreaterThan(numRuns / 2);
    expect(counts.stricter).toBeGreaterThan(5);
  });
});

/** What of a verdict decides how the session goes on. */
function outcomeOf(said: Said): string {
  if (said.kind !== "verdict") return said.kind;
  if (said.verdict.decision === "allow") return `allow ${said.verdict.node} ${said.verdict.row ?? ""}`;
  return said.verdict.code === "CALL_AMBIGUOUS" ? "ambiguous" : "deny";
}

/** The plan with one more flow rule, condition or label. */
function stricter(dice: Dice, frozen: FrozenPlan): FrozenPlan {
  const { plan, tools } = frozen;
  const rule: FlowRule = {
    id: "added",
    deny: [dice.pick(["user_input", "untrusted", "ext", "hr"])],
    to: dice.pick(["*", "s/*", "t/send"]),
  };
  const withNode = (change: (node: PlanNode) => PlanNode): FrozenPlan => {
    const name = dice.pick(
      Object.keys(plan.nodes)
        .filter((one) => plan.nodes[one]?.tool !== undefined)
        .concat(Object.keys(plan.nodes)),
    );
    const node = plan.nodes[name] as PlanNode;
    return { ...frozen, plan: { ...plan, nodes: { ...plan.nodes, [name]: node.tool === undefined ? node : change(node) } } };
  };
  // A node's labels stand in for a tool that declares none, so what was `unknown` must stay so.
  const unlabelled = (node: PlanNode): readonly string[] =>
    tools[node.tool ?? ""]?.facts.labels === undefined ? ["unknown"] : [];
  const withLabel = (): FrozenPlan => {
    const name = dice.pick(Object.keys(tools));
    const tool = tools[name] as FrozenTool;
    // A tool without labels is `unknown`, and a declared label would stand in for that: it keeps it.
    const labels = [...(tool.facts.labels ?? ["unknown"]), dice.pick(["ext", "hr", "fin", "other"])];
    return { ...frozen, tools: { ...tools, [name]: { ...tool, facts: { ...tool.facts, labels } } } };
  };
  return dice.pick([
    () => ({ ...frozen, plan: { ...plan, flows: [...(plan.flows ?? []), rule] } }),
    () => ({ ...frozen, plan: { ...plan, flows: [...(plan.flows ?? []), { ...rule, roles: ["control" as const] }] } }),
    () =>
      withNode((node) => ({
        ...node,
        require: [...(node.require ?? []), dice.pick(["params.q > 1", "size(args) < 2", "false"])],
      })),
    () => withNode((node) => ({ ...node, labels: [...(node.labels ?? unlabelled(node)), "ext"] })),
    withLabel,
    withLabel,
  ])();
}
