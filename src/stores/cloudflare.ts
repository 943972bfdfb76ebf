/**
 * The store on Cloudflare Workers: an object for each session, one for what the sessions of a tenant share, and D1 for documents, the
 * listing and the journal. It only asks; the objects decide.
 * Never takes silence for an answer: what is not answered is `unavailable`.
 */
import { canonicalJson } from "../json/canonical.ts";
import type { JsonObject } from "../json/value.ts";
import { assert, ConfigError, err, ok, type Result } from "../result.ts";
import { entryOf } from "./columns.ts";
import { labelOf } from "./sqlite/rows.ts";
import {
  badCursor,
  type ContextLabel,
  isSoundChange,
  isSoundWrite,
  type JournalLine,
  type JournalOption,
  type JournalPage,
  noJournal,
  numberOfCursor,
  type RevokedPart,
  type SessionHeader,
  type SessionRow,
  type Store,
  type StoredRecord,
  type StoreFailure,
} from "./store.ts";
import type { CloudflareBindings } from "./cloudflare/bindings.ts";
import { entryColumns, entryText, objectOf, sharedText } from "./cloudflare/change.ts";
import { listTexts, loadText, saveText } from "./cloudflare/documents.ts";
import { linePlaces, type LinePlace, noteStatement } from "./cloudflare/journal.ts";
import { addRow, expiredIds, newestIds, removeRow, renewRow } from "./cloudflare/listing.ts";
import { sessionObjectName, sharedObjectName } from "./cloudflare/names.ts";
import { ask, type Message } from "./cloudflare/wire.ts";

export type { CloudflareBindings, Database, DatabaseStatement, ObjectNamespace, ObjectState } from "./cloudflare/bindings.ts";
export { SluiceSession, SluiceShared } from "./cloudflare/objects.ts";

/** Options of the store on Cloudflare. */
export interface CloudflareStoreOptions extends JournalOption {
  /** Whose sessions these are: two tenants share nothing. Letters, digits, `_`, `.`, `-`. Default `default`. */
  readonly tenant?: string;
}

/** What the methods share. */
interface World {
  readonly bindings: CloudflareBindings;
  readonly tenant: string;
  readonly journal: boolean;
}

/**
 * Makes the store over the bindings of a Worker. Throws `ConfigError` for bindings or options that are none.
 * @example const store = createCloudflareStore(env);
 */
export function createCloudflareStore(bindings: CloudflareBindings, options: CloudflareStoreOptions = {}): Store {
  const { tenant = "default", journal = false } = options;
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(tenant))
    throw new ConfigError("`tenant` must be 1 to 128 of the characters `A-Z a-z 0-9 _ . -`");
  for (const name of ["SLUICE_SESSIONS", "SLUICE_SHARED"] as const)
    if (typeof bindings?.[name]?.idFromName !== "function")
      throw new ConfigError(`\`${name}\` must be a binding to a namespace of Durable Objects`);
  if (typeof bindings.SLUICE_DB?.prepare !== "function") throw new ConfigError("`SLUICE_DB` must be a binding to a D1 database");
  const world: World = { bindings, tenant, journal };
  const db = bindings.SLUICE_DB;
  return {
    ...sessionMethods(world),
    ...sharedMethods(world),
    saveDocument: (kind, digest, text) =>
      asked(async () => {
        await saveText(db, { tenant, kind, digest }, text);
        return ok(undefined);
      }),
    loadDocument: (kind, digest) => asked(async () => ok(await loadText(db, { tenant, kind, digest }))),
    listDocuments: (kind) => asked(async () => ok(await listTexts(db, tenant, kind))),
    note: (facts) =>
      asked(async () => {
        if (journal) await noteStatement(db, tenant, facts).all();
        return ok(undefined);
      }),
    journal: (page) => (journal ? asked(() => linesOf(world, page)) : Promise.resolve(err(noJournal))),
    trimJournal: (upTo) =>
      asked(async () => {
        if (!journal) return err(noJournal);
        const last = numberOfCursor(upTo);
        if (last === undefined) return err(badCursor);
        await db.prepare("DELETE FROM journal WHERE tenant = ? AND cursor <= ?").bind(tenant, last).all();
        return ok(undefined);
      }),
  };
}

