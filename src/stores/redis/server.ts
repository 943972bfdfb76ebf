/**
 * Whether a Redis server keeps what it answers, and whether what it holds is the store that was opened.
 * Never goes on with a server that may drop keys, has lost the store, or holds one of another version.
 */
import { ConfigError, err, ok, type Result } from "../../result.ts";
import { evaluate, failureOf, type Script, scriptOf, type Send } from "./link.ts";
import { migrationScript, openScript } from "./scripts.ts";
import type { StoreFailure } from "../store.ts";

/**
 * What the server must at least be set to, so that a restart or a crash of it forgets no more than this says. `always`: `appendonly yes` and
 * `appendfsync always`: nothing that was answered. `everysec`: `appendonly yes`: about the last second (two on a slow disk), so that a call or a
 * budget may be granted again. `none`: everything; the store is then unavailable until it is opened anew. Whatever is chosen, a failover to
 * a replica may lose what was answered last, unless the option `replicas` waits for it.
 */
export type RedisDurability = "always" | "everysec" | "none";

/** One step of a migration: Lua over these keys, which are `KEYS[2]` and on. */
export interface RedisMigration {
  readonly keys: readonly string[];
  readonly lua: string;
}

/** Steps from version 1 to 2, 2 to 3, …: none yet. */
const migrations: readonly RedisMigration[] = [];

/** What ends the mark of a store that keeps a journal. */
const journalSign = "j";

/** How a store is opened. */
export interface ServerOptions {
  /** Key of the mark. */
  readonly key: string;
  readonly durability: RedisDurability;
  /** Whether the store is to keep a journal: once one process has said so it does, for all of them. */
  readonly journal: boolean;
  /** For tests; default: those that there are. */
  readonly steps?: readonly RedisMigration[];
}

/** A server that was looked at. */
export interface Server {
  /** What the mark of the store begins with. */
  readonly mark: string;
  /** Looks at the server again, if there is a doubt about it. */
  check(): Promise<Result<undefined, StoreFailure>>;
  /** After a failure: it may be another server now, or the same with less. */
  doubt(): void;
}

/** Looks at a server, and finds or makes the store there. Rejects with `ConfigError`. */
export async function openServer(send: Send, options: ServerOptions): Promise<Server> {
  const { key, journal, steps = migrations } = options;
  const version = `${steps.length + 1} `;
  const script = await scriptOf(openScript);
  const look = async (made: string): Promise<Facts> => {
    const args = [made, version, journal ? journalSign : ""];
    return factsOf(await evaluate(send, { script, keys: [key], args }), await fsyncOf(send));
  };
  const mark = await told(async () => {
    const before = await look("");
    const wrong = complaint(before, options.durability);
    if (wrong !== undefined) throw new ConfigError(wrong);
    await migrate(send, before.mark, { key, steps });
    // Whoever is first makes the mark; everyone takes the one that is there.
    return markOf((await look(`${version}${crypto.randomUUID()};`)).mark, version);
  });
  let checking: Promise<Result<undefined, StoreFailure>> | undefined;
  let isDoubted = false;
  const again = async (): Promise<Result<undefined, StoreFailure>> => {
    try {
      const facts = await look("");
      const wrong = facts.mark.startsWith(mark) ? complaint(facts, options.durability) : "replaced";
      if (wrong !== undefined)
        return err({ kind: "unavailable", detail: wrong === "replaced" ? "redis replaced" : "redis settings" });
      isDoubted = false;
      return ok(undefined);
    } catch (error) {
      return err(failureOf(error));
    } finally {
      checking = undefined;
    }
  };
  return {
    mark,
    check: async () => {
      if (!isDoubted) return ok(undefined);
      checking ??= again();
      return checking;
    },
    doubt: () => {
      isDoubted = true;
    },
  };
}

/** Runs what opens; what the driver says is told in a word. */
async function told<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const failure = failureOf(error);
    throw new ConfigError(`the Redis server cannot be used (${failure.kind === "unavailable" ? failure.detail : failure.kind})`);
  }
}

/** What a server says of itself. */
interface Facts {
  /** The store's mark; empty: there is no store. */
  readonly mark: string;
  readonly info: ReadonlyMap<string, string>;
  /** Setting `appendfsync`; `undefined` where it may not be asked for. */
  readonly fsync: string | undefined;
}

function factsOf(reply: unknown, fsync: string | undefined): Facts {
  const [mark, ...sections] = Array.isArray(reply) ? reply.map(String) : [];
  const lines = sections.flatMap((section) => section.split("\r\n"));
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const);
  return { mark: mark ?? "", info: new Map(pairs), fsync };
}

async function fsyncOf(send: Send): Promise<string | undefined> {
  try {
    const reply = await send(["CONFIG", "GET", "appendfsync"]);
    const value: unknown = Array.isArray(reply) ? reply[1] : (reply as { readonly appendfsync?: unknown } | null)?.appendfsync;
    return typeof value === "string" ? value : undefined;
  } catch (error) {
    // Hosted servers do not show their settings.
    const failure = failureOf(error);
    if (failure.kind === "unavailable" && failure.detail === "redis connection") throw error;
    return undefined;
  }
}

/** What is wrong with a server, if anything. */
function complaint({ info, fsync }: Facts, durability: RedisDurability): string | undefined {
  const [major = 0, minor = 0] = (info.get("redis_version") ?? "").split(".").map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2))) return "the Redis server is older than version 6.2";
  if (info.get("role") !== "master") return "the Redis server is a replica: give the address of its master";
  const policy = info.get("maxmemory_policy") ?? "";
  if (policy !== "noeviction")
    return `the Redis server drops keys when its memory is full (\`maxmemory-policy ${policy}\`): set \`maxmemory-policy noeviction\``;
  if (durability === "none") return undefined;
  if (info.get("aof_enabled") !== "1")
    return "the Redis server does not keep what it answers: set `appendonly yes`, or accept that a restart loses it with `durability` `none`";
  if (durability === "everysec" ? fsync === "no" : fsync !== "always")
    return `the Redis server may lose what it answers when its machine fails (\`appendfsync ${fsync ?? "unknown"}\`): set \`appendfsync always\`, or accept it with \`durability\` \`${fsync === "no" ? "none" : "everysec"}\``;
  return undefined;
}

function markOf(mark: string, version: string): string {
  const found = /^[0-9]+ [0-9a-f-]{36};/.exec(mark)?.[0];
  if (found === undefined || !found.startsWith(version))
    throw new ConfigError(`the Redis server holds something else under the store's key`);
  return found;
}

/** Takes a store to the newest version, step by step; several processes may do so at once. */
async function migrate(
  send: Send,
  mark: string,
  { key, steps }: { readonly key: string; readonly steps: readonly RedisMigration[] },
): Promise<void> {
  if (mark === "") return;
  const version = Number(/^([0-9]{1,9}) /.exec(mark)?.[1] ?? Number.NaN);
  if (version > steps.length + 1)
    throw new ConfigError(`the Redis server holds a store of version ${version}, this Sluice knows version ${steps.length + 1}`);
  for (const [i, step] of steps.entries()) {
    if (i + 1 < version) continue;
    const script: Script = await scriptOf(migrationScript(step.lua));
    await evaluate(send, { script, keys: [key, ...step.keys], args: [`${i + 1} `, `${i + 2} `] });
  }
}
