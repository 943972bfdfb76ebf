/**
 * The writer of an audit log: it takes lines from the journal of a store, chains them, and lets the journal forget them once they are durable.
 * Never in the path of a call. Each record names the line that it was made of, so that after a crash no line is lost and none is told twice.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { JsonObject } from "../json/value.ts";
import { auditBatchMax, auditCheckpointMs, auditCheckpointRecords, auditLeaseMs } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import type { Clock, Random } from "../ports.ts";
import { assert, err, ok, type Result } from "../result.ts";
import type { JournalLine, Store } from "../stores/store.ts";
import { type CheckpointSigner, frontierOf, verifyCheckpoint } from "./checkpoint.ts";
import type { Answer, AuditFailure, AuditLog, SealedOpening } from "./log.ts";
import { emptyFrontier, type Frontier, grow, rootOf } from "./merkle.ts";
import { type Parts, partsOfEvent, partsOfNote } from "./parts.ts";
import {
  type AuditRecord,
  type Commitment,
  commitmentOf,
  leafHash,
  noDigest,
  readRecord,
  recordDigest,
  recordText,
} from "./record.ts";
import { createSessionMemory, type KnownSession, type SessionMemory } from "./session-memory.ts";
import type { Subject, Subjects } from "./subjects.ts";

/** What a writer works with. */
export interface AuditWriterOptions {
  /** Opened with a journal. */
  readonly store: Store;
  readonly log: AuditLog;
  readonly subjects: Subjects;
  readonly signer: CheckpointSigner;
  readonly clock: Clock;
  readonly random: Random;
}

/** A writer. */
export interface AuditWriter {
  /**
   * Chains what the journal has; returns the number of records, which is 0 too where another process is the writer now. `conflict`: the
   * journal goes to another log, or somebody else appends to this one.
   */
  drain(): Answer<number>;
  /** Signs how far the log goes now, if it goes further than the last checkpoint. Drains by itself sign now and then. */
  checkpoint(): Answer<undefined>;
  /** Lets another process be the writer at once. */
  release(): Promise<void>;
}

/** Kind and id of the record by which one process is the writer. */
const lease = { kind: "audit-writer", id: "writer" } as const;

/** How far the log goes. */
interface Tip {
  readonly frontier: Frontier;
  readonly head: string;
  /** Id of the log. */
  readonly log: string;
  readonly after: string | undefined;
  /** Plans whose text the log has, as far as this writer knows. */
  readonly plans: Set<string>;
  /** Size and time of the last checkpoint. */
  readonly signed: { readonly size: number; readonly at: number };
}

