/**
 * Streamable HTTP of both eras: what is let in, what is not, and that no event is lost, doubled or given to another.
 */
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { mcpGatherMs } from "../../../src/limits.ts";
import { createMcpHandler, type McpHandlerOptions } from "../../../src/surfaces/mcp/http.ts";
import { admitting, eventsOf, type FakeGateway, fakeGateway, type Script, tokens } from "./fake-gateway.ts";

const url = "http://localhost:8787/mcp";
const sdkHeaders = { "content-type": "application/json", accept: "application/json, text/event-stream" };

interface Ask {
  readonly method?: string;
  readonly body?: string | Json;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly url?: string;
}

function ask({ method = "POST", body, token = tokens.ours, headers = {}, signal, url: to = url }: Ask): Request {
  const credential: Record<string, string> = token === "" ? {} : { "sluice-session": token };
  return new Request(to, {
    method,
    headers: { host: new URL(to).host, ...sdkHeaders, ...credential, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

const hello = { jsonrpc: "2.0", id: 0, method: "initialize", params: { protocolVersion: "2025-11-25" } };
const list = (id: number | string): Json => ({ jsonrpc: "2.0", id, method: "tools/list" });

function serve(
  script?: Script,
  options: Partial<McpHandlerOptions> = {},
): { gateway: FakeGateway; fetch: (request: Request) => Promise<Response>; close: () => Promise<void> } {
  const gateway = fakeGateway(script);
  const { fetch, close } = createMcpHandler({ gateway, enforcer: admitting, ...options });
  return { gateway, fetch, close };
}

async function connect(fetch: (request: Request) => Promise<Response>, token: string = tokens.ours): Promise<string> {
  const response = await fetch(ask({ body: hello, token }));
  expect(response.status).toBe(200);
  return response.headers.get("mcp-session-id") ?? "";
}

describe("sessions (revisions to 2025-11-25)", () => {
  test("a client is greeted once, and its requests are answered as streams", async () => {
    const { fetch, gateway } = serve();
    const id = await connect(fetch);
    expect(id).toMatch(/^[0-9a-f]{48}\.[\w-]+\.[0-9a-f]{64}$/);
    const response = await fetch(ask({ body: list(1), headers: { "mcp-session-id": id } }));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect((await eventsOf(response)).map(({ data }) => JSON.parse(data))).toEqual([
      { jsonrpc: "2.0", id: 1, result: { echo: "tools/list" } },
    ]);
    expect(gateway.seen.map(({ relay, context }) => [relay, context.token])).toEqual([
      [1, tokens.ours],
      [1, tokens.ours],
    ]);
    expect((await fetch(ask({ body: hello, headers: { "mcp-session-id": id } }))).status).toBe(400);
  });

  test("threat 13: another session's token with the same MCP session id is refused like an unknown id", async () => {
    const { fetch, gateway } = serve();
    const id = await connect(fetch);
    const before = gateway.seen.length;
    const unknown = await fetch(ask({ body: list(1), headers: { "mcp-session-id": "0".repeat(48) } }));
    for (const method of ["POST", "GET", "DELETE"]) {
      const body = method === "POST" ? { body: list(1) } : {};
      const foreign = await fetch(ask({ method, ...body, token: tokens.theirs, headers: { "mcp-session-id": id } }));
      expect(foreign.status).toBe(404);
      if (method === "POST") expect(await foreign.text()).toBe(await unknown.clone().text());
    }
    expect(gateway.seen).toHaveLength(before);
    expect((await fetch(ask({ body: list(1), headers: { "mcp-session-id": id } }))).status).toBe(200);
  });

  test.each([
    ["no credential", ""],
    ["a credential of no session", tokens.forged],
    ["a credential that is none", "secret"],
  ])("%s is answered with 401, and nothing is read", async (_, token) => {
    const { fetch, gateway } = serve();
    const response = await fetch(ask({ body: hello, token }));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    expect(gateway.seen).toHaveLength(0);
  });

  test.each([
    ["a rebound name", { host: "evil.example" }, "http://evil.example/mcp"],
    ["a Host header of another name", { host: "evil.example" }, url],
    ["a page elsewhere", { origin: "https://evil.example" }, url],
    ["a page without an origin", { origin: "null" }, url],
    ["an origin with a path", { origin: "http://localhost/x" }, url],
  ])("%s is refused before anything else", async (_, headers, to) => {
    const { fetch, gateway } = serve();
    const response = await fetch(ask({ body: hello, headers, url: to }));
    expect(response.status).toBe(403);
    expect(gateway.seen).toHaveLength(0);
  });

  test("a page on this machine may ask, and one that the options name", async () => {
    const origins = ["https://app.example"];
    const { fetch } = serve(undefined, { origins });
    expect((await fetch(ask({ body: hello, headers: { origin: "http://localhost:3000" } }))).status).toBe(200);
    const named = await fetch(ask({ body: hello, headers: { origin: "https://app.example" } }));
    expect(named.status).toBe(200);
    expect(named.headers.get("access-control-allow-origin")).toBe("https://app.example");
    const preflight = await fetch(ask({ method: "OPTIONS", token: "", headers: { origin: "https://app.example" } }));
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      expect.stringContaining("mcp-session-id"),
    ]);
    expect((await fetch(ask({ method: "OPTIONS", token: "", headers: { origin: "http://localhost:3000" } }))).status).toBe(401);
  });

  test.each<[string, number, Ask]>([
    ["threat 1: a duplicate key", 400, { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}' }],
    ["threat 1: an escaped duplicate key", 400, { body: '{"jsonrpc":"2.0","id":1,"method":"a","\\u006dethod":"b"}' }],
    ["no JSON", 400, { body: "{" }],
    ["another type", 415, { body: "{}", headers: { "content-type": "text/plain" } }],
    ["a packed body", 415, { body: "{}", headers: { "content-encoding": "gzip" } }],
    ["threat 11: a body beyond the bound", 413, { body: `"${"x".repeat(2_000)}"` }],
    ["a client that takes neither form", 406, { body: list(1), headers: { accept: "text/html" } }],
    ["a revision that nobody speaks", 400, { body: list(1), headers: { "mcp-protocol-version": "2020-01-01" } }],
    ["another method of HTTP", 405, { method: "PUT", body: "{}" }],
  ])("%s is refused and reaches nobody", async (_, status, request) => {
    const { fetch, gateway } = serve(undefined, { maxBytes: 1_000 });
    const id = await connect(fetch);
    const response = await fetch(ask({ ...request, headers: { "mcp-session-id": id, ...request.headers } }));
    expect(response.status).toBe(status);
    expect(gateway.seen).toHaveLength(1);
  });

  test("what waits for no answer is accepted, and a client without a hello is not known", async () => {
    const { fetch } = serve();
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id };
    for (const body of [
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 4, result: {} },
    ])
      expect((await fetch(ask({ body, headers }))).status).toBe(202);
    expect((await fetch(ask({ body: list(1) }))).status).toBe(400);
  });

  test("what belongs to a request comes before its answer, on its own stream", async () => {
    const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } };
    const { fetch, gateway } = serve((message, { send }) => {
      if ((message as { method?: string }).method === "tools/call") send(progress);
      return undefined;
    });
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const standalone = await fetch(ask({ method: "GET", headers }));
    const called = await fetch(ask({ body: { jsonrpc: "2.0", id: "x", method: "tools/call" }, headers }));
    const events = await eventsOf(called);
    expect(events.map(({ data }) => data === "" || JSON.parse(data).method || JSON.parse(data).id)).toEqual([
      true,
      "notifications/progress",
      "x",
    ]);
    gateway.tell(1, { jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    expect((await eventsOf(standalone, 1)).map(({ data }) => JSON.parse(data).method)).toEqual([
      "notifications/tools/list_changed",
    ]);
  });

  test("an answer that is there at once goes out as one piece, and can be had again", async () => {
    const { fetch } = serve();
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const response = await fetch(ask({ body: list(1), headers }));
    const bytes = await response.clone().arrayBuffer();
    expect(response.headers.get("content-length")).toBe(String(bytes.byteLength));
    const [prime, answer] = await eventsOf(response);
    expect([prime?.data, JSON.parse(answer?.data ?? "").id]).toEqual(["", 1]);
    const again = await fetch(ask({ method: "GET", headers: { ...headers, "last-event-id": prime?.id ?? "" } }));
    expect((await eventsOf(again)).map((event) => event.data)).toEqual([answer?.data]);
  });

  test("an answer that takes longer is a stream that begins before it", async () => {
    let finish = (): void => {};
    const { fetch } = serve(async (message) => {
      if ((message as { method?: string }).method !== "tools/call") return undefined;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { jsonrpc: "2.0", id: 1, result: {} };
    });
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const response = await fetch(ask({ body: { jsonrpc: "2.0", id: 1, method: "tools/call" }, headers }));
    expect(response.headers.has("content-length")).toBe(false);
    finish();
    expect((await eventsOf(response)).map(({ data }) => data === "" || JSON.parse(data).id)).toEqual([true, 1]);
  });

  test("a broken connection goes on where it stopped, and events of another stream are not given", async () => {
    let finish = (): void => {};
    const { fetch } = serve(async (message, { send }) => {
      if ((message as { method?: string }).method !== "tools/call") return undefined;
      for (const n of [1, 2, 3]) send({ jsonrpc: "2.0", method: "n", params: { n } });
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { jsonrpc: "2.0", id: 1, result: {} };
    });
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const first = await fetch(ask({ body: { jsonrpc: "2.0", id: 1, method: "tools/call" }, headers }));
    const [prime, one] = await eventsOf(first, 2);
    expect(prime?.data).toBe("");
    expect(one?.data).toContain('"n":1');
    finish();
    const second = await fetch(ask({ method: "GET", headers: { ...headers, "last-event-id": one?.id ?? "" } }));
    expect((await eventsOf(second)).map(({ data }) => JSON.parse(data).params?.n ?? "answer")).toEqual([2, 3, "answer"]);
    const other = await connect(fetch);
    const stolen = await fetch(ask({ method: "GET", headers: { "mcp-session-id": other, "last-event-id": one?.id ?? "" } }));
    expect(stolen.status).toBe(400);
  });

  test("a client whose connection is gone for good cancels what it asked for", async () => {
    vi.useFakeTimers();
    let signal: AbortSignal | undefined;
    const { fetch } = serve((message, context) => {
      if ((message as { method?: string }).method !== "tools/call") return undefined;
      signal = context.signal;
      return new Promise(() => {});
    });
    const id = await connect(fetch);
    const asked = fetch(ask({ body: { jsonrpc: "2.0", id: 1, method: "tools/call" }, headers: { "mcp-session-id": id } }));
    await vi.advanceTimersByTimeAsync(mcpGatherMs);
    await (await asked).body?.cancel();
    expect(signal?.aborted).toBe(false);
    vi.advanceTimersByTime(60_001);
    expect(signal?.aborted).toBe(true);
    vi.useRealTimers();
  });

  test("goodbye ends the client and what it runs", async () => {
    let signal: AbortSignal | undefined;
    const { fetch, gateway } = serve((message, context) => {
      if ((message as { method?: string }).method !== "tools/call") return undefined;
      signal = context.signal;
      return new Promise(() => {});
    });
    const id = await connect(fetch);
    const headers = { "mcp-session-id": id };
    await fetch(ask({ body: { jsonrpc: "2.0", id: 1, method: "tools/call" }, headers }));
    expect((await fetch(ask({ method: "DELETE", headers }))).status).toBe(200);
    expect(signal?.aborted).toBe(true);
    expect([...gateway.closed]).toEqual([1]);
    expect((await fetch(ask({ body: list(2), headers }))).status).toBe(404);
  });

  test("a client that takes JSON alone gets the answer alone", async () => {
    const { fetch } = serve();
    const id = await connect(fetch);
    const response = await fetch(ask({ body: list(1), headers: { "mcp-session-id": id, accept: "application/json" } }));
    expect(await response.json()).toEqual({ jsonrpc: "2.0", id: 1, result: { echo: "tools/list" } });
  });

  test("one session cannot push out the clients of all others", async () => {
    const { fetch, gateway } = serve();
    const theirs = await connect(fetch, tokens.theirs);
    const ours: string[] = [];
    for (let i = 0; i < 40; i++) ours.push(await connect(fetch));
    const status = async (id: string, token: string): Promise<number> =>
      (await fetch(ask({ body: list(1), token, headers: { "mcp-session-id": id } }))).status;
    expect(await status(theirs, tokens.theirs)).toBe(200);
    expect([...gateway.closed]).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    // What was let go of is taken up again, as if another process had greeted it; then it is another one's turn.
    expect(await status(ours[0] ?? "", tokens.ours)).toBe(200);
    expect(gateway.closed.size).toBe(9);
    expect(await status(ours.at(-1) ?? "", tokens.ours)).toBe(200);
  });
});

describe("stateless requests (2026-07-28)", () => {
  const revision = "2026-07-28";
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientInfo": { name: "c", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const call = (params: Record<string, Json> = {}): Json => ({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "srv__tool", ...params, _meta: envelope },
  });
  const agreeing = { "mcp-protocol-version": revision, "mcp-method": "tools/call", "mcp-name": "srv__tool" };

  test("a request whose headers agree is answered as JSON, and leaves nothing behind", async () => {
    const { fetch, gateway } = serve();
    const response = await fetch(ask({ body: call(), headers: agreeing }));
    expect([response.status, response.headers.get("content-type"), response.headers.get("mcp-session-id")]).toEqual([
      200,
      "application/json",
      null,
    ]);
    expect([...gateway.closed]).toEqual([1]);
  });

  test.each<[string, Readonly<Record<string, string>>, number]>([
    ["another method", { ...agreeing, "mcp-method": "tools/list" }, -32_020],
    ["another tool", { ...agreeing, "mcp-name": "srv__other" }, -32_020],
    ["no method", { "mcp-protocol-version": revision, "mcp-name": "srv__tool" }, -32_020],
    ["no tool", { "mcp-protocol-version": revision, "mcp-method": "tools/call" }, -32_020],
    ["no revision", { "mcp-method": "tools/call", "mcp-name": "srv__tool" }, -32_020],
    ["an older revision", { ...agreeing, "mcp-protocol-version": "2025-11-25" }, -32_020],
    ["a tool in broken base64", { ...agreeing, "mcp-name": "=?base64?%%?=" }, -32_020],
  ])("headers that say %s are refused with the specified error", async (_, headers, code) => {
    const { fetch, gateway } = serve();
    const response = await fetch(ask({ body: call(), headers }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 1, error: { code } });
    expect(gateway.seen).toHaveLength(0);
  });

  test("a name that no header can hold comes encoded", async () => {
    const { fetch } = serve();
    const headers = { ...agreeing, "mcp-name": `=?base64?${btoa("srv__tool")}?=` };
    expect((await fetch(ask({ body: call(), headers }))).status).toBe(200);
  });

  test("a body without envelope, a batch, and an unknown revision are refused", async () => {
    const { fetch, gateway } = serve();
    const bare = await fetch(ask({ body: list(1), headers: { "mcp-protocol-version": revision, "mcp-method": "tools/list" } }));
    expect([bare.status, (await bare.json()).error.code]).toEqual([400, -32_602]);
    const batch = await fetch(ask({ body: [call()], headers: agreeing }));
    expect([batch.status, (await batch.json()).error.code]).toEqual([400, -32_600]);
    const later = { ...envelope, "io.modelcontextprotocol/protocolVersion": "2027-01-01" };
    const unknown = await fetch(
      ask({
        body: { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: later } },
        headers: { "mcp-protocol-version": "2027-01-01", "mcp-method": "ping" },
      }),
    );
    expect([unknown.status, (await unknown.json()).error]).toEqual([
      400,
      expect.objectContaining({
        code: -32_022,
        data: expect.objectContaining({ supported: expect.arrayContaining([revision]) }),
      }),
    ]);
    expect(gateway.seen).toHaveLength(0);
  });

  test("errors of the protocol have the status that the revision gives them; those of a server have 200", async () => {
    const codes: readonly (readonly [number, number])[] = [
      [-32_601, 404],
      [-32_021, 400],
      [-32_000, 200],
      [-32_603, 200],
    ];
    for (const [code, status] of codes) {
      const { fetch } = serve(async () => ({ jsonrpc: "2.0", id: 1, error: { code, message: "m" } }));
      expect((await fetch(ask({ body: call(), headers: agreeing }))).status).toBe(status);
    }
  });

  test("what comes before the answer makes a stream, and leaving it cancels", async () => {
    let signal: AbortSignal | undefined;
    const { fetch, gateway } = serve((_, context) => {
      signal = context.signal;
      context.send({ jsonrpc: "2.0", method: "notifications/progress", params: {} });
      return new Promise((resolve) => context.signal.addEventListener("abort", () => resolve(undefined)));
    });
    const response = await fetch(ask({ body: call(), headers: agreeing }));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const [progress] = await eventsOf(response, 1);
    expect(progress).toMatchObject({ id: undefined, data: expect.stringContaining("progress") });
    await vi.waitFor(() => expect(signal?.aborted).toBe(true));
    await vi.waitFor(() => expect([...gateway.closed]).toEqual([1]));
  });
});
