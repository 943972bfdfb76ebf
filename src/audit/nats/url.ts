/**
 * What the URL of a NATS server says, as settings of its client.
 * Never takes a connection for protected that is not, and never repeats a URL in an error: it may hold a password.
 */
import { readFileSync } from "node:fs";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { ConfigError } from "../../result.ts";

/** What a URL says. */
export interface NatsAddress {
  readonly connection: NodeConnectionOptions;
  /** The client's credentials (`.creds`), if a file has them. */
  readonly credentials?: Uint8Array;
  /** Name of the stream; absent: one of the log's own. */
  readonly stream?: string;
  readonly subject?: string;
  /** Copies of the stream that is made, if none is there. Default 1. */
  readonly replicas?: number;
}

const parameters: ReadonlySet<string> = new Set(["stream", "subject", "replicas", "creds", "ca", "tls"]);

/**
 * Reads `nats://[user:password@|token@]host[:port][?stream=…&subject=…&replicas=…&creds=FILE&ca=FILE&tls=off]`, or the same with `tls://`.
 * Without TLS only a server on this machine is spoken to, unless `tls=off` says so. Throws `ConfigError`.
 */
export function readNatsUrl(text: string): NatsAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:nats|tls):$/.test(url.protocol) || url.hostname === "" || !/^\/?$/.test(url.pathname))
    throw new ConfigError("the stream's URL must be `nats://[user:password@]host[:port]` or `tls://…`");
  if ([...url.searchParams.keys()].some((name) => !parameters.has(name)))
    throw new ConfigError(`the stream's URL may have ${[...parameters].join(", ")}, and no other parameter`);
  const named = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const [stream, subject, replicas] = [named("stream"), named("subject"), named("replicas")];
  if (stream !== undefined && !/^[\w-]{1,200}$/.test(stream))
    throw new ConfigError("`stream` must be a name of letters, digits, `_` and `-`");
  if (subject !== undefined && !/^[\w-]+(?:\.[\w-]+){0,20}$/.test(subject))
    throw new ConfigError("`subject` must be words of letters, digits, `_` and `-`, with dots between them");
  if (replicas !== undefined && !/^[1-5]$/.test(replicas)) throw new ConfigError("`replicas` must be a number from 1 to 5");
  const credentials = fileOf("creds", named("creds"));
  return {
    connection: { servers: `${url.hostname}:${url.port === "" ? 4222 : url.port}`, ...tlsOf(url), ...userOf(url) },
    ...(credentials === undefined ? {} : { credentials }),
    ...(stream === undefined ? {} : { stream }),
    ...(subject === undefined ? {} : { subject }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
  };
}

function userOf({ username, password }: URL): Partial<NodeConnectionOptions> {
  if (username === "") return {};
  const user = decoded(username);
  return password === "" ? { token: user } : { user, pass: decoded(password) };
}

function tlsOf(url: URL): Partial<NodeConnectionOptions> {
  const mode = url.searchParams.get("tls");
  if (mode !== null && (mode !== "off" || url.protocol === "tls:"))
    throw new ConfigError("`tls` can only be `off`, with `nats://`");
  const isHere = /^(?:localhost|127\.[0-9.]+|\[::1\])$/.test(url.hostname);
  const ca = fileOf("ca", url.searchParams.get("ca") ?? undefined);
  if (mode === "off" || (isHere && url.protocol === "nats:" && ca === undefined)) return {};
  return { tls: ca === undefined ? {} : { ca: Buffer.from(ca).toString("utf8") } };
}

function fileOf(name: string, path: string | undefined): Uint8Array | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigError(`the file of \`${name}\` cannot be read`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("the stream's URL has a `%` that is not followed by two hexadecimal digits");
  }
}
