/**
 * Two sessions of one plan whose tools answer differently, and sessions of two plans with one agent: what the laws are stated over.
 * Never compares with the reference interpreter; that is the differential test's work.
 */
import { createGuard, type Session } from "../../src/engine.ts";
import type { Verdict } from "../../src/decide/verdict.ts";
import type { Json } from "../../src/json/value.ts";
import type { FrozenPlan } from "../../src/plan/plan.ts";
import { type Generated, startsAt } from "../spec/generate-plan.ts";
import type { Step } from "../spec/generate-trace.ts";

/** Key of the handles of every session in these tests. */
export const handleKey = "00112233445566778899aabbccddeeff";

/** What the engine made of a step. */
export type Said =
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "delivered"; readonly delivered: Json }
  | { readonly kind: "refused"; readonly code: string };

/** A session of the engine alone, driven by steps that carry their time. */
export interface World {
  readonly session: Session;
  step(step: Step): Said;
  /** A session made of the events so far. */
  resume(): World;
}

/** Opens a session of a plan; `undefined` if the engine refuses the plan. */
export function openWorld({ params, agentParams }: Generated, frozen: FrozenPlan): World | undefined {
  let now = startsAt;
  const guard = createGuard(frozen, { clock: () => now });
  const opened = guard.ok ? guard.value.session({ id: "s-1", key: handleKey, params, agentParams }) : guard;
  if (!guard.ok || !opened.ok) return undefined;
  const worldOf = (session: Session): World => ({
    session,
    resume: () => worldOf(guard.value.resume(session.events)),
    step: (step) => {
      if (step.kind === "call") {
        const { at, ...call } = step.call;
        now = at;
        return { kind: "verdict", verdict: session.check(call) };
      }
      const { run, at, ...result } = step.result;
      now = at;
      const observed = session.record(run, result);
      return observed.ok ? { kind: "delivered", delivered: observed.delivered } : { kind: "refused", code: observed.code };
    },
  });
  return worldOf(opened.value);
}
