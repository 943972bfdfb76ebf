/**
 * From which confidence on proposals are kept, so that few of the kept ones are wrong: risk control with an exact bound (Angelopoulos et al. 2022),
 * and how far confidences are from the truth.
 * Pure. Never takes a share that was seen for the share that is promised.
 */
import { upperBound } from "./binomial.ts";
import type { Assurance } from "./calibration.ts";

/** A proposal of which it is known whether it is right. */
export interface Outcome {
  readonly confidence: number;
  readonly isRight: boolean;
}

/**
 * The lowest threshold whose upper bound of the share of wrong ones is within the target, looking from the surest proposals downwards until the bound
 * is missed again. Looking stops there, so that the many thresholds that are tried cost little of the bound's certainty. Where none is within the
 * target, the one with the lowest bound is taken, and said not to be reached. `ranked` is ordered by falling confidence.
 */
export function chooseThreshold(
  ranked: readonly Outcome[],
  { target, level }: { readonly target: number; readonly level: number },
): { readonly threshold: number; readonly assurance: Assurance } {
  const tried = ranked.length;
  let best: { readonly threshold: number; readonly assurance: Assurance } | undefined;
  let lowest: typeof best;
  for (const { threshold, kept, wrong } of steps(ranked)) {
    const bound = upperBound(wrong, kept, level);
    const found = { threshold, assurance: { target, level, tried, kept, wrong, bound, isReached: bound <= target } };
    if (bound <= target) best = found;
    if (lowest === undefined || bound < lowest.assurance.bound) lowest = found;
    if (best !== undefined && bound > target) break;
  }
  return best ?? lowest ?? { threshold: 1, assurance: { target, level, tried, kept: 0, wrong: 0, bound: 1, isReached: false } };
}

/** Fortieths of what is ranked, between proposals of different confidence. */
function steps(
  ranked: readonly Outcome[],
): readonly { readonly threshold: number; readonly kept: number; readonly wrong: number }[] {
  const found: { readonly threshold: number; readonly kept: number; readonly wrong: number }[] = [];
  const width = Math.max(1, Math.floor(ranked.length / 40));
  let [wrong, last] = [0, 0];
  for (const [index, { confidence, isRight }] of ranked.entries()) {
    wrong += Number(!isRight);
    const next = ranked[index + 1]?.confidence;
    if (next === confidence || (index + 1 - last < width && next !== undefined)) continue;
    last = index + 1;
    found.push({ threshold: next === undefined ? confidence : (confidence + next) / 2, kept: index + 1, wrong });
  }
  return found;
}

/** Expected distance between confidence and accuracy, over ten groups of equal size (ECE, Naeini et al. 2015, equal mass). */
export function calibrationError(outcomes: readonly Outcome[]): number {
  const sorted = outcomes.toSorted((one, other) => one.confidence - other.confidence);
  const size = Math.max(1, Math.ceil(sorted.length / 10));
  let sum = 0;
  for (let at = 0; at < sorted.length; at += size) {
    const part = sorted.slice(at, at + size);
    const gap = part.reduce((total, { confidence, isRight }) => total + confidence - Number(isRight), 0);
    sum += Math.abs(gap);
  }
  return sorted.length === 0 ? 0 : sum / sorted.length;
}
