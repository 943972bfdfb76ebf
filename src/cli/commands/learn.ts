/**
 * `sluice learn`: a draft plan from recorded benign runs. It is printed for a person to read, edit and freeze.
 * Never freezes what it learned, and never changes a frozen plan: a trace shows what happened, not what is allowed.
 */
import type { Command } from "commander";
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { Json } from "../../json/value.ts";
import { compareWithPlan, type Comparison } from "../../learn/compare.ts";
import { crossValidate } from "../../learn/cross-validate.ts";
import { learnPlan } from "../../learn/learn.ts";
import { catalogueOf } from "../../learn/steps.ts";
import { undigestPlan } from "../../observe/undigest.ts";
import type { Trace } from "../../trace.ts";
import { findingLines } from "../show/findings.ts";
import { InputError, checkStdinOnce, readCatalogueFile, readTraceFile, refuseFindings, traceFilesOf } from "../read/input.ts";
import { crossLines, evidenceLines } from "../show/learn-tables.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";
import { yamlText } from "../show/yaml-text.ts";
import { changeLines } from "./diff.ts";

interface Options {
  readonly catalog?: string;
  readonly task?: string;
  readonly name?: string;
  readonly json?: true;
  readonly report?: string;
  readonly plan?: string;
  readonly crossValidate?: string | true;
}

/** What all forms of the command have. */
interface Input {
  readonly sources: readonly string[];
  readonly traces: readonly Trace[];
  readonly options: Options;
  readonly terminal: Terminal;
}

/** Adds `learn TRACE…`. The draft goes to standard output, what a person must know of it to standard error. */
export function addLearn(program: Command, { terminal, exit }: Context): void {
  program
    .command("learn")
    .description("draft a plan from recorded benign runs")
    .argument("<trace...>", "traces (JSON Lines), each a run of the same task, or folders of them")
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--task <text>", "the task, where the trace does not say it")
    .option("--name <name>", "the plan's name")
    .option("--report <file>", "also write findings, evidence and the parameters of each run as JSON")
    .option("--plan <file>", "say what the runs need beyond this plan, as a draft amendment; nothing is frozen")
    .option("--cross-validate [folds]", "learn on some runs, replay and attack the others; print what happened instead of a plan")
    .option("--json", "print JSON")
    .action(async (sources: readonly string[], options: Options) => {
      checkStdinOnce([...sources, options.catalog, options.plan]);
      if (options.plan !== undefined && options.crossValidate !== undefined)
        throw new InputError("--plan and --cross-validate answer different questions: give one of them");
      const catalogue = await readCatalogueFile(options.catalog);
      const traces = [];
      for (const source of await traceFilesOf(sources)) traces.push(await readTraceFile(source));
      const input = { sources, traces, options, terminal };
      if (options.crossValidate !== undefined) exit(validate(input, catalogue));
      else if (options.plan !== undefined) await compare(input, options.plan, catalogue);
      else learn(input, catalogue);
    });
}

function learn({ sources, traces, options, terminal }: Input, catalogue: Catalogue | undefined): void {
  const { name, task } = options;
  const learned = learnPlan(traces, catalogue, {
    ...(name === undefined ? {} : { name }),
    ...(task === undefined ? {} : { task }),
  });
  if (!learned.ok) refuseFindings(sources[0] ?? "-", learned.error);
  const { evidence, params } = learned.value;
  const draft = undigestPlan(learned.value, params);
  const { findings } = draft;
  const plan = draft.plan as unknown as Json;
  terminal.write(options.json ? `${jsonText(plan, 2)}\n` : yamlText(plan));
  if (options.report !== undefined)
    writeFileAtOnce(options.report, `${jsonText({ findings, evidence, params } as unknown as Json, 2)}\n`);
  if (options.json) return;
  for (const line of findingLines(findings, terminal)) terminal.say(line);
  if (traces.length > 1) for (const line of ["", ...evidenceLines(evidence, terminal)]) terminal.say(line);
}

function foldsOf(option: string | true): number | undefined {
  if (option === true) return undefined;
  if (!/^\d{1,3}$/.test(option) || Number(option) < 2)
    throw new InputError("--cross-validate takes the number of parts, 2 or more, or nothing");
  return Number(option);
}

