/**
 * Redis servers for tests: each with its own port and folder, on loopback, as children of the test.
 * Never the system's own service, and never one that outlives the test.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { service } from "./service.ts";

/** The server's program, or why there is none. */
export const redisProgram = service({ program: "redis-server", package: "redis-server" });

/** A server that runs. */
export interface RedisService {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** A client that queues and retries, for the test itself. */
  readonly client: Redis;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it at once, by SIGKILL. */
  kill(): Promise<void>;
  /** Stops it for a while, and lets it go on (SIGSTOP, SIGCONT). */
  pause(): void;
  resume(): void;
  /** Starts it again with what it has on disk. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** How it is started. */
export interface RedisServiceOptions {
  /** Settings of redis.conf; default: `appendonly yes`, `appendfsync always`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** `redis-sentinel` in place of a server. */
  readonly sentinel?: boolean;
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Starts a server and waits until it answers. */
export async function startRedis({ settings = {}, sentinel = false }: RedisServiceOptions = {}): Promise<RedisService> {
  if ("missing" in redisProgram) throw new Error(redisProgram.missing);
  const program = redisProgram.path;
  const folder = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  const port = await freePort();
  const all = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    daemonize: "no",
    ...(sentinel ? {} : { save: "", appendonly: "yes", appendfsync: "always", "repl-diskless-sync-delay": "0" }),
    ...settings,
  };
  const client = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => 30, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();
  const start = async (): Promise<void> => {
    const file = join(folder, "server.conf");
    // A Sentinel writes what it learns into its file: it is made once.
    if (!sentinel || !existsSync(file))
      writeFileSync(
        file,
        Object.entries(all)
          .map(([name, value]) => `${name} ${value === "" ? '""' : value}\n`)
          .join(""),
      );
    child = spawn(program, [file, ...(sentinel ? ["--sentinel"] : [])], { stdio: "ignore" });
    ended = new Promise((resolve) => child?.on("exit", () => resolve()));
    await client.connect().catch(() => undefined);
    await client.ping();
  };
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    child?.kill("SIGCONT");
    child?.kill(signal);
    await ended;
  };
  // A test that ends without tidying up leaves none behind, unless it was killed itself.
  const endWithTest = (): void => void child?.kill("SIGKILL");
  process.once("exit", endWithTest);
  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    folder,
    client,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    restart: start,
    remove: async () => {
      process.off("exit", endWithTest);
      client.disconnect();
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
