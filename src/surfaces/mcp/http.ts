/**
 * The MCP gateway over Streamable HTTP, for both eras: sessions (revisions to 2025-11-25) and stateless requests (2026-07-28). Web standards only.
 * Never passes a message on that has no open Sluice session, whose headers disagree with its body, or that the strict reader refuses.
 */
import { readJsonBytes } from "../../json/read.ts";
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import { callBytesMax, mcpGatherMs } from "../../limits.ts";
import type { Random } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { systemRandom } from "../random.ts";
import { discardBody, readRequestBody } from "../body.ts";
import { readToken } from "../credential.ts";
import { denialOf, type Enforcer } from "../enforce.ts";
import { clientName, readClientId } from "./client-id.ts";
import { hasEnded, keepEnded } from "./ended-clients.ts";
import { readHello } from "./hello.ts";
import { createEntry, type EntryOptions, readableBy } from "./http-entry.ts";
import { type Client, type Clients, createClients } from "./http-clients.ts";
import {
  accepts,
  denialResponse,
  type Era,
  eraOf,
  faultResponse,
  hasJsonBody,
  idOf,
  isRequest,
  jsonResponse,
  refusalResponse,
} from "./http-guard.ts";
import { answerStateless } from "./http-stateless.ts";
import { eventResponse } from "./http-stream.ts";
import { readMessage, rpcCodes } from "./jsonrpc.ts";
import type { Gateway, RelayContext } from "./relay.ts";

/** Options of the handler. */
export interface McpHandlerOptions extends EntryOptions {
  readonly gateway: Gateway;
  readonly enforcer: Pick<Enforcer, "admit" | "clock" | "plan" | "store">;
  /** Bytes of one message that are read at most. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Default: the system's, by Web Crypto. */
  readonly random?: Random;
}

/** A handler of HTTP requests. */
export interface McpHandler {
  /** Answers one request. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Ends all clients of this handler, and what they run; the gateway stays. */
  close(): Promise<void>;
}

interface Handler {
  readonly gateway: Gateway;
  readonly enforcer: McpHandlerOptions["enforcer"];
  readonly clients: Clients;
  readonly maxBytes: number;
}

/** From this revision on, clients take an event without data (MCP 2025-11-25 transports). */
const primedFrom = "2025-11-25";

/**
 * Serves the gateway at one path (`/mcp`): POST, GET, DELETE. Throws `ConfigError` if the options are wrong.
 *
 * @example const mcp = createMcpHandler({ gateway, enforcer }); app.all("/mcp", (c) => mcp.fetch(c.req.raw));
 */
export function createMcpHandler(options: McpHandlerOptions): McpHandler {
  const { gateway, enforcer, maxBytes = callBytesMax, random = systemRandom } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 2 || maxBytes > callBytesMax)
    throw new ConfigError(`\`maxBytes\` must be an integer from 2 to ${callBytesMax}`);
  const enter = createEntry(options);
  const handler: Handler = { gateway, enforcer, clients: createClients({ gateway, clock: enforcer.clock, random }), maxBytes };
  return {
    fetch: async (request) => {
      try {
        const entered = await enter(request);
        const response = "response" in entered ? entered.response : await dispatch(handler, request, entered.token);
        if (!request.bodyUsed) void discardBody(request.body);
        return readableBy(request, response, options.origins);
      } catch {
        return faultResponse();
      }
    },
    close: () => handler.clients.closeAll(),
  };
}

function dispatch(handler: Handler, request: Request, token: string): Promise<Response> | Response {
  if (request.method === "POST") return receivePost(handler, request, token);
  if (request.method === "GET") return openStandalone(handler, request, token);
  if (request.method === "DELETE") return endClient(handler, request, token);
  const error = { code: -32_000, message: "this method is none of the transport's" };
  return refusalResponse(405, error, { headers: { allow: "GET, POST, DELETE" } });
}

