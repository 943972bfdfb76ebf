/**
 * The load that memory is measured under: calls of many sessions over HTTP, as agents would send them, each allowed and answered by a tool.
 * Never counts another answer: it ends the measurement.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "../../plans/deployments/start.ts";
import { openSession } from "../../src/cli/demo/play.ts";
import { readCatalogueFile } from "../../src/cli/read/input.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";

/** How much is sent. */
export interface Load {
  readonly sessions: number;
  readonly calls: number;
}

/** Calls that are open at once. */
const lanes = 16;

/** A plan that allows one call of the example's tools so often. */
export async function repeatedPlan(): Promise<FrozenPlan> {
  const parsed = parsePlan({
    sluice: 1,
    name: "repeat",
    nodes: { quotes: { tool: "market/quotes", args: { symbols: ["VTI", "BND"] }, times: { min: 0, max: 1_000 } } },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const catalogue = await readCatalogueFile(
    join(fileURLToPath(new URL("../../plans/trading/", import.meta.url)), "catalogue.json"),
  );
  const frozen = freezePlan(parsed.value, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

/** Sends it. Resolves to the calls a second. */
export async function send({ url, admin }: Deployment, { sessions, calls }: Load): Promise<number> {
  const tokens: string[] = [];
  for (let at = 0; at < sessions; at++)
    tokens.push((await openSession({ url, admin }, { plan: "repeat", principal: `agent-${at}`, params: {} })).token);
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls) {
      const response = await fetch(`${url}/tools/market/quotes`, {
        method: "POST",
        headers: { "content-type": "application/json", "sluice-session": tokens[next++ % sessions] ?? "" },
        body: "{}",
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`a call was answered ${response.status} ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (calls * 1_000) / (performance.now() - started);
}
