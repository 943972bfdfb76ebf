/**
 * Continues a session under another plan: its runs, labels, counts and budgets go on, by the names of the new plan's nodes.
 * Pure but for the state it is given. Never takes back a label, a count or a run; never lets a node that has run mean something else.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import { type Json, jsonEqual } from "../json/value.ts";
import { unknownName } from "../plan/built-in-labels.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { PlanNode } from "../plan/plan.ts";
import { assert } from "../result.ts";
import type { Label } from "../taint/label.ts";
import { createLedger, refill, type Reserved } from "./ledger.ts";
import type { Program } from "./program.ts";
import type { NodeState, Run, SessionEvent, SessionState } from "./state.ts";

type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: T }>;

/** Members of a node that say how its results were read, labelled and shown, and what its rows are: fixed once it has run. */
const fixedMembers = ["tool", "each", "parse", "labels", "removes", "show"] as const;

/**
 * Why a session cannot go on under a program, whoever approves it: `AMEND_MALFORMED` if its parameters are other ones, `AMEND_RUNS` if a
 * node that has run is gone or means something else, or a result is referred to that was not kept. `undefined`: it can.
 */
export function refuseContinuation(state: SessionState, from: Program, to: Program): Code | undefined {
  const params = ({ plan }: Program): Json => (plan.frozen.plan.params ?? {}) as unknown as Json;
  if (!jsonEqual(params(from), params(to))) return "AMEND_MALFORMED";
  for (const [index, { ok }] of state.nodes) {
    const old = from.plan.nodes[index] as CompiledNode;
    const next = to.plan.byName.get(old.name);
    if (next === undefined || !meansTheSame({ from, old }, { to, next })) return "AMEND_RUNS";
    if (next.isReferred && ok.some((run) => run.value === undefined)) return "AMEND_RUNS";
  }
  return undefined;
}

function meansTheSame(
  { from, old }: { readonly from: Program; readonly old: CompiledNode },
  { to, next }: { readonly to: Program; readonly next: CompiledNode },
): boolean {
  const specOf = ({ plan }: Program, { name }: CompiledNode): PlanNode => plan.frozen.plan.nodes[name] as PlanNode;
  const [was, is] = [specOf(from, old), specOf(to, next)];
  return (
    fixedMembers.every((member) => jsonEqual(was[member] as Json | undefined, is[member] as Json | undefined)) &&
    jsonEqual(old.tool as unknown as Json | undefined, next.tool as unknown as Json | undefined) &&
    // Where the plan says nothing, all or none is shown, and that follows from what the arguments read.
    (old.show === "none") === (next.show === "none")
  );
}

/** Folds an `amend` event: afterwards the state is one of the program `to`. The event was checked by {@link refuseContinuation}. */
export function continueUnder(state: SessionState, from: Program, to: Program, event: EventOf<"amend">): void {
  assert(event.parent === state.plan && event.plan === to.plan.frozen.digest, "an amendment names the plans that it is for");
  assert(refuseContinuation(state, from, to) === undefined, "a session goes on only where its runs keep their meaning");
  state.version += 1;
  const placeOf = (index: number): CompiledNode =>
    to.plan.byName.get((from.plan.nodes[index] as CompiledNode).name) as CompiledNode;
  moveLabels(state, from, to);
  for (const run of state.runs) (run as { node: number }).node = placeOf(run.node).index;
  const nodes = [...state.nodes];
  state.nodes.clear();
  for (const [index, kept] of nodes) {
    const node = placeOf(index);
    state.nodes.set(node.index, kept);
    countAgain(state, from.plan.nodes[index] as CompiledNode, { node, kept });
  }
  state.rowCache.clear();
  // SECURITY: what was approved was approved under the old plan.
  for (const hold of state.holds.values()) if (hold.status === "pending" || hold.status === "approved") hold.status = "void";
  for (const { entry, runs } of event.spent ?? []) {
    const key = envelopeKey(from, entry);
    state.spentEnvelope.set(key, (state.spentEnvelope.get(key) ?? 0) + runs);
  }
  for (const [number, ask] of state.asks.entries()) {
    if (ask.status !== "waiting") continue;
    ask.status = number === event.ask ? "applied" : "stale";
    if (number === event.ask) ask.approvers.push(event.by);
  }
  state.streaks.clear();
  state.plan = event.plan;
  state.amended += 1;
}

