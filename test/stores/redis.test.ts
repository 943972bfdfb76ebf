/** The store in Redis: the contract, and what Redis alone can do to it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createRedisStore } from "../../src/stores/redis.ts";
import { redisProgram, type RedisService, startRedis } from "../services/redis.ts";
import { describeWith } from "../services/service.ts";
import { arrivalContract } from "./edge-contract.ts";
import { storeContract, storesAgree } from "./store-contract.ts";

describeWith(redisProgram, "Redis", () => {
  let redis: RedisService;
  let tags = 0;
  beforeAll(async () => {
    redis = await startRedis({ settings: { appendfsync: "everysec" } });
  });
  afterAll(async () => redis.remove());

  const make = (options = {}) => createRedisStore(redis.client, { ...options, durability: "everysec", tag: `t${tags++}` });
  storeContract("redis", make);
  arrivalContract("redis", make);
  storesAgree("answers as the store in memory does, whatever is asked", createMemoryStore, make);
  it("runs", async () => expect(await redis.client.ping()).toBe("PONG"));
});
