/**
 * `sluice draft`: a draft plan of a task in words, and the words that each of its decisions rests on. It only proposes.
 * Never freezes what it made, and never prints a guess as if it were a draft: what was abstained from comes with its reasons and exit 1.
 */
import { type Command, Option } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { PlanDraft } from "../../infer/draft.ts";
import type { Json } from "../../json/value.ts";
import { batch } from "../draft/batch.ts";
import { draftJson } from "../draft/json.ts";
import { draftLines, nextLine } from "../draft/text.ts";
import { addDrafterOptions, type Drafter, type DrafterOptions, openDrafter } from "../draft/drafter.ts";
import { findingLines } from "../show/findings.ts";
import { checkStdinOnce, InputError, readCatalogueFile, readText } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import type { Terminal } from "../show/terminal.ts";
import { yamlText } from "../show/yaml-text.ts";

interface Options extends DrafterOptions {
  readonly task?: string;
  readonly taskFile?: string;
  readonly catalog?: string;
  readonly batch?: string;
  readonly output?: string;
  readonly name?: string;
  readonly now?: string;
  readonly zone?: string;
  readonly guess?: true;
  readonly decisions?: true;
  readonly json?: true;
}

/** Adds `draft --task TEXT --catalog FILE`. The draft goes to standard output, what a person must know of it to standard error. */
export function addDraft(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("draft")
    .description("draft a plan of a task in words, by a small local model; it only proposes")
    .option("--task <text>", "the task, in the user's words")
    .option("--task-file <file>", "the task, as the text of a file")
    .option("--catalog <file>", "the catalogue of the tools")
    .addOption(
      new Option("--batch <file>", "many tasks (JSON Lines): {id, task, tools?, now?}").conflicts([
        "task",
        "taskFile",
        "output",
        "name",
      ]),
    )
    .option("--now <time>", "when the task is read: RFC 3339 date or date-time; default this moment, in a batch none")
    .option("--zone <name>", "the user's time zone, as in Europe/Berlin; default UTC")
    .option("--name <name>", "the plan's name")
    .option("-o, --output <file>", "write the plan there")
    .option("--guess", "print the best guess too where the draft is abstained from")
    .option("--decisions", "with --json: also the findings, and each decision with its words and alternatives")
    .option("--json", "print JSON");
  addDrafterOptions(command).action(async (options: Options) => {
    checkStdinOnce([options.catalog, options.batch, options.taskFile]);
    const catalogue = await readCatalogueFile(options.catalog, { duplicates: "first" });
    const drafter = await openDrafter(options);
    try {
      if (options.batch !== undefined) await batch(options.batch, { drafter, catalogue, options, terminal });
      else exit(await single(await taskOf(options), { drafter, catalogue, options, terminal }));
    } finally {
      await drafter.close();
    }
  });
}

async function taskOf({ task, taskFile }: Options): Promise<string> {
  if ((task === undefined) === (taskFile === undefined))
    throw new InputError("a task is needed: --task TEXT, --task-file FILE, or --batch FILE for many");
  return task ?? (await readText(taskFile ?? "-"));
}

interface Single {
  readonly drafter: Drafter;
  readonly catalogue: Catalogue | undefined;
  readonly options: Options;
  readonly terminal: Terminal;
}

async function single(task: string, { drafter, catalogue, options, terminal }: Single): Promise<0 | 1> {
  if (catalogue === undefined) throw new InputError("--catalog: the tools that the task may be done with are needed");
  const { now = new Date(Date.now()).toISOString(), zone, name } = options;
  const drafted = await drafter.draft(task, catalogue, {
    now,
    ...(zone === undefined ? {} : { zone }),
    ...(name === undefined ? {} : { name }),
  });
  if (!drafted.ok) throw new InputError(`${drafted.error.message} (${drafted.error.code})`);
  const { draft, ms } = drafted.value;
  if (options.json) {
    terminal.write(`${jsonText(draftJson(null, drafted.value, { decisions: options.decisions === true }))}\n`);
    if (options.output !== undefined && draft.plan !== null && !draft.abstained) writePlan(options.output, draft.plan);
  } else show(draft, { task, ms, options, terminal });
  return draft.abstained ? 1 : 0;
}

function show(
  draft: PlanDraft,
  {
    task,
    ms,
    options,
    terminal,
  }: { readonly task: string; readonly ms: number; readonly options: Options; readonly terminal: Terminal },
): void {
  const { plan, abstained } = draft;
  const isPrinted = plan !== null && (!abstained || options.guess === true);
  if (isPrinted && options.output === undefined) terminal.write(yamlText(plan as unknown as Json));
  if (isPrinted && options.output !== undefined) writePlan(options.output, plan);
  for (const line of draftLines(draft, { task, ms, terminal })) terminal.say(line);
  for (const line of findingLines(draft.findings, terminal)) terminal.say(line);
  for (const line of nextLine(draft, { isPrinted, file: options.output, catalog: options.catalog }, terminal)) terminal.say(line);
}

function writePlan(file: string, plan: NonNullable<PlanDraft["plan"]>): void {
  const value = plan as unknown as Json;
  writeFileAtOnce(file, /\.json$/i.test(file) ? `${jsonText(value, 2)}\n` : yamlText(value));
}
