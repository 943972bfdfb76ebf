/**
 * What `verify` has proved is never contradicted by an allowed call of a generated run, for labels and for the data of single nodes.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analyze/analyse.ts";
import { createGuard } from "../../src/engine.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { withMark } from "../../src/verify/variants.ts";
import { verifyNever } from "../../src/verify/verify.ts";
import { diceOf } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261_122);
const key = "00112233445566778899aabbccddeeff";

interface Allowed {
  readonly node: string;
  readonly argument: string;
  readonly sources: readonly string[];
}

/** Every argument of every allowed call of a generated run. */
function allowedIn(
  dice: ReturnType<typeof diceOf>,
  generated: ReturnType<typeof generatePlan>,
  frozen: FrozenPlan,
): readonly Allowed[] {
  let now = startsAt;
  const guard = createGuard(frozen, { clock: () => now });
  if (!guard.ok) return [];
  const { params, agentParams } = generated;
  const opened = guard.value.session({ id: "s-1", key, params, agentParams });
  if (!opened.ok) return [];
  const spec = open(frozen, { params, agentParams, session: "s-1", handleKey: key, at: startsAt });
  const found: Allowed[] = [];
  for (let i = 0, idle = 0; i < 20 && idle < 7; i++) {
    const step = generateStep(dice, spec, now);
    if (step.kind === "settle") {
      const { run, at, ...result } = step.result;
      now = at;
      opened.value.record(run, result);
      settle(spec, step.result);
      continue;
    }
    if (step.kind !== "call") continue;
    now = step.call.at;
    const { tool, args, node } = step.call;
    const verdict = opened.value.check({ tool, args, ...(node === undefined ? {} : { node }) });
    check(spec, step.call);
    idle = verdict.decision === "allow" ? 0 : idle + 1;
    if (verdict.decision !== "allow") continue;
    for (const [argument, { sources }] of Object.entries(verdict.labels)) found.push({ node: verdict.node, argument, sources });
  }
  return found;
}

describe("verify and the engine", () => {
  it("never allow what was proved impossible for a label", () => {
    const answers = { proved: 0, refuted: 0, unknown: 0 };
    fc.assert(
      fc.property(entropy, (numbers) => {
        const dice = diceOf(numbers);
        const generated = generatePlan(dice, new Set());
        const { frozen } = generated;
        if (!createGuard(frozen, { clock: () => 0 }).ok) return;
        const allowed = allowedIn(dice, generated, frozen);
        const names = Object.keys(frozen.plan.nodes).filter((name) => frozen.plan.nodes[name]?.tool !== undefined);
        for (let i = 0; i < 4; i++) {
          const node = dice.pick(names);
          const label = dice.pick(["ext", "risk", "hr", "fin", "user_input", "external_api", "unknown", "untrusted"]);
          const argument = dice.pick(Object.keys(frozen.plan.nodes[node]?.args ?? { none: 0 }));
          const answer = verifyNever(frozen, `${label === "untrusted" ? label : `label:${label}`} -> node:${node}.${argument}`, {
            drive: (plan, goal) => ({ ok: false, why: `${plan.digest} ${goal.node}` }),
          });
          if (!answer.ok) continue;
          answers[answer.value.answer] += 1;
          if (answer.value.answer !== "proved") continue;
          const against = allowed.find(
            (one) => one.node === node && one.argument === argument && label !== "untrusted" && one.sources.includes(label),
          );
          if (against !== undefined) throw new Error(JSON.stringify({ against, plan: frozen.plan }, null, 1));
        }
      }),
      { numRuns, seed, endOnFailure: true },
    );
    expect(answers.proved).toBeGreaterThan(numRuns / 2);
    expect(answers.unknown).toBeGreaterThan(numRuns / 4);
  }, 120_000);

  it("never let data of a node arrive where the analysis says that it cannot", () => {
    let followed = 0;
    let own = 0;
    fc.assert(
      fc.property(entropy, (numbers) => {
        const dice = diceOf(numbers);
        const generated = generatePlan(dice, new Set());
        const names = Object.keys(generated.frozen.plan.nodes).filter(
          (name) => generated.frozen.plan.nodes[name]?.tool !== undefined,
        );
        const source = dice.pick(names);
        const { frozen, label } = withMark(generated.frozen, source);
        const analysis = analyse(generated.frozen, { marks: [source] });
        if (!analysis.ok) return;
        for (const { node, argument, sources } of allowedIn(dice, generated, frozen)) {
          if (!sources.includes(label)) continue;
          followed += 1;
          if (!analysis.value.mayReach({ node, argument, label: `node:${source}` }))
            throw new Error(JSON.stringify({ source, node, argument, plan: frozen.plan, tools: frozen.tools }, null, 1));
          if (node !== source) continue;
          own += 1;
          const answer = verifyNever(generated.frozen, `node:${source} -> node:${node}.${argument}`, {
            drive: () => ({ ok: false, why: "not asked" }),
          });
          if (answer.ok) expect(answer.value.answer, JSON.stringify(frozen.plan)).toBe("unknown");
        }
      }),
      { numRuns: numRuns * 3, seed: seed + 1, endOnFailure: true },
    );
    expect(followed).toBeGreaterThan(numRuns / 10);
    // Data of a node that runs several times, or tries again, does come back to it.
    expect(own).toBeGreaterThan(0);
  }, 120_000);
});
