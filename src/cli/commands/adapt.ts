/**
 * `sluice adapt`: a calibration of the local model for one catalogue, from tasks made up of its descriptions and from approved plans; offline.
 * Never changes the model's weights itself, and never promises more than the tasks carry.
 */
import { basename } from "node:path";
import { type Command, Option } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Adapted } from "../../infer/adapt/adapt.ts";
import type { Example } from "../../infer/memory/approved.ts";
import type { DraftTool } from "../../infer/tools.ts";
import { fineTune } from "../draft/fine-tune.ts";
import { InputError, readCatalogueFile, refuseInput } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly plans?: string;
  readonly output?: string;
  readonly models?: string;
  readonly threads: number;
  readonly tasks: number;
  readonly target: number;
  readonly fineTune?: string;
  readonly python: string;
  readonly json?: true;
}

/** Adds `adapt --catalog FILE`. The calibration goes to standard output or a file, what a person must know of it to standard error. */
export function addAdapt(program: Command, { terminal, exit }: Context): void {
  program
    .command("adapt")
    .description("calibrate the local model for a catalogue, offline: how sure it may be, and which drafts are kept")
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--plans <folder>", "approved plans of these tools; their tasks count beside the made-up ones")
    .option("-o, --output <file>", "write the calibration there")
    .option("--models <folder>", "the local model; default the package sluice-models, else models/ of the checkout")
    .option("--threads <number>", "threads of the local model; default 1", count("--threads", 64), 1)
    .option("--tasks <number>", "tasks to make up; default 300", count("--tasks", 10_000), 300)
    .option("--target <share>", "share of wrong drafts among the kept ones; default 0.05", readTarget, 0.05)
    .option("--fine-tune <folder>", "also train the model on these tasks, with Python, and write the new model there")
    .addOption(new Option("--python <command>", "the Python that trains; default python3").default("python3"))
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      const catalogue = await readCatalogueFile(options.catalog);
      if (catalogue === undefined) throw new InputError("--catalog: the tools that the model is adapted to are needed");
      if (catalogue.tools.size === 0) refuseInput(options.catalog ?? "-", "the catalogue has no tool");
      exit(await adapt(options, catalogue, terminal));
    });
}

async function adapt(options: Options, catalogue: Catalogue, terminal: Terminal): Promise<0 | 1> {
  const { adaptationTasks } = await import("../../infer/adapt/adapt.ts");
  const { draftTool } = await import("../../infer/tools.ts");
  const tools = [...catalogue.tools.values()].map(draftTool);
  const approved = options.plans === undefined ? [] : await readApproved(options.plans, terminal);
  if (options.fineTune !== undefined) {
    const tasks = adaptationTasks(tools, { tasks: options.tasks, approved });
    await fineTune({ catalogue, tasks, out: options.fineTune, models: options.models, python: options.python }, terminal);
  }
  const models = options.fineTune ?? options.models;
  const adapted = await calibration(tools, { ...options, ...(models === undefined ? {} : { models }) }, { approved, terminal });
  const { calibrationJson } = await import("../../infer/adapt/calibration.ts");
  const value = calibrationJson(adapted.calibration);
  if (options.output !== undefined) writeFileAtOnce(options.output, `${jsonText(value, 1)}\n`);
  if (options.json) {
    const { tasks, coverage, keptRight, isWhole } = adapted;
    terminal.write(
      `${jsonText({ calibration: value, tasks: tasks.map((one) => ({ ...one })), coverage, keptRight, isWhole })}\n`,
    );
  } else {
    if (options.output === undefined) terminal.write(`${jsonText(value, 1)}\n`);
    for (const line of reportLines(adapted, options, terminal)) terminal.say(line);
  }
  return adapted.calibration.assurance?.isReached === true ? 0 : 1;
}

async function readApproved(folder: string, terminal: Terminal): Promise<readonly Example[]> {
  const { readMemoryFolder } = await import("../../infer/memory/folder.ts");
  const { exampleOf } = await import("../../infer/memory/approved.ts");
  const read = await readMemoryFolder(folder);
  if (!read.ok) return refuseInput(folder, read.error);
  const examples: Example[] = [];
  for (const { file, reason } of read.value.leftOut) terminal.say(`${file}: left out: ${reason}`);
  for (const { plan, context } of read.value.plans) {
    const example = exampleOf(plan, context ?? {});
    if (example.ok) examples.push(example.value);
    else terminal.say(`${plan.digest}: left out: ${example.error}`);
  }
  if (examples.length === 0) refuseInput(folder, "there is no approved plan with a task in it");
  return examples;
}

async function calibration(
  tools: readonly DraftTool[],
  options: Options,
  { approved, terminal }: { readonly approved: readonly Example[]; readonly terminal: Terminal },
): Promise<Adapted> {
  const { openModels } = await import("../../infer/runtime/models.ts");
  const { createModelPlanner } = await import("../../infer/planner/planner.ts");
  const { adaptCalibration } = await import("../../infer/adapt/adapt.ts");
  const { threads, models, tasks, target } = options;
  const opened = await openModels({ threads, ...(models === undefined ? {} : { models }) });
  if (!opened.ok) throw new InputError(`${opened.error.message} (${opened.error.code})`);
  try {
    return await adaptCalibration(tools, {
      name: basename(options.catalog ?? "-"),
      planner: createModelPlanner({ opened: opened.value }),
      prior: opened.value.calibration,
      approved,
      tasks,
      target,
      onTask: progress(terminal),
    });
  } finally {
    await opened.value.close();
  }
}

/** Says how far it is, on a terminal only. */
function progress(_terminal: Terminal): (done: number, of: number) => void {
  if (process.stderr.isTTY !== true) return () => {};
  return (done, of) => void process.stderr.write(done === of ? "\r\u001b[K" : `\rdrafting ${done} of ${of} tasks`);
}

function reportLines(
  { calibration: fitted, tasks, coverage, keptRight, isWhole }: Adapted,
  options: Options,
  { columns }: Terminal,
): readonly string[] {
  const { assurance } = fitted;
  const counts = tasks.map(({ kind, count: all, right }) =>
    kind === "no tool"
      ? `${all} that no tool fits`
      : `${all} with ${kind === "approved" ? "an approved plan" : kind} (${right} drafted exactly)`,
  );
  const lines = [
    `Drafted ${tasks.reduce((sum, one) => sum + one.count, 0)} tasks: ${counts.join(", ")}.`,
    `Kept from a confidence of ${fitted.threshold.toFixed(3)}: ${percent(coverage)} of the tasks, ${percent(keptRight)} of them right.`,
  ];
  if (assurance?.isReached === true)
    lines.push(
      `With ${percent(assurance.level)} certainty at most ${percent(assurance.bound)} of the kept drafts of such tasks are wrong.`,
    );
  else
    lines.push(
      `No threshold keeps the share of wrong drafts within ${percent(options.target)} with certainty: give more tasks or approved plans, or take every draft for a guess.`,
    );
  if (!isWhole)
    lines.push(
      "Made-up tasks are easier than people's: they raised the threshold where they had to and never lowered it. From 40 approved plans on everything is fitted.",
    );
  return lines.map((line) => hang("", line, columns));
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function count(name: string, max: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > max)
      throw new InputError(`${name}: a whole number from 1 to ${max} is needed`);
    return Number(text);
  };
}

function readTarget(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share > 0 && share < 1)) throw new InputError("--target: a number between 0 and 1 is needed");
  return share;
}
