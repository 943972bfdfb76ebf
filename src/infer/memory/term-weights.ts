/**
 * What the words of a task weigh, by how few approved tasks have them.
 * Pure. Counts only.
 */

/** Approved tasks, and in how many of them each term stands. */
interface TermCounts {
  readonly terms: ReadonlyMap<string, number>;
  readonly size: number;
}

/** Terms of a task that approved tasks have, with weights: rare ones more; all together of length 1. */
export function weighTerms({ terms: known, size }: TermCounts, terms: readonly string[]): ReadonlyMap<string, number> {
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
