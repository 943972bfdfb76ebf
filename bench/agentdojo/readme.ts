/**
 * Puts what `bench/results/agentdojo.json` says into this folder's README, under the heading "Results": `node bench/agentdojo/readme.ts`
 * Never measures anything.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resultsText } from "./results.ts";

const url = new URL("README.md", import.meta.url);
const [method = ""] = readFileSync(url, "utf8").split("\n## Results\n");
writeFileSync(url, `${method}\n${resultsText()}`);
