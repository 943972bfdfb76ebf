/**
 * Looks for the smallest changes of a plan under which a denied call is allowed: every candidate is frozen and replayed.
 * Pure. Never shows a change that was not tried, nor one that denies a call which was allowed before.
 */
import { addBits } from "../lang/bits.ts";
import type { Trace } from "../trace.ts";
import { freezePlan } from "../plan/freeze.ts";
import { policyOf } from "../policy/frozen.ts";
import type { FrozenPlan, Plan } from "../plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../replay.ts";
import { argumentEdits } from "./edits/argument.ts";
import { constraintEdits } from "./edits/constraint.ts";
import { flowEdits } from "./edits/flow.ts";
import { nodeEdits } from "./edits/node.ts";
import { offPlanEdits } from "./edits/off-plan.ts";
import { replayLabelled } from "./labelled-replay.ts";
import { applyPatch, type Patch } from "./patch.ts";
import type { Edit, Situation } from "./situation.ts";

/** Plans that are frozen and replayed for one call. Enough for several arguments that differ at once; about a second. */
const triesMax = 400;
/** Changes of a plan that are combined. A call that needs more does not belong to the plan. */
const editsMax = 5;
/** Changes that are shown. */
const changesMax = 8;
/** Plans of one depth that are looked at further. */
const breadthMax = 12;

/** A change that was tried: under it the call is allowed. */
export interface Change {
  readonly patch: Patch;
  /** What it opens, a sentence for each part. */
  readonly opens: readonly string[];
  /** Bits of choice for each call, where all parts can be counted. */
  readonly bits?: number;
  /** Parameters of the session, where they change too. */
  readonly params?: Situation["params"];
  /** The changed plan, frozen. */
  readonly frozen: FrozenPlan;
}

interface Attempt {
  readonly situation: Situation;
  readonly edits: readonly Edit[];
}

/**
 * Finds the changes that open least, best first. `trace` ends with the call in question. Rests after each candidate that was tried, so that
 * who has other work too goes on when it likes.
 */
export function* findChanges(situation: Situation, trace: Trace): Generator<undefined, readonly Change[], undefined> {
  const found: (Attempt & { readonly frozen: FrozenPlan })[] = [];
  const budget = { left: triesMax };
  let level: readonly Attempt[] = [{ situation, edits: [] }];
  for (let depth = 0; depth < editsMax && found.length === 0 && level.length > 0; depth++) {
    const next: Attempt[] = [];
    for (const attempt of level) yield* tryAll(attempt, { trace, budget, base: situation, found, next });
    level = bestOf(next);
  }
  return found
    .sort((a, b) => costOf(a.edits) - costOf(b.edits))
    .slice(0, changesMax)
    .map(({ edits, frozen, situation: { params } }) => toChange(edits, frozen, params));
}

interface Search {
  readonly trace: Trace;
  readonly budget: { left: number };
  readonly base: Situation;
  readonly found: (Attempt & { readonly frozen: FrozenPlan })[];
  readonly next: Attempt[];
}

function* tryAll(attempt: Attempt, search: Search): Generator<undefined, void, undefined> {
  const { situation, edits } = attempt;
  const families = new Set<string>();
  for (const edit of editsFor(situation)) {
    if (edit.family !== undefined && families.has(edit.family)) continue;
    if (search.budget.left-- <= 0) return;
    const outcome = tried(situation, edit, search);
    yield undefined;
    if (outcome === undefined) continue;
    const combined = { situation: outcome.situation, edits: [...edits, edit] };
    if (outcome.isAllowed) {
      search.found.push({ ...combined, frozen: outcome.situation.frozen });
      if (edit.family !== undefined) families.add(edit.family);
    } else if (isFurther(situation, outcome.situation)) search.next.push(combined);
  }
}

