/**
 * `sluice catalog`: catalogues made from listings and documents, reviewed, compared and named.
 * Asks no server anything but in `catalog mcp`: what a server answered is given as a file. Never confirms a fact for a person.
 */
import { type Command, Option } from "commander";
import { type Catalogue, readCatalogue } from "../../catalogue/catalogue.ts";
import { type CatalogueDiff, catalogueDigest, diffCatalogues, type Voided, voidedBy } from "../../catalogue/diff.ts";
import { catalogueFromMcp, catalogueFromOpenApi, catalogueFromTools, type MadeCatalogue } from "../../catalogue/from/from.ts";
import { relisted } from "../../catalogue/from/relisted.ts";
import { reviewCatalogue } from "../../catalogue/review.ts";
import { isArray, type Json, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { thawPlan } from "../../plan/freeze.ts";
import type { Result } from "../../result.ts";
import { textBytesMax } from "../../limits.ts";
import { diffLines, type PlanVerdict } from "../show/catalogue-diff.ts";
import { reviewLines } from "../show/catalogue-review.ts";
import { countLine, findingLines } from "../show/findings.ts";
import { addFile, checkStdinOnce, InputError, readCatalogueValue, readValue, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { addCatalogMerge, addCatalogStarter } from "./catalog-starter.ts";
import { addFetchCatalog } from "./fetch-catalog.ts";
import { addMcpCatalog } from "./mcp-catalog.ts";

const sourceFormats = ["mcp", "openapi", "tools-json"] as const;

interface FromOptions {
  readonly from: (typeof sourceFormats)[number];
  readonly server?: string;
  readonly operation?: readonly string[];
  readonly url?: string;
  readonly output?: string;
  readonly json?: true;
}

interface ShowOptions {
  readonly tool?: string;
  readonly json?: true;
}

interface DiffOptions {
  readonly listing?: true;
  readonly plan?: readonly string[];
  readonly json?: true;
}

/** Adds `catalog from`, `show`, `diff`, `digest`, `starter`, `merge`, `http-fetch` and `mcp`. */
export function addCatalog(program: Command, context: Context): void {
  const group = program.command("catalog").description("make, review and compare catalogues of tools").helpCommand(false);
  addFrom(group, context);
  addShow(group, context);
  addCatalogDiff(group, context);
  addDigest(group, context);
  addCatalogStarter(group, context);
  addCatalogMerge(group, context);
  addFetchCatalog(group, context);
  addMcpCatalog(group, context);
}

/** `catalog from SOURCE`: the catalogue goes to standard output or to a file, findings to standard error. */
function addFrom(group: Command, { terminal }: Context): void {
  group
    .command("from")
    .description("make a catalogue from what a server lists or a document describes")
    .argument("<source>", "a saved `tools/list` answer, an OpenAPI document, or tools in JSON")
    .addOption(new Option("--from <format>", "the format").choices(sourceFormats).makeOptionMandatory())
    .option("--server <name>", "how its server is called in plans")
    .option("--operation <name>", "OpenAPI: only this operation (`listPets`, `GET /pets*`); several times for several", addFile)
    .option("--url <url>", "OpenAPI: where the document comes from, if its servers are relative to that")
    .option("-o, --output <file>", "where the catalogue goes")
    .option("--json", "print JSON: the catalogue and the findings")
    .action(async (source: string, options: FromOptions) => {
      const made = make(await readValue(source), options);
      if (!made.ok) return refuseFindings(source, made.error);
      const { catalogue, findings } = made.value;
      const text = `${jsonText(catalogue, 2)}\n`;
      if (text.length > textBytesMax)
        throw new InputError(`${source}: the catalogue would be too large to be read again; choose operations with --operation`);
      if (options.output !== undefined) writeFileAtOnce(options.output, text);
      if (options.json) return terminal.write(`${jsonText({ catalogue, findings } as unknown as Json)}\n`);
      if (options.output === undefined) terminal.write(text);
      for (const line of findingLines(findings, terminal)) terminal.say(line);
      const tools = member(catalogue, "tools");
      const count = isArray(tools) ? tools.length : 0;
      const where = options.output === undefined ? "" : `; \`sluice catalog show ${options.output}\` shows what was inferred`;
      terminal.say(terminal.paint.bold(`${count} ${count === 1 ? "tool" : "tools"}, ${countLine(findings)}${where}`));
    });
}

function make(value: Json, { from, server, operation, url }: FromOptions): Result<MadeCatalogue, readonly Finding[]> {
  const named = server === undefined ? {} : { server };
  switch (from) {
    case "mcp":
      return catalogueFromMcp(value, { server: server ?? "local" });
    case "openapi":
      return catalogueFromOpenApi(value, {
        ...named,
        ...(operation === undefined ? {} : { operations: operation }),
        ...(url === undefined ? {} : { url }),
      });
    case "tools-json":
      return catalogueFromTools(member(value, "tools") ?? value, named);
  }
}

function addShow(group: Command, { terminal }: Context): void {
  group
    .command("show")
    .description("what Sluice holds true of each tool, what of it was inferred, and why")
    .argument("<catalog>", "a catalogue")
    .option("--tool <name>", "only this tool")
    .option("--json", "print JSON")
    .action(async (source: string, options: ShowOptions) => {
      const catalogue = readOrRefuse(source, await readCatalogueValue(source));
      const all = reviewCatalogue(catalogue);
      const wanted = options.tool === undefined ? undefined : catalogue.resolve(options.tool);
      if (wanted?.ok === false) return refuseFindings(source, [wanted.error]);
      const tools = wanted === undefined ? all : all.filter(({ tool }) => tool === wanted.value.name);
      const digest = catalogueDigest(catalogue);
      if (options.json) terminal.write(`${jsonText({ digest, tools, findings: catalogue.findings } as unknown as Json)}\n`);
      else {
        const notes = catalogue.findings.length === 0 ? [] : ["", ...findingLines(catalogue.findings, terminal)];
        terminal.write(`${[...reviewLines(tools, terminal), ...notes, "", terminal.paint.dim(digest)].join("\n")}\n`);
      }
    });
}

/** `catalog diff OLD NEW`. Exit 1 if anything changed, or a plan is void. */
function addCatalogDiff(group: Command, { terminal, exit }: Context): void {
  group
    .command("diff")
    .description("what changed between two catalogues: definitions, facts that bind less, servers, names that shadow others")
    .argument("<old>", "the catalogue that was reviewed")
    .argument("<new>", "the catalogue as it is now")
    .option("--listing", "NEW is what servers list now: the facts of OLD are kept, and what NEW says of them does not count")
    .option("--plan <file>", "a frozen plan: say which of its nodes are void; several times for several", addFile)
    .option("--json", "print JSON")
    .action(async (oldSource: string, newSource: string, options: DiffOptions) => {
      checkStdinOnce([oldSource, newSource, ...(options.plan ?? [])]);
      const oldValue = await readCatalogueValue(oldSource);
      const before = readOrRefuse(oldSource, oldValue);
      const newValue = await readCatalogueValue(newSource);
      const after = readOrRefuse(newSource, options.listing ? relisted(before, newValue) : newValue);
      const diff = diffCatalogues(before, after);
      const plans: PlanVerdict[] = [];
      for (const plan of options.plan ?? []) plans.push({ plan, voided: await voidedOf(plan, after) });
      if (options.json) terminal.write(`${jsonText(reportOf(diff, plans))}\n`);
      else terminal.write(`${diffLines(diff, plans, terminal).join("\n")}\n`);
      exit(diff.isSame && plans.every(({ voided }) => voided.length === 0) ? 0 : 1);
    });
}

function reportOf(diff: CatalogueDiff, plans: readonly PlanVerdict[]): Json {
  return { ...diff, ...(plans.length === 0 ? {} : { plans }) } as unknown as Json;
}

async function voidedOf(source: string, catalogue: Catalogue): Promise<readonly Voided[]> {
  const thawed = thawPlan(await readValue(source));
  return thawed.ok ? voidedBy(thawed.value, catalogue) : refuseFindings(source, thawed.error);
}

function addDigest(group: Command, { terminal }: Context): void {
  group
    .command("digest")
    .description("the digest of a catalogue: the same for the same tools, servers and labels in any order")
    .argument("<catalog>", "a catalogue")
    .option("--json", "print JSON")
    .action(async (source: string, options: { readonly json?: true }) => {
      const digest = catalogueDigest(readOrRefuse(source, await readCatalogueValue(source)));
      terminal.write(options.json ? `${jsonText({ digest })}\n` : `${digest}\n`);
    });
}

function readOrRefuse(source: string, value: Json): Catalogue {
  const read = readCatalogue(value);
  return read.ok ? read.value : refuseFindings(source, read.error);
}
