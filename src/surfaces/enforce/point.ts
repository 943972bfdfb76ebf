/**
 * What the steps of enforcement share: the store, the folded states, and how a failure becomes a code.
 * Never decides.
 */
import type { Code } from "../../codes.ts";
import { commitWaitMsMax } from "../../limits.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Result } from "../../result.ts";
import type { Change, Store, StoreFailure } from "../../stores/store.ts";
import { isTokenOf, type SessionToken } from "../credential.ts";
import type { Amendment, AmendmentOptions } from "./waiting/amendment.ts";
import type { PlansInForce } from "./session/plans.ts";
import type { Receipts } from "./receipts.ts";
import type { Live, LiveFailure, LiveSessions } from "./session/live.ts";

/** An enforcement point at work. */
export interface Point {
  readonly live: LiveSessions;
  readonly plans: PlansInForce;
  /** It answers within its time, and does not reject: see `boundStore`. */
  readonly store: Store;
  readonly clock: Clock;
  /** Milliseconds by which the clocks of the processes over the store may differ. */
  readonly skewMs: number;
  readonly leaseMs: number;
  readonly holdMs: number;
  /** Told of every call that has come to wait for a human. */
  readonly onHold: (live: Live, hold: string) => void;
  /** Told of every amendment that has come to wait for a human. */
  readonly onAsk: (amendment: Amendment) => void;
  /** How amendments are taken; absent: not at all. */
  readonly amendments: AmendmentOptions | undefined;
  /** Receipts between agents; absent: nothing is signed, and what comes from other agents is the top. */
  readonly receipts: Receipts | undefined;
  /** Whether what was asked is kept beside each verdict, for the audit log. */
  readonly recordsCalls: boolean;
  readonly logger: Logger | undefined;
  readonly random: Random;
  /** Waits so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** The code of a failure. */
export function codeOf(failure: LiveFailure): Code {
  switch (failure.kind) {
    case "unknown":
      return "SESSION_UNKNOWN";
    case "conflict":
    case "exists":
      return "SESSION_CONFLICT";
    case "budget":
      return "CALL_BUDGET";
    case "plan":
      return "PLAN_UNKNOWN";
    case "unavailable":
      return "STORE_UNAVAILABLE";
  }
}

/** Commits a change to a session as it stands. */
export function commit({ store }: Point, { header, state }: Live, change: Change): Promise<Result<number, StoreFailure>> {
  return store.commit(header.id, state.version, change);
}

/** Whether someone else changed the session. */
export function isConflict(result: Result<unknown, StoreFailure>): boolean {
  return !result.ok && result.error.kind === "conflict";
}

/**
 * The number of the next attempt at a commit, once it is time for it. After the second one a random while goes by, longer and longer:
 * whoever else writes the session has its turn then, so that nobody is refused for want of luck (exponential backoff with full jitter).
 */
export async function nextAttempt(point: Point, attempt: number): Promise<number> {
  if (attempt > 0) await point.sleep(Math.min(commitWaitMsMax, 2 ** attempt) * ((point.random(1)[0] ?? 0) / 255));
  return attempt + 1;
}

/**
 * The time of a session: never before its last event, whichever process recorded that one, so that a clock that is behind or jumps back
 * gives back no rate, no lease and no day.
 */
export function timeOf(point: Pick<Point, "clock">, live: Pick<Live, "latest">): number {
  return Math.max(point.clock(), live.latest);
}

/** Whether a time is over, as the clock that is furthest ahead may see it. */
export function isPast(point: Pick<Point, "clock" | "skewMs">, live: Pick<Live, "latest">, time: number): boolean {
  // Not `>`: a clock that gives no number has passed everything.
  return !(timeOf(point, live) + point.skewMs <= time);
}

/** Why a token does not open a session, if it does not. */
export function refusal(point: Point, live: Live, token: SessionToken): Code | undefined {
  if (!isTokenOf(live.header.tokenDigest, token)) return "AUTH_DENIED";
  if (isPast(point, live, live.header.expiresAt)) return "SESSION_EXPIRED";
  return undefined;
}
