/**
 * Holds: calls that wait for a human, as they would be sent. What is approved is these bytes and nothing else.
 * Pure. No I/O, no clock. Never decides whether a call may run: it says which call an approval is for, and whether it still is one.
 */
import type { Code } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import { approversMax, holdsPerSessionMax, openHoldsMax } from "../limits.ts";
import type { CompiledNode } from "../plan/compile/compiled.ts";
import { err, ok, type Result } from "../result.ts";
import type { GivenLabels } from "./given.ts";
import { countPeople, type Program } from "./program.ts";
import type { SessionEvent, SessionState } from "./state.ts";

/** A call that waits for approval, as the event of its denial keeps it. */
export interface Hold {
  /** Unique over all sessions: the session's id, a full stop and the number of the hold. No secret: approvers have credentials of their own. */
  readonly id: string;
  readonly node: string;
  readonly row?: string;
  /** What the agent sent. A release resolves it again. */
  readonly sent: JsonObject;
  /** The final arguments: exactly what the approver sees and what is forwarded. */
  readonly args: JsonObject;
  /** Milliseconds since the epoch after which it can be neither approved nor released. */
  readonly expires: number;
  /** How many different people must approve. */
  readonly people: number;
  /** Labels that the caller said its arguments carry. */
  readonly labels?: GivenLabels;
}

/** What became of a hold. `void`: the held call came out with other bytes when it was to be released. */
export type HoldStatus = "pending" | "approved" | "denied" | "released" | "void";

/** A hold in the state of its session. */
export interface HoldState extends Hold {
  readonly at: number;
  /** Canonical text of `args`. */
  readonly bytes: string;
  /** Who has approved it so far. */
  readonly approvers: string[];
  status: HoldStatus;
}

/** What a human says of a hold. */
export interface HoldDecision {
  readonly hold: string;
  /** Name of the approver, as whoever enforces has authenticated it. */
  readonly by: string;
  readonly decision: "approve" | "deny";
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Whether a hold can still be approved or released at `now`. */
export function isHoldOpen({ status, expires }: HoldState, now: number): boolean {
  return (status === "pending" || status === "approved") && now <= expires;
}

/** The approved holds of a node that can be released, oldest first. */
export function releasable(state: SessionState, node: CompiledNode, now: number): readonly HoldState[] {
  return [...state.holds.values()].filter(
    (hold) => hold.node === node.name && hold.status === "approved" && isHoldOpen(hold, now),
  );
}

/** What a call that needs approval is answered: the code, the hold that it waits for, and the hold to be kept, if it is a new one. */
export interface Held {
  readonly code: Code;
  readonly approval?: string;
  readonly hold?: Hold;
}

/**
 * Holds a call that passes everything but that a human must approve it. The same bytes are held once: asked again, the answer is the hold that there is,
 * or that a human has denied them. `CALL_LIMIT` if too many wait.
 */
export function holdCall(
  state: SessionState,
  call: Pick<Hold, "node" | "row" | "sent" | "args" | "people" | "labels">,
  at: { readonly now: number; readonly holdMs: number },
): Held {
  const bytes = canonicalJson(call.args);
  let open = 0;
  for (const hold of state.holds.values()) {
    const isSame =
      hold.node === call.node && hold.row === call.row && hold.bytes === bytes && labelsText(hold) === labelsText(call);
    if (isSame && hold.status === "denied") return { code: "APPROVAL_DENIED", approval: hold.id };
    if (!isHoldOpen(hold, at.now)) continue;
    if (isSame) return { code: "CALL_NEEDS_APPROVAL", approval: hold.id };
    open += 1;
  }
  if (open >= openHoldsMax || state.holds.size >= holdsPerSessionMax) return { code: "CALL_LIMIT" };
  const id = `${state.session}.${state.holds.size}`;
  const hold: Hold = { ...call, id, expires: at.now + at.holdMs };
  return { code: "CALL_NEEDS_APPROVAL", approval: id, hold };
}

function labelsText({ labels }: Pick<Hold, "labels">): string {
  return labels === undefined ? "" : canonicalJson(labels as unknown as Json);
}

/** Why a hold cannot be released now, or `undefined` if it can. Says nothing that depends on hidden data. */
export function refuseRelease(hold: HoldState | undefined, now: number): Code | undefined {
  if (hold === undefined) return "APPROVAL_UNKNOWN";
  if (hold.status === "denied") return "APPROVAL_DENIED";
  if (hold.status === "released" || hold.status === "void") return "APPROVAL_STALE";
  if (!(now <= hold.expires)) return "APPROVAL_EXPIRED";
  return hold.status === "pending" ? "CALL_NEEDS_APPROVAL" : undefined;
}

/**
 * The event of a human's decision. Errors: `AUTH_DENIED` (the policy does not name who says it), `SESSION_CLOSED`, `APPROVAL_UNKNOWN` (no such hold), `APPROVAL_EXPIRED`, `APPROVAL_DENIED` (another has
 * denied it), `APPROVAL_STALE` (released, void, or approved by enough people or by this one already).
 */
export function approveEvent(
  { approval }: Pick<Program, "approval">,
  state: SessionState,
  said: HoldDecision,
): Result<SessionEvent & { readonly type: "approve" }, Code> {
  const hold = state.holds.get(said.hold);
  if (hold === undefined) return err("APPROVAL_UNKNOWN");
  if (approval.by?.includes(said.by) === false) return err("AUTH_DENIED");
  if (state.isClosed) return err("SESSION_CLOSED");
  const refused = refuseRelease(hold, said.at);
  if (refused !== undefined && refused !== "CALL_NEEDS_APPROVAL") return err(refused);
  // Who has approved may still think better of it, until the call is released.
  if (said.decision === "deny") return ok({ type: "approve", ...said });
  const isTaken = hold.status === "approved" || hold.approvers.includes(said.by) || hold.approvers.length >= approversMax;
  return isTaken ? err("APPROVAL_STALE") : ok({ type: "approve", ...said });
}

/** Folds a decision of a human, as it counts under the policies of now; called by the fold alone. */
export function applyApproval(
  { approval }: Pick<Program, "approval">,
  state: SessionState,
  event: SessionEvent & { readonly type: "approve" },
): void {
  const hold = state.holds.get(event.hold);
  if (hold === undefined || !isHoldOpen(hold, event.at)) return;
  if (event.decision === "deny") {
    hold.status = "denied";
    return;
  }
  if (!hold.approvers.includes(event.by)) hold.approvers.push(event.by);
  // SECURITY: who approved under an older policy may be nobody under this one, or one of two.
  if (countPeople(hold.approvers, approval) >= Math.max(hold.people, approval.people)) hold.status = "approved";
}

/** Keeps a new hold; called by the fold alone. */
export function keepHold(state: SessionState, hold: Hold, at: number): void {
  state.holds.set(hold.id, { ...hold, at, bytes: canonicalJson(hold.args), approvers: [], status: "pending" });
}

/** Marks a hold as used up, released or void; called by the fold alone. */
export function closeHold(state: SessionState, id: string | undefined, status: "released" | "void"): void {
  const hold = id === undefined ? undefined : state.holds.get(id);
  if (hold !== undefined) hold.status = status;
}
