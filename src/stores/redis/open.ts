/**
 * Opens the store in the Redis server that a URL names, with the driver `ioredis`, which is loaded only then.
 * Never keeps commands for a connection that is not there, never sends one twice, and never shows the URL, which has the password.
 */
import type { Cluster, Redis, RedisOptions } from "ioredis";
import { ConfigError } from "../../result.ts";
import { createRedisStore, type RedisStoreOptions } from "./create.ts";
import { type Address, readRedisUrl } from "./url.ts";
import type { OpenStore } from "../store.ts";

/** How a URL is opened. What the URL says too, counts from here. */
export interface RedisOpenOptions extends RedisStoreOptions {
  /** Milliseconds that one command may take, and connecting. Then it is `unavailable`, and a connection that stays silent twice as long is given up. Default 5,000. */
  readonly timeoutMs?: number;
  /** PEM texts for `rediss:`, where the system's authorities do not know the server, or it wants to know the client. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/**
 * Opens the store at `redis://[user[:password]@]host[:port][/db][?…]`, or `rediss://` for TLS. Parameters: `tag`, `durability`, `replicas` (as in
 * {@link RedisStoreOptions}); `sentinel=<name of the master>` where the host is a Sentinel, and `cluster=yes` where it is a node of a cluster, with further ones
 * as `peer=<host:port>`. While the server cannot be reached every answer is `unavailable` at once; reconnection is tried every two seconds at
 * most. Rejects with `ConfigError`.
 */
export async function openRedisStore(url: string, options: RedisOpenOptions = {}): Promise<OpenStore> {
  const { address, settings } = readRedisUrl(url);
  const { timeoutMs = 5_000, tls, ...own } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000)
    throw new ConfigError("`timeoutMs` must be an integer number of milliseconds from 1 to 60000");
  const wait = own.replicaTimeoutMs ?? 1_000;
  if ((own.replicas ?? settings.replicas ?? 0) > 0 && wait >= timeoutMs)
    throw new ConfigError("`replicaTimeoutMs` must be less than `timeoutMs`");
  const client = await clientOf(address, clientOptions(address, { timeoutMs, ...(tls === undefined ? {} : { tls }) }));
  // Its failures are those of the commands; unheard, they would end the process.
  client.on("error", () => undefined);
  try {
    if (!(await isConnected(client, timeoutMs)))
      throw new ConfigError(`the Redis server at ${address.host}:${address.port} cannot be reached, or does not let us in`);
    const store = await createRedisStore(client, { ...settings, ...own });
    return { ...store, close: () => void client.disconnect() };
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

/** Whether a connection was made in time: Sentinels and nodes of a cluster are asked again and again. */
function isConnected(client: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const done = (isReady: boolean) => (): void => {
      clearTimeout(timer);
      resolve(isReady);
    };
    client.connect().then(done(true), done(false));
  });
}

/** Settings of a connection, with what a cluster's cannot have absent. */
type ClientOptions = Omit<RedisOptions, "replyMapping">;

/** Settings of a connection on which nothing is late and nothing is sent twice. */
function clientOptions(
  { db, username, password, isSecure, host }: Address,
  { timeoutMs, tls = {} }: { readonly timeoutMs: number; readonly tls?: RedisOpenOptions["tls"] },
): ClientOptions {
  return {
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    // A name is sent along, so that a server of several names knows which; an address may not be (RFC 6066 §3).
    ...(isSecure ? { tls: { ...(/[a-z]/i.test(host) && !host.includes(":") ? { servername: host } : {}), ...tls } } : {}),
    connectionName: "sluice",
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: 2 * timeoutMs,
    retryStrategy: delayOf,
    // A master that was made a replica stays one: the name may lead to another server by now.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
  };
}

/** Milliseconds before attempt `times` to connect: doubled each time, two seconds at most. */
function delayOf(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000);
}

async function clientOf(address: Address, options: ClientOptions): Promise<Redis | Cluster> {
  const driver = await import("ioredis").catch(() => {
    throw new ConfigError("a store in Redis needs the package `ioredis`: npm install ioredis");
  });
  const { host, port, peers, sentinel, isCluster } = address;
  const nodes = [{ host, port }, ...peers];
  if (sentinel !== undefined)
    return new driver.Redis({ ...options, name: sentinel, sentinels: nodes, sentinelRetryStrategy: delayOf });
  if (!isCluster) return new driver.Redis({ ...options, host, port });
  return new driver.Cluster(nodes, {
    redisOptions: options,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: delayOf,
    // Else commands would be kept, and sent again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
  });
}
