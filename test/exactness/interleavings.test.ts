/**
 * Reserve → execute → settle, in every order in which processes can take its steps, with a fault or a death at every one of them: nothing is
 * granted twice, nothing that was delivered is lost, and what is left can be gone on with.
 */
import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/engine.ts";
import type { Random } from "../../src/ports.ts";
import type { Store } from "../../src/stores/store.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createEnforcer, type Enforcer, type Permit } from "../../src/surfaces/enforce.ts";
import { type Cast, explore, type Explored, type Play, type Stage } from "./explore.ts";
import { broken, type Delivery, eventsOf, type Execution } from "./invariants.ts";
import { freezeLab, type LabNode } from "./plan.ts";

const plan = freezeLab();
const leaseSeconds = 60;
let now = 0;
const made = createGuard(plan, { clock: () => now, leaseSeconds });
if (!made.ok) throw new Error("the plan of the test is sound");
const guard = made.value;

/** The same bytes each time: a schedule must be the same when it is played again. */
function counted(): Random {
  let count = 0;
  return (length) => new Uint8Array(length).fill(++count);
}

interface World {
  readonly store: Store;
  readonly executions: Execution[];
  readonly deliveries: Delivery[];
  /** An enforcement point over the store: a process. */
  enforcer(store: Store): Enforcer;
}

function createWorld(store = createMemoryStore()): World {
  now = 1_000_000;
  return {
    store,
    executions: [],
    deliveries: [],
    enforcer: (seen) =>
      createEnforcer({
        guards: new Map([[guard.digest, guard]]),
        store: seen,
        clock: () => now,
        random: counted(),
        leaseSeconds,
        // Whoever waits before it asks again waits for its turn anyway.
        sleep: () => Promise.resolve(),
      }),
  };
}

/** A process that makes one call, carries it out if it may, and settles it. */
async function callOnce(
  { stage, world, actor }: { readonly stage: Stage; readonly world: World; readonly actor: string },
  token: string,
  node: LabNode,
  result: { readonly value: { readonly paid: number } } | { readonly error: string } = { value: { paid: 1 } },
): Promise<void> {
  const enforcer = world.enforcer(stage.storeOf(actor, world.store));
  const checked = await enforcer.check(token, { tool: node, args: {} });
  if (!checked.allow) return;
  await carryOut({ stage, world, actor }, checked.permit);
  const settled = await enforcer.settle(checked.permit, result as never);
  if (settled.ok) world.deliveries.push(checked.permit);
}

function carryOut(
  { stage, world, actor }: { readonly stage: Stage; readonly world: World; readonly actor: string },
  permit: Permit,
): Promise<void> {
  return stage.ownStep(actor, "executes", () => void world.executions.push(permit));
}

interface Opened {
  readonly token: string;
  readonly session: string;
}

