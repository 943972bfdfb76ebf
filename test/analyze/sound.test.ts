/**
 * The static analysis over-approximates the engine: on generated plans and traces every label of an allowed argument, of a context and of a
 * result is one that it foresaw.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyse } from "../../src/analyze/analyse.ts";
import { createGuard } from "../../src/engine.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { diceOf } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 400);
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261_122);

interface Static {
  readonly sources: readonly string[];
  readonly readers: readonly string[] | null;
}

function exceeds(label: LabelValue, known: Static | undefined): boolean {
  if (known === undefined) return true;
  const isSource = label.sources.every((name) => known.sources.includes(name));
  const isReader = label.readers === null || (known.readers?.every((reader) => label.readers?.includes(reader)) ?? false);
  return !isSource || !isReader;
}

describe("the static analysis", () => {
  it("foresees every label that the engine gives to an argument, a context or a result", () => {
    const seen = { allowed: 0, labelled: 0, precise: 0, loose: 0 };
    fc.assert(
      fc.property(entropy, (numbers) => {
        const dice = diceOf(numbers);
        const { frozen, params, agentParams } = generatePlan(dice, new Set());
        const guard = createGuard(frozen, { clock: () => now });
        let now = startsAt;
        if (!guard.ok) return;
        const opened = guard.value.session({ id: "s-1", key: "00112233445566778899aabbccddeeff", params, agentParams });
        const analysis = analyse(frozen);
        if (!opened.ok || !analysis.ok) return;
        const engine = opened.value;
        const spec = open(frozen, {
          params,
          agentParams,
          session: "s-1",
          handleKey: "00112233445566778899aabbccddeeff",
          at: startsAt,
        });
        for (let i = 0, idle = 0; i < 24 && idle < 7; i++) {
          const step = generateStep(dice, spec, now);
          if (step.kind === "settle") {
            const { run, at, ...result } = step.result;
            now = at;
            engine.record(run, result);
            settle(spec, step.result);
            continue;
          }
          now = step.call.at;
          const { tool, args, node } = step.call;
          const context = engine.context();
          const verdict = engine.check({ tool, args, ...(node === undefined ? {} : { node }) });
          check(spec, step.call);
          idle = verdict.decision === "allow" ? 0 : idle + 1;
          if (verdict.decision !== "allow") continue;
          seen.allowed += 1;
          const report = (what: string, label: LabelValue, known: Static | undefined): string =>
            JSON.stringify(
              {
                what,
                label,
                known,
                node: verdict.node,
                plan: frozen.plan,
                tools: Object.values(frozen.tools).map(({ name, facts }) => ({ name, facts })),
              },
              null,
              1,
            );
          const foreseen = analysis.value.contextAt(verdict.node);
          if (exceeds(context, foreseen)) throw new Error(report("context", context, foreseen));
          for (const [arg, label] of Object.entries(verdict.labels)) {
            const known = analysis.value.labelsAt(verdict.node, arg);
            if (label.sources.length > 0) seen.labelled += 1;
            if (known?.sources.length === label.sources.length) seen.precise += 1;
            else seen.loose += 1;
            if (exceeds(label, known)) throw new Error(report(arg, label, known));
          }
          const state = engine.state.runs[verdict.run];
          const base = guard.value.program.labels.toValue(
            state?.base ?? { sources: undefined, readers: null, isUntrusted: false, denied: 0 },
          );
          if (exceeds(base, analysis.value.resultOf(verdict.node)))
            throw new Error(report("result", base, analysis.value.resultOf(verdict.node)));
        }
      }),
      { numRuns, seed, endOnFailure: true },
    );
    expect(seen.allowed).toBeGreaterThan(numRuns);
    expect(seen.labelled).toBeGreaterThan(numRuns / 4);
    expect(seen.precise).toBeGreaterThan(seen.loose);
    if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(seen);
  }, 120_000);
});
