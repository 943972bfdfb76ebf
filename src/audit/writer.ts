/**
 * The writer of an audit log: it takes lines from the journal of a store, chains them, and lets the journal forget them once they are durable.
 * Never in the path of a call. Each record names the line that it was made of, so that after a crash no line is lost and none is told twice.
 */
import { auditBatchMax, auditCheckpointMs, auditCheckpointRecords, auditLeaseMs } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import { assert, err, ok, type Result } from "../result.ts";
import type { JournalLine, Store } from "../stores/store.ts";
import { addLine, type Batch, type BatchWorld } from "./batch.ts";
import { type CheckpointSigner, frontierOf, verifyCheckpoint } from "./checkpoint.ts";
import type { Answer, AuditFailure, AuditLog } from "./log.ts";
import { auditMarker } from "./marker.ts";
import { emptyFrontier, type Frontier, grow, rootOf } from "./merkle.ts";
import { type AuditRecord, leafHash, noDigest, readRecord, recordDigest, recordText } from "./record.ts";
import { createSessionMemory, type SessionMemory } from "./session-memory.ts";

/** What a writer works with. */
export interface AuditWriterOptions extends BatchWorld {
  /** Opened with a journal. */
  readonly store: Store;
  readonly signer: CheckpointSigner;
}

/** A writer. */
export interface AuditWriter {
  /** Begins the log if nothing is in it, and marks the store as one that has it. `conflict`: the store's journal goes to another log. */
  begin(): Answer<undefined>;
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

/** How far the log goes. */
interface Tip {
  readonly frontier: Frontier;
  readonly head: string;
  /** Id of the log. */
  readonly log: string;
  readonly after: string | undefined;
  /** The last line of the journal of a store that is in the log; absent: nobody has looked yet. */
  readonly chained?: { readonly store: string; readonly cursor: string | undefined };
  /** Plans whose text the log has, as far as this writer knows. */
  readonly plans: ReadonlySet<string>;
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
    begin: async () => {
      const at = await current();
      const held = at.ok ? await holdLease(options, { holder, log: at.value.log }) : at;
      return held.ok ? ok(undefined) : held;
    },
    checkpoint: sign,
    release: async () => {
      const found = await options.store.record(auditMarker.kind, auditMarker.id);
      const value = found.ok ? found.value?.value : undefined;
      if (!found.ok || found.value === undefined || value?.holder !== holder) return;
      await options.store.writeRecord({ ...auditMarker, version: found.value.version, value: { ...value, until: 0 } });
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
    frontier = grow(
      frontier,
      page.value.map((each) => leafHash(each)),
    );
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
  const found = await store.record(auditMarker.kind, auditMarker.id);
  if (!found.ok) return err({ kind: "unavailable", detail: "store" });
  const { version = 0, value: kept } = found.value ?? {};
  // What was given up is begun anew, under an id of its own: so a store that was brought back from a copy can be audited again.
  const value = kept?.off === true ? undefined : kept;
  const now = clock();
  if (value !== undefined && value.log !== log) return err({ kind: "conflict" });
  const isMine = value?.holder === holder;
  const until = typeof value?.until === "number" ? value.until : 0;
  const id = typeof value?.store === "string" ? value.store : hexOf(random(8));
  if (isMine && until - now > auditLeaseMs / 2) return ok(id);
  if (!isMine && until > now) return ok(undefined);
  const written = await store.writeRecord({
    ...auditMarker,
    version,
    value: { holder, log, store: id, until: now + auditLeaseMs },
  });
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
  const chained = tip.chained?.store === source.store ? ok(tip.chained.cursor) : await chainedOf(log, source.store, tip);
  if (!chained.ok) return chained;
  const after = chained.value;
  const page = await store.journal({ limit: auditBatchMax, ...(after === undefined ? {} : { after }) });
  if (!page.ok) return err({ kind: "unavailable", detail: "store" });
  if (after !== undefined && tip.chained === undefined) {
    const left = await checkLeft(options, { id: source.store, later: page.value });
    if (!left.ok) return left;
  }
  if (page.value.length === 0) {
    // A process that ended between the two may have left what it had chained.
    if (after !== undefined && tip.chained === undefined) await store.trimJournal(after);
    return ok({ tip: { ...tip, chained: { store: source.store, cursor: after } }, lines: 0 });
  }
  const batch: Batch = {
    log: tip.log,
    first: tip.frontier.size,
    records: [],
    openings: [],
    plans: new Set(tip.plans),
    head: tip.head,
  };
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
  const next = {
    ...tip,
    frontier: grow(
      tip.frontier,
      records.map((each) => leafHash(each)),
    ),
    head,
    after: `${source.store}:${last}`,
    chained: { store: source.store, cursor: last },
    plans: batch.plans,
  };
  // What could not be forgotten now is forgotten with the next batch: the cursor says that it is chained.
  return trimmed.ok || trimmed.error.kind === "unavailable"
    ? ok({ tip: next, lines: page.value.length })
    : err({ kind: "conflict" });
}

/**
 * Looks at lines of the journal that the log is to have already, as a process leaves them that ended before it forgot them. `conflict`: the log has
 * others in their places. SECURITY: a store that was brought back from a copy counts its lines from there on, and what it is told now would be
 * taken for what is in the log, and forgotten.
 */
async function checkLeft(
  { store, log }: AuditWriterOptions,
  { id, later }: { readonly id: string; readonly later: readonly JournalLine[] },
): Answer<undefined> {
  const page = await store.journal({ limit: auditBatchMax });
  if (!page.ok) return err({ kind: "unavailable", detail: "store" });
  const first = later[0]?.cursor;
  const end = page.value.findIndex(({ cursor }) => cursor === first);
  for (const line of end < 0 ? page.value : page.value.slice(0, end)) {
    const found = await recordAt(log, `${id}:${line.cursor}`);
    if (!found.ok) return found;
    if (found.value === undefined || !isOf(found.value, line)) return err({ kind: "conflict" });
  }
  return ok(undefined);
}

/** Whether a record can have been made of a line. */
function isOf({ session, number, at }: AuditRecord, line: JournalLine): boolean {
  const said = line.entry?.event.at ?? line.note?.at;
  return session === line.session && number === line.number && (typeof said !== "number" || at === said);
}

/** The record that was made of a line. */
async function recordAt(log: AuditLog, cursor: string): Answer<AuditRecord | undefined> {
  for (let before: number | undefined; before !== 0; ) {
    const page = await log.find({ text: `"cursor":"${cursor}"`, limit: 1, ...(before === undefined ? {} : { before }) });
    if (!page.ok) return page;
    const [found] = page.value.records;
    if (found?.record.cursor === cursor) return ok(found.record);
    before = found === undefined ? page.value.scannedTo : found.record.seq;
  }
  return ok(undefined);
}

/**
 * The last cursor of a store's journal that is chained. A log may have been continued from another store meanwhile: then it is looked for from
 * the end backwards, a page at a time, and only once.
 */
async function chainedOf(log: AuditLog, store: string, { after }: Tip): Answer<string | undefined> {
  const own = (cursor: string | undefined): string | undefined =>
    cursor?.startsWith(`${store}:`) === true ? cursor.slice(store.length + 1) : undefined;
  if (after === undefined || own(after) !== undefined) return ok(own(after));
  for (let before: number | undefined; ; ) {
    const page = await log.find({ text: `"cursor":"${store}:`, limit: 1, ...(before === undefined ? {} : { before }) });
    if (!page.ok) return page;
    const [found] = page.value.records;
    if (found !== undefined && own(found.record.cursor) !== undefined) return ok(own(found.record.cursor));
    before = page.value.scannedTo;
    if (before === 0) return ok(undefined);
  }
}