/** Makes a writer. Nothing is touched until it drains. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const holder = hexOf(options.random(12));
  const memory = createSessionMemory(options.store);
  let tip: Tip | undefined;
  const current = async (): Answer<Tip> => {
    if (tip !== undefined) return ok(tip);
    const read = await readTip(options);
    if (read.ok) tip = read.value;
    return read;
  };
  const sign = async (): Answer<undefined> => {
    const at = await current();
    if (!at.ok) return at;
    if (at.value.frontier.size === at.value.signed.size) return ok(undefined);
    const signed = await addCheckpoint(options, at.value);
    if (signed.ok) tip = { ...at.value, signed: { size: at.value.frontier.size, at: options.clock() } };
    return signed;
  };
  return {
    checkpoint: sign,
    release: async () => {
      const found = await options.store.record(lease.kind, lease.id);
      const value = found.ok ? found.value?.value : undefined;
      if (!found.ok || found.value === undefined || value?.holder !== holder) return;
      await options.store.writeRecord({ ...lease, version: found.value.version, value: { ...value, until: 0 } });
      tip = undefined;
    },
    drain: async () => {
      let count = 0;
      for (;;) {
        const at = await current();
        if (!at.ok) return at;
        const held = await holdLease(options, { holder, log: at.value.log });
        if (!held.ok) return held;
        if (held.value === undefined) {
          // Whoever writes now appends what this one does not know of.
          tip = undefined;
          return ok(count);
        }
        const next = await drainOnce(options, { memory, store: held.value }, at.value);
        if (!next.ok) {
          tip = undefined;
          return next;
        }
        const grown = next.value.tip.frontier.size - at.value.frontier.size;
        count += grown;
        tip = next.value.tip;
        const { signed, frontier } = tip;
        const isDue = frontier.size - signed.size >= auditCheckpointRecords || options.clock() - signed.at >= auditCheckpointMs;
        if (isDue) {
          const done = await sign();
          if (!done.ok) return done;
        }
        if (next.value.lines < auditBatchMax) return ok(count);
      }
    },
  };
}

/** Where the log ends: by its last checkpoint of this key, and the records after it; a log that is empty is begun. */
async function readTip({ log, signer, clock, random }: AuditWriterOptions): Answer<Tip> {
  const head = await log.head();
  if (!head.ok) return head;
  if (head.value.size === 0) {
    const facts = { key: signer.keyId, nonce: hexOf(random(16)) };
    const begin = recordText({ v: 1, seq: 0, at: clock(), kind: "begin", facts, values: {}, prev: noDigest });
    const begun = await log.append({ first: 0, records: [begin], openings: [] });
    return begun.ok ? readTip({ log, signer, clock, random } as AuditWriterOptions) : begun;
  }
  const jws = await log.checkpoints();
  if (!jws.ok) return jws;
  const last = jws.value.at(-1);
  const checked = last === undefined ? undefined : await verifyCheckpoint(last, [signer.publicKey]);
  const known = checked?.ok === true ? checked.value : undefined;
  let frontier = (known === undefined ? undefined : frontierOf(known)) ?? emptyFrontier;
  let after = frontier.size === 0 ? undefined : known?.after;
  let text = "";
  const first = await log.read(0, 1);
  if (!first.ok) return first;
  while (frontier.size < head.value.size) {
    const page = await log.read(frontier.size, auditBatchMax);
    if (!page.ok) return page;
    if (page.value.length === 0) return err({ kind: "unavailable", detail: "records" });
    frontier = grow(frontier, page.value.map(leafHash));
    for (const each of page.value) after = readRecord(each)?.cursor ?? after;
    text = page.value.at(-1) ?? "";
  }
  const digest = text === "" ? (known?.head ?? noDigest) : recordDigest(text);
  const signed = { size: known?.size ?? 0, at: known?.at ?? 0 };
  return ok({ frontier, head: digest, log: recordDigest(first.value[0] ?? ""), after, plans: new Set(), signed });
}

async function addCheckpoint({ log, signer, clock }: AuditWriterOptions, tip: Tip): Answer<undefined> {
  const { frontier, head, after } = tip;
  const jws = await signer.sign({
    v: 1,
    log: tip.log,
    size: frontier.size,
    root: hexOf(rootOf(frontier)),
    tree: frontier.hashes.map(hexOf),
    head,
    at: clock(),
    ...(after === undefined ? {} : { after }),
  });
  return log.addCheckpoint(jws);
}

/** The id of the store, if this writer is its only one for a while. `conflict`: the journal goes to another log. */
async function holdLease(
  { store, clock, random }: AuditWriterOptions,
  { holder, log }: { readonly holder: string; readonly log: string },
): Promise<Result<string | undefined, AuditFailure>> {
  const found = await store.record(lease.kind, lease.id);
  if (!found.ok) return err({ kind: "unavailable", detail: "store" });
  const { version = 0, value } = found.value ?? {};
  const now = clock();
  if (value !== undefined && value.log !== log) return err({ kind: "conflict" });
  const isMine = value?.holder === holder;
  const until = typeof value?.until === "number" ? value.until : 0;
  const id = typeof value?.store === "string" ? value.store : hexOf(random(8));
  if (isMine && until - now > auditLeaseMs / 2) return ok(id);
  if (!isMine && until > now) return ok(undefined);
  const written = await store.writeRecord({ ...lease, version, value: { holder, log, store: id, until: now + auditLeaseMs } });
  if (!written.ok) return written.error.kind === "conflict" ? ok(undefined) : err({ kind: "unavailable", detail: "store" });
  return ok(id);
}

/** One batch: read, chained, appended, and only then forgotten by the journal. */
async function drainOnce(
  options: AuditWriterOptions,
  source: { readonly memory: SessionMemory; readonly store: string },
  tip: Tip,
): Answer<{ readonly tip: Tip; readonly lines: number }> {
  const { store, log } = options;
  const from = await chainedOf(log, source.store, tip);
  if (!from.ok) return from;
  const page = await store.journal({ limit: auditBatchMax, ...(from.value === undefined ? {} : { after: from.value }) });
  if (!page.ok) return err({ kind: "unavailable", detail: "store" });
  if (page.value.length === 0) return ok({ tip, lines: 0 });
  const batch: Batch = { tip, records: [], openings: [], head: tip.head };
  for (const line of page.value) {
    const added = await addLine(options, { ...source, batch }, line);
    if (!added.ok) return added;
  }
  const { records, openings, head } = batch;
  const appended = await log.append({ first: tip.frontier.size, records, openings });
  if (!appended.ok) return appended;
  const last = page.value.at(-1)?.cursor;
  assert(last !== undefined, "a page that is not empty has a last line");
  const trimmed = await store.trimJournal(last);
  const next = { ...tip, frontier: grow(tip.frontier, records.map(leafHash)), head, after: `${source.store}:${last}` };
  // What could not be forgotten now is forgotten with the next batch: the cursor says that it is chained.
  return trimmed.ok || trimmed.error.kind === "unavailable"
    ? ok({ tip: next, lines: page.value.length })
    : err({ kind: "conflict" });
}

