/**
 * Held calls over a store: what waits for a human, with the bytes that would be sent, and what people decide.
 * Never for an agent: whoever calls this has authenticated a person or the host.
 */
import type { Code } from "../../../codes.ts";
import { approveEvent, type Hold, type HoldState, type HoldStatus, isHoldOpen } from "../../../decide/hold.ts";
import type { SessionEvent } from "../../../decide/state.ts";
import { canonicalJson } from "../../../json/canonical.ts";
import { isArray, type Json, type JsonObject, member } from "../../../json/value.ts";
import { commitAttemptsMax } from "../../../limits.ts";
import { domainDigest } from "../../../plan/digest.ts";
import { approvalSummary } from "../../../plan/lint/approver/summary.ts";
import { err, ok, type Result } from "../../../result.ts";
import type { RecordWrite } from "../../../stores/store.ts";
import { isSessionId } from "../../credential.ts";
import { answered } from "../store/answered.ts";
import type { Live } from "../session/live.ts";
import { codeOf, commit, isConflict, isPast, nextAttempt, type Point, timeOf } from "../point.ts";
import { refuseStanding } from "../session/standing.ts";
import { pendingRecord, pendingRecords } from "./pending.ts";

/** A held call as a human judges it. */
export interface Approval {
  readonly id: string;
  readonly status: HoldStatus | "expired";
  readonly session: string;
  readonly principal: string;
  /** Digest and name of the plan that the session runs under now: the one that it was amended to, if it was. */
  readonly plan: string;
  /** Digest of the plan that the session was opened with. */
  readonly root: string;
  readonly planName: string;
  readonly node: string;
  readonly tool: string;
  readonly row?: string;
  /** The final arguments, hidden values included: exactly what would be sent. */
  readonly args: JsonObject;
  /** Of plan, session, node, row and arguments: what a decision may name to say what it was made on. */
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expires: number;
  /** How many different people must approve, and who has. */
  readonly people: number;
  readonly approvers: readonly string[];
}

/** What a person says of a held call. */
export interface ApprovalDecision {
  readonly by: string;
  readonly decision: "approve" | "deny";
  /** `Approval.digest` of what the person has seen; another one is refused (`APPROVAL_STALE`). */
  readonly digest?: string;
  /** Why, in the person's words: kept beside the event, for other people alone. */
  readonly reason?: string;
}

/** A held call with what a person needs to judge it. */
export interface ApprovalDetails extends Approval {
  /** Links of the taint chain (`decide/chain.ts`): where the data of the call comes from, as far as labels say. */
  readonly chain: readonly Json[];
  /** What the plan lets happen at worst, a sentence each. */
  readonly worst: readonly string[];
}

/** The record by which a new hold is found. */
export function holdRecord(live: Live, { id, expires }: Hold): RecordWrite {
  return pendingRecord("approval", { id, expires, value: { session: live.header.id, hold: id } });
}

/** Everything that waits for a human now, what expires first at first. */
export async function listApprovals(point: Point): Promise<Result<readonly Approval[], Code>> {
  const records = await pendingRecords(point, "approval");
  if (!records.ok) return records;
  const found: Approval[] = [];
  for (const value of records.value) {
    const approval = typeof value.hold === "string" ? await withHold(point, value.hold, approvalIn(point)) : undefined;
    if (approval?.ok === false && approval.error === "STORE_UNAVAILABLE") return approval;
    if (approval?.ok && approval.value.status === "pending") found.push(approval.value);
  }
  return ok(found);
}

/** One held call, whatever became of it. */
export async function showApproval(point: Point, id: string): Promise<Result<ApprovalDetails, Code>> {
  return withHold(point, id, async (live, hold) => {
    const loaded = await answered(() => point.store.load(live.header.id, 0));
    if (!loaded.ok) return err(codeOf(loaded.error));
    const held = loaded.value.entries.find(({ event }) => event.type === "deny" && event.hold?.id === id);
    const chain = member(held?.facts ?? {}, "chain") ?? [];
    const approval = approvalOf(point, live, hold);
    return ok({ ...approval, chain: isArray(chain) ? chain : [], worst: approvalSummary(live.guard.frozen) });
  });
}

