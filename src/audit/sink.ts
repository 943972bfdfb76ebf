/**
 * Streaming an audit log to somebody else: every record, in order, at least once, from where the last process ended.
 * Never in the way of who writes the log: it reads what is there already. Never goes past a record that the receiver has not got.
 */
import type { JsonObject } from "../json/value.ts";
import { auditLeaseMs, auditStreamBatch } from "../limits.ts";
import { hexOf } from "../plan/digest.ts";
import type { Clock, Random } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import type { Answer, AuditFailure, AuditLog } from "./log.ts";
import { recordDigest } from "./record.ts";

/** Records for a receiver. */
export interface SinkBatch {
  /** Id of the log: digest of its first record. */
  readonly log: string;
  /** Number of the first record. */
  readonly first: number;
  /** Texts of records, in order. */
  readonly records: readonly string[];
}

/** A receiver of records. */
export interface AuditSink {
  /**
   * Hands records on, in order, and answers once the receiver has them for good. After a failure nobody knows how many it has, and the same are
   * given again: it tells them by log and number. A batch is never begun before the one before it was acknowledged.
   */
  publish(batch: SinkBatch): Answer<undefined>;
  close(): Promise<void>;
}

/** What a stream works with. */
export interface AuditStreamOptions {
  readonly log: AuditLog;
  readonly sink: AuditSink;
  /** Keeps how far the receiver is. */
  readonly store: Pick<Store, "record" | "writeRecord">;
  /** Of the receiver: each has its own place in the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A stream. */
export interface AuditStream {
  /** Hands on what there is; returns the number of records, which is 0 too where another process does it now. */
  pump(): Answer<number>;
  /** Lets another process go on at once. */
  release(): Promise<void>;
}

/** Kind of the records that keep how far a receiver is, and which process gives to it. */
const kind = "audit-stream";

/** How far a receiver is, as the store has it. */
interface Place {
  readonly version: number;
  /** Number of the next record. */
  readonly next: number;
}

/** Makes a stream. Nothing is touched until it pumps. */
export function createAuditStream({ log, sink, store, name, clock, random }: AuditStreamOptions): AuditStream {
  const holder = hexOf(random(12));
  let id: string | undefined;
  const logId = async (): Answer<string | undefined> => {
    if (id !== undefined) return ok(id);
    const first = await log.read(0, 1);
    if (!first.ok) return first;
    const [text] = first.value;
    id = text === undefined ? undefined : recordDigest(text);
    return ok(id);
  };
  /** Says how far the receiver is, and that this process gives to it for a while. `undefined`: another does. */
  const keep = async (version: number, value: JsonObject): Promise<Result<Place | undefined, AuditFailure>> => {
    const until = clock() + auditLeaseMs;
    const written = await store.writeRecord({ kind, id: name, version, value: { ...value, holder, until } });
    if (written.ok) return ok({ version: written.value, next: Number(value.next) });
    return written.error.kind === "conflict" ? ok(undefined) : err({ kind: "unavailable", detail: "store" });
  };
  const begin = async (of: string): Promise<Result<Place | undefined, AuditFailure>> => {
    const found = await store.record(kind, name);
    if (!found.ok) return err({ kind: "unavailable", detail: "store" });
    const { version = 0, value } = found.value ?? {};
    const until = typeof value?.until === "number" ? value.until : 0;
    if (value !== undefined && value.holder !== holder && until > clock()) return ok(undefined);
    const isSame = value?.log === of && typeof value.next === "number" && Number.isSafeInteger(value.next);
    return keep(version, { log: of, next: isSame ? (value.next ?? 0) : 0 });
  };
  return {
    pump: async () => {
      const of = await logId();
      if (!of.ok) return of;
      if (of.value === undefined) return ok(0);
      const begun = await begin(of.value);
      if (!begun.ok) return begun;
      let place = begun.value;
      for (let count = 0; ; ) {
        if (place === undefined) return ok(count);
        const page = await log.read(place.next, auditStreamBatch);
        if (!page.ok) return page;
        if (page.value.length === 0)
          return (await isAtEnd(log, place.next)) ? ok(count) : err({ kind: "unavailable", detail: "position" });
        const published = await sink.publish({ log: of.value, first: place.next, records: page.value });
        if (!published.ok) return published;
        count += page.value.length;
        const kept: Result<Place | undefined, AuditFailure> = await keep(place.version, {
          log: of.value,
          next: place.next + page.value.length,
        });
        if (!kept.ok) return kept;
        place = kept.value;
      }
    },
    release: async () => {
      const found = await store.record(kind, name);
      if (!found.ok || found.value?.value.holder !== holder) return;
      await store.writeRecord({ ...found.value, value: { ...found.value.value, until: 0 } });
    },
  };
}

/** Whether a log ends there: one that ends before was cut, or is another's. */
async function isAtEnd(log: AuditLog, next: number): Promise<boolean> {
  const head = await log.head();
  return !head.ok || head.value.size >= next;
}