/** Exit 1 if a benign call was denied or an attack came through otherwise than as the plan says. */
function validate({ sources, traces, options, terminal }: Input, given: Catalogue | undefined): 0 | 1 {
  const folds = foldsOf(options.crossValidate ?? true);
  const catalogue = knownCatalogue(sources, traces, given);
  const { task } = options;
  const found = crossValidate(traces, catalogue, {
    ...(folds === undefined ? {} : { folds }),
    ...(task === undefined ? {} : { task }),
  });
  if (!found.ok) return refuseFindings(sources[0] ?? "-", found.error);
  const { falseDenials, passed, failures, missingParams, ...summary } = found.value;
  if (options.json) {
    const lines: readonly object[] = [
      ...falseDenials.map((one) => ({ type: "false-denial", ...one })),
      ...missingParams.map((one) => ({ type: "missing-params", ...one })),
      ...passed.map((one) => ({ type: "passed", ...one })),
      ...failures.map((one) => ({ type: "no-plan", ...one })),
      { type: "summary", ...summary },
    ];
    for (const line of lines) terminal.write(`${jsonText(line as unknown as Json)}\n`);
  } else terminal.write(`${crossLines(found.value, terminal).join("\n")}\n`);
  return falseDenials.length > 0 || failures.length > 0 || passed.some(({ outcome }) => outcome === "open") ? 1 : 0;
}

function knownCatalogue(sources: readonly string[], traces: readonly Trace[], given: Catalogue | undefined): Catalogue {
  if (given !== undefined) return given;
  const made = catalogueOf(traces);
  return made.ok ? made.value : refuseFindings(sources[0] ?? "-", made.error);
}

async function compare({ sources, traces, options, terminal }: Input, file: string, given: Catalogue | undefined): Promise<void> {
  const loaded = await loadPlan(file, given, { catalogueName: options.catalog });
  const catalogue = loaded.catalogue ?? knownCatalogue(sources, traces, given);
  const found = compareWithPlan(loaded.frozen, traces, catalogue);
  if (!found.ok) refuseFindings(sources[0] ?? "-", found.error);
  if (options.json) terminal.write(`${jsonText(found.value as unknown as Json)}\n`);
  else show(found.value, terminal);
}

function show({ beyond, amendment, newParams, params, diff, unused, findings }: Comparison, terminal: Terminal): void {
  const { paint, columns } = terminal;
  for (const { trace, call, tool, code, node, argument } of beyond) {
    const place = call < 0 ? "the session" : `call ${call} (${tool})`;
    const where = node === null ? "" : ` at ${node}${argument === undefined ? "" : `.${argument}`}`;
    terminal.say(hang("", `trace ${trace + 1}, ${place}: ${code}${where}`, columns));
  }
  const given = [...new Set(params.flatMap((own) => Object.keys(own)))].sort();
  if (given.length > 0)
    terminal.say(
      hang(
        "",
        `parameters were taken from the traces themselves (${given.join(", ")}): look whether the user gave them`,
        columns,
      ),
    );
  for (const name of unused) terminal.say(hang("", `no trace ran \`${name}\`: a narrower plan would do without it`, columns));
  if (beyond.length === 0) {
    terminal.say(paint.bold("The plan allows every call of the traces: nothing is needed."));
    return;
  }
  terminal.write(yamlText(amendment as unknown as Json));
  for (const line of findingLines(findings, terminal)) terminal.say(line);
  if (newParams.length > 0)
    terminal.say(hang("", `New parameters: ${newParams.join(", ")}. No amendment can add these: freeze a new plan.`, columns));
  if (diff === undefined) terminal.say(paint.yellow("The plan with these nodes cannot be frozen as it is."));
  else
    for (const line of [...diff.changes.flatMap((change) => changeLines(change, terminal)), paint.bold(sentences[diff.relation])])
      terminal.say(line);
}

const sentences: { readonly [relation in NonNullable<Comparison["diff"]>["relation"]]: string } = {
  same: "The same calls would be allowed.",
  narrower: "Narrower: nothing would be allowed that the plan does not allow.",
  wider: "Wider: calls would be allowed that the plan denies. Nothing was frozen.",
  incomparable: "Incomparable: calls would, or may, be allowed that the plan denies. Nothing was frozen.",
};
