/**
 * Encryption at rest over any store, with keys that the operator holds: what events, records, notes and documents say is sealed before the
 * store sees it. Readable stay what a store looks things up and computes by: ids, principals, digests, times, labels, names of resources and counters.
 * Never gives out what it cannot open, and never takes what lies there in the open for its own.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { assert, ConfigError, err, ok, type Result } from "../result.ts";
import { columnsOf, entryOf } from "./columns.ts";
import { createSealer, type Sealer, type SealFault, type SealPlace, type StoreKey } from "./seal.ts";
import type { Change, Entry, JournalLine, RecordWrite, Store, StoredRecord, StoreFailure } from "./store.ts";

export { readStoreKeys, type StoreKey } from "./seal.ts";

/** How a store is encrypted. */
export interface EncryptionOptions {
  /** The first seals, all open: to change keys, put a new one first and keep the old ones as long as anything is sealed with them. */
  readonly keys: readonly StoreKey[];
  /** What to make of what lies in the store unsealed: `refuse` (default) or, while an old store is taken over, `read`. */
  readonly plain?: "refuse" | "read";
}

type Answer<T> = Promise<Result<T, StoreFailure>>;

/**
 * Wraps a store. An event is sealed whole but for its time, and for whether it closes the session; a record but for its member `lifted`, by
 * which stores know what is revoked. What cannot be opened is `unavailable`, with detail `plain`, `key` or `sealed`. Whoever can write to the
 * store can still take the newest events or whole records away, or bring older ones back: that is for the audit log to find.
 * Throws `ConfigError`.
 */
export function encryptedStore<S extends Store>(store: S, options: EncryptionOptions): S {
  const vault: Vault = { sealer: createSealer(options.keys), readsPlain: options.plain === "read" };
  const wrapped: Partial<Store> = {
    create: async (header, opening) => store.create(header, await sealEntry(vault, opening, { session: header.id, number: 0 })),
    load: async (session, since) => {
      const loaded = await store.load(session, since);
      if (!loaded.ok) return loaded;
      const entries = await all(loaded.value.entries, (entry, i) => openEntry(vault, entry, { session, number: since + i }));
      return entries.ok ? ok({ ...loaded.value, entries: entries.value }) : entries;
    },
    commit: async (session, version, change) => store.commit(session, version, await sealChange(vault, session, version, change)),
    saveDocument: async (kind, digest, text) =>
      store.saveDocument(kind, digest, await vault.sealer.seal(canonicalJson(text), documentPlace(kind, digest))),
    loadDocument: async (kind, digest) => {
      const loaded = await store.loadDocument(kind, digest);
      return !loaded.ok || loaded.value === undefined ? loaded : openDocument(vault, loaded.value, documentPlace(kind, digest));
    },
    record: async (kind, id) => {
      const found = await store.record(kind, id);
      return !found.ok || found.value === undefined ? found : openRecord(vault, found.value);
    },
    records: async (kind, page) => {
      const found = await store.records(kind, page);
      return found.ok ? all(found.value, (record) => openRecord(vault, record)) : found;
    },
    writeRecord: async (write) => store.writeRecord(await sealRecord(vault, write)),
    note: async (facts) => store.note({ sealed: await vault.sealer.seal(canonicalJson(facts), notePlace) }),
    journal: async (page) => {
      const lines = await store.journal(page);
      return lines.ok ? all(lines.value, (line) => openLine(vault, line)) : lines;
    },
  };
  return { ...store, ...wrapped };
}

/** Kind and id of the record by which a store says that it is encrypted. */
const mark = { kind: "encryption", id: "store" } as const;

/**
 * The store as it may be used: encrypted with these keys, or as it is where there are none and it is not encrypted. Marks a store that is
 * encrypted for the first time, so that nobody opens it without keys. Rejects with `ConfigError`.
 */
export async function openEncrypted<S extends Store>(store: S, options: EncryptionOptions | undefined): Promise<S> {
  const marked = answerOf(await store.record(mark.kind, mark.id));
  if (options === undefined) {
    if (marked !== undefined) throw new ConfigError("what the store keeps is encrypted, and its keys were not given");
    return store;
  }
  const encrypted = encryptedStore(store, options);
  if (marked === undefined) {
    if (options.plain !== "read" && !(await isEmpty(store)))
      throw new ConfigError(
        'the store was begun without keys, and what it keeps is not encrypted: begin a new one, or let what is there be read (`plain: "read"`, SLUICE_STORE_PLAIN=read)',
      );
    await encrypted.writeRecord({ ...mark, version: 0, value: {} });
  }
  const read = await encrypted.record(mark.kind, mark.id);
  if (!read.ok) throw new ConfigError("none of the keys given is the one that the store was encrypted with");
  const { sealed } = answerOf(await store.record(mark.kind, mark.id))?.value ?? {};
  const isCurrent = typeof sealed === "string" && createSealer(options.keys).isCurrent(sealed);
  // A conflict: another process has done the same.
  if (!isCurrent && read.value !== undefined) await encrypted.writeRecord(read.value);
  return encrypted;
}

function answerOf<T>(result: Result<T, StoreFailure>): T {
  if (!result.ok) throw new ConfigError("the store does not answer");
  return result.value;
}

async function isEmpty(store: Store): Promise<boolean> {
  const kept = [await store.list(1), await store.listDocuments("plan"), await store.listDocuments("catalogue")];
  return kept.every((answer) => answerOf<readonly unknown[]>(answer).length === 0);
}

interface Vault {
  readonly sealer: Sealer;
  readonly readsPlain: boolean;
}

