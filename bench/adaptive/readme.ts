/**
 * Puts what `results/adaptive.json` says between the markers of the README here: `node bench/adaptive/readme.ts`
 * Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { AdaptiveReport } from "./report.ts";
import { table } from "./table.ts";

const readme = new URL("README.md", import.meta.url);
const [begin, end] = ["<!-- results -->\n", "<!-- /results -->\n"];
const report = JSON.parse(readFileSync(new URL("../results/adaptive.json", import.meta.url), "utf8")) as AdaptiveReport;
const text = readFileSync(readme, "utf8");
writeFileSync(readme, `${text.slice(0, text.indexOf(begin))}${begin}\n${table(report)}\n${text.slice(text.indexOf(end))}`);