/** The body of a POST as a message; else why not. Shared with the older transport. */
export async function readPosted(
  request: Request,
  maxBytes: number,
): Promise<{ readonly body: Json } | { readonly response: Response }> {
  if (!hasJsonBody(request))
    return { response: refusalResponse(415, { code: -32_000, message: "`Content-Type` must be application/json in UTF-8" }) };
  const read = await readRequestBody(request, maxBytes);
  if (read.kind === "large") return { response: refusalResponse(413, { code: -32_000, message: "the message is too large" }) };
  const body = read.kind === "read" ? readJsonBytes(read.bytes, { maxBytes }) : undefined;
  if (body?.ok === true) return { body: body.value };
  return { response: refusalResponse(400, { code: rpcCodes.parse, message: "the message is not strict JSON" }) };
}

async function receivePost(handler: Handler, request: Request, token: string): Promise<Response> {
  if (!accepts(request, "application/json") && !accepts(request, "text/event-stream"))
    return notAcceptable("application/json and text/event-stream");
  const read = await readPosted(request, handler.maxBytes);
  if ("response" in read) return read.response;
  const { body } = read;
  const era: Era = eraOf(request.headers, body);
  if (era.era === "refused") return refusalResponse(400, era.error, { id: idOf(body) });
  if (era.era === "stateless") return answerStateless(handler.gateway, { request, body, token });
  if (member(body, "method") === "initialize") return initialize(handler, request, { body, token });
  const found = await findClient(handler, request, { token, body });
  return "response" in found ? found.response : answerOf(found.client, request, { body, token });
}

/** The client of a request: one of this process, or one that is taken up where another has left it. */
async function findClient(
  { clients, enforcer }: Handler,
  request: Request,
  { token, body = null }: { readonly token: string; readonly body?: Json },
): Promise<{ readonly client: Client } | { readonly response: Response }> {
  const id = request.headers.get("mcp-session-id");
  const here = clients.find(id, token);
  if (here !== undefined) return { client: here };
  const named = id === null ? undefined : readClientId(readToken(token)?.secret ?? "", id);
  if (named === undefined) return { response: noClient(id, body) };
  const plan = await enforcer.plan(token);
  if (!plan.ok) return { response: denialResponse(plan.error) };
  const isOver = await hasEnded(enforcer.store, plan.value.header, named.name);
  if (isOver === undefined) return { response: denialResponse(denialOf("STORE_UNAVAILABLE")) };
  if (isOver) return { response: noClient(id, body) };
  // Another request of this client may have been faster.
  return { client: clients.find(id, token) ?? clients.takeUp(token, named) };
}

interface Posted {
  readonly body: Json;
  readonly token: string;
}

/** A new client. One that the gateway does not greet is none. */
async function initialize(handler: Handler, request: Request, { body, token }: Posted): Promise<Response> {
  const refuse = (message: string): Response =>
    refusalResponse(400, { code: rpcCodes.invalidRequest, message }, { id: idOf(body) });
  if (request.headers.has("mcp-session-id")) return refuse("this client has said hello before");
  if (!isRequest(body)) return refuse("`initialize` must be a request");
  const hello = readHello(member(body, "params") as JsonObject);
  const client = hello === undefined ? handler.clients.open(token) : handler.clients.greet(token, hello);
  const context: RelayContext = { token, signal: request.signal, send: client.standalone.push };
  const answer = await client.relay.receive(body, context);
  if (answer === undefined || member(answer as JsonObject, "result") === undefined) {
    await handler.clients.close(client);
    return answer === undefined ? faultResponse() : jsonResponse(answer as JsonObject);
  }
  const headers = { "mcp-session-id": client.id };
  if (accepts(request, "application/json")) return jsonResponse(answer as JsonObject, 200, headers);
  const stream = client.openStream(false);
  if (stream === undefined) return faultResponse();
  stream.channel.push(answer as JsonObject);
  stream.channel.end();
  return eventResponse(stream.channel.read(), headers);
}

