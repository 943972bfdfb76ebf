/**
 * Approving a draft: frozen as it was seen, kept in the store, and put in force where the firewall can take it.
 * Never freezes other bytes than those that the approver saw, and never puts a plan in force that lacks approvals.
 */
import { writeFrozen } from "../../plan/freeze.ts";
import type { FrozenPlan } from "../../plan/plan.ts";
import { policyOf } from "../../policy/frozen.ts";
import type { Policy, Quorum } from "../../policy/policy.ts";
import { ConfigError, err, ok, type Result } from "../../result.ts";
import { answered } from "../../surfaces/enforce/store/answered.ts";
import type { DashboardWorld, PageProblem } from "../dashboard.ts";
import { problem, problemOf } from "../shell/problem.ts";
import { type Draft, draftsOf } from "./drafts.ts";
import { type DraftLook, lookAtDraft, toolsAtHand } from "./look.ts";

/** A draft with what was found about it. */
export interface DraftSeen {
  readonly draft: Draft;
  readonly look: DraftLook;
  /** Who must approve plans, by the policy of today. */
  readonly quorum: Quorum | undefined;
  /** Digest of the plan in force that has the same name. */
  readonly replaces: string | undefined;
}

/** Looks at a draft as it would be frozen now. */
export async function seeDraft(world: DashboardWorld, id: string): Promise<Result<DraftSeen, PageProblem>> {
  const drafts = draftsOf(world);
  const found = await drafts.find(id);
  if (!found.ok) return found;
  const own = await drafts.catalogueOf(found.value);
  if (!own.ok) return own;
  const policy = world.policy?.();
  const look = lookAtDraft(found.value.plan, own.value ?? toolsAtHand(world), policy);
  const same = [...world.enforcer.guards.values()].find(({ frozen }) => frozen.plan.name === look.plan?.name);
  return ok({ draft: found.value, look, quorum: policy?.approval?.plans, replaces: same?.digest });
}

/** Why this person may not approve this draft; `undefined`: they may. */
export function refuseApprover({ draft, look, quorum }: DraftSeen, name: string): string | undefined {
  if (look.frozen === undefined) return "it has errors that forbid freezing it";
  if (draft.by === name) return "who hands in a draft does not approve it: somebody else does";
  if (quorum !== undefined && !quorum.by.includes(name)) return "the policy names others who approve plans";
  return draft.words.some((word) => word.by === name && word.decision === "approve")
    ? "you have approved it: others are still to"
    : undefined;
}

/** What came of an approval. */
export interface Frozen {
  readonly digest: string;
  /** Whether it is in force in this process; else why not, in a sentence. */
  readonly inForce: true | string;
}

/** Keeps a frozen plan in the store, and puts it in force if that can be. */
export async function keepFrozen(world: DashboardWorld, frozen: FrozenPlan): Promise<Result<Frozen, PageProblem>> {
  const saved = await answered(() => world.store.saveDocument("plan", frozen.digest, writeFrozen(frozen)));
  if (!saved.ok) return err(problemOf("STORE_UNAVAILABLE"));
  return ok({ digest: frozen.digest, inForce: putInForce(world, frozen) });
}

/** Puts a plan in force in place of the one of its name. Sessions of that one go on under it. */
function putInForce({ enforcer, loaded, policy }: DashboardWorld, frozen: FrozenPlan): true | string {
  if (loaded === undefined) return "this process takes its plans from its files alone";
  if (needsSignatures(policyOf(frozen)) || needsSignatures(policy?.()))
    return "the policy asks for signed approvals of plans: download it, have it signed with `sluice approve`, and name it with --plan";
  const others = [...enforcer.guards.values()].map((guard) => guard.frozen).filter(({ plan }) => plan.name !== frozen.plan.name);
  try {
    enforcer.prepare({ ...loaded(), plans: [...others, frozen] }).commit();
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function needsSignatures(policy: Policy | undefined): boolean {
  return policy?.approval?.plans !== undefined;
}

/** The frozen plan of a digest, if it is what the person saw. */
export function frozenAsSeen({ look }: DraftSeen, digest: string): Result<FrozenPlan, PageProblem> {
  if (look.frozen === undefined) return problem(422, "it has errors that forbid freezing it");
  if (look.frozen.digest !== digest) return problem(409, "the tools or the policy have changed since you looked: look again");
  return ok(look.frozen);
}
