/**
 * The guards of plans that sessions were amended to: loaded from the store by the digests that the sessions' own events name.
 * Never takes a text for a plan whose digest it has not: what a store holds is data.
 */
import type { SessionEvent } from "../../../decide/state.ts";
import type { Guard } from "../../../engine.ts";
import { readJson } from "../../../json/read.ts";
import { liveSessionsMax } from "../../../limits.ts";
import { thawPlan, writeFrozen } from "../../../plan/freeze.ts";
import type { FrozenPlan } from "../../../plan/plan.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { Store, StoreFailure } from "../../../stores/store.ts";
import { answered } from "../store/answered.ts";

/** Guards by digest. */
export type Children = ReadonlyMap<string, Guard>;

/** Why a child's guard is not there: the store, or the plan cannot be enforced (any more). */
export type ChildFailure = StoreFailure | { readonly kind: "plan" };

/** Gives the guards that events need. */
export interface ChildGuards {
  /** The guards of all plans that the events amend a session of `root` to. */
  of(root: Guard, events: readonly SessionEvent[]): Promise<Result<Children, ChildFailure>>;
  /** The guard of one plan that a session of `root` may go on under. */
  find(root: Guard, digest: string): Promise<Result<Guard, ChildFailure>>;
  /** Keeps a plan, so that any process can go on with it. */
  save(frozen: FrozenPlan): Promise<Result<undefined, StoreFailure>>;
}

/** Makes them over a store. A root's children are its own: two roots may be guarded under different policies. */
export function createChildGuards(store: Store): ChildGuards {
  const known = new Map<string, Guard>();
  const find = async (root: Guard, digest: string): Promise<Result<Guard, ChildFailure>> => {
    if (digest === root.digest) return ok(root);
    const key = `${root.digest} ${digest}`;
    const cached = known.get(key);
    // A root that was loaded anew may be held to other rules.
    if (cached !== undefined && roots.get(cached) === root) return ok(cached);
    const text = await answered(() => store.loadDocument("plan", digest));
    if (!text.ok) return text;
    const frozen = text.value === undefined ? undefined : thawText(text.value);
    if (frozen?.digest !== digest) return err({ kind: "plan" });
    const guard = root.guardOf(frozen);
    if (!guard.ok) return err({ kind: "plan" });
    known.delete(key);
    known.set(key, guard.value);
    roots.set(guard.value, root);
    const [oldest] = known.keys();
    if (known.size > liveSessionsMax && oldest !== undefined) known.delete(oldest);
    return guard;
  };
  return {
    find,
    of: async (root, events) => {
      const children = new Map<string, Guard>();
      for (const event of events) {
        if (event.type !== "amend" || children.has(event.plan)) continue;
        const guard = await find(root, event.plan);
        if (!guard.ok) return guard;
        children.set(event.plan, guard.value);
      }
      return ok(children);
    },
    save: (frozen) => answered(() => store.saveDocument("plan", frozen.digest, writeFrozen(frozen))),
  };
}

/** Which root a child's guard was made from. */
const roots = new WeakMap<Guard, Guard>();

/** A plan that a store has; `undefined`: the text is none. The digest is the caller's to compare. */
export function thawText(text: string): FrozenPlan | undefined {
  const read = readJson(text);
  const thawed = read.ok ? thawPlan(read.value) : undefined;
  return thawed?.ok ? thawed.value : undefined;
}
