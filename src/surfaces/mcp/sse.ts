/**
 * The MCP gateway over the transport of revision 2024-11-05 (HTTP with server-sent events), for clients that know no other.
 * Web standards only. Never takes a message for a client from anybody but the bearer of the token that the client came with.
 */
import { callBytesMax } from "../../limits.ts";
import type { Json } from "../../json/value.ts";
import { discardBody } from "../body.ts";
import { systemRandom } from "../random.ts";
import { createClients, type Clients } from "./http-clients.ts";
import { createEntry, readableBy } from "./http-entry.ts";
import { accepts, eraOf, faultResponse, idOf, refusalResponse } from "./http-guard.ts";
import { eventResponse } from "./http-stream.ts";
import { type McpHandler, type McpHandlerOptions, readPosted } from "./http.ts";
import type { RelayContext } from "./relay.ts";

/**
 * Serves the gateway at one path (`/sse`): GET opens the stream, whose first event names where to POST: the same path, with the client's id.
 * Throws `ConfigError` if the options are wrong.
 */
export function createSseHandler(options: McpHandlerOptions): McpHandler {
  const { gateway, enforcer, maxBytes = callBytesMax, random = systemRandom } = options;
  const enter = createEntry(options);
  const clients = createClients({ gateway, clock: enforcer.clock, random });
  const answer = async (request: Request): Promise<Response> => {
    const entered = await enter(request);
    if ("response" in entered) return entered.response;
    if (request.method === "GET") return openStream(clients, request, entered.token);
    if (request.method === "POST") return receivePost(clients, request, { token: entered.token, maxBytes });
    return refusalResponse(
      405,
      { code: -32_000, message: "this method is none of the transport's" },
      { headers: { allow: "GET, POST" } },
    );
  };
  return {
    fetch: async (request) => {
      try {
        const response = await answer(request);
        if (!request.bodyUsed) void discardBody(request.body);
        return readableBy(request, response, options.origins);
      } catch {
        return faultResponse();
      }
    },
    close: () => clients.closeAll(),
  };
}

function openStream(clients: Clients, request: Request, token: string): Response {
  if (!accepts(request, "text/event-stream"))
    return refusalResponse(406, { code: -32_000, message: "`Accept` must name text/event-stream" });
  const client = clients.open(token, (id) => ({
    first: { event: "endpoint", data: `?sessionId=${id}` },
    // This transport has no way back: a client whose stream is broken is gone.
    onReaders: (isRead) => {
      if (!isRead) void clients.close(client);
    },
    onLost: () => void clients.close(client),
  }));
  return eventResponse(client.standalone.read());
}

async function receivePost(
  clients: Clients,
  request: Request,
  { token, maxBytes }: { readonly token: string; readonly maxBytes: number },
): Promise<Response> {
  const read = await readPosted(request, maxBytes);
  if ("response" in read) return read.response;
  const { body } = read;
  const era = eraOf(request.headers, body);
  if (era.era === "refused") return refusalResponse(400, era.error, { id: idOf(body) });
  const client = clients.find(new URL(request.url).searchParams.get("sessionId"), token);
  if (client === undefined || era.era === "stateless")
    return refusalResponse(404, { code: -32_001, message: "no such client" }, { id: idOf(body) });
  const { relay, standalone } = client;
  const context: RelayContext = { token, signal: client.signal, send: standalone.push };
  void relay.receive(body, context).then((message: Json | undefined) => {
    if (message !== undefined) for (const one of Array.isArray(message) ? message : [message]) standalone.push(one);
  });
  return new Response(null, { status: 202 });
}
