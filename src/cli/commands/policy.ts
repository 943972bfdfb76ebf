/**
 * `sluice policy lint` and `sluice policy test`: what is wrong with a policy, and whether its examples would notice a missing rule.
 * Never enforces anything. An example that is denied without the policy as well is no test, and fails.
 */
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { readCatalogue } from "../../catalogue/catalogue.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Finding } from "../../plan/finding.ts";
import { lintPolicy } from "../../policy/lint.ts";
import type { Example, Policy } from "../../policy/policy.ts";
import { parseExamples, parsePolicy } from "../../policy/schema.ts";
import type { ExampleOutcome, LoadedExample } from "../../policy/test/run.ts";
import { mutate, type MutationReport, runExamples } from "../../policy/test/suite.ts";
import { readTrace, type Trace } from "../../trace.ts";
import { countLine, findingLines } from "../show/findings.ts";
import {
  checkStdinOnce,
  readCatalogueFile,
  readCatalogueValue,
  readText,
  readValue,
  refuseFindings,
  refuseInput,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { readDraft } from "../read/plan-file.ts";
import { isStarterSource } from "../read/starter.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface LintOptions {
  readonly catalog?: string;
  readonly json?: true;
}

interface TestOptions {
  readonly examples?: string;
  readonly mutate?: true;
  readonly json?: true;
}

/** Adds `policy lint FILE` (exit 1 if there is an error or a warning) and `policy test FILE` (exit 1 unless all is as it should be). */
export function addPolicy(program: Command, { terminal, exit }: Context): void {
  const group = program.command("policy").description("say what is wrong with a policy, and test it").helpCommand(false);
  group
    .command("lint")
    .description("say what is wrong with a policy")
    .argument("<policy>", "a policy")
    .option("--catalog <file>", "a catalogue that it is for")
    .option("--json", "print JSON")
    .action(async (source: string, options: LintOptions) => {
      checkStdinOnce([source, options.catalog]);
      const policy = await readPolicy(source);
      const findings = lintPolicy(policy, await readCatalogueFile(options.catalog));
      if (options.json) terminal.write(`${jsonText({ findings } as unknown as Json)}\n`);
      else terminal.write(`${[...findingLines(findings, terminal), terminal.paint.bold(countLine(findings))].join("\n")}\n`);
      exit(findings.some(({ severity }) => severity !== "info") ? 1 : 0);
    });
  group
    .command("test")
    .description("run the examples of a policy, and say which of its rules no example would miss")
    .argument("<policy>", "a policy")
    .option("--examples <file>", "examples, besides those in the policy")
    .option("--mutate", "weaken the policy one entry at a time; exit 1 if no example notices")
    .option("--json", "print JSON")
    .action(async (source: string, options: TestOptions) => {
      checkStdinOnce([source, options.examples]);
      const policy = await readPolicy(source);
      const examples = await loadExamples(source, policy, options.examples);
      if (examples.length === 0)
        refuseInput(
          source,
          "the policy has no `examples`, so there is nothing to test: write some, or name a file with --examples",
        );
      const report = test(policy, examples, { isMutated: options.mutate === true });
      if (options.json) terminal.write(`${jsonText(report as unknown as Json)}\n`);
      else show(report, terminal);
      const isFailed =
        report.examples.some(({ isPassed }) => !isPassed) || report.findings.some(({ severity }) => severity === "error");
      exit(isFailed || (report.mutation?.survivors.length ?? 0) > 0 ? 1 : 0);
    });
}

interface TestReport {
  readonly findings: readonly Finding[];
  readonly examples: readonly ExampleOutcome[];
  readonly mutation?: MutationReport;
}

