/**
 * How much waits for people: held calls, amendments and drafts, over all processes.
 * Never asks the store a second time while it has not answered, however many look.
 */
import type { DashboardWorld } from "./dashboard.ts";
import { draftsOf } from "./plans/drafts.ts";

const asked = new WeakMap<DashboardWorld, Promise<number | undefined>>();

/** Counts what waits; `undefined`: the store does not answer. */
export function countWaiting(world: DashboardWorld): Promise<number | undefined> {
  const before = asked.get(world);
  if (before !== undefined) return before;
  const answer = count(world).finally(() => asked.delete(world));
  asked.set(world, answer);
  return answer;
}

async function count(world: DashboardWorld): Promise<number | undefined> {
  const { approvals, waitingAmendments } = world.enforcer;
  const [calls, amendments, drafts] = await Promise.all([approvals(), waitingAmendments(), draftsOf(world).list()]);
  if (!calls.ok || !amendments.ok || !drafts.ok) return undefined;
  return calls.value.length + amendments.value.length + drafts.value.filter(({ status }) => status === "waiting").length;
}
