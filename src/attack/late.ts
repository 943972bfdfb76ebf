/**
 * What is tried with time: a result that comes after its lease, and the same call once more then.
 * Pure and deterministic: the clock is a number that this file moves. A trace has no time, so no line comes of it.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { createGuard } from "../engine.ts";
import { leaseSecondsDefault } from "../limits.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import type { Refused } from "./off-plan.ts";
import type { BaseRun } from "./run.ts";

/** Each call of a run whose lease ends unsettled: its late result must be refused, and the run must stay spent. */
export function lateResults(frozen: FrozenPlan, base: BaseRun, sql: readonly SqlParser[]): readonly Refused[] {
  let now = 0;
  const guard = createGuard(frozen, { clock: () => now, sql });
  if (!guard.ok) return [];
  return base.events.flatMap((event, at): readonly Refused[] => {
    if (event.type !== "call") return [];
    now = 0;
    const session = guard.value.resume(base.before[at] ?? []);
    const call = { tool: event.tool, args: event.args };
    const first = session.check(call);
    if (first.decision === "deny") return [];
    now = leaseSecondsDefault * 1_000 + 1;
    const late = session.record(first.run, { value: { forged: true } });
    const found: Refused[] = [{ technique: "late result", code: late.ok ? undefined : late.code, what: `of ${first.node}` }];
    const node = guard.value.program.plan.byName.get(first.node);
    // A loop may have rows left, and what may be tried again may be tried again.
    if (
      node === undefined ||
      node.isIdempotent ||
      node.each !== undefined ||
      startedRuns(session.state.runs, node.index) < node.max
    )
      return found;
    const again = session.check(call);
    return [
      ...found,
      { technique: "late result", code: again.decision === "deny" ? again.code : undefined, what: `${first.node} once more` },
    ];
  });
}

function startedRuns(runs: readonly { readonly node: number }[], node: number): number {
  return runs.filter((run) => run.node === node).length;
}