/** The answer to what a known client has posted: a stream if it takes one, else JSON when it is there. */
async function answerOf(client: Client, request: Request, { body, token }: Posted): Promise<Response> {
  const headers = { "mcp-session-id": client.id };
  const waits = isArray(body) ? body.some((one) => isRequest(one)) : isRequest(body);
  if (!waits || !accepts(request, "text/event-stream")) {
    // Without a stream, what belongs to the request goes where all else goes.
    const context: RelayContext = { token, signal: request.signal, send: client.standalone.push };
    const answer = await client.relay.receive(body, context);
    if (answer !== undefined) return jsonResponse(answer, isMessage(body) ? 200 : 400, headers);
    return new Response(null, { status: 202, headers });
  }
  const stream = client.openStream((request.headers.get("mcp-protocol-version") ?? "") >= primedFrom);
  if (stream === undefined)
    return refusalResponse(429, { code: -32_000, message: "too many requests of this client are open" }, { id: idOf(body) });
  const { channel, signal } = stream;
  void client.relay.receive(body, { token, signal, send: channel.push }).then((answer) => {
    for (const message of isArray(answer) ? answer : [answer]) if (message !== undefined) channel.push(message as JsonObject);
    channel.end();
  }, channel.end);
  // Most answers are there at once: then the stream goes out as one piece, which spares a process on each side three of four turns.
  return eventResponse((await channel.whole(mcpGatherMs)) ?? channel.read(), headers);
}

/** Whether a body is a message, or a batch: that of what is none is refused, is the relay's to say. */
function isMessage(body: Json): boolean {
  return isArray(body) || readMessage(body).kind !== "invalid";
}

/** GET: what belongs to no request; or, after a broken connection, the rest of any stream (`Last-Event-ID`). */
async function openStandalone(handler: Handler, request: Request, token: string): Promise<Response> {
  if (!accepts(request, "text/event-stream")) return notAcceptable("text/event-stream");
  const era = eraOf(request.headers, {});
  if (era.era === "refused") return refusalResponse(400, era.error);
  if (era.era !== "session") return noClient(request.headers.get("mcp-session-id"));
  const entered = await findClient(handler, request, { token });
  if ("response" in entered) return entered.response;
  const { client } = entered;
  const headers = { "mcp-session-id": client.id };
  const last = request.headers.get("last-event-id");
  if (last !== null) {
    const found = client.streamOf(last);
    if (found === undefined) return refusalResponse(400, { code: -32_000, message: "`Last-Event-ID` is none of this client's" });
    return eventResponse(found.channel.read(found.number), headers);
  }
  if (client.standalone.isRead)
    return refusalResponse(409, { code: -32_000, message: "this client's stream is being read already" });
  return eventResponse(client.standalone.read(), headers);
}

/** DELETE: the client says goodbye, to all processes. */
async function endClient(handler: Handler, request: Request, token: string): Promise<Response> {
  const found = await findClient(handler, request, { token });
  if ("response" in found) return found.response;
  const { enforcer, clients } = handler;
  const plan = await enforcer.plan(token);
  await clients.close(found.client);
  if (!plan.ok) return denialResponse(plan.error);
  const isKept = await keepEnded(enforcer.store, plan.value.header, clientName(found.client.id));
  return isKept ? new Response(null, { status: 200 }) : denialResponse(denialOf("STORE_UNAVAILABLE"));
}

/** 404 makes a client begin anew (MCP 2025-11-25 transports, Session Management); a foreign id and an unknown one look alike. */
function noClient(id: string | null, body: Json = null): Response {
  if (id === null)
    return refusalResponse(400, { code: -32_000, message: "`Mcp-Session-Id` is needed after `initialize`" }, { id: idOf(body) });
  return refusalResponse(404, { code: -32_001, message: "no such client" }, { id: idOf(body) });
}

function notAcceptable(types: string): Response {
  return refusalResponse(406, { code: -32_000, message: `\`Accept\` must name ${types}` });
}
