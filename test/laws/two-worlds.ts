/**
 * Non-interference: two runs with the same host inputs and the same agent, that differ only in what one tool answers, differ in an
 * allowed argument or a verdict only where the label of that tool is. Never trusts the interpreter: it only says what to try.
 */
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { type Dice, diceOf } from "../spec/dice.ts";
import { type Generated, generatePlan, startsAt } from "../spec/generate-plan.ts";
import { generateResult, generateStep, type Step } from "../spec/generate-trace.ts";
import { check, open, settle } from "../spec/interpreter.ts";
import { handleKey, openWorld, type Said, type World } from "./worlds.ts";

const secret = "secret";

/** How often the two runs differed, and how, so that the law is not vacuous. */
export interface Differed {
  arguments: number;
  verdicts: number;
  deliveries: number;
}

/** The plan with the label `secret` on one of its tools, more often hidden than not. */
function withSecret(dice: Dice, generated: Generated): { readonly generated: Generated; readonly tool: string } {
  const { frozen } = generated;
  const first = Object.values(frozen.plan.nodes)[0]?.tool;
  const tool = first !== undefined && dice.chance(70) ? first : dice.pick(Object.keys(frozen.tools));
  const facts = frozen.tools[tool]?.facts;
  const tools = Object.fromEntries(
    Object.entries(frozen.tools).map(([name, one]) => [
      name,
      name === tool ? { ...one, facts: { ...one.facts, labels: [...(facts?.labels ?? []), secret] } } : one,
    ]),
  );
  const nodes = Object.fromEntries(
    Object.entries(frozen.plan.nodes).map(([name, node]) => {
      const isHidden = node.tool === tool && node.show === undefined && dice.chance(75);
      return [name, isHidden ? { ...node, show: "none" as const } : node];
    }),
  );
  const labels = { ...frozen.labels, [secret]: { integrity: dice.pick(["trusted", "untrusted"] as const) } };
  const changed: FrozenPlan = { ...frozen, labels, tools, plan: { ...frozen.plan, nodes } };
  return { generated: { ...generated, frozen: changed }, tool };
}

const textOf = (said: Said): string => {
  if (said.kind !== "verdict") return canonicalJson(said as unknown as Json);
  const { verdict } = said;
  if (verdict.decision === "deny") return verdict.code;
  return `allow ${verdict.run} ${verdict.node} ${verdict.row ?? ""}`;
};

const holdsSecret = (world: World): boolean => world.session.context().sources.includes(secret);

/** The arguments that differ between two allowed calls and do not carry the label in a run where they are present. */
function leaksOf(a: Said, b: Said, differed: Differed): readonly string[] {
  if (a.kind !== "verdict" || b.kind !== "verdict" || a.verdict.decision !== "allow" || b.verdict.decision !== "allow") return [];
  const [left, right] = [a.verdict, b.verdict];
  // Another node or row is another verdict.
  if (left.node !== right.node || left.row !== right.row) return [];
  const names = new Set([...Object.keys(left.args), ...Object.keys(right.args)]);
  const differing = [...names].filter(
    (name) => canonicalJson([left.args[name] ?? null]) !== canonicalJson([right.args[name] ?? null]),
  );
  if (differing.length > 0) differed.arguments++;
  return differing.filter((name) =>
    [left, right].some(({ labels }) => labels[name] !== undefined && !labels[name].sources.includes(secret)),
  );
}

/** What a tool that is not the secret one answers: a function of the call alone. */
function answer(said: Said & { readonly kind: "verdict" }): Json {
  if (said.verdict.decision !== "allow") return null;
  const { node, row, args, run } = said.verdict;
  let hash = run + 17;
  for (const unit of canonicalJson([node, row ?? null, args])) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) >>> 0;
  return generateResult(diceOf(Array.from({ length: 60 }, (_, i) => Math.imul(hash ^ (i * 0x9e37), 0x85ebca6b) >>> 16)));
}

/** Runs the two worlds side by side; says where the law is broken. */
export function runBoth(dice: Dice, differed: Differed): string | undefined {
  const { generated, tool } = withSecret(dice, generatePlan(dice, new Set()));
  const { frozen, params, agentParams } = generated;
  const [a, b] = [openWorld(generated, frozen), openWorld(generated, frozen)];
  if (a === undefined || b === undefined) return undefined;
  const spec = open(frozen, { params, agentParams, session: "s-1", handleKey, at: startsAt });
  const answers: (readonly [Json, Json])[] = [];
  let now = startsAt;
  for (let i = 0; i < 24; i++) {
    const step = generateStep(dice, spec, now);
    now = step.kind === "call" ? step.call.at : step.result.at;
    const [mine, theirs] = step.kind === "call" ? [step, step] : settlings(dice, step, { answers, tool });
    const [one, other] = [a.step(mine), b.step(theirs)];
    if (mine.kind === "call") check(spec, mine.call);
    else settle(spec, mine.result);
    if (one.kind === "verdict" && one.verdict.decision === "allow" && other.kind === "verdict")
      answers.push(frozen.plan.nodes[one.verdict.node]?.tool === tool ? [null, secret] : [answer(one), answer(other)]);
    const leaks = leaksOf(one, other, differed);
    const where = (): string =>
      `step ${i}: ${JSON.stringify({ plan: frozen.plan, tools: frozen.tools, tool, mine, theirs, one, other })}`;
    if (leaks.length > 0) return `argument ${leaks.join()} at ${where()}`;
    if (textOf(one) === textOf(other)) continue;
    if (one.kind === "verdict") differed.verdicts++;
    else differed.deliveries++;
    // One bit more, said so in the limits: that a call whose result is partly hidden succeeded at all.
    const isOutcome = mine.kind === "settle" && theirs.kind === "settle" && "error" in mine.result !== "error" in theirs.result;
    const isLabelled = isOutcome ? holdsSecret(a) || holdsSecret(b) : holdsSecret(a) && holdsSecret(b);
    if (!isLabelled) return `verdict or delivery at ${where()}`;
    if (one.kind === "verdict" || isOutcome) return undefined;
  }
  return undefined;
}

/** The same settling in both worlds: what the secret tool answers is drawn twice, what others answer follows from the call. */
function settlings(
  dice: Dice,
  step: Step & { readonly kind: "settle" },
  { answers }: { readonly answers: readonly (readonly [Json, Json])[]; readonly tool: string },
): readonly [Step, Step] {
  const { run, at } = step.result;
  const given = answers[run];
  if (given === undefined) return [step, step];
  const settling = (result: { readonly value: Json } | { readonly error: Json }): Step => ({
    kind: "settle",
    result: { run, at, ...result },
  });
  if (given[1] !== secret) return [settling({ value: given[0] }), settling({ value: given[1] })];
  const drawn = (): Step => (dice.chance(15) ? settling({ error: "it failed" }) : settling({ value: generateResult(dice) }));
  return [drawn(), drawn()];
}
