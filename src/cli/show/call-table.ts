/**
 * Calls and their verdicts as a table, with the taint chain under each data-flow denial.
 * Never shows a value of a call or a result: names, codes and labels only.
 */
import type { ChainLink } from "../../decide/chain.ts";
import { type Cell, type Column, cut, headLine, rowLine, widthsOf } from "./table.ts";
import { plain, type Terminal } from "./terminal.ts";

/** One call of the table. */
export interface CallRow {
  readonly number: string;
  readonly tool: string;
  readonly verdict: "allow" | "deny";
  readonly code: string | null;
  /** Left out where no row has one. */
  readonly node?: string;
  readonly labels: readonly string[];
  /** Milliseconds that the call took. Left out where no row has one. */
  readonly time?: string;
  readonly chain: readonly ChainLink[];
  /** A word at the end of the row, such as that the verdict was not the expected one. */
  readonly note?: string;
}

/** The table, line by line, with its titles. */
export function callTable(rows: readonly CallRow[], terminal: Terminal): readonly string[] {
  const { paint, columns: width } = terminal;
  const hasNode = rows.some(({ node }) => node !== undefined);
  const hasTime = rows.some(({ time }) => time !== undefined);
  const fixed: readonly Column[] = [
    { title: "#", align: "right", min: 2 },
    { title: "call", min: 16, max: 26 },
    { title: "verdict" },
    { title: "code", min: 21, max: 22 },
    ...(hasNode ? [{ title: "node", max: 18 }] : []),
    ...(hasTime ? [{ title: "ms", align: "right" as const, min: 5 }] : []),
  ];
  const cells = rows.map((row): Cell[] => {
    const colour = row.verdict === "allow" ? paint.green : paint.red;
    return [
      { text: row.number, paint: paint.dim },
      { text: row.tool },
      { text: row.verdict, paint: colour },
      { text: row.code ?? "", paint: colour },
      ...(hasNode ? [{ text: row.node ?? "" }] : []),
      ...(hasTime ? [{ text: row.time ?? "", paint: paint.dim }] : []),
    ];
  });
  const room = Math.max(6, width - widthsOf(fixed, cells).reduce((sum, each) => sum + each + 2, 0));
  cells.forEach((cell, i) => {
    const { labels = [], note = "" } = rows[i] ?? {};
    const text = `${namesWithin(labels, room - note.length)}${note === "" || labels.length === 0 ? "" : "  "}${note}`;
    cell.push({ text, paint: note === "" ? paint.cyan : paint.yellow });
  });
  const columns = [...fixed, { title: "labels", max: room }];
  const widths = widthsOf(columns, cells);
  return [
    headLine(columns, widths, paint.bold),
    ...rows.flatMap((row, i) => [rowLine(columns, widths, cells[i] ?? []), ...chainLines(row.chain, widths[0] ?? 1, terminal)]),
  ];
}

/** As many names as fit, and how many more there are. */
function namesWithin(names: readonly string[], room: number): string {
  const whole = names.join(", ");
  if (whole.length <= room) return whole;
  let count = names.length - 1;
  while (count > 1 && `${names.slice(0, count).join(", ")}, +${names.length - count}`.length > room) count--;
  return `${names.slice(0, count).join(", ")}, +${names.length - count}`;
}

/** A taint chain from source to sink, one link a line, below its call. */
export function chainLines(chain: readonly ChainLink[], indent: number, { paint, columns }: Terminal): readonly string[] {
  const texts = chain.map(linkText);
  const widest = Math.min(48, Math.max(0, ...texts.map((text) => text.length)));
  return chain.map((link, i) => {
    const branch = i === chain.length - 1 ? "└" : i === 0 ? "┌" : "│";
    const head = `${" ".repeat(indent + 2)}${branch} ${cut(texts[i] ?? "", widest).padEnd(widest)}  `;
    return paint.dim(head) + paint.magenta(cut(plain(link.labels.join(", ")), Math.max(10, columns - head.length)));
  });
}

function linkText(link: ChainLink): string {
  if (link.kind === "context") return "what the agent had read";
  const at = link.issuer ?? link.key;
  if (link.kind === "receipt" && link.receipt === undefined) return plain(`no receipt that counts (${link.status ?? ""})`);
  if (link.kind === "receipt") return plain(`receipt ${link.receipt} of ${at} (${link.status ?? ""})`);
  if (link.kind === "result")
    return plain(`result of ${link.tool} (${link.node}${at === undefined ? `, run ${link.run}` : ` at ${at}`})`);
  return plain(`into ${link.argument === undefined ? "" : `${link.argument} of `}${link.tool}`);
}