function approvalIn(point: Point): (live: Live, hold: HoldState) => Promise<Result<Approval, Code>> {
  return async (live, hold) => ok(approvalOf(point, live, hold));
}

/** Looks at a hold in its session as it is now. */
async function withHold<T>(
  point: Point,
  id: string,
  look: (live: Live, hold: HoldState) => Promise<Result<T, Code>>,
): Promise<Result<T, Code>> {
  const session = sessionOf(id);
  if (session === undefined) return err("APPROVAL_UNKNOWN");
  return point.live.exclusively(session, async () => {
    const refreshed = await point.live.refresh(session);
    if (!refreshed.ok) return err(unknownAs(codeOf(refreshed.error)));
    const { live } = refreshed.value;
    const hold = live.state.holds.get(id);
    return hold === undefined ? err("APPROVAL_UNKNOWN") : look(live, hold);
  });
}

/** Records what a person says of a held call. */
export async function decideApproval(point: Point, id: string, said: ApprovalDecision): Promise<Result<Approval, Code>> {
  const session = sessionOf(id);
  if (session === undefined) return err("APPROVAL_UNKNOWN");
  return point.live.exclusively(session, async () => {
    for (let attempt = 0; attempt < commitAttemptsMax; attempt = await nextAttempt(point, attempt)) {
      const refreshed = await point.live.refresh(session);
      if (!refreshed.ok) return err(unknownAs(codeOf(refreshed.error)));
      const { live, revoked } = refreshed.value;
      const fallen = await refuseStanding(point, live, revoked);
      if (fallen !== undefined) return err(fallen);
      const at = timeOf(point, live);
      if (isPast(point, live, live.header.expiresAt)) return err("SESSION_EXPIRED");
      const { by, decision, digest, reason } = said;
      const event = approveEvent(live.guard.program, live.state, { hold: id, by, decision, at });
      if (!event.ok) return event;
      const hold = live.state.holds.get(id) as HoldState;
      if (digest !== undefined && digest !== digestOf(live, hold)) return err("APPROVAL_STALE");
      const committed = await commit(point, live, {
        entries: [{ event: event.value as SessionEvent, ...(reason === undefined ? {} : { facts: { reason } }) }],
      });
      if (isConflict(committed)) continue;
      if (!committed.ok) return err(codeOf(committed.error));
      point.live.advance(live, [event.value]);
      return ok(approvalOf(point, live, hold));
    }
    return err("SESSION_CONFLICT");
  });
}

/** A hold with what its session and plan say of it. */
export function approvalOf(point: Point, live: Live, hold: HoldState): Approval {
  const { header, guard } = live;
  const { id, node, row, args, at, expires, people, approvers, status } = hold;
  const isOver = (status === "pending" || status === "approved") && !isHoldOpen(hold, timeOf(point, live));
  return {
    id,
    status: isOver ? "expired" : status,
    session: header.id,
    principal: header.principal,
    plan: guard.digest,
    root: header.plan,
    planName: guard.frozen.plan.name,
    node,
    tool: guard.program.plan.byName.get(node)?.tool?.name ?? "",
    ...(row === undefined ? {} : { row }),
    args,
    digest: digestOf(live, hold),
    at,
    expires,
    people,
    approvers: [...approvers],
  };
}

function digestOf({ header, guard }: Live, { node, row, bytes }: HoldState): string {
  return domainDigest("approval", canonicalJson([guard.digest, header.id, node, row ?? null, bytes]));
}

/** The session of a hold's id, if the id has the form of one. */
function sessionOf(id: string): string | undefined {
  const session = id.slice(0, Math.max(0, id.lastIndexOf(".")));
  return isSessionId(session) && /^\d{1,6}$/.test(id.slice(session.length + 1)) ? session : undefined;
}

/** That there is no such session is not for whoever guesses ids to learn. */
function unknownAs(code: Code): Code {
  return code === "SESSION_UNKNOWN" ? "APPROVAL_UNKNOWN" : code;
}
