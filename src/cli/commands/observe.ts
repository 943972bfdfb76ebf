/**
 * `sluice observe report`: what recordings of an observing firewall say would have been denied.
 * Never shows more of a value than the recording has, and never decides anything that is enforced.
 */
import type { Command } from "commander";
import type { Json } from "../../json/value.ts";
import type { Recorded } from "../../observe/recorded.ts";
import { type DenialGroup, type ObserveReport, type ReportedRun, reportOf } from "../../observe/report.ts";
import { replayTrace } from "../../replay.ts";
import { chainLine } from "../../surfaces/chain-line.ts";
import {
  addFile,
  checkStdinOnce,
  readCatalogueFile,
  readParams,
  readPolicyFiles,
  readRecordedFile,
  refuseFindings,
  traceFilesOf,
} from "../read/input.ts";
import type { Context } from "../context.ts";
import { jsonText } from "../show/output.ts";
import { loadPlan } from "../read/plan-file.ts";
import { type Column, cut, headLine, rowLine, widthsOf } from "../show/table.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface Options {
  readonly plan?: string;
  readonly catalog?: string;
  readonly params?: string;
  readonly policy?: readonly string[];
  readonly json?: true;
}

/** Adds `observe report TRACES…`. Exit 1 if any call would have been denied. */
export function addObserve(program: Command, { terminal, exit }: Context): void {
  const observe = program.command("observe").description("what was observed by `sluice serve --observe`").helpCommand(false);
  observe
    .command("report")
    .description("say what would have been denied in recorded runs")
    .argument("<trace...>", "recordings (JSON Lines), or folders of them")
    .option("--plan <file>", "a plan, frozen or draft, to replay them against; else what was observed is reported")
    .option("--catalog <file>", "the catalogue of the tools, for a draft")
    .option("--params <json>", "the sessions' parameters, or @FILE")
    .option("--policy <file>", "policies that hold besides that of the plan; the stricter of each", addFile)
    .option("--json", "print JSON")
    .action(async (sources: readonly string[], options: Options) => {
      checkStdinOnce([...sources, options.plan, options.catalog, ...(options.policy ?? [])]);
      const verdictsOf = await verdictsUnder(options);
      const runs: ReportedRun[] = [];
      for (const name of await traceFilesOf(sources)) {
        const recorded = await readRecordedFile(name);
        runs.push({ name, recorded, verdicts: verdictsOf(recorded) });
      }
      const report = reportOf(runs);
      if (options.json) terminal.write(`${jsonText(report as unknown as Json)}\n`);
      else terminal.write(`${linesOf(report, terminal).join("\n")}\n`);
      if (options.plan !== undefined && report.runs.digested > 0)
        terminal.say(
          `${report.runs.digested} recordings have digests: no constant of the plan is equal to one, so that more is denied than would be`,
        );
      exit(report.calls.denied > 0 ? 1 : 0);
    });
}

/** What gives the verdicts of a recording: a replay against the plan that is named, or what was observed. */
async function verdictsUnder(options: Options): Promise<(recorded: Recorded) => ReportedRun["verdicts"]> {
  const { plan: source } = options;
  if (source === undefined) return ({ verdicts }) => verdicts;
  const params = await readParams(options.params);
  const catalogue = await readCatalogueFile(options.catalog);
  const policy = await readPolicyFiles(options.policy);
  const { frozen, sql } = await loadPlan(source, catalogue, { catalogueName: options.catalog, policy });
  return ({ trace }) => {
    const replayed = replayTrace(frozen, trace, params === undefined ? { sql } : { params, sql });
    if (!replayed.ok) return refuseFindings(replayed.error[0]?.code === "SESSION_PARAMS" ? "--params" : source, replayed.error);
    const calls = trace.events.filter((event) => event.type === "call");
    return replayed.value.map(({ chain, ...verdict }) => ({
      ...verdict,
      tool: calls[verdict.i]?.tool ?? "",
      chain: chain as unknown as readonly Json[],
    }));
  };
}

const columns: readonly Column[] = [
  { title: "calls", align: "right" },
  { title: "runs", align: "right" },
  { title: "code", min: 14, max: 22 },
  { title: "tool", min: 12, max: 30 },
  { title: "node", max: 18 },
  { title: "argument", max: 24 },
];

function linesOf(report: ObserveReport, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const { runs, calls, denials } = report;
  const share = runs.compared === 0 ? "" : ` (${Math.round((100 * runs.passing) / runs.compared)} %)`;
  const compared =
    runs.compared === 0
      ? "no run was compared with a plan: give one with --plan"
      : `${runs.passing} of ${runs.compared} runs would have passed${share}; ${calls.denied} of ${calls.compared} calls would have been denied`;
  const cells = denials.map((group) => [
    { text: String(group.calls) },
    { text: String(group.runs) },
    { text: group.code, paint: paint.red },
    { text: group.tool },
    { text: group.node ?? "" },
    { text: group.argument ?? "" },
  ]);
  const widths = widthsOf(columns, cells);
  const table = denials.flatMap((group, i) => [rowLine(columns, widths, cells[i] ?? []), ...exampleLines(group, terminal)]);
  return [
    `${runs.all} runs, ${calls.all} calls${runs.torn === 0 ? "" : `; ${runs.torn} recordings end in the middle of a line`}`,
    paint.bold(compared),
    ...(denials.length === 0 ? [] : ["", headLine(columns, widths, paint.bold), ...table]),
  ];
}

function exampleLines({ code, examples }: DenialGroup, { paint, columns: width }: Terminal): readonly string[] {
  const [example] = examples;
  if (example === undefined) return [];
  const args = cut(plain(jsonText(example.args)), Math.max(20, width - 14));
  const where = `       ${plain(example.run)}, call ${example.i}`;
  // Of other denials the chain says only what the agent had read.
  const links = code.startsWith("FLOW_") ? example.chain : [];
  const chain = links.map((link) => `       ${plain(chainLine(link))}`);
  return [paint.dim(where), `       ${args}`, ...chain.map(paint.cyan)];
}
