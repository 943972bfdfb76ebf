/**
 * A draft as a line of JSON: what programs read, the same for one task, a batch and the server's route.
 * Never rounds what it was not given rounded, but for confidences: four decimals say more than anybody knows.
 */
import type { DraftDecision } from "../../infer/to-plan/decisions.ts";
import type { Json, JsonObject } from "../../json/value.ts";
import type { TimedDraft } from "./drafter.ts";

/** `{"id","plan","confidence","abstained","reasons","ms"}`; with `decisions` also `origin`, `findings` and `decisions`. */
export function draftJson(id: Json, { draft, ms }: TimedDraft, { decisions }: { readonly decisions: boolean }): JsonObject {
  const { plan, confidence, abstained, reasons, findings, origin } = draft;
  const more = { origin, findings, decisions: draft.decisions.map(roundedDecision) };
  return {
    id,
    plan: plan as unknown as Json,
    confidence: rounded(confidence),
    abstained,
    reasons: reasons.map(({ code, message, candidates }) => ({
      code,
      message,
      candidates: candidates.map((candidate) => ({ ...candidate, confidence: rounded(candidate.confidence) })),
    })),
    ms,
    ...(decisions ? (more as unknown as JsonObject) : {}),
  };
}

function roundedDecision(decision: DraftDecision): DraftDecision {
  const alternatives = decision.alternatives.map((choice) => ({ ...choice, confidence: rounded(choice.confidence) }));
  return { ...decision, confidence: rounded(decision.confidence), alternatives };
}

function rounded(share: number): number {
  return Math.round(share * 1e4) / 1e4;
}
