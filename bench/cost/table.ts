/**
 * What a million checks cost, as a table for people.
 * Never without the price that it is reckoned at.
 */
import { markdown } from "../markdown.ts";
import { claimedDollarsPerMillion } from "./prices.ts";
import type { CostReport } from "./rows.ts";

/** Dollars with two digits that count, never in powers of ten. */
function dollars(value: number): string {
  return value === 0 ? "0" : value.toFixed(Math.max(2, 1 - Math.floor(Math.log10(value))));
}

/** `460 ×`; below ten with one digit more. */
function times(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ×`;
}

/** Markdown: a line for each kind of check, a column for each price, and the prices. */
export function table({ prices, rows, missing }: CostReport): string {
  const headings = [
    "a million of",
    "CPU µs each",
    "measured by",
    ...prices.map(({ name }) => `${name}, $`),
    "cheaper than claimed",
  ];
  const [first] = prices;
  const lines = rows.map((row) => [
    row.name,
    row.cpuMicroseconds.toFixed(row.cpuMicroseconds < 10 ? 2 : 0),
    `\`${row.from}/\``,
    ...prices.map(({ name }) => dollars(row.dollars[name] ?? Number.NaN)),
    times(claimedDollarsPerMillion / (row.dollars[first?.name ?? ""] ?? Number.NaN)),
  ]);
  const terms = prices
    .map(({ name, terms: words, source, asOf }) => `- ${name}: ${words} (${source}, as of ${asOf}).`)
    .join("\n");
  const left = missing.length === 0 ? "" : `\nNot measured yet: ${missing.join("; ")}.\n`;
  return `${markdown(headings, lines)}\n${terms}\n${left}`;
}
