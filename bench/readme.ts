/**
 * Puts what `bench/results/` says into the READMEs: `node bench/readme.ts`
 * Under the heading "Results" of `bench/README.md`, between the markers of the root's README, and into the plot. Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { overviewSvg } from "./overview.ts";
import { barsSection, resultsSection } from "./readme-text.ts";
import { allReports, figuresIn } from "./reports.ts";

const own = new URL("README.md", import.meta.url);
const root = new URL("../README.md", import.meta.url);
/** The root's README has its table between these two lines. */
const [begin, end] = ["<!-- bench -->\n", "<!-- /bench -->\n"];

const reports = await allReports();
const [method = ""] = readFileSync(own, "utf8").split("\n## Results\n");
writeFileSync(own, `${method}\n${resultsSection(reports)}`);
writeFileSync(new URL("results/overview.svg", import.meta.url), overviewSvg(figuresIn(reports)));

const text = readFileSync(root, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from === -1 || to < from) {
  process.stderr.write(`README.md has no lines ${begin.trim()} and ${end.trim()}: its table is not written\n`);
  process.exitCode = 1;
} else writeFileSync(root, `${text.slice(0, from)}${begin}\n${barsSection(reports)}\n${text.slice(to)}`);
