/**
 * How sure a planner may be: what its raw probabilities become before a person or a threshold sees them, as numbers in a file.
 * Pure. Never changes which decision is the likeliest; only what is said about it, and what is kept.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { err, ok, type Result } from "../../result.ts";

/**
 * What a planner decides: which tools (`tools`; `none`: that no tool fits), how often one is called (`count`), and where an argument comes
 * from: left out, asked for, words of the task, a listed value, another call's result.
 */
export const decisionKinds = ["tools", "none", "count", "absent", "ask", "words", "listed", "result"] as const;
/** One of {@link decisionKinds}. */
export type DecisionKind = (typeof decisionKinds)[number];

/** Platt's line (1999) through the log-odds: `logit / temperature + shift`. Identity is 1 and 0. */
export interface Scale {
  readonly temperature: number;
  readonly shift: number;
}

/** One decision of a proposal. */
export interface Decision {
  readonly kind: DecisionKind;
  /** 0 to 1, as the planner's softmax says it. */
  readonly probability: number;
}

/** What the threshold promises, and of what it was made. Clopper and Pearson 1934; Angelopoulos et al. 2022 (risk control). */
export interface Assurance {
  /** Share of wrong proposals among the kept ones that is let through at most. */
  readonly target: number;
  /** Certainty of the bound, 0 to 1. */
  readonly level: number;
  readonly tried: number;
  readonly kept: number;
  readonly wrong: number;
  /** Upper bound of the share of wrong ones among the kept, at `level`. */
  readonly bound: number;
  /** Whether the bound is within the target; where not, the threshold is the one with the lowest bound. */
  readonly isReached: boolean;
}

/** A calibration. */
export interface Calibration {
  readonly version: 1;
  /** What it was fitted on: names of sets or catalogues. */
  readonly sets: readonly string[];
  readonly scales: Readonly<Record<DecisionKind, Scale>>;
  /** How much decisions other than the weakest count: 0 not at all, 1 as if all were independent (their product). */
  readonly others: number;
  /** Score of a proposal → probability that it is right; both rising strictly, from score 0 to score 1; linear in between. */
  readonly curve: readonly (readonly [score: number, probability: number])[];
  /** Probability of `none`, scaled, from which on nothing is proposed. */
  readonly none: number;
  /** Confidence of a proposal below which it is not kept. */
  readonly threshold: number;
  readonly assurance?: Assurance;
}

/** What says nothing of its own: probabilities stay, a proposal is as sure as its weakest decision, nothing is withheld for being unsure. */
export const identityCalibration: Calibration = {
  version: 1,
  sets: [],
  scales: scalesOf(() => ({ temperature: 1, shift: 0 })),
  others: 0,
  curve: [
    [0, 0],
    [1, 1],
  ],
  none: 0.5,
  threshold: 0,
};

/** One scale for each kind of decision. */
export function scalesOf(scale: (kind: DecisionKind) => Scale): Readonly<Record<DecisionKind, Scale>> {
  return Object.fromEntries(decisionKinds.map((kind) => [kind, scale(kind)])) as Record<DecisionKind, Scale>;
}

/** Probabilities nearer than this to 0 or 1 have no log-odds that mean anything. */
const probabilityMin = 1e-6;

/** The log-odds of a probability, bounded. */
export function logit(probability: number): number {
  const bounded = Math.min(1 - probabilityMin, Math.max(probabilityMin, probability));
  return Math.log(bounded / (1 - bounded));
}

/** The probability of log-odds. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** The probability that one decision is right, 0 to 1. */
export function calibrate({ kind, probability }: Decision, { scales }: Calibration): number {
  const { temperature, shift } = scales[kind];
  return temperature === 1 && shift === 0 ? probability : sigmoid(logit(probability) / temperature + shift);
}

/** The score of a proposal before the curve, 0 to 1: its weakest decision, lowered by the others. 1 where nothing was decided. */
export function proposalScore(decisions: readonly Decision[], calibration: Calibration): number {
  let weakest = 1;
  let logProduct = 0;
  for (const decision of decisions) {
    const probability = Math.max(probabilityMin, calibrate(decision, calibration));
    weakest = Math.min(weakest, probability);
    logProduct += Math.log(probability);
  }
  const { others } = calibration;
  return others === 0 ? weakest : weakest * Math.exp(others * (logProduct - Math.log(weakest)));
}

/** The probability that a whole proposal is right, 0 to 1: what `Proposal.confidence` is. */
export function proposalConfidence(decisions: readonly Decision[], calibration: Calibration): number {
  return onCurve(proposalScore(decisions, calibration), calibration.curve);
}

/** The height of a curve at a place. */
export function onCurve(score: number, curve: Calibration["curve"]): number {
  let [left, low] = curve[0] ?? [0, 0];
  for (const [right, high] of curve) {
    if (score <= right) return right === left ? high : low + ((high - low) * (score - left)) / (right - left);
    [left, low] = [right, high];
  }
  return low;
}

