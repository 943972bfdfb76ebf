/**
 * The plans that sessions run under: those that this process has loaded, and those that another one has, found in the store by their digests.
 * Never takes a text for a plan whose digest it has not, and never opens a session of a plan that is not loaded here.
 */
import type { Guard } from "../../../engine.ts";
import { adoptedPlansMax } from "../../../limits.ts";
import { writeFrozen } from "../../../plan/freeze.ts";
import type { FrozenPlan } from "../../../plan/plan.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { Store, StoreFailure } from "../../../stores/store.ts";
import { answered } from "../store/answered.ts";
import { thawText } from "./children.ts";

/** The guards of all plans that are enforced now, by digest. May change while it is used: a plan that is gone is looked for in the store. */
export type Guards = Pick<ReadonlyMap<string, Guard>, "get" | "values">;

/** How a plan that is not loaded here is taken from the store. */
export interface Adoption {
  /** A guard under the policies of now; `undefined`: it cannot be enforced here. */
  readonly guardOf: (frozen: FrozenPlan) => Guard | undefined | Promise<Guard | undefined>;
  /** Changes when the policies do: what was taken before is taken again. */
  readonly generation: () => number;
}

/** Why there is no guard: the store, or no plan of this digest that can be enforced here. */
export type PlanFailure = StoreFailure | { readonly kind: "plan" };

/** The plans that sessions run under. */
export interface PlansInForce {
  /** The guard of a plan, if it is here already. */
  known(digest: string): Guard | undefined;
  /** The guard of a plan. Several who ask for one at once wait for one answer; a failure is not kept. */
  find(digest: string): Promise<Result<Guard, PlanFailure>>;
  /** Keeps the text of a loaded plan, so that every process can serve its sessions. */
  save(guard: Guard): Promise<Result<undefined, StoreFailure>>;
}

interface Adopted {
  readonly guard: Guard;
  readonly generation: number;
}

/** Makes them over a store. Without `adoption` a plan that is not loaded denies. */
export function createPlansInForce(store: Store, guards: Guards, adoption?: Adoption): PlansInForce {
  const adopted = new Map<string, Adopted>();
  const coming = new Map<string, Promise<Result<Guard, PlanFailure>>>();
  const saved = new WeakSet<Guard>();
  const known = (digest: string): Guard | undefined => {
    const loaded = guards.get(digest);
    if (loaded !== undefined) return loaded;
    const found = adopted.get(digest);
    return found?.generation === adoption?.generation() ? found?.guard : undefined;
  };
  const adopt = async (digest: string, { guardOf, generation }: Adoption): Promise<Result<Guard, PlanFailure>> => {
    const before = generation();
    const text = await answered(() => store.loadDocument("plan", digest));
    if (!text.ok) return text;
    const frozen = text.value === undefined ? undefined : thawText(text.value);
    if (frozen?.digest !== digest) return err({ kind: "plan" });
    const guard = await guardOf(frozen);
    if (guard === undefined) return err({ kind: "plan" });
    // The policies have changed meanwhile.
    if (generation() !== before) return adopt(digest, { guardOf, generation });
    adopted.delete(digest);
    adopted.set(digest, { guard, generation: before });
    const [oldest] = adopted.keys();
    if (adopted.size > adoptedPlansMax && oldest !== undefined) adopted.delete(oldest);
    return ok(guard);
  };
  return {
    known,
    find: async (digest) => {
      const here = known(digest);
      if (here !== undefined) return ok(here);
      if (adoption === undefined) return err({ kind: "plan" });
      const asked = coming.get(digest);
      if (asked !== undefined) return asked;
      const answer = adopt(digest, adoption).finally(() => coming.delete(digest));
      coming.set(digest, answer);
      return answer;
    },
    save: async (guard) => {
      if (saved.has(guard)) return ok(undefined);
      const done = await answered(() => store.saveDocument("plan", guard.digest, writeFrozen(guard.frozen)));
      if (done.ok) saved.add(guard);
      return done;
    },
  };
}
