/**
 * The figures of a set: what was drafted against what is right, and how sure it was.
 * Pure. The same for every planner; knows nothing of how a draft was made.
 */
import { type Comparison, compareOutlines, type Count, type Outline, type RightOutline } from "../../src/infer/adapt/outline.ts";
import { calibrationError } from "../../src/infer/adapt/threshold.ts";

/** One draft beside the right plan. */
export interface Judged {
  readonly id: string;
  readonly drafted: Outline;
  readonly gold: RightOutline;
  /** 0 to 1. */
  readonly confidence: number;
  /** The planner withheld it: `drafted` is its best guess, if it gives one. */
  readonly isWithheld: boolean;
  /** It was withheld because no tool fits: then what is compared is a plan without calls. */
  readonly isNone: boolean;
}

/** Figures of a set, each 0 to 1. Absent where the set has nothing to count. */
export interface Figures {
  /** Tasks that a tool fits. */
  readonly rows: number;
  readonly toolF1: number;
  readonly toolsExact: number;
  readonly argF1?: number;
  readonly edgeF1?: number;
  readonly planExact: number;
  /** Share of the tasks (with a tool) whose draft is kept, and share of the kept drafts that are right; those of tasks without a tool are wrong. */
  readonly coverage: number;
  readonly keptRight?: number;
  readonly kept: number;
  readonly keptWrong: number;
  readonly calibrationError: number;
  /** Tasks that no tool fits, and the share of them for which nothing is kept; then, for which it is said that no tool fits. */
  readonly toolless: number;
  readonly withheld?: number;
  readonly saidNone?: number;
  /** Share of the tasks with a tool for which it is said that none fits. */
  readonly falseNone: number;
  /** Accuracy against coverage: how many of the surest share are right, at each tenth. */
  readonly surest: readonly number[];
}

/** F1 from counts; 0 where nothing is right. */
export function f1({ right, drafted, wanted }: Count): number {
  return right === 0 ? 0 : (2 * right) / (drafted + wanted);
}

/** A draft that says that no tool fits is compared as a plan without calls. */
export function comparisonOf({ drafted, gold, isNone }: Judged): Comparison {
  return compareOutlines(isNone ? { calls: [], edges: [] } : drafted, gold);
}

/** The figures of a set. */
export function figuresOf(judged: readonly Judged[]): Figures {
  const toolless = judged.filter(({ gold }) => gold.calls.length === 0);
  const compared = judged.filter(({ gold }) => gold.calls.length > 0).map((one) => ({ ...one, comparison: comparisonOf(one) }));
  const total = (pick: (comparison: Comparison) => Count): Count =>
    compared.reduce(
      (sum, { comparison }) => {
        const { right, drafted, wanted } = pick(comparison);
        return { right: sum.right + right, drafted: sum.drafted + drafted, wanted: sum.wanted + wanted };
      },
      { right: 0, drafted: 0, wanted: 0 },
    );
  const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);
  const rows = compared.length;
  const args = total(({ args: count }) => count);
  const edges = total(({ edges: count }) => count);
  const kept = judged.filter(isKept);
  const keptWrong = kept.filter((one) => !comparisonOf(one).isExact).length;
  return {
    rows,
    toolF1: f1(total(({ tools }) => tools)),
    toolsExact: share(compared.filter(({ comparison }) => comparison.hasSameTools).length, rows),
    ...(args.wanted + args.drafted > 0 ? { argF1: f1(args) } : {}),
    ...(edges.wanted > 0 ? { edgeF1: f1(edges) } : {}),
    planExact: share(compared.filter(({ comparison }) => comparison.isExact).length, rows),
    coverage: share(kept.filter(({ gold }) => gold.calls.length > 0).length, rows),
    ...(kept.length > 0 ? { keptRight: 1 - keptWrong / kept.length } : {}),
    kept: kept.length,
    keptWrong,
    calibrationError: calibrationError(
      compared
        .filter(({ drafted, isNone }) => drafted.calls.length > 0 && !isNone)
        .map(({ confidence, comparison }) => ({ confidence, isRight: comparison.isExact })),
    ),
    toolless: toolless.length,
    ...(toolless.length > 0
      ? {
          withheld: share(toolless.filter((one) => !isKept(one)).length, toolless.length),
          saidNone: share(toolless.filter(({ isNone }) => isNone).length, toolless.length),
        }
      : {}),
    falseNone: share(compared.filter(({ isNone }) => isNone).length, rows),
    surest: surestShares(curveOf(judged)),
  };
}

function isKept({ drafted, isWithheld }: Judged): boolean {
  return !isWithheld && drafted.calls.length > 0;
}

/** One point of the curve: so much is kept, so many of the kept are right. */
export interface CurvePoint {
  readonly coverage: number;
  readonly accuracy: number;
}

/**
 * Accuracy of what is kept against coverage, as the threshold falls: every draft with calls by falling confidence, whether it was withheld for being
 * unsure or not. Coverage is of the tasks that a tool fits. Drafts of equal confidence are kept together.
 */
export function curveOf(judged: readonly Judged[]): readonly CurvePoint[] {
  const rows = judged.filter(({ gold }) => gold.calls.length > 0).length;
  const ranked = judged
    .filter(({ drafted, isNone }) => drafted.calls.length > 0 && !isNone)
    .map((one) => ({ confidence: one.confidence, hasTool: one.gold.calls.length > 0, isExact: comparisonOf(one).isExact }))
    .toSorted((one, other) => other.confidence - one.confidence);
  const points: CurvePoint[] = [];
  let [covered, right] = [0, 0];
  for (const [index, { confidence, hasTool, isExact }] of ranked.entries()) {
    covered += Number(hasTool);
    right += Number(isExact);
    if (ranked[index + 1]?.confidence === confidence) continue;
    points.push({ coverage: rows === 0 ? 0 : covered / rows, accuracy: right / (index + 1) });
  }
  return points;
}

/** Accuracy of the surest 10 %, 20 %, … of the tasks; as far as there are drafts. */
function surestShares(points: readonly CurvePoint[]): readonly number[] {
  const last = points.at(-1)?.coverage ?? 0;
  const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].filter((share) => share <= last + 1e-9);
  return tenths.map((share) => points.find(({ coverage }) => coverage >= share - 1e-9)?.accuracy ?? 0);
}
