/**
 * `sluice attack`: what a generated adversary could still do under a plan, and what the plan denies it.
 * Never executes a tool: the engine decides, and the tools' answers are made up.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { attackPlan, type AttackReport } from "../../attack/attack.ts";
import type { AttackLine } from "../../attack/tally.ts";
import type { Json } from "../../json/value.ts";
import {
  addFile,
  checkStdinOnce,
  InputError,
  readCatalogueFile,
  readParams,
  readPolicyFiles,
  readTraceFile,
  refuseFindings,
  refuseInput,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { type Cell, type Column, headLine, rowLine, widthsOf } from "../show/table.ts";
import { hang, plain, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly catalog?: string;
  readonly policy?: readonly string[];
  readonly params?: string;
  readonly trace?: readonly string[];
  readonly out?: string;
  readonly tries?: string;
  readonly seed?: string;
  readonly strict?: true;
  readonly json?: true;
}

/** Adds `attack PLAN`. Exit 1 if something is possible that the approver was not told. */
export function addAttack(program: Command, { terminal, exit }: Context): void {
  program
    .command("attack")
    .description("try what a hijacked agent and whoever writes untrusted data could do under a plan")
    .argument("<plan>", "a plan, frozen or draft")
    .option("--catalog <file>", "the catalogue of the tools; its other tools are tried, too")
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--params <json>", "parameters of the recorded runs, or @FILE")
    .option("--trace <file>", "a benign run (JSON Lines) to start from, beside those that are made up", addFile)
    .option("--out <folder>", "write the run that shows each possibility, for `sluice replay`")
    .option("--tries <number>", "tries at most")
    .option("--seed <number>", "which tries are left out, if there are too many")
    .option("--strict", "exit 1 also for what the approval summary says")
    .option("--json", "print JSON")
    .action(async (source: string, options: Options) => {
      checkStdinOnce([source, options.catalog, ...(options.policy ?? []), ...(options.trace ?? [])]);
      const params = await readParams(options.params);
      const catalogue = await readCatalogueFile(options.catalog);
      const policy = await readPolicyFiles(options.policy);
      const { frozen, sql } = await loadPlan(source, catalogue, { catalogueName: options.catalog, policy });
      const traces = await Promise.all((options.trace ?? []).map(readTraceFile));
      const [tries, seed] = [countOf(options.tries, "--tries"), countOf(options.seed, "--seed")];
      const report = attackPlan(frozen, {
        catalogue,
        sql,
        traces,
        ...(params === undefined ? {} : { params }),
        ...(tries === undefined ? {} : { tries }),
        ...(seed === undefined ? {} : { seed }),
        onProgress: showProgress,
      });
      clearProgress();
      if (!report.ok) return refuseFindings(source, report.error);
      const isBad = (line: AttackLine): boolean => line.isFinding || (options.strict === true && isSteering(line));
      if (options.out !== undefined) writeTraces(options.out, report.value.possible);
      if (options.json) terminal.write(`${jsonText(report.value as unknown as Json)}\n`);
      else show(report.value, { terminal, isBad, out: options.out });
      exit(report.value.faults.length > 0 || report.value.possible.some(isBad) ? 1 : 0);
    });
}

function isSteering({ role, argument, told, isUntrusted }: AttackLine): boolean {
  return argument !== undefined && isUntrusted && told !== "endorsed" && role !== "content" && role !== "selector";
}

function countOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new InputError(`${option}: expected a whole number of at most nine digits`);
  return Number(text);
}

