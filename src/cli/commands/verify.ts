/**
 * `sluice verify`: whether data of one kind can ever reach a place under a plan; proved, refuted with a run, or unknown.
 * Never says *proved* for what it only did not find.
 */
import type { Command } from "commander";
import type { Json } from "../../json/value.ts";
import { openVerifier, type Verification } from "../../verify/verify.ts";
import { addFile, checkStdinOnce, InputError, readCatalogueFile, readPolicyFiles, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { hang, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly policy?: readonly string[];
  readonly never: readonly string[];
  readonly trace?: string;
  readonly json?: true;
}

/** Adds `verify PLAN --never CLAIM…`. Exit 1 unless all claims are proved. */
export function addVerify(program: Command, { terminal, exit }: Context): void {
  program
    .command("verify")
    .description("prove that data of one kind never reaches a place, or show a run in which it does")
    .argument("<plan>", "a plan, frozen or draft")
    .requiredOption("--never <claim>", "`SOURCE -> SINK`, such as `external_api -> broker/*`; may be repeated", collect)
    .option("--catalog <file>", "the catalogue of the tools")
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--trace <file>", "write the run of the first refuted claim there, for `replay`")
    .option("--json", "print JSON")
    .addHelpText("after", grammar)
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog, ...(options.policy ?? [])]);
      const catalogue = await readCatalogueFile(options.catalog);
      const policy = await readPolicyFiles(options.policy);
      const { frozen, sql } = await loadPlan(source, catalogue, { catalogueName: options.catalog, policy });
      const verifier = openVerifier(frozen, { sql });
      if (!verifier.ok) return refuseFindings(source, [verifier.error]);
      const results = options.never.map((never) => {
        const result = verifier.value.verify(never);
        if (result.ok) return result.value;
        throw new InputError(`--never "${never}": ${result.error.message}`);
      });
      if (options.trace !== undefined) writeTrace(options.trace, results);
      if (options.json) terminal.write(`${jsonText({ results } as unknown as Json)}\n`);
      else show(results, terminal);
      exit(results.every(({ answer }) => answer === "proved") ? 0 : 1);
    });
}

const grammar = `
A claim is SOURCE -> SINK.
  SOURCE  a label, \`untrusted\`, a tool (\`web/fetch\`, \`web/*\`) or a node;
          \`label:NAME\`, \`node:NAME\` where a name is both
  SINK    a tool (\`broker/order\`, \`broker/*\`, \`*\`) or a node, then
          \`.argument\`, or \`:role\`, or nothing for every argument
A label is gone once the plan endorses the value; a tool or a node as source
follows its data through endorsements, too.`;

function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

function writeTrace(file: string, results: readonly Verification[]): void {
  const refuted = results.find((result) => result.answer === "refuted");
  if (refuted?.answer !== "refuted") return;
  const lines = refuted.trace.map((event) => jsonText(event as unknown as Json, 0));
  writeFileAtOnce(file, `${lines.join("\n")}\n`);
}

function show(results: readonly Verification[], terminal: Terminal): void {
  const { paint, columns } = terminal;
  const colours = { proved: paint.green, refuted: paint.red, unknown: paint.yellow };
  const lines = results.flatMap((result) => [
    `${colours[result.answer](result.answer.padEnd(7))}  ${paint.bold(result.never)}`,
    ...detailsOf(result).map((line) => hang("         ", line, columns)),
    "",
  ]);
  const proved = results.filter(({ answer }) => answer === "proved").length;
  terminal.write(`${lines.join("\n")}\n${paint.bold(`${proved} of ${results.length} proved`)}\n`);
}

function detailsOf(result: Verification): readonly string[] {
  if (result.answer === "unknown") return [result.why];
  if (result.answer === "proved") return result.outline;
  const calls = result.trace.flatMap((event) =>
    event.type === "call" ? [`${event.tool} ${jsonText(event.args, 0)}`] : [`  → ${jsonText(event.value, 0)}`],
  );
  const held = result.needsApproval ? ["the call waits for a human, and nothing else stands in its way"] : [];
  return [...result.outline, ...held, `a run with the parameters ${jsonText(result.params, 0)}:`, ...calls];
}
