/**
 * `sluice learn`: a draft plan from recorded benign runs. It is printed for a person to read, edit and freeze.
 * Never freezes what it learned: a trace shows what happened, not what is allowed.
 */
import type { Command } from "commander";
import type { Json } from "../../json/value.ts";
import { learnPlan } from "../../learn/learn.ts";
import { undigestPlan } from "../../observe/undigest.ts";
import { findingLines } from "../findings.ts";
import { checkStdinOnce, readCatalogueFile, readTraceFile, refuseFindings, traceFilesOf } from "../input.ts";
import type { Context } from "../main.ts";
import { jsonText } from "../output.ts";
import { yamlText } from "../yaml-text.ts";

interface Options {
  readonly catalog?: string;
  readonly task?: string;
  readonly name?: string;
  readonly json?: true;
}

/** Adds `learn TRACE…`. The draft goes to standard output, what a person must know of it to standard error. */
export function addLearn(program: Command, { terminal }: Context): void {
  program
    .command("learn")
    .description("draft a plan from recorded benign runs")
    .argument("<trace...>", "traces (JSON Lines), or folders of them")
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--task <text>", "the task, where the trace does not say it")
    .option("--name <name>", "the plan's name")
    .option("--json", "print JSON")
    .action(async (sources: readonly string[], options: Options) => {
      checkStdinOnce([...sources, options.catalog]);
      const catalogue = await readCatalogueFile(options.catalog);
      const traces = [];
      for (const source of await traceFilesOf(sources)) traces.push(await readTraceFile(source));
      const { name, task } = options;
      const learned = learnPlan(traces, catalogue, {
        ...(name === undefined ? {} : { name }),
        ...(task === undefined ? {} : { task }),
      });
      if (!learned.ok) return refuseFindings(sources[0] ?? "-", learned.error);
      const draft = undigestPlan(learned.value, learned.value.params);
      const plan = draft.plan as unknown as Json;
      terminal.write(options.json ? `${jsonText(plan, 2)}\n` : yamlText(plan));
      if (!options.json) for (const line of findingLines(draft.findings, terminal)) terminal.say(line);
    });
}