/** A count that is written over itself, on a terminal only. */
function showProgress(done: number): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r${done} tries …`);
}

function clearProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write("\r\u001b[2K");
}

/** One trace for each line, numbered as in the table, with its parameters beside it. */
function writeTraces(folder: string, lines: readonly AttackLine[]): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    refuseInput(folder, "the folder cannot be made");
  }
  for (const [i, { trace, params }] of lines.entries()) {
    const name = String(i + 1).padStart(3, "0");
    writeFileAtOnce(join(folder, `${name}.jsonl`), trace.map((event) => `${jsonText(event as unknown as Json)}\n`).join(""));
    writeFileAtOnce(join(folder, `${name}.params.json`), `${jsonText(params)}\n`);
  }
}

interface View {
  readonly terminal: Terminal;
  readonly isBad: (line: AttackLine) => boolean;
  readonly out: string | undefined;
}

function show(report: AttackReport, { terminal, isBad, out }: View): void {
  const { paint, columns } = terminal;
  const lines: string[] = [];
  const origins = report.runs.map(({ origin, calls }) => `${origin} (${calls} calls)`).join(", ");
  lines.push(hang("", `${report.tries} tries, from: ${origins === "" ? "no run at all" : origins}.`, columns));
  lines.push(`${report.untraced} of them without a trace: time, batches, sessions, amendments, approvals, definitions.`);
  if (report.skipped > 0) lines.push(`${report.skipped} more were left out (--tries).`);
  for (const { node, why } of report.unreached) lines.push(hang("", `Nothing was tried at ${node}: ${why}.`, columns));
  lines.push("", paint.bold("Denied"), ...techniqueTable(report, terminal));
  lines.push("", paint.bold("What remains possible"));
  if (report.possible.length === 0) lines.push("  nothing was found");
  else lines.push(...possibleTable(report.possible, terminal, isBad));
  if (report.more > 0) lines.push(`  and ${report.more} more`);
  for (const fault of report.faults) lines.push(paint.red(`  not refused: ${plain(fault)}`));
  const bad = report.possible.filter(isBad).length + report.faults.length;
  if (out !== undefined)
    lines.push(
      "",
      hang("", `The runs are in ${plain(out)}: \`sluice replay PLAN 001.jsonl --params @001.params.json\`.`, columns),
    );
  terminal.write(
    `${lines.join("\n")}\n\n${paint.bold(bad === 0 ? "nothing beyond what the approver is told" : `${bad} beyond what the approver is told`)}\n`,
  );
}

function techniqueTable({ techniques }: AttackReport, { paint, columns: width }: Terminal): readonly string[] {
  const fixed: readonly Column[] = [
    { title: "technique", min: 20 },
    { title: "tries", align: "right", min: 6 },
    { title: "achieved", align: "right" },
  ];
  const rows = techniques.map(({ technique, tries, achieved, denied }): Cell[] => [
    { text: technique },
    { text: String(tries) },
    { text: String(achieved), ...(achieved > 0 ? { paint: paint.yellow } : {}) },
    {
      text: Object.entries(denied)
        .sort(([, a], [, b]) => b - a)
        .map(([code, count]) => `${code} ${count}`)
        .join(", "),
    },
  ]);
  const columns = [...fixed, { title: "calls denied, by code", max: roomBeside(fixed, rows, width) }];
  const widths = widthsOf(columns, rows);
  return [headLine(columns, widths, paint.dim), ...rows.map((row) => rowLine(columns, widths, row))];
}

/** What is left of the terminal's width for one more column. */
function roomBeside(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number {
  return Math.max(10, width - widthsOf(columns, rows).reduce((sum, each) => sum + each + 2, 0));
}

/** A row for each line, and below it, since it is a sentence, who controls it and with which labels it arrives. */
function possibleTable(
  lines: readonly AttackLine[],
  { paint, columns: width }: Terminal,
  isBad: View["isBad"],
): readonly string[] {
  const fixed: readonly Column[] = [
    { title: "#", align: "right", min: 3 },
    { title: "what", min: 16, max: 30 },
    { title: "role", min: 7 },
    { title: "bits", align: "right" },
    { title: "told", min: 8 },
  ];
  const rows = lines.map((line, i): Cell[] => [
    { text: String(i + 1), paint: paint.dim },
    {
      text: line.argument === undefined ? `${line.node} (one call more)` : `${line.node}.${line.argument}`,
      ...(isBad(line) ? { paint: paint.red } : {}),
    },
    { text: line.role },
    { text: line.argument === undefined ? "" : line.bits === undefined ? "any" : String(Math.round(line.bits)) },
    { text: line.told ?? "nobody", ...(line.told === undefined ? { paint: paint.red } : {}) },
    { text: line.effects.join(", ") },
  ]);
  const columns = [...fixed, { title: "effects", max: roomBeside(fixed, rows, width) }];
  const widths = widthsOf(columns, rows);
  return [
    headLine(columns, widths, paint.dim),
    ...lines.flatMap((line, i) => [
      rowLine(columns, widths, rows[i] ?? []),
      hang("     ", howOf(line), width),
      ...(line.labels.length === 0 ? [] : [paint.cyan(hang("     ", line.labels.join(", "), width))]),
    ]),
  ];
}

function howOf({ controls, places, techniques, count }: AttackLine): string {
  const where =
    places.length === 0 ? "" : ` at ${places.slice(0, 3).join(" ")}${places.length > 3 ? ` +${places.length - 3}` : ""}`;
  return `${controls}${where}: ${techniques.join(", ")} (${count})`;
}
