/**
 * `sluice catalog starter` and `sluice catalog merge`: catalogues of well-known servers, alone, together, or laid over a list of one's own.
 * Never calls a catalogue finished: what the facts were not written for is printed, and stays inferred.
 */
import type { Command } from "commander";
import { readCatalogue } from "../../catalogue/catalogue.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import type { Result } from "../../result.ts";
import { countLine, findingLines } from "../show/findings.ts";
import { checkStdinOnce, InputError, readCatalogueValue, readValue, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { readStarterChoices, type StarterChoice, starterFile } from "../read/starter.ts";
import { headLine, rowLine, widthsOf } from "../show/table.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly for?: string;
  readonly server?: string;
  readonly output?: string;
  readonly json?: true;
}

/** Adds `starter [NAME…]` to the group `catalog`. Exit 1 if a tool of `--for` is not what the facts were written for. */
export function addCatalogStarter(group: Command, context: Context): void {
  const { terminal } = context;
  group
    .command("starter")
    .description("catalogues of well-known servers: list them, print one, or lay one over your own list of tools")
    .argument("[names...]", "which ones; SERVER=NAME to call its server SERVER")
    .option("--for <tools>", "your own `tools/list`, or catalogue: its definitions, with the starter's facts")
    .option("--server <name>", "the server that is meant, or how it is to be called")
    .option("-o, --output <file>", "where the catalogue goes")
    .option("--json", "print the catalogue as JSON")
    .action(async (names: readonly string[], options: Options) => {
      if (names.length === 0) return await list(terminal, options);
      const choices = orRefuse(await readStarterChoices(names));
      const [first] = choices;
      if (options.server !== undefined && choices.length > 1)
        throw new InputError("--server goes with one starter; with several write SERVER=NAME for each");
      if (options.for !== undefined && choices.length > 1)
        throw new InputError("--for goes with one starter: lay the next one over what you get");
      if (first !== undefined && options.for !== undefined) return await apply(first, options.for, { ...context, options });
      const named =
        options.server === undefined ? choices : choices.map((choice) => ({ ...choice, server: options.server as string }));
      const file = orRefuse(await starterFile(named));
      check(file, "starter");
      write(file, { terminal, options });
      if (options.output === undefined && options.json === undefined) show(file, terminal);
    });
}

/** Adds `merge FILE…` to the group `catalog`. */
export function addCatalogMerge(group: Command, { terminal }: Context): void {
  group
    .command("merge")
    .description("several catalogues in one; a starter is starter:NAME")
    .argument("<files...>", "catalogues, each with servers of its own")
    .requiredOption("-o, --output <file>", "where the catalogue goes")
    .option("--json", "print it as JSON too")
    .action(async (files: readonly string[], options: Options) => {
      checkStdinOnce(files);
      const { combineCatalogues } = await import("../../catalogue/starter/starter.ts");
      const values: Json[] = [];
      for (const file of files) {
        const value = await readCatalogueValue(file);
        check(value, file);
        values.push(value);
      }
      const combined = combineCatalogues(values);
      if (!combined.ok) return refuseFindings(files.join(", "), combined.error);
      write(combined.value, { terminal, options });
    });
}

function orRefuse<T>(result: Result<T, string>): T {
  if (!result.ok) throw new InputError(result.error);
  return result.value;
}

/** Exit 2 with the first error of a catalogue. */
function check(file: Json, source: string): void {
  const read = readCatalogue(file);
  if (!read.ok) refuseFindings(source, read.error);
}

function write(file: Json, { terminal, options }: { readonly terminal: Terminal; readonly options: Options }): void {
  const text = `${jsonText(file, 2)}\n`;
  if (options.output === "-") throw new InputError("-o: name a file; --json prints the catalogue");
  if (options.output !== undefined) {
    writeFileAtOnce(options.output, text);
    const tools = member(file, "tools");
    terminal.say(`sluice: ${Array.isArray(tools) ? tools.length : 0} tools in ${options.output}`);
  }
  if (options.json) terminal.write(text);
}

