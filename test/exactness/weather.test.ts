/** Whole runs of several enforcement points over one store, in any order and under any faults: the laws hold after each. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import { leaseSecondsDefault } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import type { Store } from "../../src/stores/store.ts";
import { createEnforcer, type Enforcer, type Permit, type Settled } from "../../src/surfaces/enforce.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { type Fault, faults, faultyStore } from "./faulty-store.ts";
import { againLeft, againSpent, broken, type Delivery, eventsOf, type Execution } from "./invariants.ts";
import { freezeLab, type LabNode } from "./plan.ts";

const plan = freezeLab();
const made = createGuard(plan, { clock: () => 0, leaseSeconds: leaseSecondsDefault });
if (!made.ok) throw new Error("the plan of the test is sound");
const guard = made.value;

const nodes: readonly LabNode[] = ["once", "shared", "mine", "again", "read", "next"];

/** What a client does. Points and sessions are named by their places in lists. */
type Act =
  | {
      readonly do: "call";
      readonly at: number;
      readonly settleAt: number;
      readonly session: number;
      readonly node: LabNode;
      readonly end: End;
    }
  | { readonly do: "open"; readonly at: number; readonly principal: number }
  | { readonly do: "close"; readonly at: number; readonly session: number }
  | { readonly do: "wait"; readonly ms: number };

/** How a call that is allowed ends. */
type End = "ok" | "error" | "never" | "twice";

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      at: fc.nat(2),
      settleAt: fc.nat(2),
      session: fc.nat(2),
      node: fc.constantFrom(...nodes),
      end: fc.constantFrom<End>("ok", "ok", "ok", "error", "never", "twice"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("open" as const), at: fc.nat(2), principal: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), at: fc.nat(2), session: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 299_999, 300_000, 600_000) }),
  },
);

interface Script {
  readonly clients: readonly (readonly Act[])[];
  readonly faults: readonly Fault[];
  /** Milliseconds by which the clock of each point is wrong. */
  readonly skews: readonly number[];
}

const script: fc.Arbitrary<Script> = fc.record({
  clients: fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
  faults: fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constant<Fault>("none") }, { weight: 2, arbitrary: fc.constantFrom(...faults) }),
    {
      maxLength: 80,
    },
  ),
  skews: fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(0, 0, 5_000, -5_000, 310_000, -310_000))),
});

/** Codes that a call of the script may be denied with, whatever happens. Never `INTERNAL`. */
const codes: ReadonlySet<string> = new Set([
  "STORE_UNAVAILABLE",
  "SESSION_CONFLICT",
  "SESSION_CLOSED",
  "CALL_REPEATED",
  "CALL_BUDGET",
  "CALL_OUT_OF_ORDER",
  "CALL_BREAKER",
  "ARG_UNRESOLVED",
  "RUN_SETTLED",
]);

interface World {
  readonly points: readonly Enforcer[];
  readonly sessions: { readonly token: string; readonly session: string }[];
  readonly executions: Execution[];
  readonly deliveries: Delivery[];
  readonly codes: Set<string>;
  time: number;
}

async function play(
  world: World,
  { acts, pause }: { readonly acts: readonly Act[]; readonly pause: (why: string) => Promise<void> },
): Promise<void> {
  for (const step of acts) {
    await pause("client");
    if (step.do === "wait") world.time += step.ms;
    if (step.do === "open") await open(world, step);
    if (step.do === "close")
      await world.points[step.at]?.close(world.sessions[step.session % world.sessions.length]?.session ?? "");
    if (step.do === "call") await call(world, step, pause);
  }
}

async function open(world: World, { at, principal }: { readonly at: number; readonly principal: number }): Promise<void> {
  const opened = await world.points[at]?.open({ plan: plan.digest, principal: `p${principal}` });
  if (opened?.ok) world.sessions.push(opened.value);
  else world.codes.add(opened?.error.code ?? "");
}