/** Opens all, or says why not all can be opened. */
async function all<T, U>(items: readonly T[], open: (item: T, i: number) => Answer<U>): Answer<readonly U[]> {
  const opened = await Promise.all(items.map(open));
  const failed = opened.find((each) => !each.ok);
  return failed === undefined || failed.ok ? ok(opened.map((each) => (each as { readonly value: U }).value)) : failed;
}

function unavailable(detail: SealFault): { readonly ok: false; readonly error: StoreFailure } {
  return err({ kind: "unavailable", detail });
}

interface EventPlace {
  readonly session: string;
  readonly number: number;
}

/** An event as the store gets it. Not a kind of event that anything folds: who opens the store without keys is stopped by the first. */
interface SealedEvent {
  readonly type: "sealed" | "close" | "settle";
  readonly at: number;
  readonly sealed: string;
  /** The rest of what is too long for one text. */
  readonly value?: string;
}

/** Characters of a sealed text above which the event has two: a result of 16 MiB is still read by a reader of 16 MiB when it is sealed. */
const partChars = 12 * 1024 * 1024;

function eventPlace({ session, number }: EventPlace, at: number, closes: boolean): SealPlace {
  return { scope: ["session", session], at: ["event", session, number, at, closes] };
}

/** The columns of an entry have no raw line end: canonical JSON escapes it. */
async function sealEntry({ sealer }: Vault, entry: Entry, place: EventPlace): Promise<Entry> {
  const { type, at } = entry.event;
  const text = columnsOf(entry)
    .map((column) => column ?? "")
    .join("\n");
  const sealed = await sealer.seal(text, eventPlace(place, at, type === "close"));
  const event: SealedEvent =
    type === "settle" && sealed.length > partChars
      ? { type, at, sealed: sealed.slice(0, partChars), value: sealed.slice(partChars) }
      : { type: type === "close" ? type : "sealed", at, sealed };
  return { event: event as unknown as Entry["event"] };
}

async function openEntry({ sealer, readsPlain }: Vault, entry: Entry, place: EventPlace): Answer<Entry> {
  const { type, at, sealed, value = "" } = entry.event as unknown as Partial<SealedEvent>;
  if (typeof sealed !== "string" || typeof at !== "number" || typeof value !== "string")
    return readsPlain && sealed === undefined ? ok(entry) : unavailable("plain");
  const opened = await sealer.open(sealed + value, eventPlace(place, at, type === "close"));
  if (!opened.ok) return unavailable(opened.error);
  const [event = "", whole = "", facts = ""] = opened.value.split("\n");
  const read = entryOf({ event, value: whole === "" ? null : whole, facts: facts === "" ? null : facts });
  return ok(read);
}

async function sealChange(vault: Vault, session: string, version: number, change: Change): Promise<Change> {
  const [entries, records] = await Promise.all([
    Promise.all(change.entries.map((entry, i) => sealEntry(vault, entry, { session, number: version + i }))),
    Promise.all((change.records ?? []).map((write) => sealRecord(vault, write))),
  ]);
  return { ...change, entries, ...(change.records === undefined ? {} : { records }) };
}

function recordPlace({ kind, id, version }: StoredRecord, isLifted: boolean): SealPlace {
  return { scope: ["record", kind, id], at: ["record", kind, id, version, isLifted] };
}

async function sealRecord({ sealer }: Vault, write: RecordWrite): Promise<RecordWrite> {
  const isLifted = write.value.lifted === true;
  const place = recordPlace({ ...write, version: write.version + 1 }, isLifted);
  const sealed = await sealer.seal(canonicalJson(write.value), place);
  return { ...write, value: { sealed, ...(isLifted ? { lifted: true } : {}) } };
}

async function openRecord({ sealer, readsPlain }: Vault, record: StoredRecord): Answer<StoredRecord> {
  const sealed = member(record.value, "sealed");
  if (typeof sealed !== "string") return readsPlain ? ok(record) : unavailable("plain");
  const opened = await sealer.open(sealed, recordPlace(record, record.value.lifted === true));
  return opened.ok ? ok({ ...record, value: objectOf(opened.value) }) : unavailable(opened.error);
}

function documentPlace(kind: string, digest: string): SealPlace {
  return { scope: ["document", kind, digest], at: ["document", kind, digest] };
}

async function openDocument({ sealer, readsPlain }: Vault, text: string, place: SealPlace): Answer<string> {
  const opened = await sealer.open(text, place);
  if (opened.ok) {
    const read = jsonOf(opened.value);
    assert(typeof read === "string", "a document is a text");
    return ok(read);
  }
  return opened.error === "plain" && readsPlain ? ok(text) : unavailable(opened.error);
}

const notePlace: SealPlace = { scope: ["note"], at: ["note"] };

async function openLine(vault: Vault, line: JournalLine): Answer<JournalLine> {
  const { session, number, entry, note } = line;
  if (entry !== undefined && session !== undefined && number !== undefined) {
    const opened = await openEntry(vault, entry, { session, number });
    return opened.ok ? ok({ ...line, entry: opened.value }) : opened;
  }
  const sealed = member(note ?? {}, "sealed");
  if (typeof sealed !== "string") return vault.readsPlain ? ok(line) : unavailable("plain");
  const opened = await vault.sealer.open(sealed, notePlace);
  return opened.ok ? ok({ ...line, note: objectOf(opened.value) }) : unavailable(opened.error);
}

function jsonOf(text: string): Json {
  const read = readJson(text);
  assert(read.ok, "what was sealed reads as it was written");
  return read.value;
}

function objectOf(text: string): JsonObject {
  const value = jsonOf(text);
  assert(isObject(value), "what was sealed is an object");
  return value;
}
