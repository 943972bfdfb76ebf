/**
 * From a task in words and a catalogue to a draft plan: planners are asked in order, what they propose becomes a plan, or reasons why not.
 * Deterministic: the same task, catalogue, planners and time give the same bytes. Never freezes, never enforces, and reads no clock.
 */
import type { Catalogue } from "../catalogue/catalogue.ts";
import { draftTaskCharsMax, draftToolsMax } from "../limits.ts";
import type { Finding } from "../plan/finding.ts";
import type { Plan } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import { systemZones } from "../zones.ts";
import { type InferCode, InferError } from "./infer-error.ts";
import type { Abstention, Planner, Proposal } from "./proposal.ts";
import type { DraftDecision } from "./to-plan/decisions.ts";
import { planOf } from "./to-plan/to-plan.ts";
import { type DraftTool, draftTool } from "./tools.ts";
import { nowOf } from "./values/days.ts";
import type { ValueContext } from "./values/mention.ts";

/** How a draft is made. */
export interface DraftPlanOptions {
  /**
   * Asked in this order until one does not abstain: the memory of approved plans first, then a model or an endpoint. Default: the local
   * model, which is loaded once for each folder and number of threads.
   */
  readonly planners?: readonly Planner[];
  /** Folder of the local model. Default: the package `sluice-models`. Only without `planners`. */
  readonly models?: string;
  /** Threads of the local model. Default 1. Only without `planners`. */
  readonly threads?: number;
  /**
   * Now: an RFC 3339 date or date-time (an instant is moved to `zone`, if there is one), or as hosts say it ("Today is 2026-03-01, Sunday").
   * Without it words like "tomorrow" stay words.
   */
  readonly now?: string;
  /** IANA name of the user's time zone. Default: the one that `now` is in. */
  readonly zone?: string;
  /** Confidence below which nothing is kept (`INFER_UNSURE`), 0 to 1. Default: the planner's own. */
  readonly threshold?: number;
  /** Name of the plan. Default: the first words of the task. */
  readonly name?: string;
  /** Other names of values, in lower case. */
  readonly aliases?: ReadonlyMap<string, string>;
}

/** A draft, or what came nearest to one. */
export interface PlanDraft {
  /** `null` where nothing can be drafted; a best guess where `abstained` and the guess has no finding that forbids freezing. */
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** 0 to 1: that the whole draft is right. */
  readonly confidence: number;
  /** Whether the draft is not to be relied on, with the `reasons`. */
  readonly abstained: boolean;
  readonly reasons: readonly Abstention[];
  /** Which planner made it, and what from (the digest of a parent plan, say). */
  readonly origin: Proposal["origin"] | null;
  readonly decisions: readonly DraftDecision[];
}

/** Why nothing was drafted: unusable input, or a planner that cannot work. */
export interface DraftError {
  readonly code: InferCode;
  /** One line, lower case, no full stop; says what would be right. */
  readonly message: string;
}

/**
 * Drafts a plan. Abstaining is no error: the draft then has its reasons. Errors: `INFER_TASK` (empty, too long), `INFER_TOOLS_MAX`,
 * `INFER_NOW`, `INFER_ZONE`, `INFER_OPTION`, and those of the planners.
 *
 * @example
 * const drafted = await draftPlan("Mail Ada that the report is done", catalogue, { now: "2026-11-20" });
 * if (drafted.ok && !drafted.value.abstained) console.log(drafted.value.plan);
 */
export async function draftPlan(
  task: string,
  catalogue: Catalogue,
  options: DraftPlanOptions = {},
): Promise<Result<PlanDraft, DraftError>> {
  const context = readContext(task, catalogue, options);
  if (!context.ok) return context;
  try {
    const planners = options.planners ?? [await localModel(options)];
    const proposal = await propose(task, toolsOf(catalogue), { planners, context: context.value, threshold: options.threshold });
    return ok(drafted(proposal, { task, catalogue, name: options.name }));
  } catch (error) {
    if (error instanceof InferError) return err({ code: error.code, message: error.message });
    throw error;
  }
}

/** Local models that this process has loaded, by folder and threads. */
const localModels = new Map<string, Planner>();

/** Loaded here and not above, so that who asks other planners only loads no library that runs a model. */
async function localModel({ models, threads }: DraftPlanOptions): Promise<Planner> {
  const key = JSON.stringify([models ?? null, threads ?? null]);
  const known = localModels.get(key);
  if (known !== undefined) return known;
  const { createModelPlanner } = await import("./planner/planner.ts");
  const planner = createModelPlanner({
    ...(models === undefined ? {} : { models }),
    ...(threads === undefined ? {} : { threads }),
  });
  localModels.set(key, planner);
  return planner;
}