async function open(world: World, principal: string, id: number): Promise<Opened> {
  const enforcer = createEnforcer({
    guards: new Map([[guard.digest, guard]]),
    store: world.store,
    clock: () => now,
    random: (length) => new Uint8Array(length).fill(id),
  });
  const opened = await enforcer.open({ plan: plan.digest, principal });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

/** What must hold after every schedule; `goOn`: a process that begins afterwards. */
async function brokenIn(
  world: World,
  sessions: readonly Opened[],
  goOn?: (well: Enforcer) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const after = (await goOn?.(world.enforcer(world.store))) ?? [];
  const stored = await eventsOf(
    world.store,
    sessions.map(({ session }) => session),
  );
  return [...broken(guard, stored, world), ...after];
}

/** How often a node's run is in the events, allowed and settled. */
async function countIn(
  world: World,
  session: string,
  node: LabNode,
): Promise<{ readonly allowed: number; readonly settled: number }> {
  const loaded = await world.store.load(session, 0);
  const events = loaded.ok ? loaded.value.entries.map(({ event }) => event) : [];
  const runs = events.flatMap((event) => (event.type === "allow" && event.node === node ? [event.run] : []));
  return {
    allowed: runs.length,
    settled: events.filter((event) => event.type === "settle" && runs.includes(event.run)).length,
  };
}

/** A play in sessions that were opened before it begins. */
interface Scene {
  readonly world: World;
  readonly sessions: readonly Opened[];
}

/** Makes a play: who acts in the sessions of these people, and what must hold besides what always must. */
function playIn(
  cast: (scene: Scene, stage: Stage) => Cast | Promise<Cast>,
  {
    world = createWorld(),
    people = ["ada"],
    more,
  }: {
    readonly world?: World;
    readonly people?: readonly string[];
    readonly more?: (scene: Scene, well: Enforcer) => Promise<readonly string[]>;
  } = {},
): Play {
  const sessions: Opened[] = [];
  const scene = { world, sessions };
  return {
    cast: async (stage) => {
      for (const [i, person] of people.entries()) sessions.push(await open(world, person, 7 + i));
      return cast(scene, stage);
    },
    broken: () => brokenIn(world, sessions, more === undefined ? undefined : (well) => more(scene, well)),
  };
}

/** The session of a play that has one. */
function only({ sessions }: Scene): Opened {
  const [session] = sessions;
  if (session === undefined) throw new Error("the play has a session");
  return session;
}

/** Actors that each make one call of a node in the one session. */
function calling(
  actors: readonly string[],
  node: LabNode,
  result?: Parameters<typeof callOnce>[3],
): (scene: Scene, stage: Stage) => Cast {
  return (scene, stage) =>
    Object.fromEntries(
      actors.map((actor) => [actor, () => callOnce({ stage, world: scene.world, actor }, only(scene).token, node, result)]),
    );
}

/** Two processes that are asked for one call at once: by an agent that repeats itself, or by two agents of one session. */
function twoCalls(node: LabNode, store?: () => Store): Play {
  return playIn(calling(["left", "right"], node), { world: createWorld(store?.()) });
}

/** Two sessions that share a budget of one. */
function twoSessions(): Play {
  return playIn(
    ({ world, sessions }, stage) => {
      const one = (actor: string, i: number) => () => callOnce({ stage, world, actor }, sessions[i]?.token ?? "", "shared");
      return { left: one("left", 0), right: one("right", 1) };
    },
    { people: ["ada", "bob"] },
  );
}

/** One process has the permit; the result comes to two, one of which was started again. */
function twoResults(): Play {
  return playIn(
    async (scene, stage) => {
      const { world } = scene;
      const checked = await world.enforcer(world.store).check(only(scene).token, { tool: "once", args: {} });
      if (!checked.allow) throw new Error(checked.verdict.code);
      world.executions.push(checked.permit);
      const settle = (actor: string) => async () => {
        const settled = await world.enforcer(stage.storeOf(actor, world.store)).settle(checked.permit, { value: { paid: 1 } });
        if (settled.ok) world.deliveries.push(checked.permit);
      };
      return { left: settle("left"), right: settle("right") };
    },
    {
      more: async (scene) => {
        const { settled } = await countIn(scene.world, only(scene).session, "once");
        return settled > 1 ? ["one result is two events"] : [];
      },
    },
  );
}

/** A call whose lease ends while it runs, and one that comes after it. */
function lateResult(): Play {
  return playIn((scene, stage) => ({
    ...calling(["slow"], "once")(scene, stage),
    clock: () =>
      stage.step("clock", "the lease ends", () => {
        now += leaseSeconds * 1_000 + 1;
      }),
    ...calling(["next"], "once")(scene, stage),
  }));
}

/** What fails is given back once, whoever says so how often. */
function givenBack(): Play {
  return playIn(calling(["left", "right"], "again", { error: "no" }), {
    more: async (scene, well) => {
      const { world } = scene;
      const { allowed, settled } = await countIn(world, only(scene).session, "again");
      const other = await open(world, "bob", 9);
      let granted = 0;
      while ((await well.check(other.token, { tool: "again", args: {} })).allow) granted++;
      return granted === 3 - (allowed - settled) ? [] : [`${granted} are left after ${allowed} allowed, ${settled} given back`];
    },
  });
}

/** Nobody dies and nothing fails: then exactly one is granted, and its result is there. */
function exactlyOne(): Promise<Explored> {
  const callers = Array.from({ length: Number(process.env.SLUICE_EXACTNESS_CALLERS ?? 2) }, (_, i) => `caller ${i}`);
  const play = (): Play =>
    playIn(calling(callers, "once"), {
      more: async (scene) => {
        const { world } = scene;
        const { allowed, settled } = await countIn(world, only(scene).session, "once");
        const isRight = allowed === 1 && settled === 1 && world.executions.length === 1 && world.deliveries.length === 1;
        return isRight ? [] : [`${allowed} allowed, ${settled} settled`];
      },
    });
  return explore(play, { ...bounds, faultsMax: 0 });
}

/** By hand: SLUICE_EXACTNESS_FAULTS=2 (minutes), SLUICE_EXACTNESS_CALLERS=3. */
const bounds = { faultsMax: Number(process.env.SLUICE_EXACTNESS_FAULTS ?? 1), schedulesMax: 1_000_000 };

describe("every interleaving, with a fault or a death at every step", () => {
  it.each<[string, () => Play]>([
    ["two calls of a node that may run once", () => twoCalls("once")],
    ["two calls that share a budget of the plan, in one session", () => twoCalls("shared")],
    ["two calls that share a budget of the plan, in two sessions", twoSessions],
    ["one result that two processes settle", twoResults],
    ["a result that comes when its lease is over", lateResult],
    ["two calls that fail and are given back", givenBack],
  ])("breaks nothing: %s", { timeout: 120_000 * bounds.faultsMax ** 4 }, async (_name, play) => {
    const explored = await explore(play, bounds);
    if (process.env.SLUICE_EXACTNESS_STATISTICS !== undefined) console.log(_name, explored);
    expect(explored.counterexample).toBeUndefined();
    expect(explored.isWhole).toBe(true);
    expect(explored.schedules).toBeGreaterThan(50);
  });

  it("grants exactly one of several calls where nothing fails", { timeout: 120_000 }, async () => {
    const explored = await exactlyOne();
    expect(explored.counterexample).toBeUndefined();
    expect(explored.isWhole).toBe(true);
    expect(explored.schedules).toBeGreaterThan(20);
  });
});

/** Stores that are wrong in one way each. */
const wrong: { readonly [name: string]: () => Store } = {
  "writes over what another has written": () => {
    const store = createMemoryStore();
    return {
      ...store,
      commit: async (id, version, change) => {
        const done = await store.commit(id, version, change);
        if (done.ok || done.error.kind !== "conflict") return done;
        const current = await store.load(id, 0);
        return current.ok ? store.commit(id, current.value.version, change) : current;
      },
    };
  },
  "says that it did what it never did": () => {
    const store = createMemoryStore();
    let count = 0;
    return {
      ...store,
      commit: async (id, version, change) =>
        ++count % 2 === 0 ? { ok: true, value: version + 1 } : store.commit(id, version, change),
    };
  },
};

it.each(Object.entries(wrong))("finds a store that %s", async (_name, store) => {
  const { counterexample } = await explore(() => twoCalls("once", store), { faultsMax: 0, schedulesMax: 20_000 });
  expect(counterexample?.broken.length).toBeGreaterThan(0);
});