/** All changes that may help, those that open least first. */
function editsFor(situation: Situation): readonly Edit[] {
  const edits = [argumentEdits, constraintEdits, flowEdits, nodeEdits, offPlanEdits].flatMap((propose) => propose(situation));
  return edits.filter(({ patch, params }) => patch.length > 0 || params !== undefined).sort((a, b) => a.rank - b.rank);
}

/** Freezes and replays a candidate. `undefined`: it is no plan, or it denies what was allowed. */
function tried(
  situation: Situation,
  edit: Edit,
  { trace, base }: Search,
): { readonly situation: Situation; readonly isAllowed: boolean } | undefined {
  const plan: Plan | undefined = applyPatch(situation.plan, edit.patch);
  const policy = policyOf(situation.frozen);
  const frozen = plan === undefined ? undefined : freezePlan(plan, situation.catalogue, policy === undefined ? {} : { policy });
  if (frozen?.ok !== true) return undefined;
  const params = edit.params ?? situation.params;
  const replayed = replayLabelled(frozen.value, trace, { params, sql: situation.sql });
  const call = replayed.ok ? replayed.value.at(-1) : undefined;
  if (!replayed.ok || call === undefined || isDenyingMore(base.calls, replayed.value)) return undefined;
  const changed: Situation = { ...situation, frozen: frozen.value, plan: frozen.value.plan, params, calls: replayed.value, call };
  return { situation: changed, isAllowed: call.verdict === "allow" };
}

function isDenyingMore(before: readonly ReplayedCall[], after: readonly ReplayedCall[]): boolean {
  return before.some(({ verdict }, i) => verdict === "allow" && after[i]?.verdict === "deny");
}

/** Whether the call now fails for another reason: then the change was a step on the way. */
function isFurther({ call: before }: Situation, { call: after }: Situation): boolean {
  return before.code !== after.code || before.argument !== after.argument || before.rule !== after.rule;
}

/** The cheapest plans of a depth, each reason to fail at most a few times. */
function bestOf(attempts: readonly Attempt[]): readonly Attempt[] {
  const seen = new Map<string, number>();
  return [...attempts]
    .sort((a, b) => costOf(a.edits) - costOf(b.edits))
    .filter(({ situation: { call } }) => {
      const reason = `${call.code} ${call.argument} ${call.rule}`;
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
      return (seen.get(reason) ?? 0) <= 4;
    })
    .slice(0, breadthMax);
}

/** Ranks first, since a protection that is gone is worse than any number of bits; then bits, those that cannot be counted last. */
function costOf(edits: readonly Edit[]): number {
  return edits.reduce((sum, { rank, bits }) => sum + rank * 100 + Math.min(bits ?? 99, 99) + 10, 0);
}

function toChange(edits: readonly Edit[], frozen: FrozenPlan, params: Situation["params"]): Change {
  const bits = edits.reduce<number | undefined>((sum, edit) => addBits(sum, edit.bits), 0);
  return {
    patch: edits.flatMap(({ patch }) => patch),
    opens: edits.map(({ opens }) => opens),
    ...(bits === undefined ? {} : { bits }),
    ...(edits.some((edit) => edit.params !== undefined) ? { params } : {}),
    frozen,
  };
}

/** Calls of the whole trace that get another verdict under a change: what it opens or closes beside the call. */
export function otherVerdicts(
  before: readonly ReplayedCall[],
  change: Change,
  options: { readonly trace: Trace; readonly i: number } & Pick<Situation, "params" | "sql">,
): { readonly allowed: readonly number[]; readonly denied: readonly number[] } {
  const { trace, i, params, sql } = options;
  const after = replayTrace(change.frozen, trace, { params: change.params ?? params, sql });
  const changed = (verdict: ReplayedCall["verdict"]): readonly number[] =>
    after.ok
      ? after.value
          .filter((call) => call.i !== i && call.verdict === verdict && before[call.i]?.verdict !== verdict)
          .map((call) => call.i)
      : [];
  return { allowed: changed("allow"), denied: changed("deny") };
}