/** Folds what a human says of an amendment that goes on waiting, or is denied. */
export function judgeAsk(state: SessionState, event: EventOf<"judge-amend">): void {
  const ask = state.asks[event.ask];
  assert(ask?.status === "waiting", "only an amendment that waits is judged");
  if (event.decision === "deny") ask.status = "denied";
  else if (!ask.approvers.includes(event.by)) ask.approvers.push(event.by);
}

/** By what an entry of an envelope is known over all plans of a session. */
export function envelopeKey({ plan }: Program, entry: number): string {
  return canonicalJson((plan.frozen.plan.envelope?.[entry] ?? null) as unknown as Json);
}

/** Labels are kept by name; see {@link moveLabel}. */
function moveLabels(state: SessionState, from: Program, to: Program): void {
  const known = new Map<Label, Label>();
  const move = (label: Label): Label => {
    const moved = known.get(label) ?? moveLabel(label, from, to);
    known.set(label, moved);
    return moved;
  };
  state.context = move(state.context);
  state.openContext = move(state.openContext);
  state.inbound = state.inbound.map((each) => ({
    ...each,
    params: new Map([...each.params].map(([name, label]) => [name, move(label)])),
    label: move(each.label),
    context: move(each.context),
  }));
  for (const [name, label] of state.paramLabels) state.paramLabels.set(name, move(label));
  for (const run of state.runs) {
    run.base = move(run.base);
    run.regions = run.regions.map(({ prefix, label }) => ({ prefix, label: move(label) }));
  }
  for (const node of state.nodes.values()) {
    node.successes = move(node.successes);
    node.failures = move(node.failures);
  }
  for (const [key, label] of state.resources) state.resources.set(key, move(label));
  const delivered = state.delivered.map(({ run, label }) => ({ run, label: move(label) }));
  state.delivered.splice(0, delivered.length, ...delivered);
}

/**
 * A label as the new plan says it, and no less: a name that the new plan trusts, and the old one did not, brings `unknown` along; of a name that
 * other people may read now, only who may read it under both plans may read what is there.
 */
function moveLabel(label: Label, from: Program, to: Program): Label {
  const { sources, readers } = from.labels.toValue(label);
  const isLaundered = sources.some((name) => !from.labels.isTrusted(name) && to.labels.isTrusted(name));
  let left = readers;
  for (const name of sources) {
    const [before, after] = [from.labels.of([name]).readers, to.labels.of([name]).readers];
    if (after === null || (before !== null && before.join("\n") === after.join("\n"))) continue;
    left = left === null ? after : left.filter((reader) => after.includes(reader));
  }
  return to.labels.fromValue({ sources: isLaundered ? [...sources, unknownName] : sources, readers: left });
}

/**
 * Rates and counts are those of all runs, under the old plans too. A sum that another argument makes up begins now: arguments are not kept.
 */
function countAgain(
  state: SessionState,
  old: CompiledNode,
  { node, kept }: { readonly node: CompiledNode; readonly kept: NodeState },
): void {
  const runs: readonly Run[] = state.runs.filter((run) => run.node === node.index);
  const once = (run: Run): Reserved => ({ at: run.at, amount: 1, run: run.number });
  refill(kept.starts, runs.map(once));
  for (const { id, sum } of node.constraints.budgets) {
    const before = old.constraints.budgets.find((budget) => budget.id === id);
    if (sum !== undefined) {
      if (before?.sum !== sum) kept.spent.delete(id);
      continue;
    }
    const counted = runs.filter((run) => !(node.isIdempotent && run.status === "error"));
    const spent = kept.spent.get(id) ?? createLedger();
    refill(spent, counted.map(once));
    kept.spent.set(id, spent);
  }
}
