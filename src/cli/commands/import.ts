/**
 * `sluice import`: a draft plan of what an agent says that it will do, in one of the formats that it says it in. No model reads it.
 * Never freezes what it made, and never goes on after something that no plan can say: that is exit 2, with its place.
 */
import { type Command, Option } from "commander";
import { importFormats, type ImportFormat, importText } from "../../intent/import.ts";
import type { Json } from "../../json/value.ts";
import type { Trace } from "../../trace.ts";
import { findingLines } from "../show/findings.ts";
import { checkStdinOnce, readCatalogueFile, readText, refuseInput } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { yamlText } from "../show/yaml-text.ts";

interface Options {
  readonly from: ImportFormat;
  readonly catalog?: string;
  readonly task?: string;
  readonly name?: string;
  readonly trace?: string;
  readonly workflow?: string;
  readonly json?: true;
}

/** Adds `import FILE --from FORMAT`. The draft goes to standard output, what a person must know of it to standard error. */
export function addImport(program: Command, { terminal }: Context): void {
  program
    .command("import")
    .description("draft a plan of what an agent intends: calls of an API, code, or a workflow")
    .argument("<file>", "what the agent intends, or a log of calls with their results")
    .addOption(new Option("--from <format>", "the format").choices(importFormats).makeOptionMandatory())
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--task <text>", "the task, in the user's words")
    .option("--name <name>", "the plan's name")
    .option("--trace <file>", "write the recorded run of a log with results there (JSON Lines)")
    .option("--workflow <id>", "which workflow, of an Arazzo document of several")
    .option("--json", "print JSON")
    .action(async (source: string, { from, catalog, task, name, trace, workflow, json }: Options) => {
      checkStdinOnce([source, catalog]);
      const catalogue = await readCatalogueFile(catalog);
      const imported = await importText(await readText(source), catalogue, {
        from,
        ...(name === undefined ? {} : { name }),
        ...(task === undefined ? {} : { task }),
        ...(workflow === undefined ? {} : { workflow }),
      });
      if (!imported.ok) {
        const { message, place, code } = imported.error;
        return refuseInput(source, message, { ...place, code });
      }
      const { plan, findings, trace: run } = imported.value;
      if (trace !== undefined) {
        if (run === undefined)
          return refuseInput(source, "it has no results, so that there is no recorded run to write to `--trace`");
        writeFileAtOnce(trace, traceText(run));
      }
      terminal.write(json ? `${jsonText(plan as unknown as Json, 2)}\n` : yamlText(plan as unknown as Json));
      for (const line of findingLines(findings, terminal)) terminal.say(line);
    });
}

/** A recorded run as `replay` and `learn` read it. */
function traceText({ task, events }: Trace): string {
  const lines: Json[] = task === undefined ? [] : [{ type: "task", text: task }];
  for (const event of events) lines.push({ ...event });
  return lines.map((line) => `${jsonText(line)}\n`).join("");
}
