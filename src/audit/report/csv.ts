/**
 * A report as one table for spreadsheets: a line for each entry, the same columns for all sections, and the records that prove it.
 * Pure. No cell begins a formula; what nobody declared is said to be so.
 */
import { csvLine } from "../csv.ts";
import type { Report, SectionName } from "./form.ts";
import { integrityBasis, sectionsOf } from "./layout.ts";
import { type Line, linesOf, type RowLines } from "./lines.ts";

/** What each entry has, whatever its section; between the two groups stand the headings of the sections. */
const before = ["framework", "section", "basis", "entry", "first", "last", "count"];
const after = ["records", "record count", "find", "source records", "source count"];

/** A report as CSV: filtered by `section`, each section is a table of its own. The first lines say what the log is worth. */
export function renderCsv(report: Report): string {
  const sections = sectionsOf(report).map((section) => ({ section, rows: linesOf(report, section.name) }));
  const headings = [...new Set(sections.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ heading }) => heading))))];
  const { framework } = report;
  const lines = [csvLine([...before, "what", "detail", ...headings.map((heading) => heading.toLowerCase()), ...after])];
  const said = (section: string, basis: string, cells: readonly (readonly [string, string | number])[]): void => {
    for (const [i, [what, detail]] of cells.entries())
      lines.push(
        csvLine([framework, section, basis, i + 1, "", "", "", what, detail, ...headings.map(() => ""), ...after.map(() => "")]),
      );
  };
  said("about", integrityBasis[framework], aboutOf(report));
  for (const { section, rows } of sections)
    for (const [i, row] of rows.entries())
      lines.push(
        csvLine([
          framework,
          section.name,
          section.basis,
          i + 1,
          ...spanOf(report, section.name, i),
          "",
          "",
          ...cellsOf(row, headings),
          ...proofOf(row),
        ]),
      );
  said(
    "unattested",
    "",
    report.unattested.map(({ what, why }) => [what, why]),
  );
  said(
    "notes",
    "",
    report.notes.map((note) => ["note", note]),
  );
  return lines.join("");
}

function aboutOf({ integrity, log, made, period, controller, subject }: Report): readonly (readonly [string, string | number])[] {
  const states = {
    valid: "verifies",
    "not-valid": "DOES NOT VERIFY: nothing below is proven",
    "not-signed": "no signature was checked",
  };
  return [
    ["state of the log", states[integrity.state]],
    ["faults", integrity.faultCount],
    ["records of the log", integrity.size],
    ["signed records", integrity.signed],
    ["log", log.id],
    ["head", integrity.head],
    ["made", made],
    ["from", period.from ?? "the first record"],
    ["to", period.to ?? "the last record"],
    ["controller", controller.name ?? "not declared"],
    ...(subject === undefined ? [] : [["person", subject.name ?? subject.id] as const]),
  ];
}

/** When an entry was, and how many calls or times it counts. */
function spanOf(report: Report, name: SectionName, at: number): readonly (string | number)[] {
  const row = (report[name]?.[at] ?? {}) as { readonly [member: string]: unknown };
  const [first, last] = [row.first ?? row.at ?? "", row.last ?? row.at ?? ""];
  const count = row.calls ?? row.times ?? "";
  return [String(first), String(last), typeof count === "number" ? count : ""];
}

function cellsOf({ cells }: RowLines, headings: readonly string[]): readonly string[] {
  return headings.map((heading) => textOf(cells.find((cell) => cell.heading === heading)?.lines ?? []));
}

function proofOf({ cites, sources }: RowLines): readonly (string | number)[] {
  const source = sources === undefined ? ["", ""] : [sources.seqs.join(" "), sources.count];
  return [cites.seqs.join(" "), cites.count, cites.find ?? "", ...source];
}

function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join("; ");
}
