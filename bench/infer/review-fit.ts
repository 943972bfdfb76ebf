/**
 * Fits the weights of the reviewer: logistic regression, every set and either kind of node weighing the same.
 * Pure. No weight may have the sign that its meaning forbids: more words in common never make a node more suspicious.
 */

/** One node: its signs, whether it was added, and the set that it is from. */
export interface Labelled {
  readonly set: string;
  readonly signs: readonly number[];
  readonly isAdded: boolean;
}

/** Bias, then one weight for each sign. */
export type Weights = readonly number[];

const rounds = 3_000;
const rate = 0.5;
const decay = 1e-3;

/** Which sign a weight may have: -1, 1, or 0 for either. */
export type Directions = readonly (-1 | 0 | 1)[];

/** Gradient descent from zero, projected onto the allowed signs: the same numbers on every machine. */
export function fitWeights(nodes: readonly Labelled[], directions: Directions): Weights {
  const groups = new Map<string, number>();
  for (const node of nodes) groups.set(groupOf(node), (groups.get(groupOf(node)) ?? 0) + 1);
  const weighted = nodes.map((node) => ({ ...node, weight: 1 / ((groups.get(groupOf(node)) ?? 1) * groups.size) }));
  const weights: number[] = [0, ...directions.map(() => 0)];
  for (let round = 0; round < rounds; round++) {
    const gradient = weights.map((weight, at) => (at === 0 ? 0 : decay * weight));
    for (const { signs, isAdded, weight } of weighted) {
      const error = (scoreOf(signs, weights) - Number(isAdded)) * weight;
      gradient[0] = (gradient[0] ?? 0) + error;
      for (const [at, sign] of signs.entries()) gradient[at + 1] = (gradient[at + 1] ?? 0) + error * sign;
    }
    for (const [at, slope] of gradient.entries()) {
      const next = (weights[at] ?? 0) - rate * slope;
      const direction = at === 0 ? 0 : (directions[at - 1] ?? 0);
      weights[at] = direction === 0 || Math.sign(next) === direction ? next : 0;
    }
  }
  return weights.map((weight) => Math.round(weight * 1_000) / 1_000);
}

function groupOf({ set, isAdded }: Labelled): string {
  return `${set} ${isAdded}`;
}

/** The probability that a node was added, 0 to 1, if either were as likely. */
export function scoreOf(signs: readonly number[], [bias = 0, ...weights]: Weights): number {
  return 1 / (1 + Math.exp(-signs.reduce((sum, sign, at) => sum + sign * (weights[at] ?? 0), bias)));
}

/** The score above which at most `share` of the own nodes lie, the mean over the sets. */
export function fitThreshold(nodes: readonly Labelled[], weights: Weights, { share }: { readonly share: number }): number {
  const own = nodes.filter(({ isAdded }) => !isAdded).map((node) => ({ set: node.set, score: scoreOf(node.signs, weights) }));
  const sizes = new Map<string, number>();
  for (const { set } of own) sizes.set(set, (sizes.get(set) ?? 0) + 1);
  let above = 0;
  for (const { set, score } of own.toSorted((one, other) => other.score - one.score)) {
    above += 1 / ((sizes.get(set) ?? 1) * sizes.size);
    if (above > share) return Math.ceil(score * 1_000) / 1_000;
  }
  return 0;
}
