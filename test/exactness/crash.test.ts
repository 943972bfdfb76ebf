/** Gateways that are killed at any moment: nothing is carried out beyond its budget, nothing that was delivered is lost, nothing is half-written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { createEnforcer, type Enforcer } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { againLeft, againSpent, broken, eventsOf } from "./invariants.ts";
import { freezeLab, type LabNode } from "./plan.ts";
import { createPool, type Gateway, type Pool } from "./pool.ts";
import { openStore } from "./stores.ts";
import { type SharedStore, sharedStores } from "./shared-stores.ts";
import { describeWith } from "../services/service.ts";
import type { OpenStore } from "../../src/stores/store.ts";
import { testimony } from "./witness.ts";

const plan = freezeLab();
const made = createGuard(plan, { clock: Date.now, leaseSeconds: 2 });
if (!made.ok) throw new Error("the plan of the test is sound");
const guard = made.value;
const nodes: readonly LabNode[] = ["once", "mine", "again", "read", "next", "shared"];
const folder = mkdtempSync(join(tmpdir(), "sluice-killed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How often a gateway is killed. By hand: SLUICE_EXACTNESS_KILLS=2000. */
const kills = Number(process.env.SLUICE_EXACTNESS_KILLS ?? 8);
/** Kills after which sessions begin anew. */
const roundKills = 8;

interface World {
  readonly store: OpenStore;
  readonly enforcer: Enforcer;
  readonly pool: Pool;
  readonly witness: string;
}

async function open(
  { enforcer }: World,
  round: number,
): Promise<readonly { readonly token: string; readonly session: string }[]> {
  const opened = [];
  for (let i = 0; i < 4; i++) {
    const session = await enforcer.open({ plan: plan.digest, principal: `p${round}-${i % 2}` });
    if (!session.ok) throw new Error(session.error.code);
    opened.push(session.value);
  }
  return opened;
}

/** One round: two gateways serve the same sessions, and one after the other is killed. */
async function play(world: World, round: number): Promise<readonly string[]> {
  const opened = await open(world, round);
  const tokens = opened.map(({ token }) => token);
  let seed = round * 1_000;
  const start = async (): Promise<Gateway> => {
    const gateway = await world.pool.take();
    seed += 1;
    gateway.tell({ do: "flood", tokens, nodes, width: 3, seed }).catch(() => undefined);
    return gateway;
  };
  const pair = [await start(), await start()];
  for (let i = 0; i < roundKills; i++) {
    await new Promise((resolve) => setTimeout(resolve, (seed * 7_919 + i * 104_729) % 60));
    await pair[i % 2]?.kill();
    pair[i % 2] = await start();
  }
  await Promise.all(pair.map((gateway) => gateway.kill()));
  const sessions = opened.map(({ session }) => session);
  const stored = await eventsOf(world.store, sessions);
  const { executions, deliveries } = testimony(world.witness);
  const mine = <T extends { readonly session: string }>(list: readonly T[]): readonly T[] =>
    list.filter(({ session }) => sessions.includes(session));
  const found = [...broken(guard, stored, { executions: mine(executions), deliveries: mine(deliveries) })];
  // What a killed gateway had under way is spent; everything else goes on.
  for (const token of tokens) {
    for (const node of ["read", "once"] as const) {
      const checked = await world.enforcer.check(token, { tool: node, args: {} });
      const code = checked.allow ? "allow" : checked.verdict.code;
      const wasTried = mine(executions).some(({ session, tool }) => token.startsWith(session) && tool === "lab/once");
      if (node === "read" && code !== "allow") found.push(`a session does not go on: ${code}`);
      if (node === "once" && wasTried && code === "allow") found.push("an operation that may run once was allowed again");
      if (checked.allow) await world.enforcer.settle(checked.permit, { value: {} });
    }
  }
  return found;
}

for (const store of sharedStores)
  describeWith(store.provided, `gateways over ${store.kind}`, () => {
    it("may be killed at any moment", () => killed(store), 600_000);
  });

/** Kills, and looks at what is there. */
async function killed({ kind, start }: SharedStore): Promise<void> {
  const running = await start();
  const witness = join(folder, kind);
  writeFileSync(witness, "");
  const store = await openStore(kind, running.place);
  const guards = new Map([[guard.digest, guard]]);
  const enforcer = createEnforcer({ guards, store, clock: Date.now, random: systemRandom, leaseSeconds: 2 });
  const pool = createPool({ kind, place: running.place, witness, leaseSeconds: 2 }, 2);
  try {
    const found: string[] = [];
    for (let round = 0; round * roundKills < kills; round++)
      found.push(...(await play({ store, enforcer, pool, witness }, round)));
    const listed = await store.list(100_000);
    if (!listed.ok) throw new Error(listed.error.kind);
    const all = await eventsOf(
      store,
      listed.value.map(({ header }) => header.id),
    );
    // All counters and all events agree, whoever was killed between what.
    const { left } = againSpent(all);
    expect([found, await againLeft(enforcer, plan.digest)]).toEqual([[], left]);
    const { executions, deliveries } = testimony(witness);
    expect(executions.length).toBeGreaterThan(kills);
    expect(deliveries.length).toBeGreaterThan(0);
  } finally {
    await pool.stop();
    await store.close();
    await running.stop();
  }
}
