/**
 * Puts what `bench/results/` says into the documents that quote it, and into the plot: `node bench/readme.ts`
 * Never measures anything. Exit 1 if a document has no place for its quotation; the others are written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { overviewSvg } from "./overview.ts";
import { quotedIn } from "./quotation.ts";
import { quotations } from "./quotations.ts";
import { allReports, figuresIn } from "./reports.ts";

const reports = await allReports();
writeFileSync(new URL("results/overview.svg", import.meta.url), overviewSvg(figuresIn(reports)));

for (const quotation of quotations(reports)) {
  const { file, name } = quotation;
  const url = new URL(`../${file}`, import.meta.url);
  const document = quotedIn(readFileSync(url, "utf8"), quotation);
  if (document === undefined) {
    const place = name === undefined ? "section `## Results`" : `lines <!-- ${name} --> and <!-- /${name} -->`;
    process.stderr.write(`${file} has no ${place}: what it quotes is not written\n`);
    process.exitCode = 1;
  } else writeFileSync(url, document);
}
