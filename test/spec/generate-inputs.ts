/**
 * What comes with a call, a result or an opening beside its data: labels that a caller or a server tells, receipts, batches, the end of a session.
 * Never makes the data itself.
 */
import type { LabelValue } from "../../src/taint/label.ts";
import type { Dice } from "./dice.ts";
import { type Generated, generateReceived, generateReceivedLabel } from "./generate-plan.ts";
import { type AnyStep, atOf, generateStep, type TraceStep } from "./generate-trace.ts";
import type { SpecCall, SpecResult } from "./interpreter.ts";
import type { Session } from "./session.ts";

/** Sometimes parameters came from another agent, or from two; sometimes the conversation has seen something before. */
export function withOpening(dice: Dice, generated: Generated): Generated {
  const context = dice.chance(8) ? { context: generateReceivedLabel(dice) } : {};
  if (!dice.chance(25)) return { ...generated, ...context };
  const parts = dice.chance(40) ? { parts: { p: generateReceivedLabel(dice) } } : {};
  const one = { ...generateReceived(dice), ...parts, params: dice.some(["p", "q"], 60) };
  const received = dice.chance(20) ? [one, { ...generateReceived(dice), params: ["p"] }] : [one];
  return { ...generated, ...context, received };
}

/** A step with what may come beside it; now and then another step, which is made of it or takes its place. */
export function withInputs(dice: Dice, session: Session, step: AnyStep): TraceStep {
  if (dice.chance(1) && dice.chance(40)) return { kind: "close", at: atOf(step) };
  if (step.kind === "settle") return { ...step, result: resultOf(dice, step.result) };
  if (step.kind !== "call") return step;
  const call = callOf(dice, step.call);
  if (!dice.chance(8)) return { ...step, call };
  // Time stands still within a batch.
  const next = generateStep(dice, session, call.at);
  const other = next.kind === "call" ? { ...next.call, at: call.at } : call;
  return { kind: "batch", calls: dice.chance(15) ? [call, other, call] : [call, other] };
}

/** Sometimes a result is that of another agent, claims labels, or brings some from where it was kept. */
function resultOf(dice: Dice, result: SpecResult): SpecResult {
  return {
    ...result,
    ...(dice.chance(20) ? { received: generateReceived(dice) } : {}),
    ...(dice.chance(8) ? { claims: dice.pick([["hr"], ["ext", "theirs"], ["unknown"], ["*"]]) } : {}),
    ...(dice.chance(8) ? { kept: generateReceivedLabel(dice) } : {}),
  };
}

/** Sometimes the caller knows labels of what it sends, and sometimes it names the node beside the arguments. */
function callOf(dice: Dice, call: SpecCall): SpecCall {
  const isNamed = dice.chance(8);
  const labels = dice.chance(15) ? { labels: generateGiven(dice) } : {};
  return { ...call, ...labels, ...(isNamed ? { node: dice.pick(["d", "a1", "z", "m-1"]) } : {}) };
}

/** Labels of arguments: some that the call has, some that it has not, all of them at once. */
function generateGiven(dice: Dice): { readonly [arg: string]: LabelValue } {
  const names = dice.some(["a", "b", "body", "n", "to", "o", "", "extra"], 25);
  return Object.fromEntries(names.map((name) => [name, generateReceivedLabel(dice)]));
}

/** The members that a step has, by name: for what must have been generated. */
export function inputsIn(step: TraceStep): readonly string[] {
  if (step.kind === "batch") return ["batch", ...step.calls.flatMap((call) => inputsIn({ kind: "call", call }))];
  if (step.kind === "call") return Object.keys(step.call).map((name) => `call ${name}`);
  if (step.kind === "settle") return Object.keys(step.result).map((name) => `result ${name}`);
  return [step.kind];
}
