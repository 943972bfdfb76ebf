/**
 * The store in Redis: over a client of the host's, or opened from a URL.
 * Only names: nothing is decided here, and `ioredis` is loaded by `openRedisStore` alone.
 */
export { openRedisStore, type RedisOpenOptions } from "./redis/open.ts";
export { createRedisStore, type RedisClient, type RedisDurability, type RedisStoreOptions } from "./redis/create.ts";