/** What is wrong with a calibration file, with its place as a JSON pointer. */
export interface CalibrationError {
  readonly pointer: string;
  readonly message: string;
}

/** Points of a curve and names of sets; what is fitted has some dozens. */
const entriesMax = 1_000;

/** Reads a calibration file. Errors: the first thing that is wrong, with what would be right. */
export function readCalibration(value: Json): Result<Calibration, CalibrationError> {
  if (!isObject(value)) return wrong("", "a calibration is an object");
  if (member(value, "version") !== 1) return wrong("/version", "the version of a calibration is 1");
  const sets = member(value, "sets");
  if (!isArray(sets) || sets.length > entriesMax || !sets.every((name) => typeof name === "string"))
    return wrong("/sets", "must be a list of names");
  const scales = readScales(member(value, "scales"));
  if (!scales.ok) return scales;
  const curve = readCurve(member(value, "curve"));
  if (!curve.ok) return curve;
  const [others, none, threshold] = ["others", "none", "threshold"].map((name) => member(value, name));
  if (!isShare(others)) return wrong("/others", "must be a number from 0 to 1");
  if (!isShare(none)) return wrong("/none", "must be a number from 0 to 1");
  if (!isShare(threshold)) return wrong("/threshold", "must be a number from 0 to 1");
  const assurance = readAssurance(member(value, "assurance"));
  if (!assurance.ok) return assurance;
  const read = { version: 1, sets, scales: scales.value, others, curve: curve.value, none, threshold } as const;
  return ok(assurance.value === undefined ? read : { ...read, assurance: assurance.value });
}

function readScales(value: Json | undefined): Result<Calibration["scales"], CalibrationError> {
  if (!isObject(value)) return wrong("/scales", "must be an object with a scale for each kind of decision");
  const found: Partial<Record<DecisionKind, Scale>> = {};
  for (const kind of decisionKinds) {
    const [temperature, shift] = [member(member(value, kind), "temperature"), member(member(value, kind), "shift")];
    if (!isNumber(temperature) || temperature <= 0 || temperature > 100)
      return wrong(`/scales/${kind}/temperature`, "must be a number above 0, at most 100");
    if (!isNumber(shift) || Math.abs(shift) > 100) return wrong(`/scales/${kind}/shift`, "must be a number from -100 to 100");
    found[kind] = { temperature, shift };
  }
  return ok(found as Calibration["scales"]);
}

function readCurve(value: Json | undefined): Result<Calibration["curve"], CalibrationError> {
  if (!isArray(value) || value.length < 2 || value.length > entriesMax)
    return wrong("/curve", "must be a list of at least two points [score, probability]");
  const points: (readonly [number, number])[] = [];
  for (const [at, point] of value.entries()) {
    const [score, probability] = isArray(point) ? point : [];
    if (!isShare(score) || !isShare(probability)) return wrong(`/curve/${at}`, "must be [score, probability], both from 0 to 1");
    const before = points.at(-1);
    if (before !== undefined && (score <= before[0] || probability < before[1]))
      return wrong(`/curve/${at}`, "the curve must rise from point to point");
    points.push([score, probability]);
  }
  if (points[0]?.[0] !== 0 || points.at(-1)?.[0] !== 1) return wrong("/curve", "the curve must go from score 0 to score 1");
  return ok(points);
}

function readAssurance(value: Json | undefined): Result<Assurance | undefined, CalibrationError> {
  if (value === undefined) return ok(undefined);
  if (!isObject(value)) return wrong("/assurance", "must be an object");
  const { target, level, bound, isReached } = value;
  if (!isShare(target) || !isShare(level) || !isShare(bound))
    return wrong("/assurance", "`target`, `level` and `bound` must be numbers from 0 to 1");
  const [tried, kept, wrongOnes] = [value.tried, value.kept, value.wrong];
  if (!isCount(tried) || !isCount(kept) || !isCount(wrongOnes) || kept > tried || wrongOnes > kept)
    return wrong("/assurance", "`tried`, `kept` and `wrong` must be numbers of proposals");
  if (typeof isReached !== "boolean") return wrong("/assurance/isReached", "must be true or false");
  return ok({ target, level, tried, kept, wrong: wrongOnes, bound, isReached });
}

function wrong(pointer: string, message: string): Result<never, CalibrationError> {
  return err({ pointer, message });
}

function isNumber(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isShare(value: Json | undefined): value is number {
  return isNumber(value) && value >= 0 && value <= 1;
}

function isCount(value: Json | undefined): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 0;
}

/** A calibration as a file's value: numbers with six decimals, so that files are the same on every machine and read well. */
export function calibrationJson(calibration: Calibration): JsonObject {
  return rounded(calibration as unknown as JsonObject) as JsonObject;
}

function rounded(value: Json): Json {
  if (typeof value === "number") return Math.round(value * 1e6) / 1e6;
  if (isArray(value)) return value.map(rounded);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)])) : value;
}