async function call(world: World, step: Act & { readonly do: "call" }, pause: (why: string) => Promise<void>): Promise<void> {
  const token = world.sessions[step.session % world.sessions.length]?.token ?? "";
  const checked = await (world.points[step.at] as Enforcer).check(token, { tool: step.node, args: {} });
  if (!checked.allow) return void world.codes.add(checked.verdict.code);
  const { permit } = checked;
  world.executions.push({ session: permit.session, run: permit.run, tool: permit.tool });
  await pause("tool");
  if (step.end === "never") return;
  const settling = step.end === "twice" ? [step.at, step.settleAt] : [step.settleAt];
  await Promise.all(settling.map((at) => settle(world, world.points[at] as Enforcer, { permit, isOk: step.end !== "error" })));
}

async function settle(
  world: World,
  point: Enforcer,
  { permit, isOk }: { readonly permit: Permit; readonly isOk: boolean },
): Promise<void> {
  const settled: Settled = await point.settle(permit, isOk ? { value: { paid: 1 } } : { error: "no" });
  if (settled.ok) world.deliveries.push({ session: permit.session, run: permit.run });
  else world.codes.add(settled.verdict.code);
}

async function run(behind: Store, { clients, faults: fates, skews }: Script, s: fc.Scheduler): Promise<readonly string[]> {
  const pause = (why: string): Promise<void> => s.schedule(Promise.resolve(), why);
  let asked = 0;
  let isHealed = true;
  const next = (): Fault => (isHealed ? "none" : (fates[asked++] ?? "none"));
  const worlds = skews.map(() => faultyStore(behind, { next, pause: (why) => (isHealed ? Promise.resolve() : pause(why)) }));
  const world: World = {
    time: 1_700_000_000_000,
    sessions: [],
    executions: [],
    deliveries: [],
    codes: new Set(),
    points: worlds.map(({ store }, i) =>
      createEnforcer({
        guards: new Map([[guard.digest, guard]]),
        store,
        clock: () => world.time + (skews[i] ?? 0),
        random: systemRandom,
        sleep: () => pause("sleep"),
      }),
    ),
  };
  for (const principal of [0, 1]) await open(world, { at: 0, principal });
  isHealed = false;
  const all = Promise.all(clients.map((acts) => play(world, { acts, pause })));
  await s.waitFor(all);
  // What is still on its way arrives before, or while, the store is well again.
  isHealed = true;
  await s.waitAll();
  await Promise.all(worlds.map(({ settled }) => settled()));
  const found = [...(await after(world, behind))];
  for (const code of world.codes) if (!codes.has(code)) found.push(`denied with ${code}`);
  return found;
}

async function after(world: World, behind: Store): Promise<readonly string[]> {
  const found: string[] = [];
  const stored = await eventsOf(
    behind,
    world.sessions.map(({ session }) => session),
  );
  found.push(...broken(guard, stored, world));
  // Every point goes on, without a restart, with every session that is open.
  for (const { token, session } of world.sessions) {
    const isClosed = stored.get(session)?.some(({ event }) => event.type === "close") === true;
    for (const [i, point] of world.points.entries()) {
      const checked = await point.check(token, { tool: "read", args: {} });
      const code = checked.allow ? "allow" : checked.verdict.code;
      if (code !== (isClosed ? "SESSION_CLOSED" : "allow"))
        found.push(`point ${i} says ${code} of a session that is ${isClosed ? "closed" : "open"}`);
    }
  }
  const { left } = againSpent(stored);
  const counted = await againLeft(world.points[0] as Enforcer, plan.digest);
  if (left !== counted) found.push(`the counter has ${counted} left, the events say ${left}`);
  return found;
}

const runs = Number(process.env.SLUICE_EXACTNESS_RUNS ?? 150);

describe.each([
  ["memory", createMemoryStore],
  ["sqlite", () => openSqliteStore(":memory:", { survives: "process" })],
] as const)("enforcement points over a store in %s that fails", (name, makeStore) => {
  it("grant nothing twice, lose nothing that they said, and go on when it is well", async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.scheduler(), async (acts, s) => {
        expect(await run(makeStore(), acts, s)).toEqual([]);
      }),
      { numRuns: name === "memory" ? runs : Math.ceil(runs / 5) },
    );
  }, 900_000);
});
