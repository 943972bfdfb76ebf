/**
 * Puts what `bench/results/` says into the READMEs: `node bench/readme.ts`
 * Under the heading "Results" of `bench/README.md`, between the markers of documents, and into the plot. Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { overviewSvg } from "./overview.ts";
import { marked } from "./marked.ts";
import { resultsSection } from "./readme-text.ts";
import { allReports, figuresIn } from "./reports.ts";

const own = new URL("README.md", import.meta.url);

const reports = await allReports();
const [method = ""] = readFileSync(own, "utf8").split("\n## Results\n");
writeFileSync(own, `${method}\n${resultsSection(reports)}`);
writeFileSync(new URL("results/overview.svg", import.meta.url), overviewSvg(figuresIn(reports)));

for (const { file, name, text } of marked(reports)) {
  const url = new URL(`../${file}`, import.meta.url);
  const whole = readFileSync(url, "utf8");
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from === -1 || to < from) {
    process.stderr.write(`${file} has no lines ${begin.trim()} and ${end.trim()}: its table is not written\n`);
    process.exitCode = 1;
  } else writeFileSync(url, `${whole.slice(0, from)}${begin}\n${text}\n\n${whole.slice(to)}`);
}
