/**
 * Finding records: what can be asked of an audit log, what of a record answers it, and the one definition of when a record fits.
 * Pure. Never opens a value: what is searched is the text of records, which holds nothing personal.
 */
import { member } from "../json/value.ts";
import { auditFindMax } from "../limits.ts";
import { type AuditKind, type AuditRecord, readRecord } from "./record.ts";

/** Which records are wanted: all that is given must hold. */
export interface AuditQuery {
  /** One of these kinds. */
  readonly kind?: readonly AuditKind[];
  /** Id of the session. */
  readonly session?: string;
  /** Digest of the plan that the session ran under. */
  readonly plan?: string;
  /** Qualified name of the tool. */
  readonly tool?: string;
  /** Code of the denial. */
  readonly code?: string;
  /** Pseudonym of the principal; `Subjects.find` has it for a name. */
  readonly principal?: string;
  /** Id of the plan's node. */
  readonly node?: string;
  /** Name of who did it: the fact `by` (approvals, amendments, grants, notes of administrators). */
  readonly by?: string;
  /** From this time on (milliseconds since the epoch). */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
  /** What the record's text contains, as JSON that is; the case of ASCII letters is no matter. */
  readonly text?: string;
  /** Only records with smaller numbers: the `scannedTo` of the page before. */
  readonly before?: number;
  /** At most so many, and no more than {@link auditFindMax}. */
  readonly limit: number;
}

/** Records that were found. */
export interface AuditFound {
  /** The newest first. */
  readonly records: readonly FoundRecord[];
  /**
   * All records from this number on (and before the query's `before`) were looked at; 0: all. A page looks at a bounded number of records, so
   * it may have few of them, or none, and yet not be the last: go on with `before: scannedTo` until it is 0.
   */
  readonly scannedTo: number;
}

/** A record with its text. */
export interface FoundRecord {
  readonly record: AuditRecord;
  readonly text: string;
}

/** Names of what a query compares for equality, beside `kind`. */
export const queryNames = ["session", "plan", "tool", "code", "principal", "node", "by"] as const;

/** What of a record a query compares. */
export type Findable = { readonly [name in (typeof queryNames)[number]]: string | undefined } & {
  readonly kind: AuditKind;
  readonly at: number;
};

/** What of a record a query compares. */
export function findableOf(record: AuditRecord): Findable {
  const { kind, at, session, plan, tool, code, principal, node } = record;
  const by = member(record.facts, "by");
  return { kind, at, session, plan, tool, code, principal, node, by: typeof by === "string" ? by : undefined };
}

/** Whether a record is one of those that a query asks for. */
export function fits(query: AuditQuery, record: AuditRecord, text: string): boolean {
  const { kind, since = -Infinity, until = Infinity, before = Infinity } = query;
  const of = findableOf(record);
  return (
    record.seq < before &&
    (kind === undefined || kind.includes(of.kind)) &&
    of.at >= since &&
    of.at < until &&
    queryNames.every((name) => query[name] === undefined || query[name] === of[name]) &&
    (query.text === undefined || smallAscii(text).includes(smallAscii(query.text)))
  );
}

/** How many records a page of a query may have. */
export function pageLimit({ limit }: AuditQuery): number {
  return Math.min(Math.max(1, Math.trunc(limit)), auditFindMax);
}

/** A text with small ASCII letters: what every database makes of it as well. */
export function smallAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The record of a line that was read as number `seq`, if the query asks for it; a line that is no record, or another's, is none. */
export function foundIn(query: AuditQuery, seq: number, text: string): FoundRecord | undefined {
  const record = readRecord(text);
  return record?.seq === seq && fits(query, record, text) ? { record, text } : undefined;
}
