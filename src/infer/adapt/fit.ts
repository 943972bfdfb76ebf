/**
 * Fits a calibration to proposals of which it is known whether they are right: scales by logistic regression (Platt 1999), the curve by
 * isotonic regression (Ayer et al. 1955), the threshold by `threshold.ts`.
 * Pure and deterministic. Never promises what the number of proposals does not carry.
 */
import {
  type Calibration,
  calibrate,
  type Decision,
  type DecisionKind,
  decisionKinds,
  identityCalibration,
  logit,
  proposalConfidence,
  proposalScore,
  type Scale,
  scalesOf,
  sigmoid,
} from "./calibration.ts";
import { chooseThreshold } from "./threshold.ts";

/** One decision, and whether it was right; absent where nobody knows (an argument of a tool that should not be there). */
export interface JudgedDecision extends Decision {
  readonly isRight?: boolean;
}

/** One proposal of which it is known whether it is right. */
export interface JudgedProposal {
  /** Set or catalogue that it is of. Every group counts the same, however many proposals it has. */
  readonly group: string;
  /** All but `none`. */
  readonly decisions: readonly JudgedDecision[];
  /** Probability that no tool fits, as the planner said it; absent where it said none. */
  readonly none?: number;
  /** Whether a tool fits at all. */
  readonly hasTool: boolean;
  /** Whether the whole best guess, made without any abstention, is right. */
  readonly isRight: boolean;
  /** Nobody knows the right arguments: it says something of tools only, and nothing of the whole. */
  readonly isPartial?: true;
}

/** What is asked of a calibration. */
export interface FitOptions {
  readonly sets: readonly string[];
  /** Share of wrong proposals among the kept ones. Default .05. */
  readonly target?: number;
  /** Certainty of the bound. Default .95. */
  readonly level?: number;
  /** Share of tasks with a plain tool that may be answered with "no tool fits". Default .05. */
  readonly falseNone?: number;
  /** Where the fit starts and what it is drawn to where there is little data. Default identity. */
  readonly prior?: Calibration;
}

/** A calibration with its threshold: about half of the proposals of each group fit the scales and the curve, the rest the threshold. */
export function fitCalibration(proposals: readonly JudgedProposal[], options: FitOptions): Calibration {
  const [shaping, holding] = halves(proposals);
  const shaped = fitShape(shaping, options);
  return withThreshold(shaped, holding, options);
}

/** Two halves of each group, by a fixed mix of the place: files have patterns (a dialogue and its first call in turns) that plain turns would follow. */
function halves(proposals: readonly JudgedProposal[]): readonly [readonly JudgedProposal[], readonly JudgedProposal[]] {
  const seen = new Map<string, number>();
  const parts: [JudgedProposal[], JudgedProposal[]] = [[], []];
  for (const proposal of proposals) {
    const index = seen.get(proposal.group) ?? 0;
    seen.set(proposal.group, index + 1);
    parts[isFirstHalf(index) ? 0 : 1].push(proposal);
  }
  return parts;
}

function isFirstHalf(index: number): boolean {
  let mixed = Math.imul(index + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 13)) & 1) === 0;
}

/** Scales, the weight of the other decisions, the curve, and when no tool fits; no threshold yet. */
export function fitShape(proposals: readonly JudgedProposal[], options: FitOptions): Calibration {
  const prior = options.prior ?? identityCalibration;
  const weights = groupWeights(proposals);
  const scales = fitScales(proposals, { prior, weights });
  const scaled: Calibration = { ...prior, sets: options.sets, scales, threshold: 0 };
  const withTool = proposals.filter(({ hasTool, isPartial }) => hasTool && isPartial !== true);
  const others = [0, 0.1, 0.2, 0.35, 0.5, 0.75, 1].map((share) => ({ ...scaled, others: share }));
  const [best = scaled] = others.toSorted((one, other) => rankingLoss(withTool, one) - rankingLoss(withTool, other));
  const scored = withTool.map((proposal) => ({
    score: proposalScore(proposal.decisions, best),
    isRight: proposal.isRight,
    weight: weights.get(proposal.group) ?? 1,
  }));
  const { assurance: _, ...rest } = best;
  return { ...rest, curve: fitCurve(scored), none: fitNone(proposals, { calibration: best, share: options.falseNone ?? 0.05 }) };
}

function groupWeights(proposals: readonly JudgedProposal[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { group } of proposals) counts.set(group, (counts.get(group) ?? 0) + 1);
  return new Map([...counts].map(([group, count]) => [group, proposals.length / counts.size / count]));
}

