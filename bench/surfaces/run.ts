/**
 * What each surface costs: `node bench/surfaces/run.ts [--json] [--quick] [--only=TEXT] [--profile=FOLDER]`
 * Writes `bench/results/surfaces.json` unless `--quick` or `--only`. Never measures a path to which it has no direct one beside it.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machineFacts } from "../machine.ts";
import { gatewayContenders, modelContenders, proxyContenders, startUpstreams } from "./http.ts";
import { adapterContenders, hookContenders, stdioContenders } from "./local.ts";
import { type Contender, type Effort, measure, type Row } from "./measure.ts";
import { builtHookPath, sluicePath, stopKindly } from "./process.ts";
import type { SurfacesReport } from "./report.ts";
import { freezeShop } from "./shop.ts";
import { table } from "./table.ts";

const isQuick = process.argv.includes("--quick");
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
/** Of paths that end in a millisecond, and of starts of processes. */
const efforts: { readonly [kind in "calls" | "starts"]: Effort } = isQuick
  ? { calls: { rounds: 4, callsPerRound: 50 }, starts: { rounds: 2, callsPerRound: 5 } }
  : { calls: { rounds: 10, callsPerRound: 150 }, starts: { rounds: 4, callsPerRound: 20 } };

const machine = machineFacts();
const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
const rows: Row[] = [];

async function one(
  surface: string,
  make: () => readonly Contender[] | Promise<readonly Contender[]>,
  effort = efforts.calls,
): Promise<void> {
  if (only !== undefined && !surface.includes(only)) return;
  rows.push(...(await measure(surface, await make(), effort)));
}

try {
  const frozen = freezeShop();
  const plan = join(folder, "shop.frozen.json");
  writeFileSync(plan, JSON.stringify(frozen));
  const upstreams = await startUpstreams();
  await one("HTTP proxy", () => proxyContenders(upstreams, plan));
  await one("MCP gateway, Streamable HTTP", () => gatewayContenders(upstreams, plan));
  await one("MCP gateway, stdio", () => stdioContenders(plan));
  await one("model API, a call in two requests", () => modelContenders(upstreams, plan, false));
  await one("model API, the same streamed", () => modelContenders(upstreams, plan, true));
  for (const { name, contenders } of await adapterContenders(frozen)) await one(name, () => contenders);
  if (existsSync(builtHookPath))
    await one("hook, built, from start to end", () => hookContenders(plan, folder, [builtHookPath]), efforts.starts);
  else process.stderr.write("without dist/ (npm run build) the hook is measured as its source alone\n");
  await one("hook, its source, from start to end", () => hookContenders(plan, folder, [sluicePath]), efforts.starts);
} finally {
  await stopKindly();
  rmSync(folder, { recursive: true, force: true });
}

const said: SurfacesReport = { machine, efforts, rows };
const report = JSON.stringify(
  said,
  (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value),
  1,
);
if (!isQuick && only === undefined)
  writeFileSync(fileURLToPath(new URL("../results/surfaces.json", import.meta.url)), `${report}\n`);
process.stdout.write(process.argv.includes("--json") ? `${report}\n` : table(rows));
process.exit(0);
