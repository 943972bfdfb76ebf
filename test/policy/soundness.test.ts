/**
 * The static check of flows against what happens: where it finds nothing, no forbidden data comes to a covered argument, whatever the
 * plan endorses or removes. The truth is the same plan without its downgrades, fed with the same calls.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createGuard, type Session } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import type { ArgRule, FrozenPlan, PlanNode, Role } from "../../src/plan/plan.ts";
import { checkPolicy } from "../../src/policy/check.ts";
import { composePolicies } from "../../src/policy/compose.ts";
import type { Policy, PolicyFlow } from "../../src/policy/policy.ts";
import { coveredArguments, isNamed, toolNodesOf } from "../../src/policy/select.ts";
import { tighten } from "../../src/policy/tighten.ts";
import { isUntrustedLabel } from "../../src/policy/tighten/approvals.ts";
import { type Dice, diceOf } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1_800, maxLength: 1_800, size: "max" }));
const key = "00112233445566778899aabbccddeeff";

function flowOf(dice: Dice): PolicyFlow {
  const roles = dice.pick<readonly Role[] | undefined>([undefined, ["target"], ["content"], ["selector", "target"]]);
  return {
    id: "f",
    deny: dice.pick([["ext"], ["untrusted"], ["fin", "external_api"], ["hr", "risk"]]),
    to: dice.pick(["t/*", "s/*", "*"]),
    ...(roles === undefined ? {} : { roles }),
  };
}

/** A rule without its endorsements, at any depth. */
function unendorsed(rule: ArgRule): ArgRule {
  if (typeof rule !== "object" || rule === null) return rule;
  if (Array.isArray(rule)) return rule.map((part) => unendorsed(part as ArgRule));
  const { endorse: _, ...kept } = rule as unknown as { readonly [name: string]: unknown };
  const parts = (map: unknown): object =>
    Object.fromEntries(Object.entries(map as object).map(([name, part]) => [name, unendorsed(part)]));
  const inner = {
    ...("object" in kept ? { object: parts(kept.object) } : {}),
    ...("with" in kept ? { with: parts(kept.with) } : {}),
  };
  return { ...kept, ...inner } as unknown as ArgRule;
}

/** The plan without downgrades and without rules about flows: its labels are where data came from. */
function raw(frozen: FrozenPlan): FrozenPlan {
  const { flows: _, ...plan } = frozen.plan;
  const nodes = Object.entries(plan.nodes).map(([name, { removes: _removes, ...node }]): [string, PlanNode] => [
    name,
    node.args === undefined
      ? node
      : { ...node, args: Object.fromEntries(Object.entries(node.args).map(([arg, rule]) => [arg, unendorsed(rule)])) },
  ]);
  return { ...frozen, plan: { ...plan, nodes: Object.fromEntries(nodes) } };
}

it("a plan without findings lets no forbidden data into a covered argument", () => {
  const counts = { plans: 0, calls: 0, covered: 0, refused: 0 };
  fc.assert(
    fc.property(entropy, (numbers) => {
      const dice = diceOf(numbers);
      const flow = flowOf(dice);
      const policy = composePolicies([
        { sluicePolicy: 1, name: "p", flows: [flow], labels: { ext: { integrity: "untrusted" } } } as Policy,
      ]);
      const { frozen, params } = generatePlan(dice, new Set());
      const tightened = tighten(frozen, policy);
      if (checkPolicy(frozen, policy, tightened).some(({ severity }) => severity === "error")) {
        counts.refused++;
        return;
      }
      counts.plans++;
      let now = startsAt;
      const openOn = (plan: FrozenPlan): Session | undefined => {
        const guard = createGuard(plan, { clock: () => now });
        const session = guard.ok ? guard.value.session({ id: "s-1", key, params }) : guard;
        return session.ok ? session.value : undefined;
      };
      const [session, truth] = [openOn(tightened), openOn(raw(frozen))];
      if (session === undefined || truth === undefined) return;
      const spec = open(tightened, { params, agentParams: [], session: "s-1", handleKey: key, at: startsAt });
      const sinks = new Map(toolNodesOf(tightened).map((each) => [each.name, each]));
      for (let i = 0; i < 16; i++) {
        const step = generateStep(dice, spec, now);
        if (step.kind === "settle") {
          const { run, at, ...result } = step.result;
          now = at;
          settle(spec, step.result);
          session.record(run, result);
          truth.record(run, result);
          continue;
        }
        now = step.call.at;
        check(spec, step.call);
        const { tool, args, node } = step.call;
        const verdict = session.check({ tool, args, ...(node === undefined ? {} : { node }) });
        if (verdict.decision === "deny") continue;
        const { sluice_node: _, ...plain } = args as { readonly [name: string]: Json };
        const real = truth.check({ tool, args: plain, node: verdict.node });
        if (real.decision === "deny" || real.row !== verdict.row) return;
        counts.calls++;
        const sink = sinks.get(verdict.node);
        if (sink === undefined || !isNamed(flow.to, tool)) continue;
        for (const arg of coveredArguments(flow, sink)) {
          const sources = real.labels[arg]?.sources ?? [];
          if (!Object.hasOwn(real.args, arg)) continue;
          counts.covered++;
          const isDenied = (label: string): boolean =>
            flow.deny.includes(label) || (flow.deny.includes("untrusted") && isUntrustedLabel(frozen, label));
          expect(sources.filter(isDenied)).toEqual([]);
        }
      }
    }),
    { numRuns: Number(process.env.SLUICE_FUZZ_RUNS ?? 500), endOnFailure: true },
  );
  expect(counts.refused).toBeGreaterThan(20);
  expect(counts.covered).toBeGreaterThan(50);
});
