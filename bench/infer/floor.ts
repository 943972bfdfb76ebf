/**
 * What a ranking of tools alone comes to: those above one threshold, which is tuned on the very set, in the baseline's favour.
 * Pure. A planner that is not above it everywhere has learned nothing.
 */
import { compareOutlines } from "../../src/infer/adapt/outline.ts";
import type { DraftTool } from "../../src/infer/tools.ts";
import type { EvalRow } from "./rows.ts";
import { f1 } from "./score.ts";

/** A tool with its score; rankings are by falling score. */
export interface Ranked {
  readonly tool: DraftTool;
  readonly score: number;
}

/** What a ranking comes to on a set. */
export interface FloorFigures {
  readonly toolF1: number;
  readonly toolsExact: number;
  /** The score from which on a tool is taken, and whether it is a share of the best tool's. */
  readonly threshold: number;
  readonly isRelative: boolean;
}

/** The best of all thresholds, absolute or relative to the best tool; the best tool is always taken. */
export function floorFigures(rows: readonly EvalRow[], rank: (row: EvalRow) => readonly Ranked[]): FloorFigures | undefined {
  const ranked = rows.filter(({ gold }) => gold.calls.length > 0).map((row) => ({ row, tools: rank(row).slice(0, 20) }));
  let best: FloorFigures | undefined;
  for (const isRelative of [false, true]) {
    for (let threshold = 0.025; threshold <= 1; threshold += 0.025) {
      let [right, drafted, wanted, exact] = [0, 0, 0, 0];
      for (const { row, tools } of ranked) {
        const least = isRelative ? threshold * (tools[0]?.score ?? 0) : threshold;
        const taken = tools.filter(({ score }, index) => index === 0 || score >= least);
        const calls = taken.map(({ tool }) => ({ tool: tool.name, args: {} }));
        const comparison = compareOutlines({ calls, edges: [] }, row.gold);
        right += comparison.tools.right;
        drafted += comparison.tools.drafted;
        wanted += comparison.tools.wanted;
        exact += Number(comparison.hasSameTools);
      }
      const toolF1 = f1({ right, drafted, wanted });
      if (toolF1 > (best?.toolF1 ?? -1)) best = { toolF1, toolsExact: exact / ranked.length, threshold, isRelative };
    }
  }
  return best;
}
