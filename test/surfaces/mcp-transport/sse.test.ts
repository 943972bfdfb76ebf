/**
 * HTTP with server-sent events (2024-11-05): the same door, and messages only from the client's own token.
 */
import { expect, test, vi } from "vitest";
import { createSseHandler } from "../../../src/surfaces/mcp/sse.ts";
import { admitting, eventsOf, fakeGateway, tokens } from "./fake-gateway.ts";

const url = "http://localhost:8787/sse";

function request(to: string, token: string, body?: unknown): Request {
  return new Request(to, {
    method: body === undefined ? "GET" : "POST",
    headers: { host: "localhost:8787", "sluice-session": token, accept: "text/event-stream", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test("answers come on the stream whose first event says where to post; another token posts nothing there", async () => {
  const gateway = fakeGateway();
  const { fetch } = createSseHandler({ gateway, enforcer: admitting });
  const stream = await fetch(request(url, tokens.ours));
  const [events, rest] = stream.body?.tee() ?? [];
  const [endpoint] = await eventsOf(new Response(events), 1);
  expect(endpoint?.event).toBe("endpoint");
  const to = new URL(endpoint?.data ?? "", url).href;
  const ping = { jsonrpc: "2.0", id: 7, method: "ping" };
  expect((await fetch(request(to, tokens.theirs, ping))).status).toBe(404);
  expect((await fetch(request(to, tokens.forged, ping))).status).toBe(401);
  expect((await fetch(request(url, tokens.ours, ping))).status).toBe(404);
  expect(gateway.seen).toHaveLength(0);
  expect((await fetch(request(to, tokens.ours, ping))).status).toBe(202);
  const [, answer] = await eventsOf(new Response(rest), 2);
  expect(JSON.parse(answer?.data ?? "")).toEqual({ jsonrpc: "2.0", id: 7, result: { echo: "ping" } });
  await vi.waitFor(() => expect([...gateway.closed]).toEqual([1]));
  expect((await fetch(request(to, tokens.ours, ping))).status).toBe(404);
});

test("a name that was rebound opens no stream", async () => {
  const { fetch } = createSseHandler({ gateway: fakeGateway(), enforcer: admitting });
  expect((await fetch(new Request("http://evil.example/sse", { headers: { "sluice-session": tokens.ours } }))).status).toBe(403);
});
