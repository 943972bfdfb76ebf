/**
 * Which labels the fact that a call happens carries, along a run: what the agent had seen, and what a guard or a loop read.
 * Pure. Every call goes through the real engine.
 */
import type { SqlParser } from "../constraints/sql.ts";
import { occurrenceLabel } from "../decide/flow.ts";
import { openScope } from "../decide/rows.ts";
import { createGuard } from "../engine.ts";
import type { JsonObject } from "../json/value.ts";
import type { FrozenPlan } from "../plan/plan.ts";
import { sessionOfDrive } from "../simulate/play.ts";
import { isErrorResult, type TraceEvent } from "../trace.ts";

/** A call of `node` in a run, and the sources of its occurrence. */
export interface Occurrence {
  /** Its place among the calls of the run, from 0. */
  readonly i: number;
  readonly sources: readonly string[];
}

/** The allowed calls of a node along a run, in order; none if the plan cannot be enforced. */
export function occurrencesOf(
  frozen: FrozenPlan,
  run: { readonly trace: readonly TraceEvent[]; readonly params: JsonObject; readonly node: string },
  sql: readonly SqlParser[],
): readonly Occurrence[] {
  const guard = createGuard(frozen, { clock: () => 0, sql });
  const opened = guard.ok ? guard.value.session({ ...sessionOfDrive, params: run.params }) : undefined;
  if (!guard.ok || opened?.ok !== true) return [];
  const session = opened.value;
  const { program } = guard.value;
  const node = program.plan.byName.get(run.node);
  if (node === undefined) return [];
  const runs = new Map<string, number>();
  const found: Occurrence[] = [];
  let i = -1;
  for (const event of run.trace) {
    if (event.type === "result") {
      const number = runs.get(event.id);
      const { value } = event;
      if (number !== undefined) session.record(number, isErrorResult(value) ? { error: value } : { value });
      continue;
    }
    i += 1;
    const label = occurrenceLabel({ ...openScope(program, session.state, 0), row: undefined }, node);
    const { sources } = program.labels.toValue(label);
    const verdict = session.check({ tool: event.tool, args: event.args });
    if (verdict.decision !== "allow") continue;
    runs.set(event.id, verdict.run);
    if (verdict.node === run.node) found.push({ i, sources });
  }
  return found;
}
