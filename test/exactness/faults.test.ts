/**
 * A line to the store's server that is cut, frozen, delayed and that loses answers: the answer meanwhile is a denial, nothing is granted
 * twice, and when the line is well all goes on without a restart.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { startProxy, type TcpProxy, type Weather } from "../../bench/soak/proxy.ts";
import { createGuard } from "../../src/engine.ts";
import { createEnforcer, type Enforcer } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { describeWith } from "../services/service.ts";
import { againLeft, againSpent, broken, eventsOf } from "./invariants.ts";
import { freezeLab, type LabNode } from "./plan.ts";
import { type SharedStore, sharedStores } from "./shared-stores.ts";
import { openStore } from "./stores.ts";
import { openWitness, testimony } from "./witness.ts";

const plan = freezeLab();
const made = createGuard(plan, { clock: Date.now, leaseSeconds: 300 });
if (!made.ok) throw new Error("the plan of the test is sound");
const guard = made.value;
const folder = mkdtempSync(join(tmpdir(), "sluice-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nodes: readonly LabNode[] = ["once", "mine", "again", "read", "next", "shared"];
/** What a call may be told while the line is bad, besides what a plan says. */
const denials: ReadonlySet<string> = new Set([
  "ok",
  "STORE_UNAVAILABLE",
  "SESSION_CONFLICT",
  "CALL_REPEATED",
  "CALL_BUDGET",
  "CALL_BREAKER",
  "CALL_OUT_OF_ORDER",
  "ARG_UNRESOLVED",
  "RUN_SETTLED",
]);

for (const store of sharedStores.filter(({ kind }) => kind !== "sqlite"))
  describeWith(store.provided, `a bad line to ${store.kind}`, () => {
    it("denies meanwhile, grants nothing twice, and is over when it is over", () => badLine(store), 300_000);
  });

interface Client {
  readonly enforcer: Enforcer;
  readonly codes: Map<string, number>;
  isStopped: boolean;
}

/** Calls without an end; each that is allowed is witnessed before it is settled. */
async function flood(client: Client, tokens: readonly string[], witness: ReturnType<typeof openWitness>): Promise<void> {
  for (let turn = 0; !client.isStopped; turn++) {
    const token = tokens[turn % tokens.length] ?? "";
    const node = nodes[(turn * 7 + Math.floor(turn / tokens.length)) % nodes.length] ?? "read";
    const checked = await client.enforcer.check(token, { tool: node, args: {} });
    let code: string = "ok";
    if (checked.allow) {
      witness.executed(checked.permit);
      const settled = await client.enforcer.settle(checked.permit, { value: { paid: 1 } });
      if (settled.ok) witness.delivered(checked.permit);
      else code = settled.verdict.code;
    } else code = checked.verdict.code;
    client.codes.set(code, (client.codes.get(code) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, code === "STORE_UNAVAILABLE" ? 10 : 0));
  }
}

/** Bad weather, one kind after another: what is on its way is cut, frozen, slowed, refused, or done without an answer. */
async function storm(line: TcpProxy, rounds: number): Promise<void> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const kinds: readonly Weather[] = ["answers-lost", "frozen", "slow", "refused"];
  for (let i = 0; i < rounds; i++) {
    line.weather(kinds[i % kinds.length] ?? "fair");
    await pause(60 + ((i * 37) % 90));
    // Lost answers and frozen lines end in a cut: whoever waited will never know.
    if (i % 4 < 2) line.cut();
    line.weather("fair");
    await pause(350 + ((i * 53) % 200));
  }
}

async function badLine({ kind, start }: SharedStore): Promise<void> {
  const running = await start();
  const url = new URL(running.place);
  const line = await startProxy(Number(url.port));
  url.port = String(line.port);
  const file = join(folder, kind);
  writeFileSync(file, "");
  const witness = openWitness(file);
  const direct = await openStore(kind, running.place);
  const behind = [await openStore(kind, url.href), await openStore(kind, url.href)];
  const guards = new Map([[guard.digest, guard]]);
  const clients: readonly Client[] = behind.map((store) => ({
    enforcer: createEnforcer({ guards, store, clock: Date.now, random: systemRandom, storeTimeoutMs: 400 }),
    codes: new Map<string, number>(),
    isStopped: false,
  }));
  const well = createEnforcer({ guards, store: direct, clock: Date.now, random: systemRandom });
  try {
    const opened = [];
    for (let i = 0; i < 16; i++) {
      const session = await well.open({ plan: plan.digest, principal: `p${i % 4}` });
      if (!session.ok) throw new Error(session.error.code);
      opened.push(session.value);
    }
    const tokens = opened.map(({ token }) => token);
    const floods = clients.map((client) => flood(client, tokens, witness));
    await storm(line, Number(process.env.SLUICE_EXACTNESS_STORMS ?? 12));
    for (const client of clients) client.isStopped = true;
    await Promise.all(floods);
    const found: string[] = [];
    for (const { codes } of clients) for (const code of codes.keys()) if (!denials.has(code)) found.push(`told ${code}`);
    const unavailable = clients.reduce((sum, { codes }) => sum + (codes.get("STORE_UNAVAILABLE") ?? 0), 0);
    expect(unavailable).toBeGreaterThan(0);
    // The line is well again: every client goes on with every session within the time of a reconnection, and nothing is left over.
    for (const [i, { enforcer }] of clients.entries())
      for (const token of tokens) {
        const code = await patiently(enforcer, token);
        if (code !== "allow") found.push(`client ${i} does not go on: ${code}`);
      }
    const all = await eventsOf(
      direct,
      opened.map(({ session }) => session),
    );
    found.push(...broken(guard, all, testimony(file)));
    expect(found).toEqual([]);
    const { left } = againSpent(all);
    expect(await againLeft(well, plan.digest)).toBe(left);
    expect(testimony(file).deliveries.length).toBeGreaterThan(10);
  } finally {
    witness.close();
    for (const client of clients) client.isStopped = true;
    for (const store of [...behind, direct]) await store.close();
    await line.close();
    await running.stop();
  }
}

/** Whether a session can be called on: as soon as the store can be reached, and in seconds at the latest. */
async function patiently(enforcer: Enforcer, token: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const checked = await enforcer.check(token, { tool: "read", args: {} });
    if (checked.allow) return "allow";
    if (checked.verdict.code !== "STORE_UNAVAILABLE" || attempt === 40) return checked.verdict.code;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
