/**
 * `sluice export`: a plan in a format that other tools read: an Arazzo workflow. What the format cannot say goes into `x-sluice`, or is listed.
 * Never leaves something out without saying so, and exports no frozen plan as if its digest went along.
 */
import { extname } from "node:path";
import { type Command, Option } from "commander";
import { type Exported, exportArazzo } from "../../intent/arazzo/export.ts";
import { ArazzoFault } from "../../intent/arazzo/fault.ts";
import type { Json } from "../../json/value.ts";
import { checkStdinOnce, readCatalogueFile, readValue, refuseInput } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { isFrozenFile, readDraft } from "../read/plan-file.ts";
import { hang } from "../show/terminal.ts";
import { yamlText } from "../show/yaml-text.ts";

interface Options {
  readonly to: "arazzo";
  readonly output?: string;
  readonly catalog?: string;
  readonly workflow?: string;
  readonly withoutExtensions?: true;
  readonly json?: true;
}

/** Adds `export PLAN --to arazzo`. The document goes to standard output or to a file, what is lost to standard error. */
export function addExport(program: Command, { terminal }: Context): void {
  program
    .command("export")
    .description("write a plan as a workflow that other tools read")
    .argument("<plan>", "a draft plan")
    .addOption(new Option("--to <format>", "the format").choices(["arazzo"]).makeOptionMandatory())
    .option("-o, --output <file>", "where it goes: JSON if the name ends so, else YAML")
    .option("--catalog <file>", "the catalogue of its tools")
    .option("--workflow <id>", "the id of the workflow; else the plan's name")
    .option("--without-extensions", "leave out `x-sluice`, and list what is lost")
    .option("--json", "print JSON: the document, and what is lost")
    .action(async (source: string, { output, catalog, workflow, withoutExtensions, json }: Options) => {
      checkStdinOnce([source, catalog]);
      if (workflow !== undefined && !/^[A-Za-z0-9_-]{1,128}$/.test(workflow))
        return refuseInput("--workflow", "an id has 1 to 128 of the characters `A-Z a-z 0-9 _ -`");
      const catalogue = await readCatalogueFile(catalog);
      const value = await readValue(source);
      if (isFrozenFile(value))
        return refuseInput(source, "this plan is frozen: export its draft, and freeze what is imported again");
      const { document, lost } = exported(source, () =>
        exportArazzo(readDraft(source, value), catalogue, {
          isLossless: withoutExtensions !== true,
          ...(workflow === undefined ? {} : { workflowId: workflow }),
        }),
      );
      if (output !== undefined)
        writeFileAtOnce(output, extname(output) === ".json" ? `${jsonText(document, 2)}\n` : yamlText(document));
      if (json) {
        const report = output === undefined ? { document, lost } : { lost };
        terminal.write(`${jsonText(report as unknown as Json, 2)}\n`);
        return;
      }
      if (output === undefined) terminal.write(yamlText(document));
      for (const { pointer, why } of lost) terminal.say(hang("  ", `${pointer}: not in the document: ${why}`, terminal.columns));
      if (lost.length > 0)
        terminal.say(`sluice: ${lost.length} of the plan's members are lost; without --without-extensions none is`);
    });
}

/** Exit 2 for a draft that no workflow can say: one that freezing would refuse as well, such as a name of a tool that is none. */
function exported(source: string, make: () => Exported): Exported {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ArazzoFault)) throw error;
    return refuseInput(source, `no workflow says this plan, which cannot be frozen either: ${error.fault.message}`);
  }
}
