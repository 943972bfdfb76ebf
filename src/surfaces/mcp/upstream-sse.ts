/**
 * MCP servers over the old transport of two endpoints (HTTP+SSE, revision 2024-11-05): a stream to read, an address to post to.
 * Never posts to another origin than the stream's.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJson } from "../../json/read.ts";
import type { JsonObject } from "../../json/value.ts";
import { resultBytesMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import type { BodyStream } from "../body.ts";
import { mediaTypeOf } from "../body.ts";
import { readEvents } from "../event-stream.ts";
import type { Connecting } from "./connecting.ts";
import { createPeer, greet, type Peer, upstreamOver } from "./upstream-peer.ts";
import type { HttpTarget } from "./upstream-send.ts";
import type { Upstream, UpstreamFailure } from "./upstream.ts";

/** A connection at work. */
interface SseState {
  readonly target: HttpTarget;
  readonly ending: AbortController;
  /** Where messages are posted, once the server has said it. */
  endpoint: URL | undefined;
  /** Told when the server has said it, or never will. */
  found: () => void;
}

/** Connects to a server of the old transport. */
export async function connectSse({ name, target, listener, connecting }: Connecting): Promise<Result<Upstream, UpstreamFailure>> {
  const state: SseState = { target, ending: new AbortController(), endpoint: undefined, found: () => undefined };
  const hasEndpoint = new Promise<void>((resolve) => {
    state.found = resolve;
  });
  const peer: Peer = createPeer({ listener, send: (message) => void postTo(state, message, () => peer.end()) });
  const end = (): void => {
    peer.end();
    state.ending.abort();
  };
  const body = await openStream(state);
  if (body === undefined) return err("unreachable");
  void read(state, peer, body);
  const stopped = new Promise<void>((resolve) => connecting.signal.addEventListener("abort", () => resolve(), { once: true }));
  if (!connecting.signal.aborted) await Promise.race([hasEndpoint, stopped]);
  const greeted = state.endpoint === undefined ? err("broken" as const) : await greet(peer, connecting);
  if (!greeted.ok) {
    end();
    return greeted;
  }
  return ok(upstreamOver(peer, { name, identity: greeted.value, close: async () => end() }));
}

async function openStream({ target, ending }: SseState): Promise<BodyStream | undefined> {
  try {
    const response = await target.fetch(target.url, {
      headers: { ...(await target.headers()), accept: "text/event-stream" },
      redirect: "manual",
      signal: ending.signal,
    });
    const { type } = mediaTypeOf(response.headers.get("content-type"));
    if (response.ok && type === "text/event-stream" && response.body !== null) return response.body;
    await response.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  }
}

async function read(state: SseState, peer: Peer, body: BodyStream): Promise<void> {
  try {
    for await (const { event, data } of readEvents(body)) {
      if (event === "endpoint") {
        state.endpoint ??= sameOrigin(data, state.target.url);
        state.found();
        continue;
      }
      const message = readJson(data, { maxBytes: resultBytesMax });
      if (message.ok) peer.receive(message.value);
      else peer.fail("broken");
    }
  } catch {
    // The stream is all that there is of the connection.
  }
  peer.end();
  state.found();
}

async function postTo({ target, ending, endpoint }: SseState, message: JsonObject, onGone: () => void): Promise<void> {
  if (endpoint === undefined) return;
  try {
    const response = await target.fetch(endpoint, {
      method: "POST",
      headers: { ...(await target.headers()), "content-type": "application/json" },
      body: canonicalJson(message),
      redirect: "manual",
      signal: ending.signal,
    });
    await response.body?.cancel();
    if (!response.ok) onGone();
  } catch {
    onGone();
  }
}

/** The address that messages are posted to; `undefined`: it is none, or somewhere else. */
function sameOrigin(data: string, base: URL): URL | undefined {
  if (!URL.canParse(data, base)) return undefined;
  const url = new URL(data, base);
  // SECURITY: what is posted has the operator's credentials with it.
  return url.origin === base.origin ? url : undefined;
}
