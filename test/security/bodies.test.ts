/**
 * Bodies that are larger inside than outside, that come slowly, or that break off, at every door that reads HTTP.
 * Nothing of them may run, hold a budget, or keep an honest call waiting.
 */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { sluice } from "../../src/surfaces/hono.ts";
import { createGateway } from "../../src/surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../src/surfaces/mcp/http.ts";
import { shopProxy, shopServer } from "../surfaces/threats/doors.ts";
import { type Ground, makeGround, openToken } from "../surfaces/threats/shop.ts";

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

interface Shop {
  readonly ground: Ground;
  /** The body of a request that orders once. */
  readonly order: string;
  send(body: Body, headers?: Readonly<Record<string, string>>): Promise<string>;
}

interface Place {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly fetch: (request: Request) => Promise<Response> | Response;
}

function sender({ url, headers, fetch }: Place): Shop["send"] {
  return async (body, more = {}) => {
    const init = { method: "POST", headers: { ...headers, ...more }, body, duplex: "half" };
    return (await fetch(new Request(url, init as RequestInit))).text();
  };
}

const args = '{"symbol":"VTI","amount":5}';

const doors: Readonly<Record<string, () => Promise<Shop>>> = {
  hono: async () => {
    const ground = makeGround();
    const app = new Hono();
    app.use("/tools/:tool", sluice({ enforcer: ground.firewall }));
    app.all("/tools/:tool", async (c) => {
      ground.ran.push({ tool: c.req.param("tool"), args: await c.req.text() });
      return c.json({ done: true });
    });
    const headers = { "content-type": "application/json", "sluice-session": await openToken(ground) };
    return { ground, order: args, send: sender({ url: "http://t.test/tools/order", headers, fetch: app.fetch }) };
  },
  mcp: async () => {
    const ground = makeGround();
    const gateway = createGateway({ enforcer: ground.firewall, servers: [shopServer(ground)], names: "bare" });
    const handler = createMcpHandler({ gateway, enforcer: ground.firewall });
    const headers: Record<string, string> = {
      "content-type": "application/json",
      accept: "application/json",
      "sluice-session": await openToken(ground),
    };
    const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params });
    const hello = await handler.fetch(new Request("http://localhost/mcp", { method: "POST", headers, body }));
    headers["mcp-session-id"] = hello.headers.get("mcp-session-id") ?? "";
    let id = 0;
    return {
      ground,
      get order() {
        return `{"jsonrpc":"2.0","id":${++id},"method":"tools/call","params":{"name":"order","arguments":${args}}}`;
      },
      send: sender({ url: "http://localhost/mcp", headers, fetch: (request) => handler.fetch(request) }),
    };
  },
  "http-proxy": async () => {
    const ground = makeGround();
    const proxy = shopProxy(ground);
    const headers = { "content-type": "application/json", "sluice-session": await openToken(ground) };
    const fetch = (request: Request) => proxy.fetch(request);
    return { ground, order: args, send: sender({ url: "http://proxy.test/shop/order", headers, fetch }) };
  },
};

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe.each(Object.entries(doors))("%s", (_, open) => {
  it.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["identity, gzip", gzipSync],
  ] as const)("threat 11: reads no compressed body (%s), honest or a bomb", async (coding, compress) => {
    const shop = await open();
    for (const text of [shop.order, `${shop.order}${" ".repeat(5_000_000)}`])
      await shop.send(new Uint8Array(compress(text)), { "content-encoding": coding });
    expect(shop.ground.ran).toEqual([]);
    await shop.send(shop.order);
    expect(shop.ground.ran.length).toBe(1);
  });

  it("threat 11: a body that comes slowly holds no budget and keeps nobody waiting", async () => {
    const shop = await open();
    const text = shop.order;
    let finish = (): void => {};
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        controller.enqueue(bytes(text.slice(0, 10)));
        finish = () => {
          controller.enqueue(bytes(text.slice(10)));
          controller.close();
        };
      },
    });
    const slow = shop.send(body);
    await shop.send(shop.order);
    expect(shop.ground.ran.length).toBe(1);
    finish();
    // Its turn came when it was whole, and then the order had been made.
    expect(await slow).toMatch(/CALL_/);
    expect(shop.ground.ran.length).toBe(1);
  });

  it("threat 11: a body that breaks off is no call, and spends nothing", async () => {
    const shop = await open();
    const text = shop.order;
    let sent = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        if (sent) controller.error(new Error("gone"));
        else controller.enqueue(bytes(text));
        sent = true;
      },
    });
    await shop.send(body);
    expect(shop.ground.ran).toEqual([]);
    await shop.send(shop.order);
    expect(shop.ground.ran.length).toBe(1);
  });
});
