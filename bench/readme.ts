/**
 * Puts the tables of `bench/results/` under the heading "Results" of `bench/README.md`: `node bench/readme.ts`
 * Never measures anything.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Row as CheckRow, table as checkTable } from "./check/table.ts";
import { type Row as HonoRow, table as honoTable } from "./hono/table.ts";
import type { MachineFacts } from "./machine.ts";
import type { Row as SurfaceRow } from "./surfaces/measure.ts";
import { type ScaleRow, table as scaleTable, type Weight } from "./scale/table.ts";
import { type SoakRow, soakTable } from "./soak/report.ts";
import { table as surfaceTable } from "./surfaces/table.ts";

interface Results<Row> {
  readonly machine: MachineFacts;
  readonly rows: readonly Row[];
}

function resultsOf<Row>(name: string): Results<Row> {
  return JSON.parse(readFileSync(new URL(`results/${name}.json`, import.meta.url), "utf8")) as Results<Row>;
}

function factsOf({ processor, cores, memoryGiB, platform, runtime, load }: MachineFacts): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, ${runtime}, load ${load} when it began`;
}

const check = resultsOf<CheckRow>("check");
const hono = resultsOf<HonoRow>("hono");
/** The surfaces' section, once they have been measured on a machine that was at rest. */
function surfacesSection(): string {
  if (!existsSync(new URL("results/surfaces.json", import.meta.url))) return "";
  const { machine, rows } = resultsOf<SurfaceRow>("surfaces");
  return `### Surfaces\n\n${factsOf(machine)}. Ratios of medians, and in brackets of p99; noise is the direct path to itself.\n\n${surfaceTable(rows)}\n`;
}

/** What several processes do behind one store, and what came of the soaks, once they have been run. */
function scaleSections(): string {
  const scale = resultsOf<ScaleRow>("scale") as Results<ScaleRow> & { readonly weights: readonly Weight[] };
  const soaks = resultsOf<SoakRow>("soak").rows;
  return `### Several processes

${factsOf(scale.machine)}.

${scaleTable(scale.rows, scale.weights)}
### Soak

${soakTable(soaks)}
`;
}

const readme = new URL("README.md", import.meta.url);
const [method = ""] = readFileSync(readme, "utf8").split("\n## Results\n");
const results = `
## Results

Written by \`node bench/readme.ts\` out of \`results/*.json\`.

### Middleware

${factsOf(hono.machine)}. Throughput as a ratio to the application that keeps its sessions, and to the bare one; added latency against the former.

${honoTable(hono.rows)}
${surfacesSection()}${scaleSections()}### Checks

${factsOf(check.machine)}. ${checkTable(check.rows).replaceAll("\n### ", "\n#### ")}`;
writeFileSync(readme, `${method}${results}`);
