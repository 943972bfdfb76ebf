/**
 * The port of a store: what a session is when no process holds it. A store keeps events and never judges them.
 * Types, and what every store does alike. Everything it cannot do at once and whole, it refuses; nothing is half-written.
 */
import type { SessionEvent } from "../decide/state.ts";
import type { JsonObject } from "../json/value.ts";
import type { Result } from "../result.ts";
import { joinValues } from "../taint/label.ts";

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
  /** What of the session is revoked, by the records of {@link revocationKind} as they stand; absent: nothing. */
  readonly revoked?: RevokedPart;
}

/** What a revocation can name, in the order in which a store looks. */
export type RevokedPart = "plan" | "session" | "principal";

/**
 * Kind of the records that revoke: id `plan:<digest>`, `session:<id>` or `principal:<name>`. A record whose value has `"lifted": true`
 * revokes nothing any more.
 */
export const revocationKind = "revocation";

/** A small fact of its own beside sessions: an approval, a grant, a revocation. Records are replaced; only {@link Store.forgetRecords} removes them. */
export interface StoredRecord {
  readonly kind: string;
  /** Unique in its kind. */
  readonly id: string;
  /** How often it was written: 1 and up. */
  readonly version: number;
  readonly value: JsonObject;
}

/** Writes a record by compare-and-set: `version` is the one to replace, 0 for a record that must not exist yet. Afterwards it is one more. */
export type RecordWrite = StoredRecord;

/** Which records of a kind to list. */
export interface RecordPage {
  /** At most so many. */
  readonly limit: number;
  /** Only ids after this one. */
  readonly after?: string;
  /** Only ids that begin so. */
  readonly prefix?: string;
}

/** The label of what was written to a resource. */
export interface ResourceLabel {
  /** Name of the resource, unique over all sessions of the store. */
  readonly key: string;
  readonly label: ContextLabel;
}

/** Which resources a read may touch: those with exactly these keys, and all whose key begins with one of the prefixes. */
export interface ResourceQuery {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
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
  /** Written in order; if one has another version than it says, nothing of the change happens (`conflict`). */
  readonly records?: readonly RecordWrite[];
  /** Joined into the labels of these resources. */
  readonly resources?: readonly ResourceLabel[];
}

/** Texts that are kept under their digest: frozen plans, and catalogues of tools. */
export type DocumentKind = "plan" | "catalogue";

/** One line of the journal: an event of a session, or a note. */
export interface JournalLine {
  /** Place in the journal: text of the store's own, which only it can compare. */
  readonly cursor: string;
  readonly session?: string;
  /** Number of the event in its session, from 0. */
  readonly number?: number;
  readonly entry?: Entry;
  readonly note?: JsonObject;
}

/** Which lines of the journal to give. */
export interface JournalPage {
  /** At most so many. */
  readonly limit: number;
  /** Only those after this cursor. */
  readonly after?: string;
}

/** What a store is asked to keep besides. */
export interface JournalOption {
  /**
   * Whether every event and note also becomes a line of the journal, until somebody trims it. Every process over the same store must be
   * given the same answer: what one without it commits is in no journal. Default: no.
   */
  readonly journal?: boolean;
}

/** Answer of a store that keeps no journal. */
export const noJournal: StoreFailure = { kind: "unavailable", detail: "no journal" };

/** Answer of a store to a cursor that it has not given. */
export const badCursor: StoreFailure = { kind: "unavailable", detail: "cursor" };

