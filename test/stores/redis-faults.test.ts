/** What can happen to a Redis server while it is used: every answer is right or `unavailable`, and nothing is granted twice. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRedisStore, openRedisStore, type RedisOpenOptions } from "../../src/stores/redis.ts";
import type { OpenStore, Store, StoreFailure } from "../../src/stores/store.ts";
import type { Result } from "../../src/result.ts";
import { freePort, redisProgram, type RedisService, startRedis } from "../services/redis.ts";
import { describeWith } from "../services/service.ts";
import { linesOf } from "./journal-contract.ts";
import { allowed, headerOf, opening } from "./session-fixture.ts";

const header = headerOf("s");
const takesOne = (version: number) => ({
  entries: [allowed(version)],
  takes: [{ counter: "c", run: version, amount: 1, max: 1_000, at: 1 }],
  context: { sources: ["web"], readers: null },
});
const unavailable = (detail: string) => ({ ok: false, error: { kind: "unavailable", detail } });
const detailOf = (answer: Result<unknown, StoreFailure>): string =>
  answer.ok ? "ok" : answer.error.kind === "unavailable" ? (answer.error.detail ?? "") : answer.error.kind;

describeWith(redisProgram, "Redis in trouble", () => {
  const services: RedisService[] = [];
  const stores: OpenStore[] = [];
  let redis: RedisService;
  const start = async (settings: Readonly<Record<string, string>> = {}, sentinel = false): Promise<RedisService> => {
    const service = await startRedis({ settings, sentinel });
    services.push(service);
    return service;
  };
  const open = async (url = redis.url, options: RedisOpenOptions = {}): Promise<OpenStore> => {
    const store = await openRedisStore(url, { durability: "everysec", timeoutMs: 600, ...options });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    redis = await start({ "enable-debug-command": "yes", "busy-reply-threshold": "100" });
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    for (const service of services.splice(0)) await service.remove();
  });

  /** A store with session `s` at version 1. */
  const opened = async (options: RedisOpenOptions = {}): Promise<OpenStore> => {
    const store = await open(redis.url, options);
    expect(await store.create(header, opening(header))).toEqual({ ok: true, value: undefined });
    return store;
  };
  const versionOf = async (store: Store): Promise<number> => {
    const loaded = await store.load("s", 0);
    return loaded.ok ? loaded.value.version : -1;
  };
  /** Asks until it is answered; how long at most is the test's own time. */
  const eventually = async (ask: () => Promise<boolean>): Promise<void> => {
    while (!(await ask())) await sleep(30);
  };

  it("a server that has forgotten the scripts is given them again", async () => {
    const store = await opened();
    await redis.client.script("FLUSH");
    expect(await store.commit("s", 1, takesOne(1))).toEqual({ ok: true, value: 2 });
    await redis.client.script("FLUSH");
    expect(await versionOf(store)).toBe(2);
  });

  it("a server that was emptied grants nothing, until the store is opened anew", async () => {
    const [store, other] = [await opened(), await open()];
    await redis.client.flushall();
    for (const answer of [
      await store.commit("s", 1, takesOne(1)),
      await store.create(header, opening(header)),
      await store.load("s", 0),
      await store.writeRecord({ kind: "k", id: "a", version: 0, value: {} }),
      await store.contextOf("s"),
    ])
      expect(answer).toEqual(unavailable("redis replaced"));
    const fresh = await open();
    expect(await fresh.load("s", 0)).toEqual({ ok: false, error: { kind: "unknown" } });
    for (const old of [store, other]) expect(await old.create(header, opening(header))).toEqual(unavailable("redis replaced"));
    expect(await redis.client.keys("*")).toEqual(["{sluice}:mark"]);
  });

  it("a full server changes nothing, and goes on when it has room", async () => {
    const store = await opened();
    await redis.client.config("SET", "maxmemory", "1mb");
    const records = [{ kind: "k", id: "a", version: 0, value: {} }];
    for (let i = 0; i < 3; i++) expect(await store.commit("s", 1, { ...takesOne(1), records })).toEqual(unavailable("redis OOM"));
    expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { version: 1 } });
    expect(await store.contextOf("s")).toEqual({ ok: true, value: undefined });
    expect(await store.record("k", "a")).toEqual({ ok: true, value: undefined });
    await redis.client.config("SET", "maxmemory", "0");
    expect(await store.commit("s", 1, takesOne(1))).toEqual({ ok: true, value: 2 });
  });

  it("a server whose disk is full changes nothing", async () => {
    const store = await opened();
    mkdirSync(join(redis.folder, "dump.rdb"));
    await redis.client.config("SET", "save", "3600 1");
    await redis.client.bgsave();
    await eventually(async () => (await redis.client.info("persistence")).includes("rdb_last_bgsave_status:err"));
    expect(await store.commit("s", 1, takesOne(1))).toEqual(unavailable("redis MISCONF"));
    expect(await versionOf(store)).toBe(1);
    await redis.client.config("SET", "stop-writes-on-bgsave-error", "no");
    expect(await store.commit("s", 1, takesOne(1))).toEqual({ ok: true, value: 2 });
  });

  it("a server that is made a replica, or may drop keys, is used no more until that is over", async () => {
    const store = await opened();
    await redis.client.call("REPLICAOF", "127.0.0.1", String(await freePort()));
    expect(detailOf(await store.commit("s", 1, takesOne(1)))).toMatch(/^redis (?:READONLY|connection)$/);
    await eventually(async () => detailOf(await store.load("s", 0)) === "redis settings");
    await redis.client.call("REPLICAOF", "NO", "ONE");
    await eventually(async () => (await store.commit("s", 1, takesOne(1))).ok);
    await redis.client.config("SET", "maxmemory-policy", "allkeys-lru");
    await redis.client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await eventually(async () => detailOf(await store.load("s", 0)) === "redis settings");
    await redis.client.config("SET", "maxmemory-policy", "noeviction");
    await eventually(async () => (await versionOf(store)) === 2);
  });

  it("a server that is busy with a script of somebody else says so", async () => {
    const store = await opened();
    const loop = redis.client.duplicate();
    const looping = loop.eval("while true do end", 0).catch(() => "killed");
    await sleep(200);
    expect(await store.commit("s", 1, takesOne(1))).toEqual(unavailable("redis BUSY"));
    await redis.client.script("KILL");
    expect(await looping).toBe("killed");
    loop.disconnect();
    await eventually(async () => (await store.commit("s", 1, takesOne(1))).ok);
    expect(await versionOf(store)).toBe(2);
  });

  it("a server that hangs is unavailable in time; what it did later happened once", async () => {
    const store = await opened();
    expect(await store.commit("s", 1, takesOne(1))).toEqual({ ok: true, value: 2 });
    const started = process.hrtime.bigint();
    redis.pause();
    expect(await store.commit("s", 2, takesOne(2))).toEqual(unavailable("redis timeout"));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2_000);
    redis.resume();
    await eventually(async () => (await versionOf(store)) === 3);
    expect(await store.commit("s", 2, takesOne(2))).toEqual({ ok: false, error: { kind: "conflict" } });
    expect(await redis.client.hget("{sluice}:totals", "c")).toBe("2 0");
  });

  it("a connection that breaks under a commit leaves all of it or nothing, and is there again soon", async () => {
    const store = await opened();
    let version = 1;
    let told = 1;
    for (let i = 0; i < 40; i++) {
      const commit = store.commit("s", version, takesOne(version));
      if (i % 2 === 0) await redis.client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      const answer = await commit;
      if (answer.ok) told++;
      else expect(detailOf(answer)).toMatch(/^redis |^conflict$/);
      await eventually(async () => (await versionOf(store)) > 0);
      const now = await versionOf(store);
      expect(now - version).toBeGreaterThanOrEqual(answer.ok ? 1 : 0);
      expect(now - version).toBeLessThanOrEqual(1);
      version = now;
    }
    expect(version).toBeGreaterThanOrEqual(told);
    const total = version === 1 ? null : `${version - 1} 0`;
    expect(await redis.client.hget("{sluice}:totals", "c")).toBe(total);
  });

  it("a server that is killed, again and again, has all that it answered when it is back", async () => {
    const store = await opened({ durability: "always", journal: true });
    let version = await versionOf(store);
    for (let round = 0; round < 3; round++) {
      const stop = sleep(20 + 30 * round).then(() => redis.kill());
      for (;;) {
        const answer = await store.commit("s", version, takesOne(version));
        if (!answer.ok) break;
        version = answer.value;
      }
      await stop;
      const started = process.hrtime.bigint();
      for (let i = 0; i < 5; i++) expect(detailOf(await store.commit("s", version, takesOne(version)))).toBe("redis connection");
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(500);
      await redis.restart();
      await eventually(async () => (await versionOf(store)) > 0);
      const after = await versionOf(store);
      // The last one may have been written without being told.
      expect(after - version).toBeGreaterThanOrEqual(0);
      expect(after - version).toBeLessThanOrEqual(1);
      version = after;
      expect(await redis.client.hget("{sluice}:totals", "c")).toBe(`${version - 1} 0`);
      expect(await linesOf(store)).toHaveLength(version);
    }
  });

  it("a journal that lost lines is not taken for one that has them", async () => {
    const store = await opened({ journal: true });
    await store.commit("s", 1, takesOne(1));
    await redis.client.save();
    await store.commit("s", 2, takesOne(2));
    const lines = await store.journal({ limit: 9 });
    const last = (lines.ok && lines.value.at(-1)?.cursor) || "";
    // As after a failover to a replica that had not got the last line yet.
    await redis.client.rpop("{sluice}:journal");
    expect(await store.journal({ limit: 9, after: last })).toEqual(unavailable("redis rewritten"));
    expect(await store.trimJournal(last)).toEqual(unavailable("redis rewritten"));
    await store.note({ another: "line" });
    expect(await store.journal({ limit: 9, after: last })).toEqual(unavailable("redis rewritten"));
    const again = await store.journal({ limit: 9, after: (lines.ok && lines.value[1]?.cursor) || "" });
    expect(again).toMatchObject({ ok: true, value: [{ note: { another: "line" } }] });
  });

  /** A replica of the server that has all of it. */
  const replicaOf = async (master: RedisService): Promise<RedisService> => {
    const replica = await start({ replicaof: `127.0.0.1 ${master.port}`, "min-replicas-max-lag": "0" });
    await eventually(async () => (await master.client.info("replication")).includes("state=online"));
    return replica;
  };

  it("without waiting for replicas, a failover may lose what was answered; with it, nothing", async () => {
    const replica = await replicaOf(redis);
    const careless = await opened();
    // A replica on a busy machine takes its time; one that hears nothing takes all of it.
    const careful = await open(redis.url, { replicas: 1, replicaTimeoutMs: 2_000, timeoutMs: 4_000 });
    expect(await careful.commit("s", 1, takesOne(1))).toEqual({ ok: true, value: 2 });
    // The replica hears no more of the master, which lives on.
    replica.pause();
    await redis.client.call("CLIENT", "KILL", "TYPE", "replica");
    expect(await careful.commit("s", 2, takesOne(2))).toEqual(unavailable("redis replicas 0"));
    expect(await careless.commit("s", 3, takesOne(3))).toEqual({ ok: true, value: 4 });
    expect(await careful.writeRecord({ kind: "k", id: "a", version: 0, value: {} })).toEqual(unavailable("redis replicas 0"));
    await redis.kill();
    replica.resume();
    await replica.client.call("REPLICAOF", "NO", "ONE");
    const after = await open(replica.url);
    // What `careful` was told is there; what `careless` was told is not: the run could be granted again.
    const version = await versionOf(after);
    expect(version).toBeGreaterThanOrEqual(2);
    expect(version).toBeLessThan(4);
    expect(await replica.client.hget("{sluice}:totals", "c")).toBe(`${version - 1} 0`);
  });

  it("answers many changes at once with one wait for replicas, each with its own answer", async () => {
    await replicaOf(redis);
    const store = await open(redis.url, { replicas: 1, replicaTimeoutMs: 5_000, timeoutMs: 9_000 });
    const ids = Array.from({ length: 50 }, (_, i) => `s${i}`);
    await redis.client.script("FLUSH");
    const made = await Promise.all(ids.map((id) => store.create(headerOf(id), opening(headerOf(id)))));
    expect(made.every(({ ok }) => ok)).toBe(true);
    const take = { counter: "b", run: 0, amount: 1, max: 20, at: 1 };
    const answers = await Promise.all(ids.map((id) => store.commit(id, 1, { entries: [allowed(0)], takes: [take] })));
    expect(answers.map(detailOf).filter((each) => each === "ok")).toHaveLength(20);
    expect(answers.map(detailOf).filter((each) => each === "budget")).toHaveLength(30);
    expect(String(await redis.client.info("commandstats"))).toMatch(/cmdstat_wait:calls=[2-9],/);
  });

  it("finds the new master that Sentinels name, and goes on when it has its replica", async () => {
    const replica = await replicaOf(redis);
    const sentinel = await start(
      {
        "sentinel monitor": `m 127.0.0.1 ${redis.port} 1`,
        "sentinel down-after-milliseconds": "m 300",
        "sentinel failover-timeout": "m 1000",
      },
      true,
    );
    const url = `redis://127.0.0.1:${sentinel.port}/0?sentinel=m&replicas=1`;
    await eventually(async () => String(await sentinel.client.call("SENTINEL", "REPLICAS", "m")).includes(String(replica.port)));
    const store = await open(url, { replicaTimeoutMs: 200 });
    await store.create(header, opening(header));
    let version = 1;
    for (; version < 5; version++)
      expect(await store.commit("s", version, takesOne(version))).toEqual({ ok: true, value: version + 1 });
    await redis.kill();
    expect(detailOf(await store.commit("s", version, takesOne(version)))).toMatch(/^redis /);
    await eventually(async () => String(await replica.client.info("replication")).includes("role:master"));
    await eventually(async () => (await versionOf(store)) > 0);
    expect(await versionOf(store)).toBe(version);
    // The only replica is gone: a change is not safe.
    expect(detailOf(await store.commit("s", version, takesOne(version)))).toBe("redis replicas 0");
    // The Sentinel would tell it so too, ten seconds later.
    await redis.restart();
    await redis.client.call("REPLICAOF", "127.0.0.1", String(replica.port));
    await eventually(async () => {
      const now = await versionOf(store);
      return now > 0 && (await store.commit("s", now, takesOne(now))).ok;
    });
    const last = await versionOf(store);
    expect(await replica.client.hget("{sluice}:totals", "c")).toBe(`${last - 1} 0`);
  });

  it("a client that sends again what may have happened, does nothing twice", async () => {
    const twice = await createRedisStore(
      {
        call: async (command, ...args) => {
          await redis.client.call(command, ...args);
          return redis.client.call(command, ...args);
        },
      },
      { durability: "everysec" },
    );
    expect(await twice.create(header, opening(header))).toEqual({ ok: false, error: { kind: "exists" } });
    expect(await twice.commit("s", 1, takesOne(1))).toEqual({ ok: false, error: { kind: "conflict" } });
    expect(await versionOf(twice)).toBe(2);
    expect(await redis.client.hget("{sluice}:totals", "c")).toBe("1 0");
    expect(await twice.writeRecord({ kind: "k", id: "a", version: 0, value: {} })).toEqual({
      ok: false,
      error: { kind: "conflict" },
    });
    expect(await twice.record("k", "a")).toMatchObject({ ok: true, value: { version: 1 } });
  });
});
