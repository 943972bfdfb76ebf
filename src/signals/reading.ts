/**
 * What people decided sooner than people read: yes or no to a held call or to an amendment.
 * Pure. Never knows what was shown, nor that somebody who took longer has read it.
 *
 * How fast people read: Brysbaert (2019, Journal of Memory and Language 109), a mean of 238 words a minute for non-fiction, most adults between 175
 * and 300. Taken as log-normal with that median, nine in ten of all readers within that range.
 */
import type { AuditRecord } from "../audit/record.ts";
import { signalScopesMax, signalSessionsMax, signalWaitingMax } from "./bounds.ts";
import { countLook, createLooks, type Looks } from "./looks.ts";
import type { Raised } from "./raised.ts";
import { createRecent, type Recent } from "./recent.ts";
import { normalTail } from "./tail.ts";

/** Something that waits for a person. */
interface Waiting {
  readonly at: number;
  readonly seq: number;
}

/** One who decides. Plain JSON, mutable. */
export interface Approver {
  /** What the last decisions were about: when it began to wait, and its record and that of the decision; oldest first. */
  recent: { readonly at: number; readonly seqs: readonly number[] }[];
  /** When a signal was last raised. */
  raised: number | null;
}

/** What waits, and who decides. */
export interface Reading {
  readonly waiting: Recent<Waiting>;
  /** Amendments that sessions asked for so far. */
  readonly asks: Recent<number>;
  readonly approvers: Recent<Approver>;
  /** Decisions by day. */
  readonly looks: Looks;
}

/** Makes them, empty. */
export function createReading(): Reading {
  return {
    waiting: createRecent(signalWaitingMax),
    asks: createRecent(signalSessionsMax),
    approvers: createRecent(signalScopesMax),
    looks: createLooks(),
  };
}

/** Words a minute: the median, and the deviation of their logarithm. */
const speed = { median: 238, deviation: (Math.log(300) - Math.log(175)) / (2 * 1.6448536269514722) };

/** Decisions of one person that are looked at together. */
const togetherMax = 50;
/** Signals about one person within this are one. */
const sameMs = 3_600_000;

/** Takes a record, and says what was decided too soon. */
export function takeReading(
  reading: Reading,
  record: AuditRecord,
  { falsePerDecision, wordsToRead }: { readonly falsePerDecision: number; readonly wordsToRead: number },
): readonly Raised[] {
  const { kind, facts, session = "", at, seq } = record;
  if (kind === "close") reading.asks.delete(session);
  if (kind === "hold" && typeof facts.hold === "string") reading.waiting.set(`hold ${facts.hold}`, { at, seq });
  if (kind === "ask-amend") {
    const asks = reading.asks.get(session) ?? 0;
    reading.asks.set(session, asks + 1);
    reading.waiting.set(`ask ${session} ${asks}`, { at, seq });
  }
  if (kind === "release" && typeof facts.hold === "string") reading.waiting.delete(`hold ${facts.hold}`);
  const waiting = waitingOf(reading, record);
  if (waiting === undefined || typeof facts.by !== "string") return [];
  const approver = approverOf(reading, facts.by);
  const watched = countLook(reading.looks, at);
  approver.recent.push({ at: waiting.at, seqs: [waiting.seq, seq] });
  if (approver.recent.length > togetherMax) approver.recent.shift();
  const least = leastTime(approver, at);
  const perMinute = (wordsToRead * 60_000) / Math.max(1, least.ms);
  const p = normalTail(Math.log(perMinute / speed.median) / speed.deviation);
  if (p > falsePerDecision) return [];
  const isSame = approver.raised !== null && at - approver.raised <= sameMs;
  approver.raised = at;
  if (isSame) return [];
  const seconds = Number((least.ms / 1_000).toPrecision(2));
  const many = least.many === 1 ? "a decision" : `${least.many} decisions, each`;
  return [
    {
      kind: "fast-approval",
      by: "approver",
      id: facts.by,
      says: `${many} within ${seconds} s of what was to be read, which takes about ${usualSeconds(wordsToRead)} s`,
      since: least.since,
      at,
      baseline: { value: usualSeconds(wordsToRead), unit: "seconds to read it", history: 0 },
      observed: { value: seconds, unit: "seconds to read it" },
      p,
      watched,
      seqs: [...new Set(least.seqs)].sort((a, b) => a - b),
      seqCount: new Set(least.seqs).size,
    },
  ];
}

function usualSeconds(words: number): number {
  return Number(((words * 60) / speed.median).toPrecision(2));
}

/** What a record decides, if it was seen to wait. */
function waitingOf({ waiting }: Reading, { kind, facts, session = "" }: AuditRecord): Waiting | undefined {
  if (kind === "approve" || kind === "refuse")
    return typeof facts.hold === "string" ? waiting.get(`hold ${facts.hold}`) : undefined;
  if (kind !== "judge-amend" && kind !== "amend") return undefined;
  return typeof facts.ask === "number" ? waiting.get(`ask ${session} ${facts.ask}`) : undefined;
}

function approverOf({ approvers }: Reading, name: string): Approver {
  const found = approvers.get(name);
  if (found !== undefined) return found;
  const made: Approver = { recent: [], raised: null };
  approvers.set(name, made);
  return made;
}

/**
 * The most time for each of the last decisions that one person can have had who read one after the other: what was decided last, with the
 * decisions before it back to any one of them, was read after that one began to wait. Several that were read first and then decided at a stroke
 * had the time of all.
 */
function leastTime(
  { recent }: Approver,
  at: number,
): { readonly ms: number; readonly many: number; readonly since: number; readonly seqs: readonly number[] } {
  let least = { ms: Number.POSITIVE_INFINITY, many: 1, from: recent.length - 1 };
  for (let from = recent.length - 1; from >= 0; from--) {
    const many = recent.length - from;
    const ms = Math.max(0, at - (recent[from]?.at ?? at)) / many;
    if (ms < least.ms) least = { ms, many, from };
  }
  const together = recent.slice(least.from);
  return { ...least, since: Math.min(...together.map((each) => each.at)), seqs: together.flatMap(({ seqs }) => seqs) };
}
