/**
 * What tells kinds of plans from each other: a multinomial logistic regression over the words of approved tasks, which weighs `hotel` where
 * counts alone see that every second kind has it. The same plans give the same numbers in whatever order they were approved.
 * Pure. Knows no catalogue and keeps nothing: made anew from the plans whenever one is approved.
 */

/** Scores of a task's weighted terms, one for each kind, in logarithms of odds up to a constant. */
export type Discern = (terms: ReadonlyMap<string, number>) => readonly number[];

/** One approved task: its weighted terms and the number of its kind. */
export interface Discerned {
  readonly terms: ReadonlyMap<string, number>;
  readonly kind: number;
}

/** Terms times kinds up to which weights are made (8 bytes each), and with plans in place of terms how long that may take. */
const weightsMax = 4_000_000;
const stepsMax = 2_000_000;

/** Rounds over all plans, the first step, how fast steps shrink, and how far weights are pulled to 0 in each round: chosen on training catalogues. */
const rounds = 30;
const firstStep = 8;
const shrink = 0.1;
const decay = 0.001;
/** Pulls that are smaller change nothing. */
const pullMin = 1e-4;

/** Fits the weights by gradient descent, task by task in the given order. Absent where there are too many plans for it: counts alone have to do. */
export function discern(tasks: readonly Discerned[], kinds: number): Discern | undefined {
  const numbers = new Map<string, number>();
  for (const { terms } of tasks) for (const term of terms.keys()) if (!numbers.has(term)) numbers.set(term, numbers.size);
  if (kinds < 2 || numbers.size * kinds > weightsMax || tasks.length * kinds > stepsMax) return undefined;
  const weights = new Float64Array(numbers.size * kinds);
  const rowsOf = (terms: ReadonlyMap<string, number>) =>
    [...terms].flatMap(([term, weight]) => {
      const number = numbers.get(term);
      return number === undefined ? [] : [[number * kinds, weight] as const];
    });
  const scoresOf = (rows: readonly (readonly [number, number])[]) => {
    const scores = new Float64Array(kinds);
    for (const [row, weight] of rows)
      for (let kind = 0; kind < kinds; kind++) scores[kind] = (scores[kind] ?? 0) + (weights[row + kind] ?? 0) * weight;
    return scores;
  };
  const learned = tasks.map(({ terms, kind }) => ({ rows: rowsOf(terms), kind }));
  for (let round = 0; round < rounds; round++) {
    const step = firstStep / (1 + round * shrink);
    for (const { rows, kind } of learned) {
      const shares = softmax(scoresOf(rows));
      for (const [at, share] of shares.entries()) {
        const pull = Number(at === kind) - share;
        if (Math.abs(pull) < pullMin) continue;
        for (const [row, weight] of rows) weights[row + at] = (weights[row + at] ?? 0) + step * pull * weight;
      }
    }
    const kept = 1 - decay * step;
    for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] ?? 0) * kept;
  }
  return (terms) => [...scoresOf(rowsOf(terms))];
}

function softmax(scores: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) most = Math.max(most, score);
  const shares = scores.map((score) => Math.exp(score - most));
  let total = 0;
  for (const share of shares) total += share;
  return shares.map((share) => share / total);
}