function grouped<T extends { readonly group: string }>(members: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of members) {
    const group = groups.get(each.group);
    if (group === undefined) groups.set(each.group, [each]);
    else group.push(each);
  }
  return groups;
}

interface Point {
  readonly at: number;
  readonly isRight: boolean;
  readonly weight: number;
}

function fitScales(
  proposals: readonly JudgedProposal[],
  { prior, weights }: { readonly prior: Calibration; readonly weights: ReadonlyMap<string, number> },
): Calibration["scales"] {
  const points = new Map<DecisionKind, Point[]>(decisionKinds.map((kind) => [kind, []]));
  for (const { group, decisions, none, hasTool } of proposals) {
    const weight = weights.get(group) ?? 1;
    if (none !== undefined) points.get("none")?.push({ at: logit(none), isRight: !hasTool, weight });
    // Where no tool fits there is nothing to be right about in the best guess.
    if (!hasTool) continue;
    for (const { kind, probability, isRight } of decisions)
      if (isRight !== undefined) points.get(kind)?.push({ at: logit(probability), isRight, weight });
  }
  return scalesOf((kind) => fitScale(points.get(kind) ?? [], prior.scales[kind]));
}

/** How strongly a scale is drawn to the prior, in decisions: with fewer the prior holds, with hundreds the data. */
const priorStrength = 10;
const stepsMax = 50;
const slopeMin = 0.1;
const slopeMax = 10;

/** `slope × logit + shift` by Newton's method with a quadratic penalty towards the prior; bounded, so that it always ends. */
export function fitScale(points: readonly Point[], prior: Scale): Scale {
  let [slope, shift] = [1 / prior.temperature, prior.shift];
  const [slope0, shift0] = [slope, shift];
  for (let step = 0; step < stepsMax; step++) {
    let [g1, g0, h11, h10, h00] = [
      priorStrength * (slope - slope0),
      (shift - shift0) * priorStrength,
      priorStrength,
      0,
      priorStrength,
    ];
    for (const { at, isRight, weight } of points) {
      const p = sigmoid(slope * at + shift);
      const off = weight * (p - Number(isRight));
      const bend = weight * p * (1 - p);
      g1 += off * at;
      g0 += off;
      h11 += bend * at * at;
      h10 += bend * at;
      h00 += bend;
    }
    const determinant = h11 * h00 - h10 * h10;
    const [d1, d0] = [(h00 * g1 - h10 * g0) / determinant, (h11 * g0 - h10 * g1) / determinant];
    slope = Math.min(slopeMax, Math.max(slopeMin, slope - bounded(d1)));
    shift = Math.min(20, Math.max(-20, shift - bounded(d0)));
    if (Math.abs(d1) + Math.abs(d0) < 1e-9) break;
  }
  return { temperature: 1 / slope, shift };
}

function bounded(step: number): number {
  return Math.min(1, Math.max(-1, step));
}

/** Area above the curve of accuracy against coverage, mean over groups: lower is a better ranking (AURC, Geifman et al. 2019). */
function rankingLoss(proposals: readonly JudgedProposal[], calibration: Calibration): number {
  const groups = grouped(proposals);
  let sum = 0;
  for (const members of groups.values()) {
    const ranked = members
      .map((proposal) => ({ score: proposalScore(proposal.decisions, calibration), isRight: proposal.isRight }))
      .toSorted((one, other) => other.score - one.score);
    let wrong = 0;
    for (const [index, { isRight }] of ranked.entries()) {
      wrong += Number(!isRight);
      sum += wrong / (index + 1) / members.length;
    }
  }
  return sum / Math.max(1, groups.size);
}

interface Block {
  score: number;
  right: number;
  weight: number;
}

/** Proposals in the smallest block of a curve: fewer say little about a probability. */
const blockMin = 20;

/**
 * The rising curve that is nearest to the outcomes (pool adjacent violators), from blocks of at least `blockMin` neighbours, drawn through the
 * middles of its blocks. Ends stay off 0 and 1 by what the number of proposals carries (Laplace).
 */
