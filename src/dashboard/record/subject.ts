/**
 * One person in an audit log, by the pseudonym: what the log keeps of them, and erasing it.
 * Never shows the name that was asked for, and never erases anybody whose name was not typed by who asks.
 */
import type { AuditFailure, AuditLog } from "../../audit/log.ts";
import { type AuditKind, readRecord } from "../../audit/record.ts";
import { eraseWaitMs, stepRecordsMax, rowsMax } from "./bounds.ts";
import { err, ok, type Result } from "../../result.ts";
import type { AuditAccess } from "./access.ts";
import { pacedLog } from "./paced.ts";
import { TaskFailure, type TaskWork } from "./tasks.ts";

/** What a log keeps of a person. */
export interface Kept {
  /** Records that name the pseudonym, and how many of each kind. */
  readonly records: number;
  readonly kinds: readonly { readonly kind: AuditKind; readonly count: number }[];
  /** Values that are sealed with the person's key: what an erasure makes unreadable. */
  readonly values: number;
  /** Number of sessions; and the newest of them, no more than a page shows. */
  readonly sessions: number;
  readonly newest: readonly string[];
  /** Milliseconds since the epoch of the first and the last record. */
  readonly first?: number;
  readonly last?: number;
}

/** Counts what a log keeps of a person: reads all of it, in small steps. Rejects with `TaskFailure`. */
export async function countKept(log: AuditLog, subject: string, work: TaskWork): Promise<Kept> {
  const head = await log.head();
  if (!head.ok) throw new TaskFailure("the log cannot be read");
  const total = head.value.size;
  const paced = pacedLog(log, { signal: work.signal, onRead: (done) => work.tell({ done, total }) });
  const kinds = new Map<AuditKind, number>();
  const sessions = new Set<string>();
  const tally = { records: 0, values: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  for (let from = 0; from < total; ) {
    const page = await paced.read(from, stepRecordsMax);
    if (!page.ok) throw new TaskFailure("the log cannot be read");
    if (page.value.length === 0) break;
    from += page.value.length;
    for (const text of page.value) {
      // Most records are of others: reading them costs more than looking for the name.
      const record = text.includes(`"${subject}"`) ? readRecord(text) : undefined;
      if (record === undefined) continue;
      const own = Object.values(record.values).filter((value) => value.subject === subject).length;
      if (own === 0 && record.principal !== subject && record.facts.subject !== subject) continue;
      tally.records += 1;
      tally.values += own;
      tally.first = Math.min(tally.first, record.at);
      tally.last = Math.max(tally.last, record.at);
      kinds.set(record.kind, (kinds.get(record.kind) ?? 0) + 1);
      if (record.session !== undefined) sessions.add(record.session);
    }
  }
  return {
    records: tally.records,
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1)),
    values: tally.values,
    sessions: sessions.size,
    newest: [...sessions].reverse().slice(0, rowsMax),
    ...(tally.records === 0 ? {} : { first: tally.first, last: tally.last }),
  };
}

/** Whether a pseudonym is one of the log's own making. */
export function isPseudonym(text: string): boolean {
  return /^s[0-9a-f]{24}$/.test(text);
}

/**
 * Where a person stands. `there`: the key is here. `erased`: it is gone, and `record` is the number of the record that says so, as far as one
 * is found. `keyless`: whether there is a key can be seen, but none be opened here.
 */
export interface Standing {
  readonly state: "there" | "erased" | "keyless";
  readonly record?: number;
}

/** Where a person stands; `undefined`: the log knows nobody of this pseudonym. */
export async function standingOf(
  { log, subjects }: Pick<AuditAccess, "log" | "subjects">,
  subject: string,
): Promise<Result<Standing | undefined, AuditFailure>> {
  if (!isPseudonym(subject)) return ok(undefined);
  const key = await log.key({ subject });
  if (!key.ok) return key;
  if (key.value !== undefined) return ok({ state: subjects === undefined ? "keyless" : "there" });
  const erased = await log.find({ kind: ["erase"], text: subject, limit: 1 });
  if (!erased.ok) return erased;
  const record = erased.value.records.find((found) => found.record.facts.subject === subject)?.record.seq;
  if (record !== undefined) return ok({ state: "erased", record });
  const named = await log.find({ principal: subject, limit: 1 });
  if (!named.ok) return named;
  return ok(named.value.records.length > 0 ? { state: "erased" } : undefined);
}

/** What an erasure came to. `waiting`: it was noted, and is done by the process that writes the log, as soon as it does. */
export type Erased = "erased" | "waiting";

/** Why nobody is erased. `keyless`: the master key is not here. `name`: it is not the person's. */
export type EraseProblem = "keyless" | "unknown" | "name" | "unavailable";

/** Who wants a person erased. */
export interface Erasing {
  /** Pseudonym. */
  readonly subject: string;
  /** The name, as it was typed. */
  readonly name: string;
  /** Notes in the journal that it was asked for: by whom, and why. `false`: it could not be. */
  readonly note: (subject: string) => Promise<boolean>;
}

/**
 * Erases a person: notes it in the store's journal, from which the process that writes the log takes it, deletes the key, and records that.
 * Waits a while until that was done.
 */
export async function erasePerson(
  { log, subjects: makeSubjects }: AuditAccess,
  { subject, name, note }: Erasing,
  { waitMs = eraseWaitMs }: { readonly waitMs?: number } = {},
): Promise<Result<Erased, EraseProblem>> {
  const subjects = makeSubjects?.();
  if (subjects === undefined) return err("keyless");
  const owner = await subjects.open(subject);
  if (!owner.ok) return err(owner.error === "erased" ? "unknown" : "unavailable");
  // What belongs to nobody is sealed with the log's own key, which has no name: it is never erased.
  if (owner.value.name === "" || owner.value.name !== name) return err("name");
  if (!(await note(subject))) return err("unavailable");
  for (let waited = 0; waited < waitMs; waited += lookMs) {
    const key = await log.key({ subject });
    if (key.ok && key.value === undefined) return ok("erased");
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return ok("waiting");
}

/** Milliseconds between two looks whether the key is gone. */
const lookMs = 100;
