/** The checker of histories finds what is wrong with a store that is wrong, and nothing with one that is right. */
import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/result.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { faultyStore, type Fault } from "./faulty-store.ts";
import { randomOps, type RecordedOp } from "./history.ts";
import { linearize } from "./linearize.ts";

/** Clients of one process; each waits a while before it asks, and before it hears. */
async function historyOf(store: Store, seed: number): Promise<readonly RecordedOp[]> {
  const clients = [0, 1, 2].map((client) => randomOps(store, { seed, client, count: 10 }));
  return (await Promise.all(clients)).flat();
}

/** Lets others go first, as often as the seed says. */
function slow(store: Store, seed: number, next: () => Fault = () => "none"): Store {
  let state = seed + 1;
  const pause = async (): Promise<void> => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    for (let i = (state >> 8) % 5; i > 0; i--) await new Promise(setImmediate);
  };
  return faultyStore(store, { next, pause }).store;
}

async function verdicts(make: (seed: number) => Store, seeds: number): Promise<readonly boolean[]> {
  const found: boolean[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { isLinearizable } = await linearize(await historyOf(make(seed), seed));
    found.push(isLinearizable);
  }
  return found;
}

/** Stores that are wrong, each in one way that real ones have been wrong in. */
const wrong: { readonly [name: string]: (store: Store) => Store } = {
  "says that it did what it never did": (store) => {
    let count = 0;
    return {
      ...store,
      commit: async (id, version, change) => (++count % 4 === 0 ? ok(version + 1) : store.commit(id, version, change)),
    };
  },
  "writes over what another has written": (store) => ({
    ...store,
    commit: async (id, version, change) => {
      const done = await store.commit(id, version, change);
      if (done.ok || done.error.kind !== "conflict") return done;
      const now = await store.load(id, 0);
      return now.ok ? store.commit(id, now.value.version, { entries: change.entries }) : now;
    },
  }),
  "reads what was there before": (store) => {
    const old = new Map<string, ReturnType<Store["load"]>>();
    let count = 0;
    return {
      ...store,
      load: async (id, since) => {
        const before = old.get(id);
        if (before !== undefined && ++count % 3 === 0) return before;
        const now = store.load(id, since);
        old.set(id, now);
        return now;
      },
    };
  },
  "forgets a budget": (store) => ({
    ...store,
    commit: async (id, version, change) => {
      const done = await store.commit(id, version, change);
      const { takes: _, ...rest } = change;
      return done.ok || done.error.kind !== "budget" ? done : store.commit(id, version, rest);
    },
  }),
  "writes half of a change": (store) => ({
    ...store,
    commit: async (id, version, change) => {
      const { records: _, resources: __, ...rest } = change;
      return store.commit(id, version, rest);
    },
  }),
  "answers with a label that another moment had": (store) => ({
    ...store,
    load: async (id, since) => {
      const loaded = await store.load(id, since);
      if (!loaded.ok) return loaded;
      const { context: _, ...rest } = loaded.value;
      return ok(rest);
    },
  }),
  "says no where it did what was asked": (store) => ({
    ...store,
    writeRecord: async (write) => {
      const done = await store.writeRecord(write);
      return done.ok && done.value === 2 ? err({ kind: "conflict" }) : done;
    },
  }),
};

describe("the checker of histories", () => {
  it("finds nothing wrong with a store in memory, however its clients interleave", async () => {
    expect(await verdicts((seed) => slow(createMemoryStore(), seed), 40)).toEqual(Array.from({ length: 40 }, () => true));
  });

  it("takes what was not answered for what may have happened, at any later time or never", async () => {
    const fates: readonly Fault[] = ["none", "none", "before", "none", "after", "none", "zombie", "none", "none", "throw"];
    const make = (seed: number): Store => {
      let asked = seed;
      return slow(createMemoryStore(), seed, () => {
        asked += 7;
        return fates[asked % fates.length] ?? "none";
      });
    };
    expect(await verdicts(make, 40)).toEqual(Array.from({ length: 40 }, () => true));
  });

  it.each(Object.entries(wrong))("finds a store that %s", async (_, spoil) => {
    const found = await verdicts((seed) => slow(spoil(createMemoryStore()), seed), 12);
    expect(found.filter((isLinearizable) => !isLinearizable).length).toBeGreaterThan(0);
  });

  it("sees that an answer came before the next question was asked", async () => {
    const times = (call: number, ret: number): { readonly call: string; readonly ret: string } => ({
      call: `${call}`,
      ret: `${ret}`,
    });
    const write = { kind: "k", id: "r", version: 0, value: {} };
    const written: RecordedOp = { client: 0, method: "writeRecord", args: [write], answer: "ok 1", ...times(0, 10) };
    const missed: RecordedOp = { client: 1, method: "record", args: ["k", "r"], answer: "ok null", ...times(5, 20) };
    expect((await linearize([written, missed])).isLinearizable).toBe(true);
    expect((await linearize([written, { ...missed, ...times(11, 20) }])).isLinearizable).toBe(false);
  });
});
