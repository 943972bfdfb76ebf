/**
 * What drafts for `sluice draft` and `sluice serve --draft`: the planners that a command line names, opened once.
 * Never asks an endpoint that nobody named, and never loads a model where an endpoint is named.
 */
import type { Command } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Calibration } from "../../infer/adapt/calibration.ts";
import type { DraftError, DraftPlanOptions, PlanDraft } from "../../infer/draft.ts";
import type { Planner } from "../../infer/proposal.ts";
import { ConfigError, ok, type Result } from "../../result.ts";
import { InputError, readValue, refuseInput } from "../read/input.ts";

/** Options of a command that drafts. */
export interface DrafterOptions {
  readonly models?: string;
  readonly threads?: number;
  readonly calibration?: string;
  readonly cache?: string;
  readonly memory?: string;
  readonly endpoint?: string;
  readonly model?: string;
  readonly keyEnv?: string;
  readonly threshold?: number;
}

/** Their names. */
export const drafterOptions = [
  "models",
  "threads",
  "calibration",
  "cache",
  "memory",
  "endpoint",
  "model",
  "keyEnv",
  "threshold",
] as const satisfies readonly (keyof DrafterOptions)[];

/** A draft and how long it took. */
export interface TimedDraft {
  readonly draft: PlanDraft;
  /** Milliseconds from the task's text to the draft. */
  readonly ms: number;
}

/** Planners, ready to draft. */
export interface Drafter {
  draft(
    task: string,
    catalogue: Catalogue,
    options: Pick<DraftPlanOptions, "now" | "zone" | "name">,
  ): Promise<Result<TimedDraft, DraftError>>;
  close(): Promise<void>;
}

/** Adds the options of {@link DrafterOptions}. */
export function addDrafterOptions(command: Command): Command {
  return command
    .option("--models <folder>", "the local model; default the package sluice-models, else models/ of the checkout")
    .option("--threads <number>", "threads of the local model; default 1", readThreads)
    .option("--calibration <file>", "how sure the local model may be, as `sluice adapt` writes it; default the model's own")
    .option("--cache <folder>", "keep what the local model makes of tools there, for the next start")
    .option("--memory <folder>", "approved plans, which are asked before any model")
    .option("--endpoint <url>", "an OpenAI-compatible endpoint in place of the local model, as in http://127.0.0.1:11434/v1")
    .option("--model <name>", "the endpoint's model")
    .option("--key-env <variable>", "environment variable that holds the endpoint's key")
    .option("--threshold <share>", "confidence from 0 to 1 below which nothing is kept; default the model's own", readThreshold);
}

/** Opens the planners that options name. Exit 2 for options that do not fit together, and for files that cannot be read. */
export async function openDrafter(options: DrafterOptions): Promise<Drafter> {
  // Read only where drafts are made: a host that makes none keeps its memory.
  const { draftPlan } = await import("../../infer/draft.ts");
  const { threshold, memory } = options;
  const general = await openGeneral(options);
  const remembered = memory === undefined ? undefined : await openMemory(memory);
  return {
    draft: async (task, catalogue, given) => {
      const started = performance.now();
      const planners = remembered === undefined ? [general.planner] : [remembered(catalogue), general.planner];
      const drafted = await draftPlan(task, catalogue, { ...given, planners, ...(threshold === undefined ? {} : { threshold }) });
      const ms = Math.round((performance.now() - started) * 100) / 100;
      return drafted.ok ? ok({ draft: drafted.value, ms }) : drafted;
    },
    close: () => general.close(),
  };
}

/**
 * The planner of a memory, for a catalogue: its plans are used only where their tools are still what they were.
 * SECURITY: only plans whose digests are theirs are read, and who may write the folder says what was approved.
 */
async function openMemory(folder: string): Promise<(catalogue: Catalogue) => Planner> {
  const [{ readMemoryFolder }, { createMemory }, { createMemoryPlanner }] = await Promise.all([
    import("../../infer/memory/folder.ts"),
    import("../../infer/memory/memory.ts"),
    import("../../infer/memory/planner.ts"),
  ]);
  const read = await readMemoryFolder(folder);
  if (!read.ok) return refuseInput(folder, read.error);
  const memory = createMemory({ plans: read.value.plans });
  return ({ tools }) => createMemoryPlanner({ memory, definitionOf: (name) => tools.get(name)?.definition });
}

interface Opened {
  readonly planner: Planner;
  close(): Promise<void>;
}

async function openGeneral(options: DrafterOptions): Promise<Opened> {
  const { models, threads, calibration, cache, endpoint, model, keyEnv } = options;
  if (endpoint !== undefined || model !== undefined || keyEnv !== undefined) {
    const own = (["models", "threads", "calibration", "cache"] as const).find((name) => options[name] !== undefined);
    if (own !== undefined) throw new InputError(`--endpoint takes the place of the local model: --${own} does not go with it`);
    const { plannerFromEndpointOptions } = await import("../../infer/endpoint/options.ts");
    const named = {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(model === undefined ? {} : { model }),
      ...(keyEnv === undefined ? {} : { keyEnv }),
    };
    const planner = misused(() => plannerFromEndpointOptions(named, process.env));
    if (planner === undefined) throw new InputError("--endpoint: the address of an endpoint is needed");
    return { planner, close: async () => {} };
  }
  const { createModelPlanner } = await import("../../infer/planner/planner.ts");
  const vectors = cache === undefined ? undefined : (await import("../../infer/runtime/vector-folder.ts")).folderVectors(cache);
  const fitted = calibration === undefined ? undefined : await openCalibration(calibration);
  const planner = createModelPlanner({
    ...(models === undefined ? {} : { models }),
    ...(threads === undefined ? {} : { threads }),
    ...(fitted === undefined ? {} : { calibration: fitted }),
    ...(vectors === undefined ? {} : { vectors }),
  });
  return { planner, close: () => planner.close() };
}

async function openCalibration(file: string): Promise<Calibration> {
  const { readCalibration } = await import("../../infer/adapt/calibration.ts");
  const read = readCalibration(await readValue(file));
  return read.ok ? read.value : refuseInput(file, read.error.message, { pointer: read.error.pointer });
}

/** What options are refused with, as exit 2. */
function misused<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message.replaceAll("`", ""));
    throw error;
  }
}

function readThreads(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) < 1 || Number(text) > 64)
    throw new InputError("--threads: a whole number from 1 to 64 is needed");
  return Number(text);
}

function readThreshold(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share >= 0 && share <= 1)) throw new InputError("--threshold: a number from 0 to 1 is needed");
  return share;
}
