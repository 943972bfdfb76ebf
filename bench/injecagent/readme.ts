/**
 * Puts the last run into the README of this folder: `node bench/injecagent/readme.ts`
 * Between the two markers, out of `bench/results/injecagent.json`. Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Report } from "./report.ts";
import { resultsText } from "./table.ts";

const file = new URL("README.md", import.meta.url);
const report = JSON.parse(readFileSync(new URL("../results/injecagent.json", import.meta.url), "utf8")) as Report;
const text = readFileSync(file, "utf8");
const made = text.replace(
  /^(<!-- results -->\n)[\s\S]*?(^<!-- \/results -->)$/m,
  (_, begin, end) => `${begin}\n${resultsText(report)}\n${end}`,
);
if (!/^<!-- results -->$/m.test(text)) throw new Error("README.md has no markers");
writeFileSync(file, made);
