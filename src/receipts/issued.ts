/**
 * Where a receipt was issued: a record by which a chain is followed from the agent that was given it back to the run that it was signed for.
 * Never read by a decision, and never part of what is signed: only who may look into the store can follow it.
 */
import type { JsonObject } from "../json/value.ts";
import type { RecordWrite, Store, StoredRecord } from "../stores/store.ts";
import type { Purpose } from "./receipt.ts";

/** What is known of a receipt where it was issued. */
export interface IssuedReceipt {
  readonly receipt: string;
  readonly session: string;
  /** Number of the session's events when it was signed, the allow of a request with them. */
  readonly version: number;
  /** The run whose arguments it is about; absent for an answer. */
  readonly run?: number;
  readonly purpose: Purpose;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Kind of these records. Their ids begin with the end of the week in which they were written, so that old ones can be forgotten. */
export const issuedKind = "issued-receipt";

const weekMs = 604_800_000;
/** Weeks before a time in which a receipt is looked for: as long as a session may be and be kept by default. */
const weeksMax = 58;
/** Weeks that are asked for at once. */
const weeksAtOnce = 6;

/** The record of a receipt that is issued. */
export function issuedRecord({ receipt, at, ...rest }: IssuedReceipt): RecordWrite {
  return { kind: issuedKind, id: idOf(receipt, weekOf(at)), version: 0, value: { at, ...rest } };
}

/** Where a receipt was issued, at some time before `before` (milliseconds since the epoch); `undefined`: not in this store, or it was forgotten. */
export async function findIssued(
  store: Pick<Store, "record">,
  receipt: string,
  before: number,
): Promise<IssuedReceipt | undefined> {
  // Ids of records come from other agents' chains here: what has not their form is none of ours.
  if (!/^[0-9a-f]{32}$/.test(receipt) || !Number.isFinite(before)) return undefined;
  // The clock of who issued it may be ahead.
  const last = weekOf(before) + 1;
  for (let week = last; week > last - weeksMax; week -= weeksAtOnce) {
    const ids = Array.from({ length: weeksAtOnce }, (_, i) => idOf(receipt, week - i));
    const found = await Promise.all(ids.map((id) => store.record(issuedKind, id)));
    for (const answer of found) if (answer.ok && answer.value !== undefined) return readIssued(receipt, answer.value);
  }
  return undefined;
}

function weekOf(at: number): number {
  return Math.floor(at / weekMs);
}

function idOf(receipt: string, week: number): string {
  return `${String(Math.max(0, (week + 1) * weekMs)).padStart(16, "0")}.${receipt}`;
}

function readIssued(receipt: string, { value }: StoredRecord): IssuedReceipt | undefined {
  const { session, version, run, purpose, at }: JsonObject = value;
  if (typeof session !== "string" || typeof version !== "number" || typeof at !== "number") return undefined;
  if (purpose !== "request" && purpose !== "response") return undefined;
  return { receipt, session, version, purpose, at, ...(typeof run === "number" ? { run } : {}) };
}