async function apply(
  { starter, server }: StarterChoice,
  source: string,
  { terminal, exit, options }: Context & { readonly options: Options },
): Promise<void> {
  const { applyStarter } = await import("../../catalogue/starter/starter.ts");
  const meant = options.server ?? server;
  const applied = applyStarter(listing(await readValue(source)), { starter, ...(meant === undefined ? {} : { server: meant }) });
  if (!applied.ok) return refuseFindings(source, applied.error);
  const { file, findings } = applied.value;
  write(file, { terminal, options });
  if (options.json) for (const line of findingLines(findings, terminal)) terminal.say(line);
  else {
    if (options.output === undefined) show(file, terminal);
    terminal.write(`${[...findingLines(findings, terminal), terminal.paint.bold(countLine(findings))].join("\n")}\n`);
  }
  exit(findings.some(isWarning) ? 1 : 0);
}

/** What a server answered to `tools/list`, in JSON-RPC as it was saved, is the list in it. */
function listing(value: Json): Json {
  const pages = isArray(value) ? value : [value];
  const results = pages.map((page) => member(page, "result"));
  const lists = results.map((result) => member(result, "tools"));
  return lists.length > 0 && lists.every(isArray) ? { tools: lists.flat() } : value;
}

function isWarning({ severity }: Finding): boolean {
  return severity !== "info";
}

async function list(terminal: Terminal, options: Options): Promise<void> {
  if (options.for !== undefined || options.server !== undefined || options.output !== undefined)
    throw new InputError("name a starter catalogue; `sluice catalog starter` lists them");
  const { starterNames, starterCatalogue } = await import("../../catalogue/starter/starter.ts");
  const rows = starterNames.map((name) => {
    const file = starterCatalogue(name);
    const notes = member(member(file, "_meta"), "sluice/starter");
    const origin = member(notes, "origin");
    const tools = member(file, "tools");
    return {
      name,
      server: String(member(member(file, "server"), "name")),
      tools: Array.isArray(tools) ? tools.length : 0,
      package: `${member(origin, "package")} ${member(origin, "version")}`,
      title: String(member(notes, "title")),
    };
  });
  if (options.json) return terminal.write(`${jsonText({ starters: rows })}\n`);
  const columns = [{ title: "Starter" }, { title: "Tools", align: "right" as const }, { title: "Made from" }];
  const cells = rows.map((row) => [
    { text: row.name, paint: terminal.paint.bold },
    { text: String(row.tools) },
    { text: row.package },
  ]);
  const widths = widthsOf(columns, cells);
  const lines = [headLine(columns, widths, terminal.paint.dim), ...cells.map((row) => rowLine(columns, widths, row))];
  terminal.write(`${lines.join("\n")}\n`);
}

/** What each tool of a catalogue may do, and why the starter says so. */
function show(file: Json, terminal: Terminal): void {
  const read = readCatalogue(file);
  if (!read.ok) return;
  const { paint, columns } = terminal;
  const lines = [...read.value.tools.values()].flatMap(({ name, facts }) => {
    const roles = Object.entries(facts.roles).map(([arg, role]) => `${arg} (${role})`);
    return [
      `${paint.bold(name)}  ${facts.effects.join(", ")}  ${paint.dim(facts.labels?.join(", ") ?? "unknown")}`,
      ...(roles.length === 0 ? [] : [hang("  ", roles.join(", "), columns)]),
      ...noteOf(file, name).map((note) => paint.dim(hang("  ", note, columns))),
    ];
  });
  terminal.write(`${lines.join("\n")}\n`);
}

/** The reason for a tool's facts, where the file still has it. */
function noteOf(file: Json, name: string): readonly string[] {
  const slash = name.indexOf("/");
  const meta = member(file, "_meta");
  const notes = member(meta, "sluice/starter") ?? member(member(meta, "sluice/starters"), name.slice(0, slash));
  const why = member(member(member(notes, "tools"), name.slice(slash + 1)), "why");
  return isObject(meta) && typeof why === "string" ? [why] : [];
}
