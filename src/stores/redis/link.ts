/**
 * How the Redis store reaches its server: scripts by their digest, failures as data, and acknowledgement by replicas.
 * Never sends a script again but one that the server has said it does not have, and never keeps or shows a text of the server or driver.
 */
import { err, ok, type Result } from "../../result.ts";
import type { StoreFailure } from "../store.ts";

/**
 * What the store needs of a client: one way to send any command. `call` is that of ioredis (`Redis`, and `Cluster`, which finds the node by
 * the keys); `sendCommand` that of node-redis (`createClient`, one connection and no pool).
 */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

/** One command, and its answer as the driver gives it. */
export type Send = (args: readonly string[]) => Promise<unknown>;

/** The one way to send that a client has. ioredis has both names, and means another thing by `sendCommand`. */
export function senderOf(client: RedisClient): Send {
  if ("call" in client) return ([command = "", ...args]) => client.call(command, ...args);
  return (args) => client.sendCommand([...args]);
}

/** A script with its SHA-1, by which a server knows it. */
export interface Script {
  readonly text: string;
  readonly digest: string;
}

/** The script of a text. */
export async function scriptOf(text: string): Promise<Script> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)));
  return { text, digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** A script with what it is to work on. */
export interface Invocation {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** Runs a script, loading it if the server does not have it. Rejects with what the driver says. */
export async function evaluate(send: Send, { script, keys, args }: Invocation): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await send(["EVALSHA", script.digest, ...rest]);
  } catch (error) {
    // The server was restarted, or told to forget: it says so before anything of the script has run.
    if (wordOf(error) !== "NOSCRIPT") throw error;
    return send(["EVAL", script.text, ...rest]);
  }
}

/** What the server may say first of an error; other words are not shown. */
const words: ReadonlySet<string> = new Set([
  "ASK",
  "BUSY",
  "CLUSTERDOWN",
  "CROSSSLOT",
  "ERR",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "MOVED",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "NOSCRIPT",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNBLOCKED",
  "UNKILLABLE",
  "WRONGPASS",
  "WRONGTYPE",
]);

/** The word that an error of the server begins with; inside a script, servers before 7.0 put it after a `-`. */
function wordOf(error: unknown): string | undefined {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  if (typeof message !== "string") return undefined;
  const inside = /^ERR Error running script.* -?([A-Z]+) /s.exec(message)?.[1];
  if (inside !== undefined && words.has(inside)) return inside;
  const first = /^-?([A-Z]+)\b/.exec(message)?.[1];
  return first !== undefined && words.has(first) ? first : undefined;
}

/** What an error of a driver means: the server's word, or that there was no answer in time, or no connection. */
export function failureOf(error: unknown): StoreFailure {
  const isLate = error instanceof Error && error.message === "Command timed out";
  return { kind: "unavailable", detail: `redis ${wordOf(error) ?? (isLate ? "timeout" : "connection")}` };
}

/** Runs scripts; rejections are `unavailable`. */
export interface Link {
  /** A script that only reads. */
  read(invocation: Invocation): Promise<Result<unknown, StoreFailure>>;
  /** A script that may write: answered when as many replicas have it as were asked for. */
  write(invocation: Invocation): Promise<Result<unknown, StoreFailure>>;
}

/** How many replicas must have a change, and how long to wait for them. */
export interface Replication {
  readonly replicas: number;
  readonly replicaTimeoutMs: number;
}

/** A link to a server. */
export function createLink(send: Send, replication: Replication): Link {
  const read = (invocation: Invocation): Promise<Result<unknown, StoreFailure>> => caught(() => evaluate(send, invocation));
  return { read, write: replication.replicas === 0 ? read : createReplicatedWrite(send, replication) };
}

async function caught(ask: () => Promise<unknown>): Promise<Result<unknown, StoreFailure>> {
  try {
    return ok(await ask());
  } catch (error) {
    return err(failureOf(error));
  }
}

interface Waiting {
  readonly invocation: Invocation;
  readonly answer: (result: Result<unknown, StoreFailure>) => void;
}

/**
 * Sends changes that come together with one WAIT behind them, in one go: WAIT counts what was written on its own connection, so that it must
 * not be sent after a reconnection. What comes meanwhile is sent next: WAIT keeps a connection busy.
 */
function createReplicatedWrite(send: Send, { replicas, replicaTimeoutMs }: Replication): Link["write"] {
  let waiting: Waiting[] = [];
  let isBusy = false;
  const run = async (batch: readonly Waiting[]): Promise<void> => {
    const answers = batch.map(({ invocation }) => caught(() => evaluateOnce(send, invocation)));
    const counted = await caught(() => send(["WAIT", String(replicas), String(replicaTimeoutMs)]));
    const missing = shortage(counted, replicas);
    await Promise.all(
      batch.map(async ({ invocation, answer }, i) => {
        const result = (await answers[i]) as Result<unknown, StoreFailure>;
        if (!result.ok && result.error.kind === "unavailable" && result.error.detail === "redis NOSCRIPT")
          waiting.push({ invocation: { ...invocation, script: { ...invocation.script, digest: "" } }, answer });
        else answer(result.ok && missing !== undefined ? err(missing) : result);
      }),
    );
  };
  const flush = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await run(batch);
    }
    isBusy = false;
  };
  return (invocation) =>
    new Promise((answer) => {
      waiting.push({ invocation, answer });
      if (!isBusy) void flush();
    });
}

/** Sends a script by its digest, or whole where that is empty. */
function evaluateOnce(send: Send, { script, keys, args }: Invocation): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  return send(script.digest === "" ? ["EVAL", script.text, ...rest] : ["EVALSHA", script.digest, ...rest]);
}

/** What is wrong with the answer of WAIT, if anything. What was refused by the script is told as that, but changed nothing. */
function shortage(counted: Result<unknown, StoreFailure>, replicas: number): StoreFailure | undefined {
  if (!counted.ok) return counted.error;
  const count = Number(counted.value);
  return count >= replicas ? undefined : { kind: "unavailable", detail: `redis replicas ${count}` };
}