/** Checks what is drafted from, and reads the time. */
function readContext(
  task: string,
  catalogue: Catalogue,
  { now, zone, threshold, aliases, planners }: DraftPlanOptions,
): Result<ValueContext, DraftError> {
  const refuse = (code: InferCode, message: string): Result<never, DraftError> => err({ code, message });
  if (typeof task !== "string" || task.trim() === "")
    return refuse("INFER_TASK", "a task is needed: what the agent is to do, in words");
  if (task.length > draftTaskCharsMax)
    return refuse("INFER_TASK", `the task has ${task.length} characters; at most ${draftTaskCharsMax} are read: say it shorter`);
  if (/\p{Cs}/u.test(task)) return refuse("INFER_TASK", "the task has half of a surrogate pair: it was cut inside a character");
  if (catalogue.tools.size > draftToolsMax)
    return refuse(
      "INFER_TOOLS_MAX",
      `the catalogue has ${catalogue.tools.size} tools; a task is drafted with at most ${draftToolsMax}`,
    );
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 1))
    return refuse("INFER_OPTION", "`threshold` is a confidence from 0 to 1");
  if (planners !== undefined && planners.length === 0)
    return refuse("INFER_OPTION", "`planners` has no planner: at least one is needed");
  if (zone !== undefined && systemZones.localAt(0, zone) === undefined)
    return refuse("INFER_ZONE", "`zone` is the IANA name of a time zone, such as `Europe/Berlin`");
  if (now !== undefined && !isNow(now, zone))
    return refuse("INFER_NOW", "`now` is a date or date-time, such as `2026-03-01` or `2026-03-01T09:30:00Z`");
  return ok({
    ...(zone === undefined ? {} : { zone }),
    ...(now === undefined ? {} : { now }),
    ...(aliases === undefined ? {} : { aliases }),
  });
}

/** Whether a text names a day to read words like "tomorrow" by. */
export function isNow(now: string, zone?: string): boolean {
  return nowOf({ now, ...(zone === undefined ? {} : { zone }) }) !== undefined;
}

/** Tools as planners see them, once for each catalogue. */
const seen = new WeakMap<Catalogue, readonly DraftTool[]>();

function toolsOf(catalogue: Catalogue): readonly DraftTool[] {
  const known = seen.get(catalogue);
  if (known !== undefined) return known;
  const tools = [...catalogue.tools.values()].map(draftTool);
  seen.set(catalogue, tools);
  return tools;
}

/** The first proposal that is kept; else the surest of those that are only guesses, with the reasons of all. */
async function propose(
  task: string,
  tools: readonly DraftTool[],
  {
    planners,
    context,
    threshold,
  }: { readonly planners: readonly Planner[]; readonly context: ValueContext; readonly threshold: number | undefined },
): Promise<Proposal> {
  if (tools.length === 0) return nothing({ code: "INFER_NO_TOOL", message: "the catalogue has no tool", candidates: [] });
  const guesses: Proposal[] = [];
  for (const planner of planners) {
    const proposal = held(await planner.propose(task, tools, context), threshold);
    if (proposal.abstentions.length === 0 && proposal.calls.length > 0) return proposal;
    guesses.push(proposal);
  }
  // The last planner is the general one: on a tie its guess counts.
  const best = guesses.toReversed().toSorted((one, other) => rank(other) - rank(one))[0];
  const reasons = guesses.toReversed().flatMap(({ abstentions }) => abstentions);
  return best === undefined ? nothing(noTool) : { ...best, abstentions: reasons.length === 0 ? [noTool] : distinct(reasons) };
}

const noTool: Abstention = { code: "INFER_NO_TOOL", message: "no tool of the catalogue fits the task", candidates: [] };

function nothing(reason: Abstention): Proposal {
  return { calls: [], confidence: 0, abstentions: [reason], origin: { planner: "model" } };
}

function rank({ calls, confidence }: Proposal): number {
  return calls.length === 0 ? -1 : confidence;
}

function distinct(reasons: readonly Abstention[]): readonly Abstention[] {
  return reasons.filter(({ code }, at) => reasons.findIndex((other) => other.code === code) === at);
}

/** The proposal under the caller's own threshold, which takes the place of the planner's. */
function held(proposal: Proposal, threshold: number | undefined): Proposal {
  if (threshold === undefined) return proposal;
  const others = proposal.abstentions.filter(({ code }) => code !== "INFER_UNSURE");
  if (proposal.confidence >= threshold || proposal.calls.length === 0)
    return { ...proposal, abstentions: proposal.calls.length === 0 ? proposal.abstentions : others };
  const message = `the confidence ${proposal.confidence.toFixed(2)} is below the threshold ${threshold}: say the task more exactly, or read the draft with care`;
  const [kept] = proposal.abstentions.filter(({ code }) => code === "INFER_UNSURE");
  return { ...proposal, abstentions: [...others, kept ?? { code: "INFER_UNSURE", message, candidates: [] }] };
}

function drafted(
  proposal: Proposal,
  { task, catalogue, name }: { readonly task: string; readonly catalogue: Catalogue; readonly name: string | undefined },
): PlanDraft {
  const { confidence, abstentions, origin, calls } = proposal;
  const base = { confidence, origin, findings: [], decisions: [] };
  if (calls.length === 0) {
    return { ...base, plan: null, abstained: true, origin: null, reasons: abstentions.length === 0 ? [noTool] : abstentions };
  }
  const planned = planOf(proposal, { task, catalogue, ...(name === undefined ? {} : { name }) });
  if (!planned.ok) {
    const reason: Abstention = {
      code: "INFER_UNSURE",
      message: `what was proposed is no plan: ${planned.error}`,
      candidates: [],
    };
    return { ...base, plan: null, abstained: true, reasons: [...abstentions, reason] };
  }
  const { plan, findings, decisions } = planned.value;
  const abstained = abstentions.length > 0;
  const lints = !findings.some(({ severity }) => severity === "error");
  return { ...base, plan: abstained && !lints ? null : plan, findings, decisions, abstained, reasons: abstentions };
}
