/**
 * Cross-validation of learning: a plan is learned from some runs, and the others are replayed against it, as they were and with one thing
 * changed by an attacker.
 * Pure. Counts what the engine said, and leaves out nothing that was allowed.
 */
import { type Catalogue, roleOf } from "../catalogue/catalogue.ts";
import type { JsonObject } from "../json/value.ts";
import { learnFoldsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import { freezePlan } from "../plan/freeze.ts";
import type { FrozenPlan, PlanNode } from "../plan/plan.ts";
import { classOf } from "../plan/walk.ts";
import { type ReplayedCall, replayTrace } from "../replay.ts";
import { err, ok, type Result } from "../result.ts";
import type { Trace, TraceEvent } from "../trace.ts";
import { attacksOn, type Attack, type AttackKind } from "./attacked-runs.ts";
import { isReader } from "./draft.ts";
import { givenParams } from "./given.ts";
import { learnMany, type LearnedMany } from "./many.ts";
import { readRuns, type Run } from "./runs.ts";

/** How it is done. */
export interface CrossValidateOptions {
  /** Parts into which the traces are divided. Default: one for each trace, at most 10. */
  readonly folds?: number;
  /** The task, where a trace has none. */
  readonly task?: string;
}

/** A call of a held-out run that the plan denied, although the run was benign. */
export interface FalseDenial {
  /** Place of the trace, from 0. */
  readonly trace: number;
  /** Place of the call in it, from 0; -1: the session could not be opened. */
  readonly call: number;
  readonly code: string;
  readonly node: string | null;
  readonly argument?: string;
  /** Whether a call of the run before it was denied, so that this may only follow from that. */
  readonly isLater?: true;
}

/**
 * What became of an attack: refused; let through as text of the agent's, as one of the values that the agent chooses among, as a read that
 * the plan lets be repeated, as a step that the plan leaves to the agent, as another step that the plan has and the held-out run did not make in
 * its place; or let through otherwise.
 */
export type AttackOutcome = "denied" | "content" | "choice" | "read" | "optional" | "planned" | "open";

/** An attack that was let through. */
export interface Passed {
  readonly trace: number;
  readonly call: number;
  readonly kind: AttackKind;
  readonly outcome: Exclude<AttackOutcome, "denied">;
  readonly node: string | null;
  readonly argument?: string;
}

/** What cross-validation found. */
export interface CrossValidation {
  readonly folds: number;
  readonly traces: number;
  /** Calls of all held-out runs. */
  readonly calls: number;
  /** Held-out runs of which every call was allowed. */
  readonly allowedRuns: number;
  readonly falseDenials: readonly FalseDenial[];
  /** Parameters that a held-out run was given from its own calls, as a host would have to know them: what they are in says nothing about learning. */
  readonly hostParams: readonly { readonly trace: number; readonly names: readonly string[] }[];
  /** Parameters that the rule of learning did not find in a held-out run, by trace. */
  readonly missingParams: readonly { readonly trace: number; readonly names: readonly string[] }[];
  readonly attacks: { readonly [K in AttackKind]: { readonly [O in AttackOutcome]: number } };
  readonly passed: readonly Passed[];
  /** What learning without some runs said about all of them, where it made no plan. */
  readonly failures: readonly { readonly fold: number; readonly finding: Finding }[];
}

/** Learns on all but one part of the traces and replays that part, for each part. Errors: as learning; fewer than three traces. */
export function crossValidate(
  traces: readonly Trace[],
  catalogue: Catalogue,
  options: CrossValidateOptions = {},
): Result<CrossValidation, readonly Finding[]> {
  if (traces.length < 3) {
    const message = `cross-validation needs at least three traces, of which two are learned from; there are ${traces.length}`;
    return err([{ code: "LEARN_FEW_TRACES", severity: "error", pointer: "", message }]);
  }
  const runs = readRuns(traces, catalogue, { task: options.task, findings: [] });
  if (!runs.ok) return runs;
  const folds = Math.max(2, Math.min(options.folds ?? learnFoldsMax, learnFoldsMax, traces.length));
  const tally = openTally();
  for (let fold = 0; fold < folds; fold++) {
    const held = runs.value.filter((_, place) => place % folds === fold);
    const rest = traces.filter((_, place) => place % folds !== fold);
    const learned = learnMany(rest, catalogue, { name: "held-out", task: options.task });
    const frozen = learned.ok ? freezePlan(learned.value.plan, catalogue) : learned;
    if (!learned.ok || !frozen.ok) {
      const [finding] = frozen.ok ? [] : frozen.error;
      if (finding !== undefined) tally.failures.push({ fold, finding });
      continue;
    }
    for (const run of held) replayHeld(tally, { run, learned: learned.value, frozen: frozen.value, others: rest, catalogue });
  }
  return ok({ folds, traces: traces.length, ...tally });
}

interface Tally {
  calls: number;
  allowedRuns: number;
  readonly falseDenials: FalseDenial[];
  readonly hostParams: { readonly trace: number; readonly names: readonly string[] }[];
  readonly missingParams: { readonly trace: number; readonly names: readonly string[] }[];
  readonly attacks: Record<AttackKind, Record<AttackOutcome, number>>;
  readonly passed: Passed[];
  readonly failures: { readonly fold: number; readonly finding: Finding }[];
}

function openTally(): Tally {
  const none = (): Record<AttackOutcome, number> => ({
    denied: 0,
    content: 0,
    choice: 0,
    read: 0,
    optional: 0,
    planned: 0,
    open: 0,
  });
  const attacks = {
    "other-run": none(),
    "other-leaf": none(),
    fresh: none(),
    "other-tool": none(),
    repeated: none(),
  };
  return { calls: 0, allowedRuns: 0, falseDenials: [], hostParams: [], missingParams: [], attacks, passed: [], failures: [] };
}

interface Held {
  readonly run: Run;
  readonly learned: LearnedMany;
  readonly frozen: FrozenPlan;
  readonly others: readonly Trace[];
  readonly catalogue: Catalogue;
}

function replayHeld(tally: Tally, held: Held): void {
  const { run, learned, frozen } = held;
  const { params, missing, host } = givenParams(learned, run);
  const trace = run.place;
  if (missing.length > 0) tally.missingParams.push({ trace, names: missing });
  if (host.length > 0) tally.hostParams.push({ trace, names: host });
  tally.calls += run.steps.length;
  const calls = replayTrace(frozen, run.trace, { params });
  if (!calls.ok) {
    tally.falseDenials.push({ trace, call: -1, code: calls.error[0]?.code ?? "INTERNAL", node: null });
    return;
  }
  const isPart = (index: number): boolean => run.calls.some((call) => call.steps.some((step) => step.index === index));
  const denied = calls.value.filter((call) => call.verdict === "deny" && isPart(call.i));
  if (denied.length === 0) tally.allowedRuns++;
  for (const [place, { i, code, node, argument }] of denied.entries()) {
    const about = { ...(argument === undefined ? {} : { argument }), ...(place > 0 ? { isLater: true as const } : {}) };
    tally.falseDenials.push({ trace, call: i, code: code ?? "INTERNAL", node, ...about });
  }
  const allowed = new Map(calls.value.flatMap(({ verdict, i, node }) => (verdict === "allow" ? [[i, node]] : [])));
  for (const attack of attacksOn(run, held)) {
    // What was denied anyway says nothing about an attack on it.
    if (!allowed.has(attack.isChanged ? attack.call : (attack.repeats ?? attack.call)) && attack.kind !== "other-tool") continue;
    record(tally, held, { attack, params, own: attack.isChanged ? (allowed.get(attack.call) ?? null) : null });
  }
}

interface Tried {
  readonly attack: Attack;
  readonly params: JsonObject;
  /** The node that took the call as it was. */
  readonly own: string | null;
}

function record(tally: Tally, held: Held, { attack, params, own }: Tried): void {
  const { run, frozen } = held;
  const calls = replayTrace(frozen, { ...run.trace, events: attack.events as readonly TraceEvent[] }, { params });
  const call = calls.ok ? calls.value[attack.call] : undefined;
  const outcome = call === undefined ? "denied" : outcomeOf(frozen, { ...attack, own }, call);
  tally.attacks[attack.kind][outcome]++;
  if (outcome === "denied" || call === undefined) return;
  const argument = attack.argument === undefined ? {} : { argument: attack.argument };
  tally.passed.push({ trace: run.place, call: attack.call, kind: attack.kind, outcome, node: call.node, ...argument });
}

/** Whether the plan leaves it to the agent whether, or how often, the node runs. */
function isLeft({ optional, times }: PlanNode): boolean {
  return optional === true || (typeof times === "object" && (times.min ?? 0) < times.max);
}

function outcomeOf(
  frozen: FrozenPlan,
  { argument, kind, own }: Attack & { readonly own: string | null },
  { verdict, node }: ReplayedCall,
): AttackOutcome {
  if (verdict === "deny") return "denied";
  const spec = node === null ? undefined : frozen.plan.nodes[node];
  const tool = spec?.tool === undefined ? undefined : frozen.tools[spec.tool];
  if (spec === undefined || tool === undefined) return "open";
  if (argument === undefined)
    return isReader(tool) ? "read" : isLeft(spec) ? "optional" : kind === "other-tool" ? "planned" : "open";
  if (node !== own) return "planned";
  const rule = spec.args?.[argument];
  if (roleOf(tool, argument) === "content") return "content";
  if (rule !== undefined && rule !== null && classOf(rule) === "choose") return "choice";
  // A loop of reads may read another row of its list, in another order.
  return isReader(tool) && spec.each !== undefined ? "read" : "open";
}