/** A query of D1; a rejection is `unavailable`, and its text is not kept. */
async function asked<T>(query: () => Promise<Result<T, StoreFailure>>): Promise<Result<T, StoreFailure>> {
  try {
    return await query();
  } catch {
    return err({ kind: "unavailable", detail: "d1" });
  }
}

function askSession({ bindings, tenant }: World, session: string) {
  return (verb: string, head: JsonObject, texts: readonly (string | null)[] = []) =>
    ask({ namespace: bindings.SLUICE_SESSIONS, name: sessionObjectName(tenant, session), verb }, head, texts);
}

function askShared({ bindings, tenant }: World, verb: string, head: JsonObject, texts: readonly string[] = []) {
  return ask({ namespace: bindings.SLUICE_SHARED, name: sharedObjectName(tenant), verb }, head, texts);
}

function labelIn(text: string | null | undefined): ContextLabel | undefined {
  return labelOf({ label: text ?? null });
}

function sessionMethods(world: World): Pick<Store, "create" | "load" | "commit" | "list" | "expire"> {
  const { bindings, tenant, journal } = world;
  return {
    create: (header, opening) =>
      asked(async () => {
        const put = askSession(world, header.id);
        // First into the listing: a session that is in none could never be forgotten.
        if (!(await addRow(bindings.SLUICE_DB, tenant, header))) {
          const there = await put("row", {});
          if (there.ok) return err({ kind: "exists" });
          if (there.error.kind !== "unknown") return there;
          await renewRow(bindings.SLUICE_DB, tenant, header);
        }
        const created = await put("create", { header: header as unknown as JsonObject, tenant, journal }, [entryText(opening)]);
        return created.ok ? ok(undefined) : created;
      }),
    load: async (session, since) => {
      const answer = await askSession(world, session)("load", { since });
      if (!answer.ok) return answer;
      const { header, version, revoked } = answer.value.head as unknown as {
        readonly header: SessionHeader;
        readonly version: number;
        readonly revoked: RevokedPart | null;
      };
      const [label, ...texts] = answer.value.texts;
      const context = labelIn(label);
      const entries = texts.map((text) => entryOf(entryColumns(text ?? "")));
      return ok({
        header,
        version,
        entries,
        ...(context === undefined ? {} : { context }),
        ...(revoked === null ? {} : { revoked }),
      });
    },
    commit: async (session, version, change) => {
      assert(isSoundChange(change), "a change has events, and finite amounts");
      const closes = change.entries.some(({ event }) => event.type === "close");
      const texts = [sharedText(change), ...change.entries.map(entryText)];
      const answer = await askSession(world, session)("commit", { version, closes, journal }, texts);
      return answer.ok ? ok(answer.value.head.value as number) : answer;
    },
    list: (limit) => asked(() => listed(world, limit)),
    expire: (before, limit) => asked(() => expired(world, before, limit)),
  };
}

/** What the object of each session says; those that are in the listing and are not, left out. */
async function listed(world: World, limit: number): Promise<Result<readonly SessionRow[], StoreFailure>> {
  const { bindings, tenant } = world;
  const rows: SessionRow[] = [];
  for (let offset = 0; rows.length < limit; offset += limit) {
    const ids = await newestIds(bindings.SLUICE_DB, tenant, { limit, offset });
    for (const answer of await Promise.all(ids.map((id) => askSession(world, id)("row", {})))) {
      if (answer.ok) rows.push(rowOf(answer.value));
      else if (answer.error.kind !== "unknown") return answer;
    }
    if (ids.length < limit) break;
  }
  return ok(rows.slice(0, limit));
}

