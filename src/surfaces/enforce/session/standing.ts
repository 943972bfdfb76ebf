/**
 * Whether a session, its plan and its principal still stand: revocations, grants, and the approval of the plan. Asked at every check.
 * Never takes an answer that the store did not give for a yes.
 */
import { isApproved, type PlanApproval, readApprovals } from "../../../approval/plan.ts";
import type { Code } from "../../../codes.ts";
import type { Guard } from "../../../engine.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import type { Clock } from "../../../ports.ts";
import { err, ok, type Result } from "../../../result.ts";
import { type RevokedPart, revocationKind, type Store } from "../../../stores/store.ts";
import { answered } from "../store/answered.ts";
import type { Live } from "./live.ts";

/** Kind of the records that grant a plan to a principal; see {@link grantId}. A record whose value has `"lifted": true` grants nothing any more. */
export const grantKind = "grant";

/** Id of a grant: who (`*`: everyone) may run which plan (its digest or its name). */
export function grantId(principal: string, plan: string): string {
  return canonicalJson([principal, plan]);
}

/** What standing is asked of. */
interface World {
  readonly store: Store;
  readonly clock: Clock;
}

const revokedCodes: { readonly [P in RevokedPart]: Code } = {
  plan: "PLAN_REVOKED",
  session: "SESSION_REVOKED",
  principal: "PRINCIPAL_REVOKED",
};

/**
 * Why a session may not go on, whatever it asks for; `undefined` if it may. `revoked` is what its store says of it and of the plan that it was opened
 * with; the plan that it was amended to may be revoked as well.
 */
export function refuseStanding(
  world: World,
  live: Pick<Live, "root" | "guard">,
  revoked: RevokedPart | undefined,
): Code | undefined | Promise<Code | undefined> {
  if (revoked !== undefined) return revokedCodes[revoked];
  const { root, guard } = live;
  // Nothing that a store would have to be asked about.
  if (guard === root && root.policy?.approval?.plans === undefined) return undefined;
  return refuseByStore(world, live);
}

async function refuseByStore(world: World, { root, guard }: Pick<Live, "root" | "guard">): Promise<Code | undefined> {
  if (guard !== root) {
    const isRevoked = await isInForce(world, revocationKind, `plan:${guard.digest}`);
    if (!isRevoked.ok) return isRevoked.error;
    if (isRevoked.value) return revokedCodes.plan;
  }
  return refusePlan(world, root);
}

/** Why no session may be opened, if none may: the plan or the principal revoked, the plan not approved, no grant where grants are required. */
export async function refuseOpening(
  world: World & { readonly needsGrant: boolean },
  guard: Guard,
  principal: string,
): Promise<Code | undefined> {
  for (const [part, id] of [
    ["plan", `plan:${guard.digest}`],
    ["principal", `principal:${principal}`],
  ] as const) {
    const isRevoked = await isInForce(world, revocationKind, id);
    if (!isRevoked.ok) return isRevoked.error;
    if (isRevoked.value) return revokedCodes[part];
  }
  const refused = await refusePlan(world, guard);
  if (refused !== undefined || !world.needsGrant) return refused;
  for (const who of [principal, "*"]) {
    for (const plan of [guard.digest, guard.frozen.plan.name]) {
      const isGranted = await isInForce(world, grantKind, grantId(who, plan));
      if (!isGranted.ok) return isGranted.error;
      if (isGranted.value) return undefined;
    }
  }
  return "GRANT_MISSING";
}

/** Approvals whose signatures were verified, by guard: a guard's plan and policy never change. */
const verified = new WeakMap<Guard, Promise<readonly PlanApproval[]>>();

async function refusePlan(world: World, guard: Guard): Promise<Code | undefined> {
  const quorum = guard.policy?.approval?.plans;
  if (quorum === undefined) return undefined;
  const known = verified.get(guard) ?? readApprovals(guard.frozen, guard.policy);
  verified.set(guard, known);
  const approvals = await known;
  const revoked = new Set<string>();
  for (const { keyId } of approvals) {
    const isRevoked = await isInForce(world, revocationKind, `key:${keyId}`);
    if (!isRevoked.ok) return isRevoked.error;
    if (isRevoked.value) revoked.add(keyId);
  }
  return isApproved(approvals, quorum, { now: world.clock(), revoked }) ? undefined : "PLAN_NOT_APPROVED";
}

async function isInForce({ store }: World, kind: string, id: string): Promise<Result<boolean, Code>> {
  const record = await answered(() => store.record(kind, id));
  if (!record.ok) return err("STORE_UNAVAILABLE");
  return ok(record.value !== undefined && record.value.value.lifted !== true);
}
