/**
 * What a million checks cost: `node bench/cost/run.ts [--json] [--quick]`
 * Reckoned out of `bench/results/`, whose benchmarks have to be run first. Writes `bench/results/cost.json` unless --quick. Measures nothing.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { prices } from "./prices.ts";
import { costOf, type Inputs } from "./rows.ts";
import { table } from "./table.ts";

function resultsOf<Name extends keyof Inputs>(name: Name): { readonly [Key in Name]?: Inputs[Name] } {
  const url = new URL(`../results/${name}.json`, import.meta.url);
  return existsSync(url) ? ({ [name]: JSON.parse(readFileSync(url, "utf8")) } as { readonly [Key in Name]?: Inputs[Name] }) : {};
}

const inputs: Inputs = { ...resultsOf("check"), ...resultsOf("hono"), ...resultsOf("surfaces"), ...resultsOf("peers") };
const report = costOf(inputs, prices);
if (report.rows.length === 0)
  throw new Error("bench/results/ has no figures of check, hono, surfaces or peers: run one of them first");
const text = `${JSON.stringify(report, null, 2)}\n`;
if (!process.argv.includes("--quick")) writeFileSync(new URL("../results/cost.json", import.meta.url), text);
process.stdout.write(process.argv.includes("--json") ? text : table(report));
