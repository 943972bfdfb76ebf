/**
 * Reads the URL of a Redis store.
 * Pure. Never repeats the URL in what it says: it has the password.
 */
import { ConfigError } from "../../result.ts";
import type { RedisStoreOptions } from "./create.ts";

/** Where a server is, and as whom to speak to it. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly isSecure: boolean;
  /** Further Sentinels, or nodes of the cluster. */
  readonly peers: readonly { readonly host: string; readonly port: number }[];
  /** Name of the master, if the host is a Sentinel. */
  readonly sentinel?: string;
  readonly isCluster: boolean;
}

/** What a URL says. */
export interface RedisUrl {
  readonly address: Address;
  readonly settings: Pick<RedisStoreOptions, "tag" | "durability" | "replicas">;
}

const form = "redis://[user[:password]@]host[:port][/db]";
const portDefault = 6379;

/** Reads `redis://…` or `rediss://…`. Throws `ConfigError`. */
export function readRedisUrl(text: string): RedisUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "" || url.hash !== "")
    throw new ConfigError(`the URL of a Redis store must be ${form} (or rediss:// for TLS)`);
  const database = /^\/?([0-9]{0,5})$/.exec(url.pathname)?.[1];
  if (database === undefined) throw new ConfigError(`the path of a Redis URL must be the number of a database: ${form}`);
  const { settings, peers, sentinel, isCluster } = readParameters(url.searchParams);
  if (isCluster && Number(database) > 0) throw new ConfigError("a Redis cluster has no database but 0");
  const [username, password] = [url.username, url.password].map(decoded) as [string, string];
  return {
    settings,
    address: {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? portDefault : Number(url.port),
      db: Number(database),
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
      isSecure: url.protocol === "rediss:",
      peers,
      ...(sentinel === undefined ? {} : { sentinel }),
      isCluster,
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("user and password of a Redis URL must be percent-encoded");
  }
}

type Parameters = Pick<RedisUrl, "settings"> & Pick<Address, "peers" | "sentinel" | "isCluster">;

function readParameters(given: URLSearchParams): Parameters {
  const known = ["tag", "durability", "replicas", "sentinel", "cluster", "peer"];
  for (const name of given.keys()) {
    if (!known.includes(name)) throw new ConfigError(`a Redis URL has the parameters ${known.join(", ")} and no others`);
    if (name !== "peer" && given.getAll(name).length > 1) throw new ConfigError(`a Redis URL says \`${name}\` once`);
  }
  const [tag, durability, replicas, sentinel, cluster] = known.map((name) => given.get(name) ?? undefined);
  if (replicas !== undefined && !/^[0-9]{1,3}$/.test(replicas))
    throw new ConfigError("the parameter `replicas` of a Redis URL must be a number");
  if (cluster !== undefined && cluster !== "yes") throw new ConfigError("the parameter `cluster` of a Redis URL must be `yes`");
  if (cluster !== undefined && sentinel !== undefined) throw new ConfigError("a Redis URL has `cluster` or `sentinel`, not both");
  return {
    settings: {
      ...(tag === undefined ? {} : { tag }),
      // The store says what is wrong with it.
      ...(durability === undefined ? {} : { durability: durability as "always" }),
      ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    },
    peers: given.getAll("peer").map(peerOf),
    ...(sentinel === undefined ? {} : { sentinel }),
    isCluster: cluster !== undefined,
  };
}

function peerOf(text: string): Address["peers"][number] {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:/@[\]]+)(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new ConfigError("the parameter `peer` of a Redis URL must be host:port");
  return { host: host.replace(/^\[|\]$/g, ""), port: port === undefined ? portDefault : Number(port) };
}
