/** Four processes over one store: exactly one of a thousand calls is allowed, and what each was told is linearizable. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { broken, eventsOf } from "./invariants.ts";
import { linearize } from "./linearize.ts";
import { freezeLab, type LabNode } from "./plan.ts";
import { type Gateway, startGateway } from "./pool.ts";
import { openStore } from "./stores.ts";
import { type Running, type SharedStore, sharedStores } from "./shared-stores.ts";
import { describeWith } from "../services/service.ts";
import type { OpenStore } from "../../src/stores/store.ts";
import { testimony } from "./witness.ts";

const guard = createGuard(freezeLab(), { clock: () => 0, leaseSeconds: 300 });

for (const store of sharedStores)
  describeWith(store.provided, `four processes over one store in ${store.kind}`, () => fourOver(store));

/** The tests over one store. */
function fourOver({ kind, start }: SharedStore): void {
  const folder = mkdtempSync(join(tmpdir(), "sluice-four-"));
  const witness = join(folder, "witness");
  let running: Running | undefined;
  let gateways: readonly Gateway[] = [];
  let store: OpenStore | undefined;

  beforeAll(async () => {
    writeFileSync(witness, "");
    running = await start();
    store = await openStore(kind, running.place);
    const { place } = running;
    gateways = await Promise.all([0, 0, 2_000, -2_000].map((skewMs) => startGateway({ kind, place, witness, skewMs })));
  }, 120_000);

  afterAll(async () => {
    expect(await Promise.all(gateways.map((gateway) => gateway.end()))).toEqual(["", "", "", ""]);
    await store?.close();
    await running?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** Sessions, opened by all processes in turn. */
  async function sessions(
    count: number,
    principal: string,
  ): Promise<readonly { readonly token: string; readonly session: string }[]> {
    const order = { do: "open", principal, count: count / gateways.length } as const;
    const opened = await Promise.all(gateways.map((gateway) => gateway.tell(order)));
    return opened.flatMap((answer) => answer.opened ?? []);
  }

  /** The calls of all processes at once, `count` in all; how often each code came. */
  async function all(
    node: LabNode,
    { count, tokens }: { readonly count: number; readonly tokens: readonly string[] },
  ): Promise<Record<string, number>> {
    const each = count / gateways.length;
    const told = gateways.map((gateway, i) =>
      gateway.tell({
        do: "calls",
        node,
        tokens: Array.from({ length: each }, (_, at) => tokens[(i * each + at) % tokens.length] ?? ""),
      }),
    );
    const sum: Record<string, number> = {};
    for (const { codes = {} } of await Promise.all(told))
      for (const [code, n] of Object.entries(codes)) sum[code] = (sum[code] ?? 0) + n;
    return sum;
  }

  async function expectSound(ids: readonly string[]): Promise<void> {
    if (!guard.ok || store === undefined) throw new Error("there is a plan and a store");
    const { executions, deliveries } = testimony(witness);
    const mine = <T extends { readonly session: string }>(list: readonly T[]): readonly T[] =>
      list.filter(({ session }) => ids.includes(session));
    expect(
      broken(guard.value, await eventsOf(store, ids), { executions: mine(executions), deliveries: mine(deliveries) }),
    ).toEqual([]);
  }

  it("a thousand calls at once of an operation that one session may do once have exactly one allow", async () => {
    const [opened] = await sessions(4, "ada");
    const codes = await all("once", { count: 1_000, tokens: [opened?.token ?? ""] });
    const { ok, CALL_REPEATED = 0, CALL_BREAKER = 0, ...other } = codes;
    expect({ ok, denied: CALL_REPEATED + CALL_BREAKER, other }).toEqual({ ok: 1, denied: 999, other: {} });
    await expectSound([opened?.session ?? ""]);
  }, 120_000);

  it("a thousand calls at once, each in its own session, on a budget of one have exactly one allow", async () => {
    const opened = await sessions(1_000, "ada");
    const codes = await all("shared", { count: 1_000, tokens: opened.map(({ token }) => token) });
    expect(codes).toEqual({ ok: 1, CALL_BUDGET: 999 });
    await expectSound(opened.map(({ session }) => session));
  }, 120_000);

  it("a principal's budget over all its sessions is spent to the last and not beyond", async () => {
    const [mine, other] = [await sessions(40, "bob"), await sessions(40, "eve")];
    const opened = [...mine, ...other];
    const codes = await all("mine", { count: 400, tokens: opened.map(({ token }) => token) });
    const { ok, CALL_BUDGET = 0, CALL_BREAKER = 0, ...rest } = codes;
    expect({ ok, denied: CALL_BUDGET + CALL_BREAKER, rest }).toEqual({ ok: 4, denied: 396, rest: {} });
    await expectSound(opened.map(({ session }) => session));
  }, 120_000);

  it("calls of one session that any process takes are all answered, and none for want of luck", async () => {
    const [opened] = await sessions(4, "ida");
    expect(await all("read", { count: 200, tokens: [opened?.token ?? ""] })).toEqual({ ok: 200 });
    await expectSound([opened?.session ?? ""]);
  }, 120_000);

  it("has a linearizable history", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const orders = gateways.map((gateway, client) => gateway.tell({ do: "history", seed, client, count: 9 }));
      const history = (await Promise.all(orders)).flatMap((answer) => answer.history ?? []);
      expect(history).toHaveLength(36);
      const { isLinearizable, stuck } = await linearize(history);
      expect({ isLinearizable, stuck }).toEqual({ isLinearizable: true, stuck: [] });
    }
  }, 120_000);
}
