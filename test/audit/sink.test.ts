import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditLog } from "../../src/audit/log.ts";
import { type AuditSink, type AuditStream, createAuditStream, type SinkBatch } from "../../src/audit/sink.ts";
import { openSqliteAuditLog } from "../../src/audit/sqlite/open.ts";
import { auditLeaseMs, auditStreamBatch } from "../../src/limits.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { Store } from "../../src/stores/store.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { must } from "./fixture.ts";
import { recordOf } from "./log-contract.ts";

const away = { ok: false, error: { kind: "unavailable" } } as const;

/** A receiver that keeps what it gets. `takes`: how many records of the next batch it has when it fails; absent: it does not fail. */
function receiver(takes: () => number | undefined = () => undefined) {
  const got: string[] = [];
  const batches: SinkBatch[] = [];
  const sink: AuditSink = {
    publish: async (batch) => {
      batches.push(batch);
      const most = takes();
      got.push(...batch.records.slice(0, most ?? batch.records.length));
      return most === undefined ? { ok: true, value: undefined } : away;
    },
    close: async () => undefined,
  };
  return { sink, got, batches };
}

async function logOf(size: number): Promise<AuditLog> {
  const log = openSqliteAuditLog(":memory:");
  if (size > 0) must(await log.append({ first: 0, records: texts(0, size), openings: [] }));
  return log;
}

function texts(from: number, until: number): readonly string[] {
  return Array.from({ length: until - from }, (_, i) => recordOf(from + i));
}

describe("a stream of an audit log", () => {
  const clock = { now: 1_000 };
  const streamOf = (
    log: AuditLog,
    sink: AuditSink,
    store: Pick<Store, "record" | "writeRecord">,
    name = "nats://a",
  ): AuditStream => createAuditStream({ log, sink, store, name, clock: () => clock.now, random: systemRandom });

  it("hands on what there is, in order and batches, and then what comes", async () => {
    const size = 2 * auditStreamBatch + 7;
    const log = await logOf(size);
    const { sink, got, batches } = receiver();
    const stream = streamOf(log, sink, createMemoryStore());
    expect(must(await stream.pump())).toBe(size);
    expect(must(await stream.pump())).toBe(0);
    must(await log.append({ first: size, records: texts(size, size + 2), openings: [] }));
    expect(must(await stream.pump())).toBe(2);
    expect(got).toEqual(texts(0, size + 2));
    expect(batches.map(({ first }) => first)).toEqual([0, auditStreamBatch, 2 * auditStreamBatch, size]);
    expect(new Set(batches.map(({ log: id }) => id)).size).toBe(1);
  });

  it("waits for a log that is empty yet", async () => {
    const { sink } = receiver();
    expect(must(await streamOf(await logOf(0), sink, createMemoryStore()).pump())).toBe(0);
  });

  it("goes on in another process where the one before ended, and lets nobody else in while it gives", async () => {
    const log = await logOf(10);
    const store = createMemoryStore();
    const [one, two] = [receiver(), receiver()];
    const first = streamOf(log, one.sink, store);
    const second = streamOf(log, two.sink, store);
    expect(must(await first.pump())).toBe(10);
    must(await log.append({ first: 10, records: texts(10, 12), openings: [] }));
    expect(must(await second.pump())).toBe(0);
    await first.release();
    expect(must(await second.pump())).toBe(2);
    expect([...one.got, ...two.got]).toEqual(texts(0, 12));
    clock.now += auditLeaseMs;
    expect(must(await first.pump())).toBe(0);
  });

  it("keeps a place for each receiver", async () => {
    const log = await logOf(3);
    const store = createMemoryStore();
    const [one, two] = [receiver(), receiver()];
    must(await streamOf(log, one.sink, store, "nats://a").pump());
    must(await streamOf(log, two.sink, store, "nats://b").pump());
    expect([one.got, two.got]).toEqual([texts(0, 3), texts(0, 3)]);
  });

  it("says so when the log ends before the place that the receiver has", async () => {
    const store = createMemoryStore();
    const { sink } = receiver();
    must(await streamOf(await logOf(5), sink, store).pump());
    clock.now += auditLeaseMs;
    expect(await streamOf(await logOf(3), sink, store).pump()).toEqual({
      ok: false,
      error: { kind: "unavailable", detail: "position" },
    });
  });

  it("begins anew with another log", async () => {
    const store = createMemoryStore();
    const { sink, got } = receiver();
    must(await streamOf(await logOf(5), sink, store).pump());
    clock.now += auditLeaseMs;
    const other = openSqliteAuditLog(":memory:");
    must(await other.append({ first: 0, records: [recordOf(0, { kind: "begin" })], openings: [] }));
    expect(must(await streamOf(other, sink, store).pump())).toBe(1);
    expect(got.at(-1)).toBe(recordOf(0, { kind: "begin" }));
  });

  it("loses nothing, and brings all in order, whatever fails of receiver, store and log, and whoever dies when", async () => {
    const step = fc.record({
      appended: fc.nat(600),
      /** Calls of the store and of the log after which the process dies; the receiver has so many of a batch when it fails. */
      diesAfter: fc.option(fc.nat(7)),
      takes: fc.option(fc.nat(300)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const log = await logOf(1);
        const store = createMemoryStore();
        let size = 1;
        let takes: number | null = null;
        const { sink, got } = receiver(() => takes ?? undefined);
        for (const { appended, diesAfter, takes: some } of steps) {
          if (appended > 0) must(await log.append({ first: size, records: texts(size, size + appended), openings: [] }));
          size += appended;
          takes = some;
          let left = diesAfter ?? Number.POSITIVE_INFINITY;
          const mortal = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
            return async (...args: A): Promise<R> => {
              if (left-- <= 0) throw new Error("dead");
              return call(...args);
            };
          };
          const dying = { ...log, read: mortal(log.read), head: mortal(log.head) };
          const dyingStore = { record: mortal(store.record), writeRecord: mortal(store.writeRecord) };
          await streamOf(dying, sink, dyingStore)
            .pump()
            .catch(() => undefined);
          clock.now += auditLeaseMs;
        }
        takes = null;
        must(await streamOf(log, sink, store).pump());
        expect(firstTimes(got)).toEqual(texts(0, size));
      }),
      { numRuns: 60 },
    );
  });
});

/** Each text where it came first. */
function firstTimes(got: readonly string[]): readonly string[] {
  return [...new Set(got)];
}
