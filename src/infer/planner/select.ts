/**
 * Which tools a task asks for, as one decision over all sets of them: the likeliest set, how likely it is, and what stands beside it.
 * Exact: sums over all sets by elementary symmetric polynomials (as in a conditional Bernoulli model, Chen and Liu 1997). Pure.
 * Never takes one tool's threshold for a decision: what is likely depends on the others in the pack.
 */
import type { SelectLogits } from "./feeds.ts";

/** A set of tools (rows of the pack, likeliest first) with its probability among all sets. */
export interface ToolSet {
  readonly tools: readonly number[];
  readonly probability: number;
}

/** What the network says of all sets. */
export interface SetDistribution {
  /** Probability that no tool fits. */
  readonly none: number;
  /** The likeliest set, empty or not. */
  readonly best: ToolSet;
  /** The likeliest set that is not empty; its probability is among all sets, the empty one too. Absent: there are no tools. */
  readonly bestSome?: ToolSet;
  /** The likeliest set that is neither empty nor `bestSome`. */
  readonly second?: ToolSet;
  /** Of each tool: the probability that the task asks for it. */
  readonly marginals: readonly number[];
  /**
   * The set, not empty, that is taken: it has the best sum of its own probability and its expected F1 against the set that the task asks for
   * (Dembczyński et al. 2011, "An exact algorithm for F-measure maximization"). Of two twins one is taken, since both are surely not right;
   * of a long task, where many large sets share the probability, what most of them have, since the likeliest has too little.
   */
  readonly closest?: ToolSet;
}

/**
 * A probability as it is said: nine decimals. The exponential functions of engines differ in the last bit, and a draft is the same on all of them.
 */
export function stated(probability: number): number {
  return Math.round(Math.min(1, probability) * 1e9) / 1e9;
}

/** The distribution over sets: score(S) = sum of its tools' logits + logit of its size; sets larger than the sizes given do not exist. */
export function setDistribution({ tool, cardinality }: Pick<SelectLogits, "tool" | "cardinality">): SetDistribution {
  const logits = Array.from(tool);
  const sizeMax = Math.min(cardinality.length - 1, logits.length);
  const all = logPolynomials(logits, sizeMax);
  const total = logSum(all.map((value, size) => value + (cardinality[size] ?? 0)));
  const order = logits.map((_, at) => at).sort((one, other) => (logits[other] ?? 0) - (logits[one] ?? 0) || one - other);
  const scoreOf = (tools: readonly number[]): number =>
    tools.reduce((sum, at) => sum + (logits[at] ?? 0), cardinality[tools.length] ?? 0);
  const setOf = (tools: readonly number[]): ToolSet => ({ tools, probability: stated(Math.exp(scoreOf(tools) - total)) });
  const some = topSets(order, sizeMax)
    .map(setOf)
    .sort((one, other) => other.probability - one.probability || one.tools.length - other.tools.length);
  const none = setOf([]);
  const [bestSome, second] = some;
  const joint = logits.map((_, at) => chancesBySize(logits, { at, cardinality, sizeMax, total }));
  const gains = gainsBySize(joint);
  return {
    none: none.probability,
    best: bestSome !== undefined && bestSome.probability > none.probability ? bestSome : none,
    ...(bestSome === undefined ? {} : { bestSome }),
    ...(second === undefined ? {} : { second }),
    ...(bestSome === undefined ? {} : { closest: closestSet([...some, ...byOverlap(gains, order).map(setOf)], gains) }),
    marginals: joint.map((bySize) => stated(bySize.reduce((sum, chance) => sum + chance, 0))),
  };
}

/** The set with the best sum of probability and expected F1; of equal ones the smallest. */
function closestSet(sets: readonly ToolSet[], gains: readonly (readonly number[])[]): ToolSet {
  const worth = ({ tools, probability }: ToolSet): number =>
    stated((probability + tools.reduce((sum, at) => sum + (gains[tools.length - 1]?.[at] ?? 0), 0)) / 2);
  const rated = sets.map((set) => ({ set, worth: worth(set) }));
  rated.sort((one, other) => other.worth - one.worth || one.set.tools.length - other.set.tools.length);
  return rated[0]?.set ?? { tools: [], probability: 0 };
}

