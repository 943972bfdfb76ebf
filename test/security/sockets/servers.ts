/**
 * Each surface that listens, on a port of this machine, and clients that write bytes: what a client library would not send.
 */
import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { createGate } from "../../../src/cli/server/gate.ts";
import { listenProxy } from "../../../src/cli/server/proxy-server.ts";
import { listen } from "../../../src/cli/server/runtime.ts";
import { hostRoutes, sluice } from "../../../src/surfaces/hono.ts";
import { createGateway } from "../../../src/surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import { modelApi } from "../../../src/surfaces/model-api.ts";
import { completion, shopProxy, shopServer } from "../../surfaces/threats/doors.ts";
import { makeGround, openToken } from "../../surfaces/threats/shop.ts";

/** A request as it is on the wire: its first line, its headers one a line, and its body. */
export interface RawRequest {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** A surface that listens. */
export interface Listener {
  readonly port: number;
  /** A request that does one thing, once. */
  readonly honest: RawRequest;
  /** How often the thing was done. */
  done(): number;
  close(): Promise<void>;
}

const host = "host: 127.0.0.1";
const json = "content-type: application/json";
const order = '{"symbol":"VTI","amount":5}';

async function serveFetch(
  fetch: (request: Request) => Response | Promise<Response>,
  honest: RawRequest,
  done: () => number,
): Promise<Listener> {
  const server = await listen({ fetch, hostname: "127.0.0.1", port: 0 });
  return { port: server.port, honest, done, close: () => server.close(0) };
}

/** The surfaces by name. */
export const listeners: Readonly<Record<string, () => Promise<Listener>>> = {
  middleware: async () => {
    const ground = makeGround();
    const app = new Hono();
    app.use("/tools/:tool", sluice({ enforcer: ground.firewall }));
    app.all("/tools/:tool", async (c) => {
      ground.ran.push({ tool: c.req.param("tool"), args: await c.req.text() });
      return c.json({ done: true });
    });
    const headers = [host, json, `sluice-session: ${await openToken(ground)}`];
    const honest = { line: "POST /tools/order HTTP/1.1", headers, body: order };
    return serveFetch(app.fetch, honest, () => ground.ran.length);
  },
  host: async () => {
    const ground = makeGround();
    const app = new Hono();
    const admin = "admin-secret-0123456789";
    app.route("/sluice", hostRoutes({ enforcer: ground.firewall, credentials: { admin } }));
    let opened = 0;
    const fetch = async (request: Request): Promise<Response> => {
      const response = await app.fetch(request);
      if (response.status === 201) opened += 1;
      return response;
    };
    const body = JSON.stringify({ plan: ground.plan.digest, principal: "ada" });
    const honest = { line: "POST /sluice/sessions HTTP/1.1", headers: [host, json, `authorization: Bearer ${admin}`], body };
    return serveFetch(fetch, honest, () => opened);
  },
  gateway: async () => {
    const ground = makeGround();
    const gateway = createGateway({ enforcer: ground.firewall, servers: [shopServer(ground)], names: "bare" });
    const handler = createMcpHandler({ gateway, enforcer: ground.firewall });
    const session = `sluice-session: ${await openToken(ground)}`;
    const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const headers = { "content-type": "application/json", accept: "application/json", "sluice-session": session.slice(16) };
    const init = { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }) };
    const hello = await handler.fetch(new Request("http://localhost/mcp", init));
    const client = `mcp-session-id: ${hello.headers.get("mcp-session-id") ?? ""}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"order","arguments":${order}}}`;
    const honest = {
      line: "POST /mcp HTTP/1.1",
      headers: ["host: localhost", json, "accept: application/json", session, client],
      body,
    };
    return serveFetch(
      (request) => handler.fetch(request),
      honest,
      () => ground.ran.length,
    );
  },
  "model-api": async () => {
    const ground = makeGround();
    let asked = 0;
    const upstream = async (): Promise<Response> => {
      asked += 1;
      return Response.json(completion({ role: "assistant", content: "ok" }, "stop"));
    };
    const app = modelApi({
      enforcer: ground.firewall,
      upstream: { url: "https://model.test", fetch: upstream as typeof fetch },
    });
    const headers = [host, json, `sluice-session: ${await openToken(ground)}`];
    const body = '{"model":"m","messages":[{"role":"user","content":"go"}]}';
    return serveFetch(
      (request) => app.fetch(request),
      { line: "POST /v1/chat/completions HTTP/1.1", headers, body },
      () => asked,
    );
  },
  "http-proxy": async () => {
    const ground = makeGround();
    const proxy = shopProxy(ground);
    const gate = createGate({ clock: () => 0 });
    const server = await listenProxy({ proxy: () => proxy, gate, app: new Hono(), hostname: "127.0.0.1", port: 0 });
    const headers = [host, json, `sluice-session: ${await openToken(ground)}`];
    const honest = { line: "POST /shop/order HTTP/1.1", headers, body: order };
    return { port: server.port, honest, done: () => ground.ran.length, close: () => server.close(0) };
  },
};

/** A request in bytes. `framing`: how its body is announced; by its length, unless said. */
export function wire({ line, headers, body }: RawRequest, framing?: readonly string[], sent?: string): string {
  const announced = framing ?? [`content-length: ${Buffer.byteLength(body)}`];
  return `${[line, ...headers, ...announced].join("\r\n")}\r\n\r\n${sent ?? body}`;
}

/** The body in one chunk. `extension`: what stands behind its size. */
export function chunked(body: string, extension = ""): string {
  return `${Buffer.byteLength(body).toString(16)}${extension}\r\n${body}\r\n0\r\n\r\n`;
}

/** Opens a connection that never throws. */
export function dial(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Milliseconds that a first answer is waited for, on a machine that does other things as well, and those after which there is no more of it. */
const firstMs = 2_500;
const quietMs = 150;

/** Writes bytes and says all that was answered, until the other end closes or says nothing more. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = dial(port);
  let answer = "";
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, firstMs);
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      answer += part;
      clearTimeout(timer);
      timer = setTimeout(resolve, quietMs);
    });
    socket.on("close", () => resolve());
    socket.on("end", () => resolve());
    socket.write(Buffer.from(text, "latin1"));
  });
  socket.destroy();
  return answer;
}

/** The statuses of the answers in what a connection said. */
export function statusesOf(answer: string): readonly number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
