/** Opening the store in Redis: which servers, stores and URLs are refused, and in which words. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRedisStore, openRedisStore, type RedisClient } from "../../src/stores/redis.ts";
import { openServer } from "../../src/stores/redis/server.ts";
import { readRedisUrl } from "../../src/stores/redis/url.ts";
import { redisProgram, type RedisService, startRedis } from "../services/redis.ts";
import { describeWith } from "../services/service.ts";
import { headerOf, opening } from "./session-fixture.ts";
import { storeContract } from "./store-contract.ts";

describe("the URL of a Redis store", () => {
  it("is read with what it says, and what it leaves out", () => {
    expect(readRedisUrl("redis://h")).toEqual({
      settings: {},
      address: { host: "h", port: 6379, db: 0, isSecure: false, peers: [], isCluster: false },
    });
    expect(
      readRedisUrl("rediss://a%40b:p%2Fw@[::1]:6380/15?tag=x&durability=none&replicas=2&sentinel=m&peer=h2:1&peer=[::2]"),
    ).toEqual({
      settings: { tag: "x", durability: "none", replicas: 2 },
      address: {
        host: "::1",
        port: 6380,
        db: 15,
        username: "a@b",
        password: "p/w",
        isSecure: true,
        sentinel: "m",
        peers: [
          { host: "h2", port: 1 },
          { host: "::2", port: 6379 },
        ],
        isCluster: false,
      },
    });
    expect(readRedisUrl("redis://:secret@h/?cluster=yes").address).toMatchObject({ password: "secret", isCluster: true });
  });

  it("is refused with a word on what would be right, and never repeated", () => {
    for (const [url, said] of [
      ["redis:", /must be redis:\/\//],
      ["secret", /must be redis:\/\//],
      ["http://u:secret@h", /must be redis:\/\//],
      ["redis://u:secret@h/x", /number of a database/],
      ["redis://u:secret@h/0#f", /must be redis:\/\//],
      ["redis://u:%zz-secret@h", /percent-encoded/],
      ["redis://u:secret@h?secret=1", /parameters tag, durability/],
      ["redis://u:secret@h?tag=a&tag=secret", /once/],
      ["redis://u:secret@h?replicas=secret", /must be a number/],
      ["redis://u:secret@h?cluster=secret", /must be `yes`/],
      ["redis://u:secret@h/1?cluster=yes", /no database but 0/],
      ["redis://u:secret@h?cluster=yes&sentinel=m", /not both/],
      ["redis://u:secret@h?peer=:secret:", /host:port/],
    ] as const) {
      expect(() => readRedisUrl(url)).toThrow(said);
      expect(() => readRedisUrl(url)).not.toThrow(/secret/);
    }
  });
});

describeWith(redisProgram, "Opening Redis", () => {
  let redis: RedisService;
  let tags = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => redis.remove());
  const open = (options = {}) => createRedisStore(redis.client, { tag: `o${tags++}`, ...options });

  describe("a server", () => {
    const set = (name: string, value: string): Promise<unknown> => redis.client.config("SET", name, value);
    afterEach(async () => {
      await set("maxmemory-policy", "noeviction");
      await set("appendonly", "yes");
      await set("appendfsync", "always");
    });

    it("that drops keys is refused", async () => {
      for (const policy of ["allkeys-lru", "volatile-ttl"]) {
        await set("maxmemory-policy", policy);
        await expect(open({ durability: "none" })).rejects.toThrow(`\`maxmemory-policy ${policy}\``);
      }
    });

    it("that forgets is refused, unless that is what was asked for", async () => {
      await expect(open()).resolves.toBeDefined();
      await set("appendfsync", "everysec");
      await expect(open()).rejects.toThrow(/`appendfsync everysec`.*`durability` `everysec`/);
      await expect(open({ durability: "everysec" })).resolves.toBeDefined();
      await set("appendfsync", "no");
      await expect(open({ durability: "everysec" })).rejects.toThrow(/`appendfsync no`.*`durability` `none`/);
      await set("appendonly", "no");
      for (const durability of ["always", "everysec"]) await expect(open({ durability })).rejects.toThrow(/`appendonly yes`/);
      await expect(open({ durability: "none" })).resolves.toBeDefined();
    });

    it("that does not tell how often it writes to the disk is not taken for one that always does", async () => {
      const silent: RedisClient = {
        call: async (command, ...args) => {
          if (command === "CONFIG") throw new Error("NOPERM secret");
          return redis.client.call(command, ...args);
        },
      };
      await expect(createRedisStore(silent, { tag: "silent" })).rejects.toThrow(/`appendfsync unknown`/);
      await expect(createRedisStore(silent, { tag: "silent", durability: "everysec" })).resolves.toBeDefined();
    });

    it("that is a replica is refused", async () => {
      await redis.client.call("REPLICAOF", "127.0.0.1", "1");
      await expect(open()).rejects.toThrow(/is a replica/);
      await redis.client.call("REPLICAOF", "NO", "ONE");
    });

    it("that is too old, or says nothing that reads, is refused", async () => {
      const saying = (version: string): RedisClient => ({
        call: async () => ["", `redis_version:${version}\r\n`, "maxmemory_policy:noeviction", "aof_enabled:1", "role:master"],
      });
      for (const version of ["5.0.7", "6.0.16", "", "x"])
        await expect(createRedisStore(saying(version), { durability: "none" })).rejects.toThrow(/older than version 6.2/);
      await expect(createRedisStore({ call: async () => null }, {})).rejects.toThrow(/older than version 6.2/);
    });

    it("needs a driver, and the error says which to install", async () => {
      vi.doMock("ioredis", () => {
        throw new Error("secret text of a loader");
      });
      await expect(openRedisStore(redis.url)).rejects.toThrow(
        /^a store in Redis needs the package `ioredis`: npm install ioredis$/,
      );
      vi.doUnmock("ioredis");
    });

    it("that cannot be reached is told in our words", async () => {
      await expect(openRedisStore("redis://u:secret@127.0.0.1:1")).rejects.toThrow(
        /^the Redis server at 127.0.0.1:1 cannot be reached, or does not let us in$/,
      );
      const broken: RedisClient = { sendCommand: async () => Promise.reject(new Error("secret text of a driver")) };
      await expect(createRedisStore(broken)).rejects.toThrow(/^the Redis server cannot be used \(redis connection\)$/);
    });
  });

  describe("a store", () => {
    it("of a newer version is refused, and so is what is none", async () => {
      await redis.client.set("{newer}:mark", "2 00000000-0000-0000-0000-000000000000;");
      await expect(open({ tag: "newer" })).rejects.toThrow(/a store of version 2, this Sluice knows version 1/);
      for (const [i, mark] of ["x", "1 x;", "", "1"].entries()) {
        await redis.client.set(`{none${i}}:mark`, mark);
        await expect(open({ tag: `none${i}` })).rejects.toThrow(/holds something else/);
        expect(await redis.client.get(`{none${i}}:mark`)).toBe(mark);
      }
    });

    it("of an older version is taken over step by step, once, and is no longer the older one's", async () => {
      const send = (args: readonly string[]): Promise<unknown> => redis.client.call(args[0] as string, ...args.slice(1));
      const options = { key: "{old}:mark", durability: "always", journal: false } as const;
      const first = await openServer(send, options);
      await redis.client.set("{old}:n", "1");
      const steps = [
        { keys: ["{old}:n"], lua: "redis.call('SET', KEYS[2], redis.call('GET', KEYS[2]) * 10)" },
        { keys: ["{old}:n"], lua: "redis.call('SET', KEYS[2], redis.call('GET', KEYS[2]) + 7)" },
      ];
      const opened = await Promise.all([1, 2, 3].map(() => openServer(send, { ...options, steps })));
      expect(await redis.client.get("{old}:n")).toBe("17");
      expect(opened.map(({ mark }) => mark)).toEqual([1, 2, 3].map(() => first.mark.replace(/^1 /, "3 ")));
      first.doubt();
      expect(await first.check()).toEqual({ ok: false, error: { kind: "unavailable", detail: "redis replaced" } });
      await expect(openServer(send, options)).rejects.toThrow(/version 3/);
    });

    it("keeps its journal once it has one, whoever writes", async () => {
      const plain = await open({ tag: "journal" });
      const keeping = await open({ tag: "journal", journal: true });
      const third = await open({ tag: "journal" });
      for (const [i, store] of [plain, keeping, third].entries()) {
        const header = headerOf(`s${i}`);
        expect(await store.create(header, opening(header))).toEqual({ ok: true, value: undefined });
      }
      const lines = await keeping.journal({ limit: 9 });
      expect(lines.ok && lines.value.map(({ session }) => session)).toEqual(["s0", "s1", "s2"]);
    });

    it("is refused with options that it does not know", async () => {
      for (const options of [
        { tag: "" },
        { tag: "a}b" },
        { durability: "secret" },
        { replicas: -1 },
        { replicas: 1.5 },
        { replicas: 1, replicaTimeoutMs: 0 },
      ])
        await expect(open(options)).rejects.toThrow(/^`(?:tag|durability|replicas|replicaTimeoutMs)`/);
      await expect(open({ replicas: 1 })).rejects.toThrow(/autoResendUnfulfilledCommands/);
      const cluster: RedisClient = { call: async () => null, isCluster: true } as RedisClient;
      await expect(createRedisStore(cluster, { replicas: 1 })).rejects.toThrow(/client of one server/);
      await expect(openRedisStore(redis.url, { timeoutMs: 0 })).rejects.toThrow(/`timeoutMs`/);
      await expect(openRedisStore(redis.url, { replicas: 1, timeoutMs: 500 })).rejects.toThrow(/less than `timeoutMs`/);
    });
  });

  describe("a client", () => {
    it("may be of the form of node-redis, which gives integers and settings in its own way", async () => {
      const client: RedisClient = {
        sendCommand: async ([command = "", ...args]) => {
          const reply = await redis.client.call(command, ...args);
          return command === "CONFIG" ? { appendfsync: (reply as string[])[1] } : reply;
        },
      };
      const store = await createRedisStore(client, { tag: "node-redis" });
      const header = headerOf("s");
      await store.create(header, opening(header));
      expect(await store.load("s", 0)).toMatchObject({ ok: true, value: { header, version: 1 } });
    });

    it("may be a user that can touch the store's keys alone", async () => {
      const rules =
        "on >p@ss/word resetkeys ~{sluice}:* nocommands +@read +@write +@scripting +@connection +info +config|get +time +wait";
      await redis.client.call("ACL", "SETUSER", "sluice", ...rules.split(" "));
      const url = `redis://sluice:${encodeURIComponent("p@ss/word")}@127.0.0.1:${redis.port}/0`;
      const store = await openRedisStore(url);
      expect(await store.create(headerOf("s"), opening(headerOf("s")))).toEqual({ ok: true, value: undefined });
      expect(await store.list(9)).toMatchObject({ ok: true, value: [{ version: 1 }] });
      await store.close();
      await expect(openRedisStore(`${url}?tag=other`)).rejects.toThrow(/redis NOPERM/);
      await expect(openRedisStore(url.replace("p%40", "x"))).rejects.toThrow(/cannot be reached, or does not let us in/);
    });
  });

  describe("over TLS", () => {
    let secure: RedisService;
    beforeEach(async () => {
      const make = (...args: string[]): unknown => execFileSync("openssl", args, { cwd: redis.folder, stdio: "ignore" });
      const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
      make(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "k",
        "-out",
        "c",
        ...subject,
      );
      const [cert, key] = ["c", "k"].map((file) => join(redis.folder, file)) as [string, string];
      secure = await startRedis({
        settings: {
          "tls-cert-file": cert,
          "tls-key-file": key,
          "tls-ca-cert-file": cert,
          "tls-auth-clients": "no",
          "tls-port": "0",
        },
      });
    });
    afterEach(async () => secure.remove());

    it("the server must be the one that its name says, by an authority that we know", async () => {
      await secure.client.config("SET", "tls-port", String(secure.port === 65_535 ? 65_534 : secure.port + 1));
      const port = (await secure.client.config("GET", "tls-port")) as string[];
      const ca = readFileSync(join(redis.folder, "c"), "utf8");
      const url = `rediss://localhost:${port[1]}`;
      await expect(openRedisStore(url, { timeoutMs: 500 })).rejects.toThrow(/cannot be reached/);
      await expect(openRedisStore(url.replace("localhost", "127.0.0.1"), { timeoutMs: 500, tls: { ca } })).rejects.toThrow(
        /cannot be reached/,
      );
      const store = await openRedisStore(url, { tls: { ca } });
      expect(await store.list(1)).toEqual({ ok: true, value: [] });
      await store.close();
    });
  });
});

describeWith(redisProgram, "A node of a Redis Cluster", () => {
  let node: RedisService;
  let tags = 0;
  beforeAll(async () => {
    node = await startRedis({
      settings: { appendfsync: "everysec", "cluster-enabled": "yes", "cluster-announce-ip": "127.0.0.1" },
    });
    await node.client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await node.client.call("CLUSTER", "INFO")).includes("cluster_state:ok"))
      await new Promise((r) => setTimeout(r, 50));
  });
  afterAll(async () => node.remove());
  storeContract("redis cluster", (options = {}) =>
    openRedisStore(`redis://127.0.0.1:${node.port}/?cluster=yes&durability=everysec&tag=c${tags++}`, options),
  );
});
