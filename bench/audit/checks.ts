/**
 * What `--audit` adds to a call: a journal line and what was asked, in the commit that the call waits for.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import type { Store } from "../../src/stores/store.ts";
import { makeDesk, playSession } from "./firewall.ts";
import { timed } from "./timed.ts";

/** Microseconds a call (check and settle), without and with an audit; medians over the rounds, of processor time too. */
export interface CheckRow {
  readonly store: string;
  readonly plainUs: number;
  readonly auditedUs: number;
  readonly plainCpuUs: number;
  readonly auditedCpuUs: number;
}

const rounds = 9;

/** Measures both in turns, so that a busy machine is busy for both. */
export async function measureChecks({
  folder,
  calls,
  say,
}: {
  readonly folder: string;
  readonly calls: number;
  readonly say: (text: string) => void;
}): Promise<readonly CheckRow[]> {
  mkdirSync(folder, { recursive: true });
  const stores: readonly (readonly [name: string, make: (name: string, journal: boolean) => Store])[] = [
    ["memory", (_, journal) => createMemoryStore({ journal })],
    ["SQLite", (name, journal) => createSqliteStore(new DatabaseSync(join(folder, `${name}.db`)), { journal })],
  ];
  const rows: CheckRow[] = [];
  for (const [store, make] of stores) {
    const sides = [false, true].map((journal) => makeDesk(make(`${store}-${journal}`, journal), journal));
    const times: { wall: number; cpu: number }[][] = [[], []];
    for (let round = 0; round <= rounds; round++)
      for (const [side, firewall] of sides.entries()) {
        const { seconds } = await timed(async () => {
          for (let i = 0; i < calls / rounds / 30; i++) await playSession(firewall, { principal: `p${i % 50}`, calls: 30 });
        });
        // The first round warms up.
        if (round > 0) times[side]?.push(seconds);
      }
    say(`checks over ${store}: done`);
    const each = Math.ceil(calls / rounds / 30) * 30;
    const us = (side: number, of: "wall" | "cpu"): number =>
      (median((times[side] ?? []).map((seconds) => seconds[of])) / each) * 1e6;
    rows.push({ store, plainUs: us(0, "wall"), auditedUs: us(1, "wall"), plainCpuUs: us(0, "cpu"), auditedCpuUs: us(1, "cpu") });
  }
  return rows;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
