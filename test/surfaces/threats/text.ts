/**
 * The table of threats as Markdown, as it stands in `.github/SECURITY.md`. Pure.
 */
import { type Below, surfaces, type Threat } from "./table.ts";

/** Where the table stands, and the lines around it. */
export const threatsFile = ".github/SECURITY.md";
/** The line before it. */
export const threatsBegin = "<!-- threats: written by `node test/surfaces/threats/update.ts` -->";
/** The line behind it. */
export const threatsEnd = "<!-- /threats -->";

function below({ file }: Below): string {
  return `\`${file}\``;
}

function tested({ cells, below: tests = [] }: Threat): string {
  const met = surfaces.filter((name) => cells[name] === "met");
  const where = met.length === surfaces.length ? ["every surface"] : met;
  return [...where, ...new Set(tests.map(below))].join(", ");
}

/** The table of `threats` between its two lines. */
export function threatsText(threats: Readonly<Record<number, Threat>>): string {
  const rows = Object.entries(threats).map(
    ([number, threat]) => `| ${number} | ${threat.name} | ${threat.answer} | ${tested(threat)} |`,
  );
  const head = ["| # | threat | what answers it | tested by name at |", "|---|---|---|---|"];
  return [threatsBegin, "", ...head, ...rows, "", threatsEnd].join("\n");
}

/** `text` with the table in place of what stands between the two lines. Throws where they do not stand once, in order. */
export function withThreats(text: string, threats: Readonly<Record<number, Threat>>): string {
  const begin = text.indexOf(threatsBegin);
  const end = text.indexOf(threatsEnd);
  if (begin < 0 || end < begin || text.lastIndexOf(threatsBegin) !== begin || text.lastIndexOf(threatsEnd) !== end)
    throw new Error(`${threatsFile} needs the lines ${threatsBegin} and ${threatsEnd}, once and in this order`);
  return text.slice(0, begin) + threatsText(threats) + text.slice(end + threatsEnd.length);
}