/** The last cursor of a store's journal that is chained. A log may have been continued from another store meanwhile. */
async function chainedOf(log: AuditLog, store: string, { after }: Tip): Answer<string | undefined> {
  const own = (cursor: string | undefined): string | undefined =>
    cursor?.startsWith(`${store}:`) === true ? cursor.slice(store.length + 1) : undefined;
  if (after === undefined || own(after) !== undefined) return ok(own(after));
  let found: string | undefined;
  for (let from = 0; ; ) {
    const page = await log.read(from, auditBatchMax);
    if (!page.ok) return page;
    for (const text of page.value) found = own(readRecord(text)?.cursor) ?? found;
    if (page.value.length === 0) return ok(found);
    from += page.value.length;
  }
}

/** A batch in the making. */
interface Batch {
  readonly tip: Tip;
  readonly records: string[];
  readonly openings: SealedOpening[];
  head: string;
}

interface Making {
  readonly memory: SessionMemory;
  /** Id of the store. */
  readonly store: string;
  readonly batch: Batch;
}

async function addLine(options: AuditWriterOptions, making: Making, line: JournalLine): Answer<undefined> {
  const { session: id, number, entry, note } = line;
  const cursor = `${making.store}:${line.cursor}`;
  if (entry === undefined || id === undefined || number === undefined) {
    const parts = partsOfNote(note ?? {}, options.clock());
    if (parts.kind === "erase" && typeof parts.facts.subject === "string") {
      // Before the record says so, and by the one process that adds keys. What is done twice after a crash changes nothing.
      const erased = await options.subjects.erase(parts.facts.subject);
      if (!erased.ok) return erased;
    }
    return addRecord(options, making.batch, { parts, cursor });
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

/** Keeps the text of a plan with the log, before the first record that needs it. */
async function addPlan(
  options: AuditWriterOptions,
  batch: Batch,
  { digest, at }: { readonly digest: string; readonly at: number },
): Answer<undefined> {
  const { plans } = batch.tip;
  if (plans.has(digest)) return ok(undefined);
  const there = await options.log.loadPlan(digest);
  if (!there.ok) return there;
  if (there.value === undefined) {
    const text = await options.store.loadDocument("plan", digest);
    if (!text.ok) return err({ kind: "unavailable", detail: "store" });
    if (text.value !== undefined) {
      const saved = await options.log.savePlan(digest, text.value);
      if (!saved.ok) return saved;
      const parts: Parts = { kind: "plan-loaded", at, facts: { plan: digest }, values: {} };
      const added = await addRecord(options, batch, { parts });
      if (!added.ok) return added;
    }
  }
  plans.add(digest);
  return ok(undefined);
}

interface Adding {
  readonly parts: Parts;
  readonly cursor?: string;
  readonly about?: { readonly id: string; readonly number: number; readonly session: KnownSession };
  readonly owner?: Subject;
}

/** Adds a record with the openings of its values. A value of nobody is sealed with the key of the log itself. */
async function addRecord(options: AuditWriterOptions, batch: Batch, { parts, cursor, about, owner }: Adding): Answer<undefined> {
  const seq = batch.tip.frontier.size + batch.records.length;
  const values: { [name: string]: Commitment } = {};
  const names = Object.keys(parts.values);
  const keeper = owner === undefined && names.length > 0 ? await options.subjects.of("") : ok(owner);
  if (!keeper.ok) return keeper;
  const subject = keeper.value;
  for (const name of names) {
    assert(subject !== undefined, "what is kept apart has a key");
    const salt = hexOf(options.random(16));
    const value = parts.values[name] ?? null;
    values[name] = { commit: commitmentOf({ salt, value }), subject: subject.id };
    const sealed = await subject.sealer.seal(`${salt}\n${canonicalJson(value)}`, openingPlace(batch.tip.log, seq, name));
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
