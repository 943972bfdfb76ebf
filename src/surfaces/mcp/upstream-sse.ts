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
import { readEvents } from "../model-api/sse.ts";
import type { Connecting } from "./upstream-http.ts";
import { createPeer, greet, type Peer } from "./upstream-peer.ts";
import type { Upstream, UpstreamFailure } from "./upstream.ts";

/** Connects to a server of the old transport. */
export async function connectSse({ name, target, listener, connecting }: Connecting): Promise<Result<Upstream, UpstreamFailure>> {
  const ending = new AbortController();
  const signal = AbortSignal.any([connecting.signal, ending.signal]);
  let endpoint: URL | undefined;
  let found: () => void = () => undefined;
  const hasEndpoint = new Promise<void>((resolve) => {
    found = resolve;
  });
  const peer: Peer = createPeer({
    listener,
    send: (message) => {
      if (endpoint !== undefined) void postTo(endpoint, message);
    },
  });
  const postTo = async (url: URL, message: JsonObject): Promise<void> => {
    try {
      const response = await target.fetch(url, {
        method: "POST",
        headers: { ...(await target.headers()), "content-type": "application/json" },
        body: canonicalJson(message),
        redirect: "manual",
        signal: ending.signal,
      });
      await response.body?.cancel();
      if (!response.ok) peer.end();
    } catch {
      peer.end();
    }
  };
  const read = async (body: BodyStream): Promise<void> => {
    try {
      for await (const { event, data } of readEvents(body)) {
        if (event === "endpoint") {
          endpoint ??= sameOrigin(data, target.url);
          found();
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
    found();
  };
  try {
    const response = await target.fetch(target.url, {
      headers: { ...(await target.headers()), accept: "text/event-stream" },
      redirect: "manual",
      signal: ending.signal,
    });
    const { type } = mediaTypeOf(response.headers.get("content-type"));
    if (!response.ok || type !== "text/event-stream" || response.body === null) {
      await response.body?.cancel();
      return err("unreachable");
    }
    void read(response.body);
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([hasEndpoint, stopped]);
  } catch {
    return err("unreachable");
  }
  const greeted = endpoint === undefined ? err("broken" as const) : await greet(peer, connecting);
  const end = (): void => {
    peer.end();
    ending.abort();
  };
  if (!greeted.ok) {
    end();
    return greeted;
  }
  return ok({
    name,
    identity: greeted.value,
    request: (method, params, call) => peer.request(method, params, call),
    notify: async (method, params) => peer.notify(method, params),
    get isOpen() {
      return peer.isOpen;
    },
    close: async () => end(),
  });
}

/** The address that messages are posted to; `undefined`: it is none, or somewhere else. */
function sameOrigin(data: string, base: URL): URL | undefined {
  if (!URL.canParse(data, base)) return undefined;
  const url = new URL(data, base);
  // SECURITY: what is posted has the operator's credentials with it.
  return url.origin === base.origin ? url : undefined;
}
