/**
 * How well a task fits each kind of plan: by what tells them apart (`discern.ts`), or, where plans are too many for that, by the words that approved tasks of the kind have and others have not (Rennie et al., "Tackling
 * the poor assumptions of naive Bayes text classifiers", ICML 2003, one against all), and by the nearest approved task.
 * Pure. Counts only; never looks at what a tool does.
 */
import type { Frame, Library, Member } from "./library.ts";

/** A kind of plan with what speaks for it. */
export interface Ranked {
  readonly frame: Frame;
  /** How far the task's words speak for this kind, in logarithms of odds; only differences mean something. */
  readonly score: number;
  /** Its nearest approved task. */
  readonly nearest: Member;
  /** 0 to 1: cosine of the weighted words. */
  readonly similarity: number;
}

/** Weight that every term has everywhere, in terms. */
const smoothing = 0.01;

/** Kinds of plans, likeliest first. */
export function rankFrames(library: Library, terms: readonly string[]): readonly Ranked[] {
  const own = weighTerms(library, terms);
  const vocabulary = smoothing * (library.terms.size + 1);
  const discerned = library.discern?.(own);
  const ranked = library.frames.map((frame, at) => {
    let score = discerned?.[at] ?? 0;
    for (const [term, weight] of discerned === undefined ? own : []) {
      const all = library.weights.get(term) ?? 0;
      const inside = frame.weights.get(term) ?? 0;
      score += weight * Math.log((inside + smoothing) / (frame.weight + vocabulary));
      score -=
        weight * Math.log((Math.max(0, all - inside) + smoothing) / (Math.max(0, library.weight - frame.weight) + vocabulary));
    }
    let nearest = frame.members[0] as Member;
    let similarity = -1;
    for (const member of frame.members) {
      let cosine = 0;
      for (const [term, weight] of own) cosine += weight * (member.weights.get(term) ?? 0);
      if (cosine > similarity) {
        similarity = cosine;
        nearest = member;
      }
    }
    return { frame, score, nearest, similarity };
  });
  return ranked.toSorted((one, other) => other.score - one.score || (one.frame.name < other.frame.name ? -1 : 1));
}

/** Terms of a task that approved tasks have, with weights: rare ones more; all together of length 1. */
export function weighTerms(
  { terms: known, size }: Pick<Library, "terms" | "size">,
  terms: readonly string[],
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  let length = 0;
  for (const term of terms) {
    const count = known.get(term);
    if (count === undefined) continue;
    const square = Math.log((size + 1) / (count + 0.5));
    weights.set(term, Math.sqrt(square));
    length += square;
  }
  const scale = 1 / (Math.sqrt(length) || 1);
  return new Map([...weights].map(([term, weight]) => [term, weight * scale]));
}

/** Finds how often the tasks of two kinds of plans are taken for the other's, every one counted without itself; remembers each pair. */
export function confusions(): Library["confusion"] {
  const known = new Map<Frame, Map<Frame, number>>();
  return (one, other) => {
    const found = known.get(one)?.get(other);
    if (found !== undefined) return found;
    const lost = lostTo(one, other) + lostTo(other, one);
    const share = lost / (one.members.length + other.members.length);
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const)
      known.set(from, (known.get(from) ?? new Map<Frame, number>()).set(to, share));
    return share;
  };
}

/** Plans of a kind whose tasks fit another one better, when they are not counted themselves. */
function lostTo(own: Frame, other: Frame): number {
  let lost = 0;
  for (const { weights } of own.members) {
    let score = 0;
    let length = 0;
    for (const weight of weights.values()) length += weight;
    for (const [term, weight] of weights) {
      const inside = Math.max(0, (own.weights.get(term) ?? 0) - weight);
      const outside = other.weights.get(term) ?? 0;
      score += weight * Math.log((inside + smoothing) / Math.max(smoothing, own.weight - length));
      score -= weight * Math.log((outside + smoothing) / Math.max(smoothing, other.weight));
    }
    // A kind with one plan has nothing left to be known by.
    if (score <= 0 && own.members.length > 1) lost++;
  }
  return lost;
}
