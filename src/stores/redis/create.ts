/**
 * The store in one Redis server, for several machines: each transition is one script, so that all of it happens or nothing.
 * Never lets a key expire by itself, and never answers for a store that was emptied. The client is passed in.
 *
 * What is promised is what the server promises (see {@link RedisDurability}): Redis answers before a replica has a change, so that a failover
 * may lose what was answered, unless `replicas` waits for them.
 */
import { ConfigError } from "../../result.ts";
import { journalMethods } from "./journal.ts";
import { createLink, type RedisClient, type Replication, type Script, scriptOf, senderOf } from "./link.ts";
import { documentMethods, recordMethods } from "./records.ts";
import { createKeys, createRunner } from "./runner.ts";
import { type ScriptName, scripts } from "./scripts.ts";
import { openServer, type RedisDurability } from "./server.ts";
import { sessionMethods } from "./sessions.ts";
import type { JournalOption, Store } from "../store.ts";

export type { RedisClient } from "./link.ts";
export type { RedisDurability } from "./server.ts";

/** Options of the Redis store. */
export interface RedisStoreOptions extends JournalOption {
  /**
   * Name of the store on its server; all its keys begin with `{<tag>}:`, and so lie in one slot of a cluster. Letters, digits, `.`, `_`, `-`
   * and `:`, at most 64. Default `sluice`. A store is served by one core of one server: to use more, shard by tenant (nothing is shared
   * between two stores: no budget, no label, no approval).
   */
  readonly tag?: string;
  /** What the server must at least do to keep what it answered. Default `always`. */
  readonly durability?: RedisDurability;
  /**
   * How many replicas must have a change before it is answered (`WAIT`). Default 0. A failover loses nothing that was answered if the replica that
   * is promoted is one of them: give the number of all replicas, or of all but those that are never promoted. Not for a cluster's client.
   */
  readonly replicas?: number;
  /** Milliseconds to wait for the replicas; then the answer is `unavailable`, though the change may stay. Default 1,000. */
  readonly replicaTimeoutMs?: number;
}

/** Scripts that write what somebody is told of: with `replicas`, their answers wait. */
const writing: readonly ScriptName[] = ["create", "commit", "saveDocument", "writeRecord", "note"];

/**
 * Makes a store of a connected client. Rejects with `ConfigError` if an option is wrong, the server cannot be reached, is not set up to
 * keep what it answers (`maxmemory-policy noeviction`, `appendonly`; see {@link RedisDurability}), or holds a store of a newer version.
 * Redis 6.2 or newer.
 *
 * The client should neither queue commands while there is no connection nor send them again after one was lost (ioredis:
 * `enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0`; node-redis: `disableOfflineQueue: true`). A late
 * or second commit does no harm (its version has passed), but whoever waits is to be told at once.
 * @example
 * const client = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 });
 * await client.connect();
 * const store = await createRedisStore(client);
 */
export async function createRedisStore(client: RedisClient, options: RedisStoreOptions = {}): Promise<Store> {
  const { tag = "sluice", durability = "always", journal = false } = options;
  if (!["always", "everysec", "none"].includes(durability))
    throw new ConfigError("`durability` must be `always`, `everysec` or `none`");
  const replication = replicationOf(client, options);
  const keys = createKeys(tag);
  const send = senderOf(client);
  const server = await openServer(send, { key: keys.mark, durability, journal });
  const made = await Promise.all(Object.entries(scripts).map(async ([name, text]) => [name, await scriptOf(text)] as const));
  const known = Object.fromEntries(made) as Readonly<Record<ScriptName, Script>>;
  const isTraced = journal && replication.replicas > 0;
  const runner = createRunner({
    keys,
    server,
    known,
    link: createLink(send, replication),
    writing: new Set(isTraced ? [...writing, "journal"] : writing),
  });
  return {
    ...sessionMethods(runner),
    ...documentMethods(runner),
    ...recordMethods(runner),
    ...journalMethods(runner, { isKept: journal, isTraced }),
  };
}

/** Throws `ConfigError`. */
function replicationOf(client: RedisClient, { replicas = 0, replicaTimeoutMs = 1_000 }: RedisStoreOptions): Replication {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > 100)
    throw new ConfigError("`replicas` must be an integer from 0 to 100");
  if (!Number.isInteger(replicaTimeoutMs) || replicaTimeoutMs < 1 || replicaTimeoutMs > 60_000)
    throw new ConfigError("`replicaTimeoutMs` must be an integer number of milliseconds from 1 to 60000");
  if (replicas > 0 && "isCluster" in client && client.isCluster === true)
    throw new ConfigError("`replicas` needs a client of one server: that of a cluster sends `WAIT` to any node");
  const settings = "options" in client && typeof client.options === "object" && client.options !== null ? client.options : {};
  if (replicas > 0 && "autoResendUnfulfilledCommands" in settings && settings.autoResendUnfulfilledCommands !== false)
    throw new ConfigError("`replicas` needs `autoResendUnfulfilledCommands: false`: a `WAIT` that is sent again counts nothing");
  return { replicas, replicaTimeoutMs };
}
