/** The store in Redis does what the store in memory does, to the last bit of every sum, and keeps the same. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createRedisStore } from "../../src/stores/redis.ts";
import type { Change, ContextLabel, Entry, RecordWrite, Store, Take } from "../../src/stores/store.ts";
import { redisProgram, type RedisService, startRedis } from "../services/redis.ts";
import { describeWith } from "../services/service.ts";
import { journalOf, linesOf } from "./journal-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const names = ["", " ", "a", "a b", "a\n", "a\u0000", "aé", "a\uffff", "\u{1f600}", "!", "~0021", "=", "-"];
const name = fc.constantFrom(...names);
const session = fc.constantFrom("s", "t\n 1", "\u{1f600}");
const label: fc.Arbitrary<ContextLabel> = fc
  .record({
    sources: fc.subarray(names),
    readers: fc.option(fc.subarray(names), { nil: null }),
    untrusted: fc.subarray(names),
  })
  .map(({ sources, readers, untrusted }) => ({
    sources: [...sources].sort(),
    readers: readers === null ? null : [...readers].sort(),
    ...(untrusted.length === 0 ? {} : { untrusted: [...untrusted].sort() }),
  }));
const amount = fc.oneof(
  fc.constantFrom(0, 0.1, 0.2, 0.3, 1 / 3, 1e-9, 1, 7, 1e16, 5e-324, 1.7976931348623157e308),
  fc.double({ min: 0, max: 10, noNaN: true }),
);
const run = fc.nat(2);
const at = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.double({ min: 0, max: 500, noNaN: true }));
const window = fc.constantFrom(undefined, undefined, 100, 33.3);
const take: fc.Arbitrary<Take> = fc
  .record({ counter: name, run, amount, max: fc.oneof(fc.constantFrom(0.3, 0.6, 1, 10, 1e16, Infinity), amount), at, window })
  .map(({ window: windowMs, ...rest }) => ({ ...rest, ...(windowMs === undefined ? {} : { windowMs }) }));
const record: fc.Arbitrary<RecordWrite> = fc.record({
  kind: fc.constantFrom("k", "revocation", ""),
  id: fc.oneof(name, fc.constantFrom("session:s", "plan:sha256:00", "principal:ada")),
  version: fc.nat(2),
  value: fc.constantFrom({}, { lifted: true }, { "\u0000": ["é", null, 9007199254740993n] } as never),
});
const entry: fc.Arbitrary<Entry> = fc.constantFrom<Entry>(
  allowed(0),
  { event: { type: "deny", at: 1, code: "CALL_REPEATED", tool: "a/b" }, facts: { "\n": "\n" } },
  { event: { type: "settle", at: 1, run: 0, ok: true, value: ["\n", {}], valid: true } },
  { event: { type: "close", at: 2 } },
);
const change = fc
  .record({
    entries: fc.array(entry, { minLength: 1, maxLength: 3 }),
    context: fc.option(label, { nil: undefined }),
    takes: fc.array(take, { maxLength: 4 }),
    gives: fc.array(take, { maxLength: 2 }),
    records: fc.array(record, { maxLength: 2 }),
    resources: fc.array(fc.record({ key: name, label }), { maxLength: 3 }),
  })
  .map(({ context, ...rest }): Change => ({ ...rest, ...(context === undefined ? {} : { context }) }));
const page = fc
  .record({ limit: fc.nat(4), after: fc.option(name, { nil: undefined }), prefix: fc.option(name, { nil: undefined }) })
  .map(({ limit, after, prefix }) => ({
    limit,
    ...(after === undefined ? {} : { after }),
    ...(prefix === undefined ? {} : { prefix }),
  }));

type Step = (store: Store) => Promise<unknown>;
const step: fc.Arbitrary<readonly [string, Step]> = fc.oneof(
  fc.tuple(session, fc.integer({ min: 1, max: 3 }), name).map(([id, openedAt, principal]): readonly [string, Step] => {
    const header = headerOf(id, { openedAt, expiresAt: 10 * openedAt + 0.5, conversation: "c\n", principal });
    return [`create ${JSON.stringify(header)}`, (store) => store.create(header, opening(header))];
  }),
  ...Array.from({ length: 4 }, () =>
    fc.tuple(session, fc.constantFrom(0, 0, 0, 0, 1), change).map(([id, back, made]): readonly [string, Step] => [
      `commit ${id} ${back} ${fc.stringify(made)}`,
      async (store) => {
        const loaded = await store.load(id, 0);
        return [loaded, await store.commit(id, (loaded.ok ? loaded.value.version : 1) - back, made), await store.load(id, 1)];
      },
    ]),
  ),
  record.map((write): readonly [string, Step] => [`write ${fc.stringify(write)}`, (store) => store.writeRecord(write)]),
  page.map((asked): readonly [string, Step] => [`list ${JSON.stringify(asked)}`, (store) => store.records("k", asked)]),
  fc
    .tuple(name, fc.nat(2))
    .map(([id, limit]): readonly [string, Step] => [`forget ${id} ${limit}`, (store) => store.forgetRecords("k", id, limit)]),
  fc
    .constantFrom(10.4, 10.5, 31)
    .map((before): readonly [string, Step] => [`expire ${before}`, (store) => store.expire(before, 9)]),
  fc.nat(12).map((count): readonly [string, Step] => [
    `trim ${count}`,
    async (store) => {
      const lines = await journalOf(store, 5);
      const last = lines[Math.min(count, lines.length - 1)];
      return last === undefined ? undefined : store.trimJournal(last.cursor);
    },
  ]),
  name.map((what): readonly [string, Step] => [`note ${what}`, (store) => store.note({ what })]),
  fc
    .tuple(name, name)
    .map(([digest, text]): readonly [string, Step] => [
      `save ${digest}`,
      async (store) => [await store.saveDocument("catalogue", digest, text), await store.loadDocument("catalogue", digest)],
    ]),
);

/** All that a store can be asked for. */
async function stateOf(store: Store): Promise<unknown> {
  return [
    await store.list(9),
    await store.contextOf("c\n"),
    await Promise.all(["k", "revocation", ""].map((kind) => store.records(kind, { limit: 99 }))),
    await Promise.all(names.map((key) => store.labelsOf({ keys: [key], prefixes: [] }))),
    await store.labelsOf({ keys: [], prefixes: ["a"] }),
    await store.listDocuments("catalogue"),
    await linesOf(store, 3),
    // What a counter holds shows in what it still takes: one more by one more bit would not.
    await Promise.all(["s", "t\n 1"].map((id) => store.load(id, 0))),
  ];
}

