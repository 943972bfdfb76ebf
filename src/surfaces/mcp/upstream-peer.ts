/**
 * Our side of a conversation with one MCP server over a stream of messages: what we ask, what it asks, what it tells.
 * Never takes a message for the answer to a question that was not asked, and never lets the server choose an id of ours.
 */
import { isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { mcpHelloMs, mcpInFlightMax } from "../../limits.ts";
import { err, ok, type Result } from "../../result.ts";
import {
  errorMessage,
  type MessageId,
  notificationMessage,
  readId,
  readMessage,
  requestMessage,
  type RequestMessage,
  resultMessage,
  rpcCodes,
  type RpcOutcome,
} from "./jsonrpc.ts";
import { sessionRevisions } from "./revisions.ts";
import type { ServerIdentity, Upstream, UpstreamCall, UpstreamFailure, UpstreamListener } from "./upstream.ts";

/** A conversation. */
export interface Peer {
  /** Asks, and waits for the answer. Never rejects. */
  request(method: string, params: JsonObject, call: UpstreamCall): Promise<Result<RpcOutcome, UpstreamFailure>>;
  notify(method: string, params: JsonObject): void;
  /** Takes one message of the server's. */
  receive(message: Json): void;
  /** What is asked under that id comes to this; without an id, all that is asked now. */
  fail(failure: UpstreamFailure, id?: MessageId): void;
  /** `fail`, and nothing can be asked any more; what the server has asked is cancelled. */
  end(): void;
  readonly isOpen: boolean;
}

interface Asked {
  readonly settle: (outcome: Result<RpcOutcome, UpstreamFailure>) => void;
  readonly onProgress: ((params: JsonObject) => void) | undefined;
}

/** Begins a conversation. `send` writes a message; what it throws ends the conversation. */
export function createPeer(options: { readonly send: (message: JsonObject) => void; readonly listener: UpstreamListener }): Peer {
  const { listener } = options;
  const asked = new Map<MessageId, Asked>();
  let isOpen = true;
  let last = 0;

  const send = (message: JsonObject): void => {
    try {
      if (isOpen) options.send(message);
    } catch {
      end();
    }
  };
  const served = serveRequests(listener, send);
  const fail: Peer["fail"] = (failure, id) => {
    if (id !== undefined) asked.get(id)?.settle(err(failure));
    else for (const { settle } of [...asked.values()]) settle(err(failure));
  };
  const end = (): void => {
    isOpen = false;
    fail("unreachable");
    served.end();
  };
  const request: Peer["request"] = (method, params, { signal, onProgress }) => {
    if (!isOpen) return Promise.resolve(err("unreachable"));
    if (signal.aborted) return Promise.resolve(err("aborted"));
    last += 1;
    const id = last;
    return new Promise((resolve) => {
      awaitAnswer({ asked, send, resolve }, id, { signal, onProgress });
      send(requestMessage(id, method, onProgress === undefined ? params : withProgress(params, id)));
    });
  };
  const receiveNotification = (method: string, params: JsonObject): void => {
    if (method === "notifications/progress") asked.get(readId(member(params, "progressToken")) ?? "")?.onProgress?.(params);
    else if (method === "notifications/cancelled") served.cancel(readId(member(params, "requestId")));
    else listener.onNotification(method, params);
  };
  return {
    request,
    notify: (method, params) => send(notificationMessage(method, params)),
    receive: (value) => {
      const message = readMessage(value);
      if (message.kind === "request") void served.serve(message);
      else if (message.kind === "notification") receiveNotification(message.method, message.params);
      else if (message.kind === "response") asked.get(message.id)?.settle(ok(message.outcome));
      else asked.get(message.id ?? "")?.settle(err("broken"));
    },
    fail,
    end,
    get isOpen() {
      return isOpen;
    },
  };
}

/** What the server asks of us, until it is answered. */
interface Served {
  serve(message: RequestMessage): Promise<void>;
  cancel(id: MessageId | undefined): void;
  end(): void;
}

function serveRequests(listener: UpstreamListener, send: (message: JsonObject) => void): Served {
  const serving = new Map<MessageId, AbortController>();
  return {
    serve: async ({ id, method, params }) => {
      if (serving.has(id) || serving.size >= mcpInFlightMax)
        return send(
          errorMessage(id, { code: rpcCodes.invalidRequest, message: "too many requests, or one with the id of another" }),
        );
      const controller = new AbortController();
      serving.set(id, controller);
      const outcome = await listener.onRequest(method, params, controller.signal);
      serving.delete(id);
      // JSON-RPC knows no answer to what was cancelled (MCP 2025-11-25 cancellation).
      if (!controller.signal.aborted) send(outcome.ok ? resultMessage(id, outcome.result) : errorMessage(id, outcome.error));
    },
    cancel: (id) => {
      if (id !== undefined) serving.get(id)?.abort();
    },
    end: () => {
      for (const controller of serving.values()) controller.abort();
    },
  };
}

/** Waits for the answer to a question, or for its end. */
function awaitAnswer(
  to: {
    readonly asked: Map<MessageId, Asked>;
    readonly send: (message: JsonObject) => void;
    readonly resolve: Asked["settle"];
  },
  id: MessageId,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: Asked["onProgress"] },
): void {
  const onAbort = (): void => {
    to.send(notificationMessage("notifications/cancelled", { requestId: id }));
    settle(err("aborted"));
  };
  const settle: Asked["settle"] = (outcome) => {
    to.asked.delete(id);
    signal.removeEventListener("abort", onAbort);
    to.resolve(outcome);
  };
  to.asked.set(id, { settle, onProgress });
  signal.addEventListener("abort", onAbort, { once: true });
}