function test(policy: Policy, examples: readonly LoadedExample[], { isMutated }: { readonly isMutated: boolean }): TestReport {
  const outcomes = runExamples(policy, examples);
  const report = { findings: lintPolicy(policy), examples: outcomes };
  // What no example notices can be said only where the examples hold.
  if (!isMutated || outcomes.some(({ isPassed }) => !isPassed)) return report;
  const mutation = mutate(policy, examples, showProgress);
  if (process.stderr.isTTY === true) process.stderr.write("\r\u001b[2K");
  return { ...report, mutation };
}

function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r${done} of ${all} entries weakened`);
}

async function readPolicy(source: string): Promise<Policy> {
  const read = parsePolicy(await readValue(source));
  return read.ok ? read.value : refuseFindings(source, read.error);
}

/** The examples of a policy and of a file, with all that they name; files are found from where the examples stand. */
async function loadExamples(source: string, policy: Policy, file: string | undefined): Promise<readonly LoadedExample[]> {
  const loaded: LoadedExample[] = [];
  for (const example of policy.examples ?? []) loaded.push(await loadExample(source, example));
  if (file === undefined) return loaded;
  const value = await readValue(file);
  const read = parseExamples(isArray(value) ? value : (member(value, "examples") ?? null));
  if (!read.ok) return refuseFindings(file, read.error);
  for (const example of read.value) loaded.push(await loadExample(file, example));
  return loaded;
}

async function loadExample(source: string, example: Example): Promise<LoadedExample> {
  const folder = source === "-" ? "." : dirname(source);
  const at = `${source}, example ${example.name}`;
  const readGiven = async (given: string | JsonObject): Promise<Json> =>
    typeof given === "string" ? await readValue(resolve(folder, given)) : given;
  const plan = readDraft(typeof example.plan === "string" ? resolve(folder, example.plan) : at, await readGiven(example.plan));
  const readTools = async (given: string | JsonObject): Promise<Json> =>
    typeof given === "string" && isStarterSource(given) ? await readCatalogueValue(given) : await readGiven(given);
  const catalogue = example.catalogue === undefined ? undefined : readCatalogue(await readTools(example.catalogue));
  if (catalogue?.ok === false) return refuseFindings(at, catalogue.error);
  const params = example.params === undefined ? undefined : await readGiven(example.params);
  if (params !== undefined && !isObject(params)) return refuseInput(at, "parameters are an object");
  const trace = example.trace === undefined ? undefined : readExampleTrace(at, await traceText(folder, example.trace));
  return { example, plan, catalogue: catalogue?.value, trace, params };
}

async function traceText(folder: string, trace: string | readonly Json[]): Promise<string> {
  if (typeof trace === "string") return readText(resolve(folder, trace));
  return trace.map((event) => `${jsonText(event)}\n`).join("");
}

function readExampleTrace(at: string, text: string): Trace {
  const read = readTrace(text);
  if (read.ok) return read.value;
  const { line, pointer, message, code } = read.error;
  return refuseInput(at, message, { line, pointer, code });
}

function show({ findings, examples, mutation }: TestReport, { write, paint, columns }: Terminal): void {
  const lines = examples.map(({ name, got, codes, isPassed, reason }) => {
    const what = `${got}${codes.length === 0 ? "" : ` (${codes.join(", ")})`}`;
    return isPassed
      ? hang(`${paint.green("pass")}  `, `${name}: ${what}`, columns)
      : hang(`${paint.red("FAIL")}  `, `${name}: ${reason}`, columns);
  });
  const passed = examples.filter(({ isPassed }) => isPassed).length;
  lines.push("", paint.bold(`${passed} of ${examples.length} examples pass`));
  if (findings.length > 0)
    lines.push(hang("", `The policy itself: ${countLine(findings)}; \`sluice policy lint\` lists them.`, columns));
  if (mutation !== undefined) {
    const { mutants, survivors } = mutation;
    lines.push(paint.bold(`${mutants - survivors.length} of ${mutants} weakened policies are noticed`));
    for (const { pointer, message } of survivors)
      lines.push(hang("  - ", `${pointer} (${message}): no example would notice`, columns));
  }
  write(`${lines.join("\n")}\n`);
}
