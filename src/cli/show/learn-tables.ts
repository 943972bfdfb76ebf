/**
 * What `sluice learn` shows besides the plan: how many runs support each element, and what cross-validation found.
 * Never shows a value of a trace.
 */
import { showPointer } from "../../json/pointer.ts";
import type { CrossValidation } from "../../learn/cross-validate.ts";
import type { EvidenceTable } from "../../learn/evidence.ts";
import { type Cell, type Column, headLine, rowLine, widthsOf } from "./table.ts";
import { hang, type Terminal } from "./terminal.ts";

function tableLines(columns: readonly Column[], rows: readonly (readonly Cell[])[], { paint }: Terminal): readonly string[] {
  const widths = widthsOf(columns, rows);
  return [headLine(columns, widths, paint.dim), ...rows.map((row) => rowLine(columns, widths, row))];
}

/** One line for each element of the plan: what it was taken to be, in how many runs, and what else they would fit. */
export function evidenceLines(evidence: EvidenceTable, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const columns: readonly Column[] = [
    { title: "element", max: 56 },
    { title: "taken as" },
    { title: "runs", align: "right" },
    { title: "also fits", align: "right" },
  ];
  const rows = Object.entries(evidence).map(([pointer, { kind, runs, of, alternatives }]): readonly Cell[] => [
    { text: showPointer(pointer) },
    { text: kind },
    { text: `${runs}/${of}`, paint: runs < of ? paint.yellow : paint.green },
    { text: alternatives === undefined ? "" : String(alternatives) },
  ]);
  return tableLines(columns, rows, terminal);
}

const attackNames: { readonly [K in keyof CrossValidation["attacks"]]: string } = {
  "other-run": "another run's value",
  "other-leaf": "a value of a result",
  fresh: "a made-up value",
  "other-tool": "a call of another tool",
  repeated: "a call again",
};

/** What was denied though benign, and what became of attacks. */
export function crossLines(found: CrossValidation, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const { falseDenials, missingParams, hostParams, failures, allowedRuns, traces, calls, folds } = found;
  const later = falseDenials.filter(({ isLater }) => isLater === true).length;
  const lines = [
    paint.bold(`${folds} folds over ${traces} traces: learned on the others, replayed on each`),
    `  held-out runs allowed  ${allowedRuns} of ${traces}`,
    `  held-out calls denied  ${falseDenials.length} of ${calls}${later === 0 ? "" : ` (${later} after another denial of their run)`}`,
  ];
  for (const { fold, finding } of failures)
    lines.push(`  no plan without part ${fold + 1}: ${finding.message} (${finding.code})`);
  if (falseDenials.length > 0) {
    const columns: readonly Column[] = [
      { title: "trace", align: "right" },
      { title: "call", align: "right" },
      { title: "code" },
      { title: "node" },
      { title: "argument" },
    ];
    const rows = falseDenials.map(({ trace, call, code, node, argument }): readonly Cell[] => [
      { text: String(trace + 1) },
      { text: call < 0 ? "-" : String(call) },
      { text: code, paint: paint.yellow },
      { text: node ?? "-" },
      { text: argument ?? "" },
    ]);
    lines.push("", paint.bold("False denials"), ...tableLines(columns, rows, terminal));
  }
  const given = [...new Set(hostParams.flatMap(({ names }) => names))].sort();
  if (given.length > 0)
    lines.push(
      hang(
        "  ",
        `given from the run's own calls, as a host would: ${given.join(", ")} (${hostParams.length} runs)`,
        terminal.columns,
      ),
    );
  for (const { trace, names } of missingParams) lines.push(`  trace ${trace + 1}: its task does not say ${names.join(", ")}`);
  const columns: readonly Column[] = [
    { title: "attack" },
    ...["denied", "content", "choice", "read", "optional", "planned", "open"].map((title) => ({
      title,
      align: "right" as const,
    })),
  ];
  const rows = Object.entries(found.attacks).map(([kind, counts]): readonly Cell[] => [
    { text: attackNames[kind as keyof typeof attackNames] },
    ...[counts.denied, counts.content, counts.choice, counts.read, counts.optional, counts.planned].map((count) => ({
      text: String(count),
    })),
    { text: String(counts.open), ...(counts.open > 0 && { paint: paint.red }) },
  ]);
  lines.push("", paint.bold("Attacks on the held-out runs"), ...tableLines(columns, rows, terminal));
  return lines;
}
