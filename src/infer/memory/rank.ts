/**
 * How well a task fits each kind of plan: by the words that approved tasks of the kind have and others have not (Rennie et al., "Tackling
 * the poor assumptions of naive Bayes text classifiers", ICML 2003, one against all), and by the nearest approved task.
 * Pure. Counts only; never looks at what a tool does.
 */
import type { Frame, Library, Member } from "./library.ts";
import { weighTerms } from "./term-weights.ts";

/** A kind of plan with what speaks for it. */
export interface Ranked {
  readonly frame: Frame;
  /** Logarithm of how much likelier the task's words are in this kind than in all others, by word of weight. */
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
  const ranked = library.frames.map((frame) => {
    let score = 0;
    for (const [term, weight] of own) {
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
