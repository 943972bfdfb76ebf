/**
 * What is tried with many calls at once: more of them than a node may have, in one batch and one after the other, unsettled, failed, and after
 * their leases.
 * Pure and deterministic: the clock is a number that this file moves. A trace has neither batches nor time, so no line comes of it.
 */
import type { SqlParser } from "../constraints/sql.ts";
import type { Verdict } from "../decide/verdict.ts";
import { createGuard, type Guard, type Session } from "../engine.ts";
import type { Json } from "../json/value.ts";
import { leaseSecondsDefault } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { TraceCall } from "../trace.ts";
import type { Refused } from "./off-plan.ts";
import type { BaseRun } from "./run.ts";

/** Calls of one race. A node that may have more is not raced. */
const callsMax = 24;

/** Ways to make many calls of one node, and what becomes of those that were allowed. */
const races = ["in one batch", "unsettled", "failing", "past their leases"] as const;
type Race = (typeof races)[number];

interface Track {
  readonly guard: Guard;
  /** Moves the clock, in milliseconds. */
  readonly wait: (ms: number) => void;
}

/** Races each call of a run against what its node may do: its runs, its rate and its budgets must hold, however the calls come. */
export function budgetRaces(
  frozen: FrozenPlan,
  base: BaseRun,
  { sql, open = createGuard }: { readonly sql: readonly SqlParser[]; readonly open?: typeof createGuard },
): readonly Refused[] {
  let now = 0;
  const guard = open(frozen, { clock: () => now, sql });
  if (!guard.ok) return [];
  const track: Track = { guard: guard.value, wait: (ms) => (now += ms) };
  return base.events.flatMap((event, at): readonly Refused[] => {
    const name = base.calls.find(({ id }) => id === event.id)?.node ?? "";
    const node = guard.value.program.plan.byName.get(name);
    if (event.type !== "call" || node === undefined) return [];
    return races.flatMap((race): readonly Refused[] => {
      now = 0;
      const session = guard.value.resume(base.before[at] ?? []);
      const code = run(track, { session, race, call: event });
      if (code === undefined) return [];
      const broken = brokenBound(session, node, race);
      return [
        { technique: "budget race", code: broken === undefined ? code : undefined, what: `${name} ${race}: ${broken ?? ""}` },
      ];
    });
  });
}

/** The code of the first denial; `undefined` if there was none, so that nothing was tried. */
function run({ wait }: Track, race: { readonly session: Session; readonly race: Race; readonly call: TraceCall }) {
  const { session, call } = race;
  const attempted = { tool: call.tool, args: call.args };
  let denied: (Verdict & { readonly decision: "deny" })["code"] | undefined;
  const take = (verdict: Verdict): void => {
    if (verdict.decision === "deny") denied ??= verdict.code;
    else if (race.race === "failing") session.record(verdict.run, { error: failure });
    else if (race.race === "past their leases") wait(leaseSecondsDefault * 1_000 + 1);
  };
  if (race.race === "in one batch")
    for (const verdict of session.checkBatch(Array.from({ length: callsMax }, () => attempted))) take(verdict);
  else for (let i = 0; i < callsMax; i++) take(session.check(attempted));
  return denied;
}

const failure: Json = "failed";

/** What the node has done more often, or with more, than the plan says; counted here anew, from the runs. */
function brokenBound({ state }: Session, node: CompiledNode, race: Race): string | undefined {
  const own = state.runs.filter((each) => each.node === node.index);
  const spent = node.isIdempotent ? own.filter(({ status }) => status !== "error") : own;
  const perRow = new Map<string, number>();
  for (const { row = "", status } of own)
    if (!node.isIdempotent || (status !== "error" && race !== "past their leases")) perRow.set(row, (perRow.get(row) ?? 0) + 1);
  if ([...perRow.values()].some((runs) => runs > node.max)) return `more than ${node.max} runs`;
  const { constraints } = node;
  if (race !== "past their leases" && constraints.rate !== undefined && own.length > constraints.rate.calls)
    return `more than ${constraints.rate.calls} calls`;
  for (const [i, budget] of constraints.budgets.entries()) {
    if (race === "past their leases" && (node.isIdempotent || Number.isFinite(budget.windowMs))) continue;
    if ((budget.scope ?? "session") !== "session") continue;
    const sum = spent.reduce((all, each) => all + (each.amounts?.[i] ?? 0), 0);
    if (sum > budget.max) return `more than its budget`;
  }
  return undefined;
}
