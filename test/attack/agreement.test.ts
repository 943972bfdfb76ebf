/**
 * The analysis and the adversary never contradict each other: what is proved impossible is never found possible.
 * On generated plans: every call that the adversary gets allowed carries only labels that the analysis foresaw, and none that
 * `verify` proves away.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Analysis, analyse } from "../../src/analyze/analyse.ts";
import { attackPlan } from "../../src/attack/attack.ts";
import { agentAttempts } from "../../src/attack/calls.ts";
import { poisonAttempts } from "../../src/attack/poison.ts";
import { type BaseRun, baseRun, type Called, playTail } from "../../src/attack/run.ts";
import { createGuard, type Guard } from "../../src/engine.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { driveTo, openStage, playThrough } from "../../src/simulate/drive.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { verifyNever } from "../../src/verify/verify.ts";
import { diceOf } from "../spec/dice.ts";
import { generatePlan } from "../spec/generate-plan.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1200, maxLength: 1200, size: "max" }));
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 60);
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 41);
/** Tries of each benign run: one in so many is made, so that all kinds are. */
const triesOfBase = 250;
const labels = ["ext", "risk", "hr", "fin", "unknown", "external_api", "untrusted"];

/** Every call that an adversary gets allowed, from benign runs of the plan. */
function* allowedCalls(frozen: FrozenPlan, guard: Guard, turn: number): Generator<Called> {
  const stage = openStage(frozen);
  if (typeof stage === "string") return;
  for (const base of basesOf(frozen, guard)) {
    yield* base.calls;
    const attempts = [...agentAttempts(guard, base), ...poisonAttempts({ ...stage, guard }, base, [])];
    const step = Math.max(1, Math.floor(attempts.length / triesOfBase));
    for (let i = turn % step; i < attempts.length; i += step) {
      const attempt = attempts[i];
      if (attempt !== undefined) yield* playTail(guard, base, attempt).allowed;
    }
  }
}

function basesOf(frozen: FrozenPlan, guard: Guard): readonly BaseRun[] {
  const names = Object.keys(frozen.plan.nodes);
  const drives = [
    playThrough(frozen, { tries: 100, readsFirst: true }),
    ...names.map((node) => driveTo(frozen, { node }, { tries: 30 })),
  ];
  return drives.flatMap((drive, i) => {
    const base = drive.ok ? baseRun(guard, drive.trace, { origin: `${i}`, params: drive.params }) : undefined;
    return base === undefined || base.calls.length === 0 ? [] : [base];
  });
}

function exceeds(label: LabelValue, known: ReturnType<Analysis["labelsAt"]>): boolean {
  if (known === undefined) return true;
  const isRead = label.readers === null || (known.readers?.every((reader) => label.readers?.includes(reader)) ?? false);
  return !label.sources.every((name) => known.sources.includes(name)) || !isRead;
}

/** Which labels are proved never to reach a tool. */
function openProofs(frozen: FrozenPlan): (tool: string, label: string) => boolean {
  const known = new Map<string, boolean>();
  return (tool, label) => {
    const claim = `${label} -> ${tool}`;
    const proved = known.get(claim);
    if (proved !== undefined) return proved;
    const answer = verifyNever(frozen, claim, { drive: () => ({ ok: false, why: "not asked" }) });
    const isProved = answer.ok && answer.value.answer === "proved";
    known.set(claim, isProved);
    return isProved;
  };
}

describe("the analysis and the adversary", () => {
  it("agree: what is proved impossible is never found possible", () => {
    const seen = { calls: 0, labelled: 0, proofs: 0 };
    let turn = 0;
    fc.assert(
      fc.property(entropy, (numbers) => {
        const { frozen } = generatePlan(diceOf(numbers), new Set());
        const guard = createGuard(frozen, { clock: () => 0 });
        const analysis = analyse(frozen);
        if (!guard.ok || !analysis.ok) return;
        const isProved = openProofs(frozen);
        const { isTrusted } = guard.value.program.labels;
        for (const called of allowedCalls(frozen, guard.value, turn++)) {
          seen.calls += 1;
          for (const [arg, label] of Object.entries(called.labels)) {
            if (label.sources.length > 0) seen.labelled += 1;
            const known = analysis.value.labelsAt(called.node, arg);
            const fault = { node: called.node, tool: called.tool, arg, label, known, sent: called.sent, plan: frozen.plan };
            if (exceeds(label, known)) throw new Error(`not foreseen: ${JSON.stringify(fault)}`);
            for (const name of labels) {
              if (!isProved(called.tool, name)) continue;
              seen.proofs += 1;
              const carries = label.sources.some((source) => source === name || (name === "untrusted" && !isTrusted(source)));
              if (carries) throw new Error(`proved away: ${name} ${JSON.stringify(fault)}`);
            }
          }
        }
      }),
      { numRuns, seed, endOnFailure: true },
    );
    expect(seen.calls).toBeGreaterThan(30 * numRuns);
    expect(seen.labelled).toBeGreaterThan(10 * numRuns);
    expect(seen.proofs).toBeGreaterThan(10 * numRuns);
  }, 240_000);

  it("agree that what an attacker changes has not lost its label, but where it was endorsed", () => {
    let lines = 0;
    fc.assert(
      fc.property(entropy, (numbers) => {
        const { frozen } = generatePlan(diceOf(numbers), new Set());
        const report = attackPlan(frozen, { tries: 800 });
        if (!report.ok) return;
        lines += report.value.possible.length;
        const laundered = report.value.possible.filter(({ told, isUntrusted }) => told === undefined && !isUntrusted);
        if (laundered.length > 0) throw new Error(JSON.stringify({ laundered: laundered[0], plan: frozen.plan }));
        expect(report.value.faults).toEqual([]);
      }),
      { numRuns: Math.ceil(numRuns / 3), seed, endOnFailure: true },
    );
    expect(lines).toBeGreaterThan(numRuns / 20);
  }, 240_000);
});
