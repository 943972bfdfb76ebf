/**
 * The breaker: an agent that is denied and tries again, and again, is answered without looking.
 * Pure. No I/O, no clock. Only ever denies: it is asked by who enforces, before the decision, and takes no part in one.
 *
 * Nothing that a call depends on has changed since the denials that are counted, but for time; so what is not looked at would, as far as the
 * session can tell, be denied once more. It closes as soon as anything goes ahead, and after `breakerSeconds` lets one call through to be looked at.
 */
import { breakerDenials, breakerSeconds } from "../limits.ts";
import type { Program } from "./program.ts";
import type { SessionEvent, SessionState } from "./state.ts";

/**
 * Whether calls of a tool have been denied so often in a row that one that came at `arrived` (milliseconds since the epoch) is not looked at.
 * Calls that were made at once are no retries: who makes one after a denial can have seen it.
 */
export function isBreakerOpen(
  program: Program,
  state: SessionState,
  { tool, arrived }: { readonly tool: string; readonly arrived: number },
): boolean {
  const streak = state.streaks.get(keyOf(program, tool));
  if (streak === undefined || streak.count < breakerDenials) return false;
  return arrived > streak.at && arrived < streak.at + breakerSeconds * 1_000;
}

/** Counts a denial; called by the fold alone. */
export function countDenial(program: Program, state: SessionState, event: SessionEvent & { readonly type: "deny" }): void {
  const key = keyOf(program, event.tool);
  const count = (state.streaks.get(key)?.count ?? 0) + 1;
  state.streaks.set(key, { count, at: event.at });
}

/** Tools that the plan does not have are one: their names are the agent's to make up. */
function keyOf(program: Program, tool: string): string {
  return program.plan.byTool.has(tool) ? tool : "";
}
