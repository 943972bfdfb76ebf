/**
 * What the steps of enforcement share: the store, the folded states, and how a failure becomes a code.
 * Never decides.
 */
import type { Code } from "../../codes.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { Result } from "../../result.ts";
import type { Change, Store, StoreFailure } from "../../stores/store.ts";
import { isSecretOf } from "../credential.ts";
import type { AmendmentOptions } from "./amend.ts";
import type { Amendment } from "./amendments.ts";
import type { Receipts } from "./receipts.ts";
import { answered, type Live, type LiveFailure, type LiveSessions } from "./live.ts";

/** An enforcement point at work. */
export interface Point {
  readonly live: LiveSessions;
  readonly store: Store;
  readonly clock: Clock;
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
  readonly logger: Logger | undefined;
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
export function commit(point: Point, live: Live, change: Change): Promise<Result<number, StoreFailure>> {
  return answered(() => point.store.commit(live.header.id, live.state.version, change));
}

/** Whether someone else changed the session. */
export function isConflict(result: Result<unknown, StoreFailure>): boolean {
  return !result.ok && result.error.kind === "conflict";
}

/** Why a token does not open a session, if it does not. */
export function refusal(point: Point, live: Live, secret: string): Code | undefined {
  if (!isSecretOf(live.header.tokenDigest, secret)) return "AUTH_DENIED";
  if (point.clock() > live.header.expiresAt) return "SESSION_EXPIRED";
  return undefined;
}
