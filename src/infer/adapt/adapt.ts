/**
 * A calibration for one catalogue: tasks made up from its descriptions, and approved plans' tasks, are drafted, and how sure the planner may be is
 * taken from how often it was right.
 * Deterministic; changes no weights. Made-up tasks are easier than people's, so they alone can only make a planner more careful.
 */
import type { Example } from "../memory/approved.ts";
import type { Planner } from "../proposal.ts";
import type { DraftTool } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import type { Calibration } from "./calibration.ts";
import { calibrate, proposalConfidence } from "./calibration.ts";
import { fitCalibration, fitNone, type JudgedProposal, withThreshold } from "./fit.ts";
import { judgeProposal } from "./judge.ts";
import { madeContext } from "./made-values.ts";
import { outlineOf } from "./outline.ts";
import { type MadeTask, madeTasks } from "./synthesise.ts";

/** Approved tasks from which on they count as people's own: scales and curve are fitted to them too, and the threshold may fall. */
export const approvedMin = 40;

/** What is adapted to. */
export interface AdaptOptions {
  /** Name of the catalogue, for the file. */
  readonly name: string;
  readonly planner: Planner;
  /** The calibration that the models bring. */
  readonly prior: Calibration;
  /** Plans that people approved. */
  readonly approved?: readonly Example[];
  /** Tasks to make up. */
  readonly tasks: number;
  /** Share of wrong drafts among the kept ones that is let through. Default .05. */
  readonly target?: number;
  readonly onTask?: (done: number, of: number) => void;
}

/** What adapting came to. */
export interface Adapted {
  readonly calibration: Calibration;
  /** Tasks by kind, and how many of each were drafted exactly right. */
  readonly tasks: readonly { readonly kind: MadeTask["kind"]; readonly count: number; readonly right: number }[];
  /** Share of the tasks with a tool whose draft will be kept, and share of the kept drafts that are right. */
  readonly coverage: number;
  readonly keptRight: number;
  /** Whether approved plans were enough to fit everything, or only the threshold was raised. */
  readonly isWhole: boolean;
}

/** Tasks of a catalogue with their right plans: made-up ones, and those of approved plans. */
export function adaptationTasks(
  tools: readonly DraftTool[],
  { tasks, approved = [] }: Pick<AdaptOptions, "tasks" | "approved">,
): readonly (MadeTask & { readonly context: ValueContext })[] {
  const known = new Set(tools.map(({ name }) => name));
  const usable = approved.filter(({ calls }) => calls.every(({ tool }) => known.has(tool.name)));
  return [
    ...madeTasks(tools, tasks).map((made) => ({ ...made, context: madeContext })),
    ...usable.map((example) => approvedTask(example, tools)),
  ];
}

function approvedTask(
  { task, calls, context }: Example,
  tools: readonly DraftTool[],
): MadeTask & { readonly context: ValueContext } {
  const flows = calls.flatMap(({ tool, args }) =>
    args.flatMap(({ path, source }) => (source.kind === "result" ? [`${tool.name}.${path[0] ?? ""}`] : [])),
  );
  return { task, tools, right: { ...outlineOf({ calls }), hasArgs: true }, flows: new Set(flows), kind: "approved", context };
}

/** Adapts a calibration to a catalogue. Rejects with what the planner rejects with. */
export async function adaptCalibration(tools: readonly DraftTool[], options: AdaptOptions): Promise<Adapted> {
  const tasks = adaptationTasks(tools, options);
  const judged: { readonly kind: MadeTask["kind"]; readonly judged: JudgedProposal }[] = [];
  for (const [at, made] of tasks.entries()) {
    const proposal = await options.planner.propose(made.task, made.tools, made.context);
    const group = made.kind === "approved" ? "approved" : "made up";
    judged.push({ kind: made.kind, judged: judgeProposal(proposal, made, { group }) });
    options.onTask?.(at + 1, tasks.length);
  }
  const all = judged.map((one) => one.judged);
  const approvedCount = judged.filter(({ kind }) => kind === "approved").length;
  const isWhole = approvedCount >= approvedMin;
  const sets = [
    ...options.prior.sets,
    `${options.name}: ${tasks.length - approvedCount} made-up tasks, ${approvedCount} approved`,
  ];
  const calibration = isWhole ? whole(all, { ...options, sets }) : careful(all, { ...options, sets });
  return { calibration, tasks: kindsOf(judged), ...keptOf(all, calibration), isWhole };
}

interface Fitting extends Pick<AdaptOptions, "prior" | "target"> {
  readonly sets: readonly string[];
}

/** Everything is fitted, drawn to what the models bring. */
function whole(judged: readonly JudgedProposal[], { prior, target = 0.05, sets }: Fitting): Calibration {
  return fitCalibration(judged, { sets, prior, target });
}

/** The models' calibration, with a threshold that holds for these tasks too; never a lower one. */
function careful(judged: readonly JudgedProposal[], { prior, target = 0.05, sets }: Fitting): Calibration {
  const none = Math.min(prior.none, fitNone(judged, { calibration: prior, share: 0.05 }));
  const fitted = withThreshold({ ...prior, none, sets }, judged, { sets, target });
  return fitted.threshold >= prior.threshold ? fitted : { ...fitted, threshold: prior.threshold };
}

function kindsOf(judged: readonly { readonly kind: MadeTask["kind"]; readonly judged: JudgedProposal }[]): Adapted["tasks"] {
  const kinds: readonly MadeTask["kind"][] = ["one tool", "two tools", "no tool", "approved"];
  return kinds
    .map((kind) => {
      const own = judged.filter((one) => one.kind === kind);
      return { kind, count: own.length, right: own.filter((one) => one.judged.isRight).length };
    })
    .filter(({ count }) => count > 0);
}

function keptOf(judged: readonly JudgedProposal[], calibration: Calibration): Pick<Adapted, "coverage" | "keptRight"> {
  const kept = judged.filter(({ decisions, none }) => {
    const isNone = none !== undefined && calibrate({ kind: "none", probability: none }, calibration) >= calibration.none;
    return !isNone && proposalConfidence(decisions, calibration) >= calibration.threshold;
  });
  const withTool = judged.filter(({ hasTool }) => hasTool).length;
  return {
    coverage: withTool === 0 ? 0 : kept.filter(({ hasTool }) => hasTool).length / withTool,
    keptRight: kept.length === 0 ? 0 : kept.filter(({ isRight }) => isRight).length / kept.length,
  };
}
