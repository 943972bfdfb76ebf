/**
 * Puts a report between the markers of the README here.
 * Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { AdaptiveReport } from "./report.ts";
import { table } from "./table.ts";

const readme = new URL("README.md", import.meta.url);
const [begin, end] = ["<!-- results -->\n", "<!-- /results -->\n"];

/** Writes the tables of a report into the README. */
export function writeReadme(report: AdaptiveReport): void {
  const text = readFileSync(readme, "utf8");
  writeFileSync(readme, `${text.slice(0, text.indexOf(begin))}${begin}\n${table(report)}\n${text.slice(text.indexOf(end))}`);
}