/** Parameters that ask for progress under the id of the request: a token of our own, whatever the client's is. */
function withProgress(params: JsonObject, id: number): JsonObject {
  const meta = member(params, "_meta");
  return { ...params, _meta: { ...(isObject(meta) ? meta : {}), progressToken: id } };
}

/** Says hello (`initialize`, `notifications/initialized`) for any of the revisions that have sessions. `onRevision` is told before anything else is sent. */
export async function greet(
  peer: Pick<Peer, "request" | "notify">,
  { capabilities, signal }: { readonly capabilities: JsonObject; readonly signal: AbortSignal },
  onRevision?: (revision: string) => void,
): Promise<Result<ServerIdentity, UpstreamFailure>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), mcpHelloMs);
  const params = { protocolVersion: sessionRevisions[0], capabilities, clientInfo: { name: "sluice", version: "1" } };
  const answer = await peer.request("initialize", params, { signal: AbortSignal.any([signal, late.signal]) });
  clearTimeout(timer);
  if (!answer.ok) return late.signal.aborted ? err("timeout") : answer;
  const identity = answer.value.ok ? readIdentity(answer.value.result) : undefined;
  if (identity === undefined) return err("broken");
  onRevision?.(identity.revision);
  peer.notify("notifications/initialized", {});
  return ok(identity);
}

/** A server that has been greeted, over its conversation. */
export function upstreamOver(peer: Peer, { name, identity, close }: Pick<Upstream, "name" | "identity" | "close">): Upstream {
  return {
    name,
    identity,
    request: (method, params, call) => peer.request(method, params, call),
    notify: async (method, params) => peer.notify(method, params),
    get isOpen() {
      return peer.isOpen;
    },
    close,
  };
}

/** What a server says of itself; `undefined`: it speaks no revision that we do. */
export function readIdentity(result: JsonObject): ServerIdentity | undefined {
  const revision = sessionRevisions.find((known) => known === member(result, "protocolVersion"));
  const [info, capabilities, instructions] = ["serverInfo", "capabilities", "instructions"].map((name) => member(result, name));
  if (revision === undefined || !isObject(info) || !isObject(capabilities)) return undefined;
  return { revision, info, capabilities, ...(typeof instructions === "string" ? { instructions } : {}) };
}
