/**
 * The port of a store: what a session is when no process holds it. A store keeps events and never judges them.
 * Types only, and the join of recorded labels. Everything it cannot do at once and whole, it refuses; nothing is half-written.
 */
import type { SessionEvent } from "../decide/state.ts";
import type { JsonObject } from "../json/value.ts";
import type { Result } from "../result.ts";

/** A label as events record it: sorted names of sources, sorted readers or `null` for everyone. */
export type ContextLabel = Extract<SessionEvent, { readonly type: "context" }>["label"];

/** What is fixed when a session is opened. */
export interface SessionHeader {
  readonly id: string;
  /** Digest of the frozen plan. */
  readonly plan: string;
  readonly principal: string;
  readonly conversation: string;
  /** Digest of the session's credential; the credential itself is kept nowhere. */
  readonly tokenDigest: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** Milliseconds since the epoch after which the session allows nothing; finite. */
  readonly expiresAt: number;
}

/** One event, and what the operator may know of it beside: never folded, never shown to an agent. */
export interface Entry {
  readonly event: SessionEvent;
  readonly facts?: JsonObject;
}

/** A session as stored: its events from a version on. */
export interface StoredSession {
  readonly header: SessionHeader;
  /** Number of events of the session. */
  readonly version: number;
  /** Events number `since` to `version - 1` (counted from 0), in order. */
  readonly entries: readonly Entry[];
  /** Label of the session's conversation, as all its sessions have raised it; absent: never raised. */
  readonly context?: ContextLabel;
}

/** An amount taken from a counter that sessions share. */
export interface Reserved {
  /** Name of the counter; see `counterName`. */
  readonly counter: string;
  /** Number of the run that takes it: a counter knows an amount by session and run. */
  readonly run: number;
  /** Finite and not negative. */
  readonly amount: number;
  /** Milliseconds of the sliding window; absent: for ever. */
  readonly windowMs?: number;
}

/** An amount to take, and the most that the counter may hold afterwards. */
export interface Take extends Reserved {
  readonly max: number;
  /** Milliseconds since the epoch: the end of the window. */
  readonly at: number;
}

/** What one commit changes, wholly or not at all. */
export interface Change {
  /** At least one. */
  readonly entries: readonly Entry[];
  /** Joined into the label of the conversation. */
  readonly context?: ContextLabel;
  /** Taken in order; if one does not fit, nothing of the change happens. */
  readonly takes?: readonly Take[];
  /** Given back: what the same run took before. The compare-and-set on the version is what makes this happen once. */
  readonly gives?: readonly Reserved[];
}

/** Why a store did not do it. */
export type StoreFailure =
  /** Someone else changed the session since it was loaded. */
  | { readonly kind: "conflict" }
  /** A counter would hold more than its maximum. */
  | { readonly kind: "budget"; readonly counter: string }
  /** There is no such session. */
  | { readonly kind: "unknown" }
  /** There is one already. */
  | { readonly kind: "exists" }
  /** The store cannot be reached, or what it holds cannot be read. `detail` is for the operator: a number or word of ours, no text of a driver. */
  | { readonly kind: "unavailable"; readonly detail?: string };

/** A row of a listing. */
export interface SessionRow {
  readonly header: SessionHeader;
  readonly version: number;
  readonly isClosed: boolean;
}

/**
 * Keeps sessions. Every method answers with a failure and never rejects for reasons of the world; whoever calls must still take a
 * rejection for `unavailable`.
 */
export interface Store {
  /** Stores a new session with its `open` event (version 1). Failures: `exists`, `unavailable`. */
  create(header: SessionHeader, opening: Entry): Promise<Result<undefined, StoreFailure>>;
  /** The session with its events from number `since` on, and the label of its conversation, as of one moment. Failures: `unknown`, `unavailable`. */
  load(session: string, since: number): Promise<Result<StoredSession, StoreFailure>>;
  /** Appends events if the session is still at `version`; returns the new version. Failures: all but `exists`. */
  commit(session: string, version: number, change: Change): Promise<Result<number, StoreFailure>>;
  /** The label of a conversation. Failure: `unavailable`. */
  contextOf(conversation: string): Promise<Result<ContextLabel | undefined, StoreFailure>>;
  /** The newest sessions first, at most `limit`. Failure: `unavailable`. */
  list(limit: number): Promise<Result<readonly SessionRow[], StoreFailure>>;
  /** Forgets at most `limit` sessions that expired at or before `before`; conversations and counters stay. Returns how many. Failure: `unavailable`. */
  expire(before: number, limit: number): Promise<Result<number, StoreFailure>>;
  /** Keeps the text of a frozen plan under its digest; the first text stays. Failure: `unavailable`. */
  savePlan(digest: string, text: string): Promise<Result<undefined, StoreFailure>>;
  /** The text of a frozen plan; whoever reads it checks the digest. Failure: `unavailable`. */
  loadPlan(digest: string): Promise<Result<string | undefined, StoreFailure>>;
  /** Digests of all plans kept, in ascending order. Failure: `unavailable`. */
  listPlans(): Promise<Result<readonly string[], StoreFailure>>;
}

/** Joins two recorded labels: union of sources, intersection of readers, both sorted. The left operand itself if the right adds nothing. */
export function joinContext(a: ContextLabel, b: ContextLabel): ContextLabel {
  const sources = new Set([...a.sources, ...b.sources]);
  const readers =
    a.readers === null ? b.readers : b.readers === null ? a.readers : a.readers.filter((name) => b.readers?.includes(name));
  if (sources.size === a.sources.length && readers?.length === a.readers?.length) return a;
  return { sources: [...sources].sort(), readers: readers === null ? null : [...readers].sort() };
}

/** Whether a change is one that a store may be given. A store asserts it before it writes. */
export function isSoundChange(change: Change): boolean {
  const isAmount = ({ amount }: Reserved): boolean => Number.isFinite(amount) && amount >= 0;
  return change.entries.length > 0 && (change.takes ?? []).every(isAmount) && (change.gives ?? []).every(isAmount);
}
