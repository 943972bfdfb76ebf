/**
 * MCP servers over Streamable HTTP: revisions with sessions (2025-03-26 to 2025-11-25), and the stateless one (2026-07-28).
 * Never sends anything to another address than the operator's, nor an agent's credential to anybody.
 */
import type { JsonObject } from "../../json/value.ts";
import { member } from "../../json/value.ts";
import { ConfigError, err, ok, type Result } from "../../result.ts";
import { type Following, followSignals } from "../following-signal.ts";
import type { MessageId } from "./jsonrpc.ts";
import type { Connecting } from "./connecting.ts";
import { createPeer, greet, type Peer, upstreamOver } from "./upstream-peer.ts";
import { type Exchange, follow, type HttpTarget, pause, post } from "./upstream-send.ts";
import { connectStateless } from "./upstream-stateless.ts";
import { connectSse } from "./upstream-sse.ts";
import type { Upstream, UpstreamFailure, UpstreamServer } from "./upstream.ts";

/** How a server over HTTP is reached. */
export interface HttpServerOptions {
  /** The server's name in plans. */
  readonly name: string;
  readonly url: string | URL;
  /** Headers of each request, such as `authorization`: the operator's, from wherever they come. */
  readonly headers?: HttpTarget["headers"] | { readonly [name: string]: string };
  /** Default: the runtime's. */
  readonly fetch?: HttpTarget["fetch"];
  /**
   * What the server speaks. `auto` (default): sessions, else the stateless revision, else the old transport of two endpoints (HTTP+SSE, 2024-11-05).
   */
  readonly era?: "auto" | "session" | "stateless" | "sse";
}

/** A server over HTTP. Throws `ConfigError` for an address that is none. */
export function httpServer(options: HttpServerOptions): UpstreamServer {
  const { name, era = "auto", headers = {} } = options;
  const url = readUrl(options.url);
  const target: HttpTarget = {
    url,
    headers: typeof headers === "function" ? headers : () => headers,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
  };
  return {
    name,
    connect: async (listener, connecting) => {
      const to = { name, target, listener, connecting };
      if (era === "stateless") return connectStateless(to);
      if (era === "sse") return connectSse(to);
      const first = await connectSession(to);
      if (first.ok || era === "session" || connecting.signal.aborted || !first.error.isRefused) return plain(first);
      const second = await connectStateless(to);
      return second.ok || connecting.signal.aborted ? second : connectSse(to);
    },
  };
}

function readUrl(given: string | URL): URL {
  const url = typeof given === "string" && !URL.canParse(given) ? undefined : new URL(given);
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new ConfigError("a server's `url` must be an http(s) address");
  if (url.username !== "" || url.password !== "") throw new ConfigError("credentials go into `headers`, not into the `url`");
  return url;
}

/** Why there is no session; `isRefused`: the server answered, with a status that says it may speak otherwise. */
interface Unconnected {
  readonly failure: UpstreamFailure;
  readonly isRefused: boolean;
}

function plain(result: Result<Upstream, Unconnected>): Result<Upstream, UpstreamFailure> {
  return result.ok ? result : err(result.error.failure);
}

/** State of one connection with a session. */
interface Session {
  id: string | undefined;
  revision: string | undefined;
  isRefused: boolean;
}

async function connectSession({ name, target, listener, connecting }: Connecting): Promise<Result<Upstream, Unconnected>> {
  const ending = new AbortController();
  const session: Session = { id: undefined, revision: undefined, isRefused: false };
  const exchanges = new Map<MessageId, Following>();
  const headersOf = (): { readonly [name: string]: string } => ({
    ...(session.id === undefined ? {} : { "mcp-session-id": session.id }),
    ...(session.revision === undefined ? {} : { "mcp-protocol-version": session.revision }),
  });
  const peer: Peer = createPeer({
    listener,
    send: (message) => {
      const cancelled = cancelledId(message);
      if (cancelled !== undefined) exchanges.get(cancelled)?.abort();
      void exchange(message);
    },
  });
  const exchange = async (message: JsonObject): Promise<void> => {
    const id = member(message, "method") === undefined ? undefined : (member(message, "id") as MessageId | undefined);
    const following = followSignals([ending.signal]);
    if (id !== undefined) exchanges.set(id, following);
    let isDone = false;
    const posted = await post(target, message, {
      headers: headersOf(),
      signal: following.signal,
      take: (each) => {
        if (id !== undefined && member(each, "id") === id && member(each, "method") === undefined) isDone = true;
        peer.receive(each);
      },
      isDone: () => isDone,
      onSession: (opened) => {
        session.id ??= opened;
      },
    });
    following.release();
    if (id !== undefined) exchanges.delete(id);
    if (posted.kind === "status") {
      session.isRefused = session.revision === undefined && [400, 404, 405, 406, 415, 501].includes(posted.status);
      // The server has forgotten the session: the next call begins a new one.
      if (posted.status === 404 && session.id !== undefined) return peer.end();
    }
    // What has not been answered by now never is.
    if (id !== undefined) peer.fail(posted.kind === "failed" ? posted.failure : "unreachable", id);
  };
  const greeted = await greet(peer, connecting, (revision) => {
    session.revision = revision;
  });
  if (!greeted.ok) {
    ending.abort();
    peer.end();
    return err({ failure: greeted.error, isRefused: session.isRefused || greeted.error === "broken" });
  }
  void listenOn(target, { headers: headersOf, peer, signal: ending.signal });
  const close = async (): Promise<void> => {
    peer.end();
    ending.abort();
    if (session.id !== undefined) await goodbye(target, headersOf());
  };
  return ok(upstreamOver(peer, { name, identity: greeted.value, close }));
}

function cancelledId(message: JsonObject): MessageId | undefined {
  if (member(message, "method") !== "notifications/cancelled") return undefined;
  return member(member(message, "params"), "requestId") as MessageId | undefined;
}

/** Times in a row that the stream of a session is opened without getting anything. */
const idleStreamsMax = 5;

/** Follows the session's own stream, as long as the server has one. */
async function listenOn(
  target: HttpTarget,
  { headers, peer, signal }: { readonly headers: () => Exchange["headers"]; readonly peer: Peer; readonly signal: AbortSignal },
): Promise<void> {
  let after: string | undefined;
  for (let idle = 0; idle < idleStreamsMax && peer.isOpen && !signal.aborted; idle++) {
    const exchange: Exchange = {
      headers: headers(),
      signal,
      take: (message) => {
        idle = 0;
        peer.receive(message);
      },
      isDone: () => false,
    };
    const followed = await follow(target, exchange, after);
    // A server without such a stream says so (405).
    if (followed.kind === "status") return;
    after = followed.after ?? after;
    try {
      await pause(1_000 * (idle + 1), signal);
    } catch {
      return;
    }
  }
}

/** Ends a session at the server. Whatever it says. */
async function goodbye({ url, headers, fetch: fetchOf }: HttpTarget, own: Exchange["headers"]): Promise<void> {
  try {
    const response = await fetchOf(url, {
      method: "DELETE",
      headers: { ...own, ...(await headers()) },
      redirect: "manual",
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
  } catch {
    // It is gone already, or knows no end of sessions.
  }
}
