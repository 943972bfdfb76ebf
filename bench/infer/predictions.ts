/**
 * Predictions as lines of a file: what a calibration is fitted to, and what a person reads errors from.
 * Pure. Never writes data of the sets anywhere by itself.
 */
import { isHeldOutCatalogue } from "../../models/train/data/held-out.ts";
import { judgeProposal } from "../../src/infer/adapt/judge.ts";
import type { Json } from "../../src/json/value.ts";
import { judgedOf, type Prediction } from "./drafting.ts";
import type { EvalRow } from "./rows.ts";

/** A prediction as one line. */
export function predictionLine({ split, ...prediction }: Prediction & { readonly split: string }): string {
  const { row, proposal, milliseconds } = prediction;
  const { drafted, isNone } = judgedOf(prediction);
  const judged = judgeProposal(proposal, { right: row.gold, flows: row.flows }, { group: groupOf(row) });
  const line = {
    split,
    id: row.id,
    task: row.task,
    milliseconds: Math.round(milliseconds * 10) / 10,
    confidence: proposal.confidence,
    abstentions: proposal.abstentions.map(({ code }) => code),
    isNone,
    drafted: drafted as unknown as Json,
    gold: row.gold as unknown as Json,
    judged: judged as unknown as Json,
  };
  return `${JSON.stringify(line)}\n`;
}

/** The set; a catalogue of which nothing was trained on counts by itself. */
function groupOf({ set, id }: EvalRow): string {
  const domain = set === "traject" ? `${set}_${id.split("/")[2] ?? ""}` : set;
  return isHeldOutCatalogue(domain) ? domain : set;
}