/** The number that a cursor is, for stores that number their lines; `undefined` for what is no cursor. */
export function numberOfCursor(cursor: string): number | undefined {
  return /^[0-9]{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}

/** Why a store did not do it. */
export type StoreFailure =
  /** Someone else changed the session, or a record, since it was loaded. */
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
  /**
   * Appends events if the session is still at `version`; returns the new version. Failures: all but `exists`; where several apply, the first of
   * `unknown`, `conflict` and `budget`.
   */
  commit(session: string, version: number, change: Change): Promise<Result<number, StoreFailure>>;
  /** The label of a conversation. Failure: `unavailable`. */
  contextOf(conversation: string): Promise<Result<ContextLabel | undefined, StoreFailure>>;
  /** The newest sessions first, at most `limit`. Failure: `unavailable`. */
  list(limit: number): Promise<Result<readonly SessionRow[], StoreFailure>>;
  /**
   * Forgets at most `limit` sessions that expired at or before `before`. Labels of conversations and resources, counters and records stay:
   * what was written once is still there to be read, and so do sessions that the journal still has lines of. Returns how many. Failure: `unavailable`.
   */
  expire(before: number, limit: number): Promise<Result<number, StoreFailure>>;
  /** Keeps a text under its digest; the first text stays. Failure: `unavailable`. */
  saveDocument(kind: DocumentKind, digest: string, text: string): Promise<Result<undefined, StoreFailure>>;
  /** The text under a digest; whoever reads it checks the digest. Failure: `unavailable`. */
  loadDocument(kind: DocumentKind, digest: string): Promise<Result<string | undefined, StoreFailure>>;
  /** Digests of all texts of a kind, in ascending order. Failure: `unavailable`. */
  listDocuments(kind: DocumentKind): Promise<Result<readonly string[], StoreFailure>>;
  /** A record, if there is one. Failure: `unavailable`. */
  record(kind: string, id: string): Promise<Result<StoredRecord | undefined, StoreFailure>>;
  /** Records of a kind in ascending UTF-16 order of their ids. Failure: `unavailable`. */
  records(kind: string, page: RecordPage): Promise<Result<readonly StoredRecord[], StoreFailure>>;
  /** Writes one record; returns its new version. Failures: `conflict`, `unavailable`. */
  writeRecord(write: RecordWrite): Promise<Result<number, StoreFailure>>;
  /**
   * Forgets at most `limit` records of a kind whose ids come before `before` in UTF-16 order, the first of them first. Returns how many.
   * Only for kinds whose ids begin with the time when they stop to matter. Failure: `unavailable`.
   */
  forgetRecords(kind: string, before: string, limit: number): Promise<Result<number, StoreFailure>>;
  /** The join of the labels of resources; `undefined` if nothing was written to any of them. Failure: `unavailable`. */
  labelsOf(query: ResourceQuery): Promise<Result<ContextLabel | undefined, StoreFailure>>;
  /** Adds a line that belongs to no session to the journal; without a journal nothing is kept. Failure: `unavailable`. */
  note(facts: JsonObject): Promise<Result<undefined, StoreFailure>>;
  /**
   * Lines of the journal, oldest first: every event of every session (those of one session in their order) and every note. A line is
   * there as soon as what it tells is committed and never before, and none is ever added before a line that was seen.
   * Failure: `unavailable`; its detail is `no journal` where the store was not opened with one.
   */
  journal(page: JournalPage): Promise<Result<readonly JournalLine[], StoreFailure>>;
  /** Forgets the lines up to and with the one that has this cursor. Failures as of {@link Store.journal}. */
  trimJournal(upTo: string): Promise<Result<undefined, StoreFailure>>;
}

/** A store that holds a connection or a file. */
export interface OpenStore extends Store {
  /** Finishes what waits and lets go. Nothing can be asked of the store afterwards. */
  close(): Promise<void> | void;
}

/** Joins a recorded label into one that may not be there yet. */
export function joinRecorded(a: ContextLabel | undefined, b: ContextLabel): ContextLabel {
  return a === undefined ? b : joinValues(a, b);
}

/** The ids of the records that would revoke a session, with what they revoke, in the order in which a store looks. */
function revocationsOf({ id, plan, principal }: SessionHeader): readonly (readonly [RevokedPart, string])[] {
  return [
    ["plan", `plan:${plan}`],
    ["session", `session:${id}`],
    ["principal", `principal:${principal}`],
  ];
}

/** What of a session is revoked, by the values of its revocation records. */
export function revokedPart(header: SessionHeader, find: (id: string) => JsonObject | undefined): RevokedPart | undefined {
  for (const [part, id] of revocationsOf(header)) {
    const value = find(id);
    if (value !== undefined && value.lifted !== true) return part;
  }
  return undefined;
}

/** Whether a change is one that a store may be given. A store asserts it before it writes. */
export function isSoundChange(change: Change): boolean {
  const { entries, takes, gives, records } = change;
  return (
    entries.length > 0 &&
    (takes === undefined || takes.every(isAmount)) &&
    (gives === undefined || gives.every(isAmount)) &&
    (records === undefined || records.every(isSoundWrite))
  );
}

function isAmount({ amount }: Reserved): boolean {
  return Number.isFinite(amount) && amount >= 0;
}

/** Whether a record may be written so. A store asserts it before it writes. */
export function isSoundWrite({ version }: RecordWrite): boolean {
  return Number.isSafeInteger(version) && version >= 0;
}
