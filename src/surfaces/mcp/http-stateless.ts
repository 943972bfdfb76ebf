/**
 * One stateless request (MCP 2026-07-28): one relay, one answer, JSON where nothing comes before it, else a stream.
 * Never keeps anything of a request beyond its response: a client that goes away has cancelled (MCP 2026-07-28 transports).
 */
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { mcpLazyStreamMs } from "../../limits.ts";
import { accepts, faultResponse, isRequest, jsonResponse } from "./http-guard.ts";
import { type Channel, createChannel, eventResponse } from "./http-stream.ts";
import { rpcCodes } from "./jsonrpc.ts";
import type { Gateway, Relay } from "./relay.ts";
import { statelessCodes } from "./revisions.ts";

interface Stateless {
  readonly request: Request;
  readonly body: Json;
  readonly token: string;
}

/** Answers one request, notification or answer. */
export async function answerStateless(gateway: Gateway, { request, body, token }: Stateless): Promise<Response> {
  const relay = gateway.relay();
  const lost = new AbortController();
  const signal = AbortSignal.any([request.signal, lost.signal]);
  if (!isRequest(body)) {
    const answer = await relay.receive(body, { token, signal, send: () => {} });
    await relay.close();
    return answer === undefined ? new Response(null, { status: 202 }) : answered(answer);
  }
  const takesStream = accepts(request, "text/event-stream");
  let becomeStream = (_: "stream"): void => {};
  const sent = new Promise<"stream">((resolve) => {
    becomeStream = resolve;
  });
  const channel = createChannel({
    onReaders: (isRead) => {
      if (!isRead) lost.abort();
    },
    onLost: () => lost.abort(),
  });
  const send = (message: JsonObject): void => {
    // A client that takes JSON alone gets the answer alone.
    if (!takesStream) return;
    channel.push(message);
    becomeStream("stream");
  };
  const running = relay.receive(body, { token, signal, send }).finally(() => void relay.close());
  if (!takesStream) return answered(await running);
  const timer = setTimeout(() => becomeStream("stream"), mcpLazyStreamMs);
  const first = await Promise.race([running, sent]);
  clearTimeout(timer);
  if (first !== "stream") return answered(first);
  void finish(running, channel);
  return eventResponse(channel.read());
}

async function finish(running: ReturnType<Relay["receive"]>, channel: Channel): Promise<void> {
  try {
    const answer = await running;
    if (answer !== undefined && !isArray(answer)) channel.push(answer as JsonObject);
  } finally {
    channel.end();
  }
}

/** Errors of the protocol that have a status of their own; anything that a server answered goes with 200. */
const statuses: ReadonlyMap<Json | undefined, number> = new Map<Json | undefined, number>([
  [rpcCodes.parse, 400],
  [rpcCodes.invalidRequest, 400],
  [rpcCodes.methodNotFound, 404],
  [statelessCodes.headerMismatch, 400],
  [statelessCodes.capabilityMissing, 400],
  [statelessCodes.revisionUnknown, 400],
]);

function answered(answer: Json | undefined): Response {
  if (answer === undefined) return faultResponse();
  return jsonResponse(answer, statuses.get(member(member(answer, "error"), "code")) ?? 200);
}
