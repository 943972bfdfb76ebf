/**
 * Where stories are played against a sabotaged engine: what is kept in a store is broken in the store.
 * Never breaks anything that its name does not say.
 */
import type { FrozenPlan } from "../../../src/plan/plan.ts";
import { ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { current, is, sabotages } from "./sabotage.ts";
import { enforcementAt, engineAt, type Place } from "./sessions.ts";

/** Where stories are played: what is kept in a store is broken in the store. */
export function placeOf(frozen: FrozenPlan): Place {
  if (current.name === undefined || sabotages[current.name] === "engine") return engineAt(frozen);
  const store = createMemoryStore();
  if (!is("what a conversation has seen is forgotten with its session")) return enforcementAt(frozen, store);
  const forgetful = {
    ...store,
    contextOf: async () => ok(undefined),
    load: async (...asked: Parameters<Store["load"]>) => {
      const loaded = await store.load(...asked);
      if (!loaded.ok) return loaded;
      const { context: _, ...rest } = loaded.value;
      return ok(rest);
    },
  } satisfies Store;
  return enforcementAt(frozen, forgetful, store);
}