function rowOf({ head }: Message): SessionRow {
  const { header, version, closed } = head as unknown as {
    readonly header: SessionHeader;
    readonly version: number;
    readonly closed: number;
  };
  return { header, version, isClosed: closed === 1 };
}

async function expired(world: World, before: number, limit: number): Promise<Result<number, StoreFailure>> {
  const { bindings, tenant } = world;
  let count = 0;
  for (let offset = 0; count < limit; ) {
    const ids = await expiredIds(bindings.SLUICE_DB, tenant, { before, limit: limit - count, offset });
    if (ids.length === 0) break;
    for (const id of ids) {
      const answer = await askSession(world, id)("forget", { before });
      if (!answer.ok && answer.error.kind !== "unknown") return answer;
      if (answer.ok && answer.value.head.isForgotten !== true) {
        offset++;
        continue;
      }
      if (answer.ok) count++;
      await removeRow(bindings.SLUICE_DB, tenant, id);
    }
  }
  return ok(count);
}

async function linesOf(world: World, { limit, after }: JournalPage): Promise<Result<readonly JournalLine[], StoreFailure>> {
  const { bindings, tenant } = world;
  const past = after === undefined ? 0 : numberOfCursor(after);
  if (past === undefined) return err(badCursor);
  const places = await linePlaces(bindings.SLUICE_DB, { tenant, after: past, limit });
  const events = new Map<string, LinePlace[]>();
  for (const place of places)
    if (place.session !== undefined) events.set(place.session, [...(events.get(place.session) ?? []), place]);
  const texts = new Map<LinePlace, string>();
  for (const [session, ofSession] of events) {
    const answer = await askSession(world, session)("entries", { numbers: ofSession.map(({ number }) => number ?? 0) });
    if (!answer.ok) return err({ kind: "unavailable", detail: "object" });
    ofSession.forEach((place, i) => {
      texts.set(place, answer.value.texts[i] ?? "");
    });
  }
  return ok(
    places.map((place) => {
      const text = texts.get(place);
      return text === undefined ? place : { ...place, entry: entryOf(entryColumns(text)) };
    }),
  );
}

type SharedMethods = "contextOf" | "labelsOf" | "record" | "records" | "writeRecord" | "forgetRecords";

function sharedMethods(world: World): Pick<Store, SharedMethods> {
  const number = async (answer: ReturnType<typeof ask>): Promise<Result<number, StoreFailure>> => {
    const result = await answer;
    return result.ok ? ok(result.value.head.value as number) : result;
  };
  return {
    contextOf: async (conversation) => {
      const answer = await askShared(world, "contextOf", { conversation });
      return answer.ok ? ok(labelIn(answer.value.texts[0])) : answer;
    },
    labelsOf: async ({ keys, prefixes }) => {
      const answer = await askShared(world, "labelsOf", { query: { keys, prefixes } });
      return answer.ok ? ok(labelIn(answer.value.texts[0])) : answer;
    },
    record: async (kind, id) => {
      const answer = await askShared(world, "record", { kind, id });
      return answer.ok ? ok(recordsOf(answer.value)[0]) : answer;
    },
    records: async (kind, { limit, after, prefix }) => {
      const page = { limit, ...(after === undefined ? {} : { after }), ...(prefix === undefined ? {} : { prefix }) };
      const answer = await askShared(world, "records", { kind, page });
      return answer.ok ? ok(recordsOf(answer.value)) : answer;
    },
    writeRecord: async (write) => {
      assert(isSoundWrite(write), "a record has a version");
      const { kind, id, version, value } = write;
      return number(askShared(world, "writeRecord", { kind, id, version }, [canonicalJson(value)]));
    },
    forgetRecords: (kind, before, limit) => number(askShared(world, "forgetRecords", { kind, before, limit })),
  };
}

function recordsOf({ head, texts }: Message): readonly StoredRecord[] {
  return (head.records as unknown as Omit<StoredRecord, "value">[]).map((record, i) => ({
    ...record,
    value: objectOf(texts[i] ?? ""),
  }));
}