/** Of each size the set with the best expected F1. */
function byOverlap(gains: readonly (readonly number[])[], order: readonly number[]): readonly (readonly number[])[] {
  return gains.map((ofSize, at) =>
    order.toSorted((one, other) => stated(ofSize[other] ?? 0) - stated(ofSize[one] ?? 0)).slice(0, at + 1),
  );
}

/** Of each size, what each tool adds to the expected F1 of a set: the sum over sizes k of 2 P(tool in S, |S| = k) / (size + k). */
function gainsBySize(joint: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return (joint[0] ?? []).map((_, size) =>
    joint.map((bySize) => bySize.reduce((sum, chance, at) => sum + (2 * chance) / (size + at + 2), 0)),
  );
}

/**
 * Of each size the likeliest set and the one after it (its weakest tool exchanged for the strongest that is left out): whatever the sizes'
 * logits are, the two likeliest sets of all are among these.
 */
function topSets(order: readonly number[], sizeMax: number): readonly (readonly number[])[] {
  const sets: (readonly number[])[] = [];
  for (let size = 1; size <= sizeMax; size++) {
    sets.push(order.slice(0, size));
    const next = order[size];
    if (next !== undefined) sets.push([...order.slice(0, size - 1), next]);
  }
  return sets;
}

interface MarginalOptions {
  readonly at: number;
  readonly cardinality: Float32Array;
  readonly sizeMax: number;
  readonly total: number;
}

/**
 * The chances that a tool is in the set and the set has 1, 2, … tools: over the sets of the others, that this one is added to. Anew without
 * it: dividing it out of the polynomials loses digits.
 */
function chancesBySize(logits: readonly number[], { at, cardinality, sizeMax, total }: MarginalOptions): readonly number[] {
  const others = logPolynomials(logits.toSpliced(at, 1), sizeMax - 1);
  const own = logits[at] ?? 0;
  return others.map((value, size) => Math.exp(value + own + (cardinality[size + 1] ?? 0) - total));
}

/** Logarithms of the elementary symmetric polynomials of exp(logits), of degrees 0 to `degreeMax`. */
function logPolynomials(logits: readonly number[], degreeMax: number): readonly number[] {
  const sums = new Array<number>(degreeMax + 1).fill(Number.NEGATIVE_INFINITY);
  sums[0] = 0;
  for (const logit of logits) {
    for (let degree = degreeMax; degree > 0; degree--) sums[degree] = logAdd(sums[degree] ?? 0, (sums[degree - 1] ?? 0) + logit);
  }
  return sums;
}

function logAdd(one: number, other: number): number {
  const high = Math.max(one, other);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log1p(Math.exp(Math.min(one, other) - high));
}

function logSum(values: readonly number[]): number {
  return values.reduce(logAdd, Number.NEGATIVE_INFINITY);
}

/** Softmax over logits. Of nothing, nothing. */
export function softmax(logits: readonly number[]): readonly number[] {
  const total = logSum(logits);
  return logits.map((logit) => stated(Math.exp(logit - total)));
}

/**
 * How likely each tool outside of a set is in the place of one of its tools, the rest of the set being as it is; likeliest first, without
 * the set's own tools.
 */
export function exchanges(
  { tool }: Pick<SelectLogits, "tool">,
  { tools, at }: { readonly tools: readonly number[]; readonly at: number },
): readonly { readonly tool: number; readonly probability: number }[] {
  const open = [...tool.keys()].filter((row) => row === at || !tools.includes(row));
  const shares = softmax(open.map((row) => tool[row] ?? 0));
  return open
    .map((row, index) => ({ tool: row, probability: shares[index] ?? 0 }))
    .filter(({ tool: row }) => row !== at)
    .sort((one, other) => other.probability - one.probability || one.tool - other.tool);
}

/** How often a tool is called, 1 to 4, and how likely that number is. */
export function callCount(logits: Float32Array): { readonly count: number; readonly probability: number } {
  const shares = softmax(Array.from(logits));
  const best = shares.reduce((top, share, at) => (share > (shares[top] ?? 0) ? at : top), 0);
  return { count: best + 1, probability: shares[best] ?? 0 };
}
