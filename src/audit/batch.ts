/**
 * Makes records of lines of the journal: what is told, what is kept apart and sealed, and whose it is.
 * Never puts a value into a record, and never tells of a plan that the log has not got.
 */
import type { JsonObject } from "../json/value.ts";
import { hexOf } from "../plan/digest.ts";
import type { Clock, Random } from "../ports.ts";
import { assert, err, ok, type Result } from "../result.ts";
import type { JournalLine, Store } from "../stores/store.ts";
import type { Answer, AuditFailure, AuditLog, SealedOpening } from "./log.ts";
import { type Parts, partsOfEvent, partsOfNote } from "./parts.ts";
import { type AuditRecord, type Commitment, commitmentOfText, openingText, recordDigest, recordText } from "./record.ts";
import type { KnownSession, SessionMemory } from "./session-memory.ts";
import type { Subject, Subjects } from "./subjects.ts";

/** What records are made with. */
export interface BatchWorld {
  readonly store: Store;
  readonly log: AuditLog;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly random: Random;
}

/** A batch in the making. */
export interface Batch {
  /** Id of the log. */
  readonly log: string;
  /** Number of its first record. */
  readonly first: number;
  readonly records: string[];
  readonly openings: SealedOpening[];
  /** Plans whose text the log has, when this batch is appended, as far as this writer knows. */
  readonly plans: Set<string>;
  head: string;
}

/** A batch, and what its records are made with. */
export interface Making {
  readonly memory: SessionMemory;
  /** Id of the store. */
  readonly store: string;
  readonly batch: Batch;
}

/** Adds what a line of the journal is: a record, and before it that of a plan which the log has not yet. */
export async function addLine(options: BatchWorld, making: Making, line: JournalLine): Answer<undefined> {
  const { session: id, number, entry, note } = line;
  const cursor = `${making.store}:${line.cursor}`;
  if (entry === undefined || id === undefined || number === undefined) {
    const parts = partsOfNote(note ?? {}, options.clock());
    if (parts.kind === "erase" && typeof parts.facts.subject === "string") {
      // Before the record says so, and by the one process that adds keys. What is done twice after a crash changes nothing.
      const erased = await options.subjects.erase(parts.facts.subject);
      if (!erased.ok) return erased;
    }
    // A note may say whom it is about; records know people by their pseudonyms alone.
    const { principal, ...facts } = parts.facts;
    const about = typeof principal === "string" && principal !== "" ? await options.subjects.of(principal) : undefined;
    if (about?.ok === false) return about;
    return addRecord(options, making.batch, {
      parts: about === undefined ? parts : { ...parts, facts },
      cursor,
      ...(about === undefined ? {} : { owner: about.value }),
    });
  }
  const known = await making.memory.take(id, number, entry);
  if (!known.ok) return err({ kind: "unavailable", detail: "store" });
  const session = known.value;
  const owner = session.principal === "" ? undefined : await options.subjects.of(session.principal);
  if (owner?.ok === false) return owner;
  const plan = await addPlan(options, making.batch, { digest: session.plan, at: entry.event.at });
  if (!plan.ok) return plan;
  const run = entry.event.type === "settle" ? session.runs.get(entry.event.run) : undefined;
  const parts = partsOfEvent(entry, run);
  return addRecord(options, making.batch, {
    parts,
    cursor,
    about: { id, number, session },
    ...(owner === undefined ? {} : { owner: owner.value }),
  });
}

/**
 * Keeps the text of a plan with the log, before the first record that needs it. That the text is there says nothing: whoever kept it may have died
 * before its record was appended.
 */
async function addPlan(
  options: BatchWorld,
  batch: Batch,
  { digest, at }: { readonly digest: string; readonly at: number },
): Answer<undefined> {
  if (batch.plans.has(digest)) return ok(undefined);
  const told = await isPlanTold(options.log, digest);
  if (!told.ok) return told;
  if (!told.value) {
    const text = await options.store.loadDocument("plan", digest);
    if (!text.ok) return err({ kind: "unavailable", detail: "store" });
    if (text.value === undefined) return ok(undefined);
    const saved = await options.log.savePlan(digest, text.value);
    if (!saved.ok) return saved;
    const parts: Parts = { kind: "plan-loaded", at, facts: { plan: digest }, values: {} };
    const added = await addRecord(options, batch, { parts });
    if (!added.ok) return added;
  }
  batch.plans.add(digest);
  return ok(undefined);
}

/** Whether a record says that the log has a plan. */
async function isPlanTold(log: AuditLog, digest: string): Promise<Result<boolean, AuditFailure>> {
  for (let before: number | undefined; before !== 0; ) {
    const query = { kind: ["plan-loaded" as const], text: `"plan":"${digest}"`, limit: 1 };
    const page = await log.find({ ...query, ...(before === undefined ? {} : { before }) });
    if (!page.ok) return page;
    if (page.value.records.length > 0) return ok(true);
    before = page.value.scannedTo;
  }
  return ok(false);
}

interface Adding {
  readonly parts: Parts;
  readonly cursor?: string;
  readonly about?: { readonly id: string; readonly number: number; readonly session: KnownSession };
  readonly owner?: Subject;
}

/** Adds a record with the openings of its values. A value of nobody is sealed with the key of the log itself. */
async function addRecord(options: BatchWorld, batch: Batch, { parts, cursor, about, owner }: Adding): Answer<undefined> {
  const seq = batch.first + batch.records.length;
  const values: { [name: string]: Commitment } = {};
  const names = Object.keys(parts.values);
  const keeper = owner === undefined && names.length > 0 ? await options.subjects.of("") : ok(owner);
  if (!keeper.ok) return keeper;
  const subject = keeper.value;
  for (const name of names) {
    assert(subject !== undefined, "what is kept apart has a key");
    const salt = hexOf(options.random(16));
    const opening = openingText({ salt, value: parts.values[name] ?? null });
    values[name] = { commit: commitmentOfText(opening), subject: subject.id };
    const sealed = await subject.sealer.seal(opening, openingPlace(batch.log, seq, name));
    batch.openings.push({ seq, name, sealed });
  }
  const record: AuditRecord = {
    v: 1,
    seq,
    at: parts.at,
    kind: parts.kind,
    ...(about === undefined ? {} : { session: about.id, number: about.number, plan: about.session.plan }),
    ...(owner === undefined ? {} : { principal: owner.id }),
    ...(parts.node === undefined ? {} : { node: parts.node }),
    ...(parts.tool === undefined ? {} : { tool: parts.tool }),
    ...(parts.code === undefined ? {} : { code: parts.code }),
    facts: parts.facts,
    values,
    ...(cursor === undefined ? {} : { cursor }),
    prev: batch.head,
  };
  const text = recordText(record);
  batch.records.push(text);
  batch.head = recordDigest(text);
  return ok(undefined);
}

/** Where an opening belongs: what is sealed for one place opens at no other. */
export function openingPlace(
  log: string,
  seq: number,
  name: string,
): { readonly scope: readonly string[]; readonly at: JsonObject[string][] } {
  return { scope: ["audit-opening"], at: [log, seq, name] };
}
