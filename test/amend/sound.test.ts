/**
 * `same` and `narrower` mean what they say: on generated plans, their mutations and traces, what the new plan allows the old one allows too.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { diffCompiled, isWithin } from "../../src/amend/diff.ts";
import { decide, decideRelease } from "../../src/decide/decide.ts";
import { createGuard, type Session } from "../../src/engine.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { classify, isAgentGiven } from "../../src/plan/walk.ts";
import { diceOf, type Dice } from "../spec/dice.ts";
import { generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateStep } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";
import { amend } from "../spec/session.ts";
import { mutatePlan } from "./mutate.ts";

const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));
const handleKey = "00112233445566778899aabbccddeeff";
const runs = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
const given = process.env.SLUICE_FUZZ_SEED;
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);

/** The arguments that an agent could send to a node of the old plan so that the call comes to these final ones. */
function sendings(
  plan: FrozenPlan,
  node: string,
  { sent, final }: { readonly sent: Json; readonly final: JsonObject },
): readonly Json[] {
  const rules = plan.plan.nodes[node]?.args ?? {};
  const own = Object.entries(final).filter(([name]) => rules[name] === undefined || isAgentGiven(rules[name] as never));
  const chosen = own.filter(([name]) => {
    const rule = rules[name];
    return rule === undefined || ["choose", "write"].includes(classify(rule).kind);
  });
  const as = (entries: readonly (readonly [string, Json])[]): Json => ({ ...Object.fromEntries(entries), sluice_node: node });
  const sentByName = typeof sent === "object" && sent !== null ? { ...(sent as JsonObject), sluice_node: node } : {};
  return [
    sentByName,
    as(own),
    as(chosen),
    { ...(sentByName as JsonObject), ...(as(chosen) as JsonObject) },
    as(Object.entries(final)),
  ];
}

interface Tally {
  within: number;
  changed: number;
  allowed: number;
}

/** Follows a session of the new plan, or one of the old plan that its agent amends on the way, with one of the old plan. */
function tryPair(dice: Dice, tally: Tally, isOnTheWay: boolean): void {
  const { frozen: before, params, agentParams } = generatePlan(dice, new Set());
  const after = mutatePlan(dice, before);
  let now = startsAt;
  const [old, next] = [createGuard(before, { clock: () => now }), createGuard(after, { clock: () => now })];
  if (!old.ok || !next.ok) return;
  const diff = diffCompiled(old.value.program.plan, next.value.program.plan, { isAmending: isOnTheWay });
  if (!isWithin(diff)) return;
  tally.within += 1;
  if (diff.relation === "narrower") tally.changed += 1;
  const options = { id: "s-1", key: handleKey, params, agentParams };
  const [first, second] = [old.value.session(options), (isOnTheWay ? old : next).value.session(options)];
  if (!first.ok || !second.ok) {
    expect(second.ok && !first.ok, "what opens a session of the new plan opens one of the old").toBe(false);
    return;
  }
  const spec = open(isOnTheWay ? before : after, { params, agentParams, session: "s-1", handleKey, at: startsAt });
  const amendAt = 1 + dice.below(10);
  for (let i = 0; i < 24; i++) {
    if (isOnTheWay && i === amendAt && second.value.amend(after, { by: "agent" }).ok) amend(spec, after, now);
    const step = generateStep(dice, spec, now);
    if (step.kind === "settle") {
      const { run, at, ...result } = step.result;
      now = at;
      settle(spec, step.result);
      const seen = second.value.record(run, result);
      if (!seen.ok) continue;
      first.value.record(run, seen.event.ok ? result : { error: null });
      continue;
    }
    now = step.call.at;
    check(spec, step.call);
    const { tool, args, node } = step.call;
    const verdict = second.value.check({ tool, args, ...(node === undefined ? {} : { node }) });
    if (verdict.decision !== "allow") continue;
    tally.allowed += 1;
    follow(first.value, { old: old.value.program, before, now, tool, verdict, sent: args, after, changes: diff.changes });
  }
}

function follow(
  session: Session,
  of: {
    readonly old: Parameters<typeof decide>[0];
    readonly before: FrozenPlan;
    readonly now: number;
    readonly tool: string;
    readonly sent: Json;
    readonly verdict: { readonly node: string; readonly row?: string; readonly args: JsonObject };
    readonly after: FrozenPlan;
    readonly changes: unknown;
  },
): void {
  const { old, before, now, tool, verdict, sent } = of;
  const codes: string[] = [];
  if (verdict.row !== undefined && runRow(session, of)) return;
  for (const args of sendings(before, verdict.node, { sent, final: verdict.args })) {
    const decision = decide(old, session.state, { tool, args, at: now }, { leaseMs: 300_000 });
    if (!decision.allow) codes.push(decision.code);
    else if (canonicalJson(decision.fit.final) !== canonicalJson(verdict.args) || decision.fit.row?.key !== verdict.row)
      codes.push("OTHER");
    else return void session.check({ tool, args });
  }
  throw new Error(
    JSON.stringify({ codes, verdict, sent, changes: of.changes, before: before.plan, after: of.after.plan }, null, 1),
  );
}

/** Runs a row by its name: as a held call is released, which no other row can stand in for. */
function runRow(session: Session, of: Parameters<typeof follow>[1]): boolean {
  const { before, now, verdict, sent } = of;
  for (const args of sendings(before, verdict.node, { sent, final: verdict.args })) {
    const id = `row-${session.events.length}`;
    const { sluice_node: _, ...own } = args as JsonObject;
    session.state.holds.set(id, {
      id,
      node: verdict.node,
      row: verdict.row as string,
      sent: own,
      args: verdict.args,
      bytes: canonicalJson(verdict.args),
      expires: now,
      people: 1,
      at: now,
      approvers: [],
      status: "approved",
    });
    const decision = decideRelease(of.old, session.state, { hold: id, at: now }, { leaseMs: 300_000 });
    const isRun = typeof decision !== "string" && decision.allow;
    if (isRun) session.release(id);
    session.state.holds.delete(id);
    if (isRun) return true;
  }
  return false;
}

it.each([
  ["from the beginning", false],
  ["that it was amended to on the way", true],
])(
  "finds no run that a narrower plan, %s, allows and the old one does not",
  (_, isOnTheWay) => {
    const tally: Tally = { within: 0, changed: 0, allowed: 0 };
    fc.assert(
      fc.property(entropy, (numbers) => tryPair(diceOf(numbers), tally, isOnTheWay)),
      { seed, numRuns: runs * 4, endOnFailure: true },
    );
    if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(tally);
    expect(tally.changed, "narrower plans that were tried").toBeGreaterThan(runs / 10);
    expect(tally.allowed, "calls that were compared").toBeGreaterThan(runs / 4);
  },
  240_000,
);
