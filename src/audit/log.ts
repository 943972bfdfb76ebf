/**
 * The port of an audit log: texts of records in order, what is kept apart of them, keys of subjects, checkpoints, and the plans that records name.
 * Types alone. A log appends and never changes a record; only openings and keys can go.
 */
import type { Result } from "../result.ts";
import type { AuditFound, AuditQuery } from "./find.ts";

/** An opening as it is kept: sealed with the key of its subject. */
export interface SealedOpening {
  readonly seq: number;
  /** Name of the value in its record. */
  readonly name: string;
  readonly sealed: string;
}

/** What is appended at once, wholly or not at all. */
export interface AuditBatch {
  /** Number of the first record: the size of the log. */
  readonly first: number;
  /** Texts of records, in order; see `recordText`. */
  readonly records: readonly string[];
  readonly openings: readonly SealedOpening[];
}

/** The key of one subject, wrapped by the master key. */
export interface SubjectKey {
  /** Pseudonym. */
  readonly subject: string;
  /** By which the subject of a name is found: a keyed digest of the name. */
  readonly index: string;
  /** The key and the name, sealed. */
  readonly sealed: string;
}

/** How far a log goes. */
export interface AuditHead {
  /** Number of records. */
  readonly size: number;
  /** Text of the last record; absent: there is none. */
  readonly last?: string;
}

/** Why a log did not do it: someone else appended, or it cannot be written or read. `detail`: a word of ours. */
export type AuditFailure = { readonly kind: "conflict" } | { readonly kind: "unavailable"; readonly detail?: string };

/** Answer of a log. */
export type Answer<T> = Promise<Result<T, AuditFailure>>;

/** A log. No method rejects for reasons of the world. */
export interface AuditLog {
  head(): Answer<AuditHead>;
  /** Appends; answers once it is durable. Failures: `conflict` (`first` is not the size), `unavailable`. */
  append(batch: AuditBatch): Answer<undefined>;
  /** Texts of records from number `from` on, at most `limit`. */
  read(from: number, limit: number): Answer<readonly string[]>;
  /** Records that a query asks for, the newest first; a page of them. What is no record is not found: it is `verify` that tells. */
  find(query: AuditQuery): Answer<AuditFound>;
  /** What is kept of records `from` to `until - 1`, in ascending order of `seq`. */
  openings(from: number, until: number): Answer<readonly SealedOpening[]>;
  /** Adds a checkpoint (compact JWS) after the others; answers once it is durable. */
  addCheckpoint(jws: string): Answer<undefined>;
  /** All checkpoints, oldest first. */
  checkpoints(): Answer<readonly string[]>;
  /** Keeps a plan's text under its digest; the first text stays. */
  savePlan(digest: string, text: string): Answer<undefined>;
  loadPlan(digest: string): Answer<string | undefined>;
  /** Keeps the key of a subject. `conflict`: there is one of this subject or this index. */
  addKey(key: SubjectKey): Answer<undefined>;
  /** The key of a subject, by its pseudonym or by the index of its name. */
  key(by: { readonly subject: string } | { readonly index: string }): Answer<SubjectKey | undefined>;
  /** Removes the key of a subject for good, so that nothing of it lies in the log's files any more; answers once that is durable. */
  deleteKey(subject: string): Answer<undefined>;
  close(): Promise<void>;
}