export function fitCurve(
  scored: readonly { readonly score: number; readonly isRight: boolean; readonly weight: number }[],
): Calibration["curve"] {
  const blocks: Block[] = [];
  const sorted = scored.toSorted((one, other) => one.score - other.score);
  for (let at = 0; at < sorted.length; at += blockMin) {
    const part = sorted.slice(at, at + blockMin);
    const weight = part.reduce((sum, one) => sum + one.weight, 0);
    const right = part.reduce((sum, one) => sum + (one.isRight ? one.weight : 0), 0);
    blocks.push({ score: part.reduce((sum, one) => sum + one.score * one.weight, 0), right, weight });
    while (blocks.length > 1 && isFalling(blocks)) {
      const last = blocks.pop() as Block;
      const before = blocks.at(-1) as Block;
      before.score += last.score;
      before.right += last.right;
      before.weight += last.weight;
    }
  }
  if (blocks.length === 0) return identityCalibration.curve;
  const inner = blocks
    .map(({ score, right, weight }) => [score / weight, (right + 0.5) / (weight + 1)] as const)
    .filter(([score], index, all) => score > 0 && score < 1 && score > (all[index - 1]?.[0] ?? 0));
  const top = blocks.at(-1) as Block;
  const high = Math.max(inner.at(-1)?.[1] ?? 0, 1 - 1 / (top.weight + 2));
  return rising([[0, 0], ...inner, [1, high]]);
}

function isFalling(blocks: readonly Block[]): boolean {
  const [before, last] = blocks.slice(-2) as [Block, Block];
  return before.right / before.weight >= last.right / last.weight;
}

/** The same with each probability at least the one before. */
function rising(points: readonly (readonly [number, number])[]): Calibration["curve"] {
  let high = 0;
  return points.map(([score, probability]) => {
    high = Math.max(high, probability);
    return [score, high] as const;
  });
}

/** Tasks of a group from which on it has a say of its own in when no tool fits. */
const groupMin = 40;

/** Share of the tasks without a tool that are turned away at least, where that is possible: above what is promised (.9), since new catalogues are harder. */
const caughtMin = 0.92;

/**
 * The probability of `none` from which on nothing is proposed. No more than `share` of the tasks that have a tool are turned away (every group
 * counting the same), and in no group of some size more than twice that; of such places the nearest to one half, where a probability decides by
 * itself, at which the tasks without a tool still are; if there is none, the lowest. Tasks over new catalogues look less familiar than these, so
 * a lower place would turn away many that have a tool.
 */
export function fitNone(
  proposals: readonly JudgedProposal[],
  { calibration, share }: { readonly calibration: Calibration; readonly share: number },
): number {
  if (!proposals.some(({ hasTool, none }) => !hasTool && none !== undefined)) return calibration.none;
  const said = proposals.flatMap(({ group, none, hasTool }) =>
    none === undefined || !hasTool ? [] : [{ group, probability: calibrate({ kind: "none", probability: none }, calibration) }],
  );
  const groups = [...grouped(said).values()];
  const turned = (members: readonly { readonly probability: number }[], from: number): number =>
    members.filter(({ probability }) => probability >= from).length / members.length;
  const isKind = (from: number): boolean =>
    groups.reduce((sum, members) => sum + turned(members, from), 0) <= share * groups.length &&
    groups.every((members) => members.length < groupMin || turned(members, from) <= 2 * share);
  // From .05 to .995 in steps of half a hundredth.
  const places = Array.from({ length: 200 }, (_, at) => (at + 10) / 210).filter(isKind);
  const toolless = proposals.flatMap(({ none, hasTool }) =>
    none === undefined || hasTool ? [] : [{ probability: calibrate({ kind: "none", probability: none }, calibration) }],
  );
  const catching = places.filter((from) => turned(toolless, from) >= caughtMin);
  const [nearest] = catching.toSorted((one, other) => Math.abs(one - 0.5) - Math.abs(other - 0.5));
  return nearest ?? places[0] ?? noneMax;
}

/** Surer than this nobody need be that no tool fits. */
const noneMax = 0.999;

/** Sets the threshold by proposals that the shape was not fitted on. */
export function withThreshold(shaped: Calibration, holding: readonly JudgedProposal[], options: FitOptions): Calibration {
  const { target = 0.05, level = 0.95 } = options;
  const judged = holding.filter(({ isPartial }) => isPartial !== true);
  const kept = judged.filter(
    ({ none }) => none === undefined || calibrate({ kind: "none", probability: none }, shaped) < shaped.none,
  );
  const ranked = kept
    .map(({ decisions, isRight }) => ({ confidence: proposalConfidence(decisions, shaped), isRight }))
    .toSorted((one, other) => other.confidence - one.confidence);
  const assurance = chooseThreshold(ranked, { target, level });
  return { ...shaped, threshold: assurance.threshold, assurance: { ...assurance.assurance, tried: judged.length } };
}