describeWith(redisProgram, "Redis and memory", () => {
  let redis: RedisService;
  let tags = 0;
  beforeAll(async () => {
    redis = await startRedis({ settings: { appendfsync: "everysec" } });
  });
  afterAll(async () => redis.remove());

  it("answer alike to whatever is asked, and hold the same afterwards", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), async (steps) => {
        const memory = createMemoryStore({ journal: true });
        const other = await createRedisStore(redis.client, { tag: `m${tags++}`, durability: "everysec", journal: true });
        for (const [said, take] of steps) expect([said, await take(other)]).toEqual([said, await take(memory)]);
        expect(await stateOf(other)).toEqual(await stateOf(memory));
      }),
      { numRuns: Number(process.env.SLUICE_RUNS ?? 120) },
    );
  });

  it("keep sums to the last bit: what fits exactly, fits, and what is one bit more, does not", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(amount, fc.boolean()), { minLength: 1, maxLength: 25 }), async (steps) => {
        const stores = [
          createMemoryStore(),
          await createRedisStore(redis.client, { tag: `m${tags++}`, durability: "everysec" }),
        ] as const;
        const header = headerOf("s");
        for (const store of stores) await store.create(header, opening(header));
        const answers = stores.map(() => [] as unknown[]);
        for (const [i, store] of stores.entries()) {
          let version = 1;
          const attempt = async (made: Omit<Change, "entries">): Promise<void> => {
            const done = await store.commit("s", version, { entries: [allowed(0)], ...made });
            if (done.ok) version = done.value;
            answers[i]?.push(done);
          };
          let sum = 0;
          for (const [each, isGiven] of steps) {
            sum += each;
            for (const windowed of [{}, { windowMs: 1e6 }]) {
              await attempt({ takes: [{ counter: "c", run: 1, amount: each, max: sum, at: 1, ...windowed }] });
              if (isGiven) await attempt({ gives: [{ counter: "c", run: 2, amount: each, ...windowed }] });
            }
          }
        }
        expect(answers[1]).toEqual(answers[0]);
      }),
      { numRuns: 40 },
    );
  });

  it("count alike within windows, however the clock jumps", async () => {
    const taken = fc.record({
      at: fc.integer({ min: 0, max: 14 }).map((n) => 25 * n),
      amount: fc.constantFrom(0, 0.1, 0.2, 0.3, 1 / 3, 1),
      max: fc.constantFrom(0.3, 0.6, 1, 1.1, 2),
      run: fc.nat(1),
      isGiven: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(taken, { minLength: 5, maxLength: 25, size: "max" }), async (steps) => {
        const stores = [
          createMemoryStore(),
          await createRedisStore(redis.client, { tag: `m${tags++}`, durability: "everysec" }),
        ] as const;
        const answers = stores.map(async (store) => {
          const all: boolean[] = [];
          await store.create(headerOf("s"), opening(headerOf("s")));
          let version = 1;
          for (const { isGiven, ...each } of steps) {
            const asked = { ...each, counter: "w", windowMs: 100 };
            const gives = isGiven ? [{ ...asked, run: 1 - each.run }] : [];
            const done = await store.commit("s", version, { entries: [allowed(0)], takes: [asked], gives });
            if (done.ok) version = done.value;
            all.push(done.ok);
          }
          return all;
        });
        expect(await answers[1]).toEqual(await answers[0]);
      }),
      { numRuns: 80 },
    );
  });
});
