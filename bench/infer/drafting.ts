/**
 * Drafts the rows of a set by a planner, one after another as a user would, with the time of each.
 * Never looks at what is right while it drafts.
 */
import { type Outline, outlineOf } from "../../src/infer/adapt/outline.ts";
import type { Planner, Proposal } from "../../src/infer/proposal.ts";
import type { ValueContext } from "../../src/infer/values/mention.ts";
import type { EvalRow } from "./rows.ts";
import type { Judged } from "./score.ts";

/** A row with what the planner proposed. */
export interface Prediction {
  readonly row: EvalRow;
  readonly proposal: Proposal;
  readonly milliseconds: number;
}

/** What the reading of a row's values is relative to. */
export function contextOf({ now }: EvalRow): ValueContext {
  return now === undefined ? {} : { now, zone: "UTC" };
}

/** The proposals for rows, in order. */
export async function draftRows(
  rows: readonly EvalRow[],
  planner: Planner,
  onRow: (done: number) => void,
): Promise<readonly Prediction[]> {
  const predictions: Prediction[] = [];
  for (const row of rows) {
    const start = performance.now();
    const proposal = await planner.propose(row.task, row.tools, contextOf(row));
    predictions.push({ row, proposal, milliseconds: performance.now() - start });
    onRow(predictions.length);
  }
  return predictions;
}

/** A prediction beside what is right. */
export function judgedOf({ row, proposal }: Prediction): Judged {
  return {
    id: row.id,
    drafted: outlineOf(proposal),
    gold: row.gold,
    confidence: proposal.confidence,
    isWithheld: proposal.abstentions.length > 0,
    isNone: proposal.abstentions.some(({ code }) => code === "INFER_NO_TOOL" || code === "INFER_OUT_OF_SCOPE"),
  };
}

/** What was drafted, for reports: nothing where it was said that no tool fits. */
export function shownOutline(judged: Judged): Outline {
  return judged.isNone ? { calls: [], edges: [] } : judged.drafted;
}
