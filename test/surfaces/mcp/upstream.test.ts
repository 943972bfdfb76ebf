/**
 * Connections to servers over HTTP, by what goes over the wire.
 */
import { expect, test } from "vitest";
import { readJson } from "../../../src/json/read.ts";
import { type Json, member } from "../../../src/json/value.ts";
import { ConfigError } from "../../../src/result.ts";
import { httpServer, type HttpServerOptions } from "../../../src/surfaces/mcp/upstream-http.ts";
import type { Upstream, UpstreamListener } from "../../../src/surfaces/mcp/upstream.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly message: Json;
}

/** Answers as a server does; the answer's id is put in for `$ID`. */
function serverOf(
  answer: (seen: Seen) => Response | Promise<Response>,
  options: Partial<HttpServerOptions> = {},
): {
  readonly connect: () => ReturnType<ReturnType<typeof httpServer>["connect"]>;
  readonly seen: Seen[];
  readonly told: string[];
} {
  const seen: Seen[] = [];
  const told: string[] = [];
  const listener: UpstreamListener = {
    onNotification: (method) => void told.push(method),
    onRequest: async () => ({ ok: true, result: { roots: [] } }),
  };
  const server = httpServer({
    name: "s",
    url: "http://server.example/mcp",
    headers: { authorization: "Bearer operator" },
    ...options,
    fetch: async (url, init) => {
      const read = readJson(String(init?.body ?? "null"));
      const one = {
        method: init?.method ?? "GET",
        url: String(url),
        headers: new Headers(init?.headers),
        message: read.ok ? read.value : null,
      };
      seen.push(one);
      expect(init?.redirect).toBe("manual");
      return answer(one);
    },
  });
  return {
    connect: () => server.connect(listener, { signal: AbortSignal.timeout(5_000), capabilities: {} }),
    seen,
    told,
  };
}

const json = (text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { headers: { "content-type": "application/json", ...headers } });
const stream = (...events: string[]): Response =>
  new Response(events.join(""), { headers: { "content-type": "text/event-stream" } });
const resultOf = ({ message }: Seen, result: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(member(message, "id"))},"result":${result}}`;

/** A server with sessions, whose answer to everything else is `more`. */
function withSession(more: (seen: Seen) => Response | Promise<Response>): (seen: Seen) => Response | Promise<Response> {
  return (seen) => {
    if (seen.method === "GET" && seen.headers.get("last-event-id") === null) return new Response(null, { status: 405 });
    if (seen.method === "DELETE") return new Response(null, { status: 204 });
    const method = member(seen.message, "method");
    if (method === "initialize")
      return json(
        resultOf(seen, '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}'),
        { "mcp-session-id": "session-1" },
      );
    return method === "notifications/initialized" ? new Response(null, { status: 202 }) : more(seen);
  };
}

async function open(connecting: ReturnType<ReturnType<typeof serverOf>["connect"]>): Promise<Upstream> {
  const connected = await connecting;
  if (!connected.ok) throw new Error(connected.error);
  return connected.value;
}

const signal = new AbortController().signal;

test("a session is named in every message after the first, with the revision and the operator's credential", async () => {
  const { connect, seen } = serverOf(withSession((one) => json(resultOf(one, '{"ok":1}'))));
  const upstream = await open(connect());
  expect(await upstream.request("x/y", { a: 1 }, { signal })).toEqual({ ok: true, value: { ok: true, result: { ok: 1 } } });
  const last = seen.filter(({ method }) => method === "POST").at(-1);
  expect(Object.fromEntries(last?.headers ?? [])).toMatchObject({
    "mcp-session-id": "session-1",
    "mcp-protocol-version": "2025-06-18",
    authorization: "Bearer operator",
  });
  await upstream.close();
  expect(seen.at(-1)?.method).toBe("DELETE");
});

test("threat 18: a redirect is not followed, with or without the credential", async () => {
  const { connect, seen } = serverOf(
    withSession(() => new Response(null, { status: 307, headers: { location: "http://evil.example/" } })),
  );
  const upstream = await open(connect());
  expect(await upstream.request("x", {}, { signal })).toEqual({ ok: false, error: "unreachable" });
  expect(seen.every(({ url }) => url === "http://server.example/mcp")).toBe(true);
});

test("an answer in a stream comes after what was told on the way", async () => {
  const { connect, told } = serverOf(
    withSession((one) =>
      stream(
        'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n',
        `event: message\ndata: ${resultOf(one, "{}")}\n\n`,
      ),
    ),
  );
  const upstream = await open(connect());
  expect((await upstream.request("x", {}, { signal })).ok).toBe(true);
  expect(told).toEqual(["notifications/message"]);
});

test("a stream that ends before its answer is gone on with where it stopped", async () => {
  let asked: Seen | undefined;
  const { connect, seen } = serverOf(
    withSession((one) => {
      if (one.method === "POST") {
        asked = one;
        return stream("id: e1\nretry: 1\ndata: \n\n");
      }
      return stream(`id: e2\ndata: ${resultOf(asked as Seen, '{"late":true}')}\n\n`);
    }),
  );
  const upstream = await open(connect());
  expect(await upstream.request("x", {}, { signal })).toMatchObject({ value: { result: { late: true } } });
  expect(seen.at(-1)?.headers.get("last-event-id")).toBe("e1");
});

test("answers that are not strict JSON, to another id, or cut off, are none", async () => {
  const bodies = ['{"jsonrpc":"2.0","id":1,"id":2,"result":{}}', "{", '"text"', '{"jsonrpc":"2.0","id":999,"result":{}}'];
  let next = 0;
  const { connect } = serverOf(withSession(() => json(bodies[next++] ?? "")));
  const upstream = await open(connect());
  for (const _ of bodies) expect((await upstream.request("x", {}, { signal })).ok).toBe(false);
});

test("a session that the server has forgotten ends the connection, so that the next call begins a new one", async () => {
  const { connect } = serverOf(withSession(() => new Response(null, { status: 404 })));
  const upstream = await open(connect());
  expect(await upstream.request("x", {}, { signal })).toEqual({ ok: false, error: "unreachable" });
  expect(upstream.isOpen).toBe(false);
});

test("what is cancelled is cancelled at the server", async () => {
  const { connect, seen } = serverOf(
    withSession((one) =>
      member(one.message, "id") === undefined ? new Response(null, { status: 202 }) : new Promise(() => undefined),
    ),
  );
  const upstream = await open(connect());
  const controller = new AbortController();
  const asked = upstream.request("x", {}, { signal: controller.signal });
  controller.abort();
  expect(await asked).toEqual({ ok: false, error: "aborted" });
  expect(seen.at(-1)?.message).toMatchObject({ method: "notifications/cancelled", params: { requestId: 2 } });
});

test("a server that knows no sessions is spoken to in the stateless revision, with headers that say what the body says", async () => {
  const { connect, seen } = serverOf((one) => {
    const method = member(one.message, "method");
    if (method === "initialize") return new Response("{}", { status: 400 });
    if (method === "server/discover")
      return json(
        resultOf(
          one,
          '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new","version":"2"}}}',
        ),
      );
    if (method === "subscriptions/listen") return new Response(null, { status: 404 });
    if (method === "tools/list")
      return json(
        resultOf(
          one,
          '{"resultType":"complete","tools":[{"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]}',
        ),
      );
    return json(resultOf(one, '{"resultType":"input_required","inputRequests":{}}'));
  });
  const upstream = await open(connect());
  expect(upstream.identity).toMatchObject({ revision: "2026-07-28", info: { name: "new", version: "2" } });
  await upstream.request("tools/list", {}, { signal });
  // A server that asks for input in its result has not answered.
  expect(await upstream.request("tools/call", { name: "t", arguments: { region: "Zürich" } }, { signal })).toMatchObject({
    value: { ok: false },
  });
  const last = seen.at(-1);
  expect(Object.fromEntries(last?.headers ?? [])).toMatchObject({
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "t",
    "mcp-param-region": "=?base64?WsO8cmljaA==?=",
  });
  expect(member(last?.message, "params")).toMatchObject({
    _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} },
  });
  await upstream.close();
});

test("threat 18: a server of the old transport cannot have messages posted to another origin", async () => {
  for (const endpoint of ["http://evil.example/post", "//evil.example/post", "https://server.example/post"]) {
    const { connect, seen } = serverOf(() => stream(`event: endpoint\ndata: ${endpoint}\n\n`), { era: "sse" });
    expect(await connect()).toEqual({ ok: false, error: "broken" });
    expect(seen.map(({ method }) => method)).toEqual(["GET"]);
  }
});

test("addresses that are none, or that hold credentials, stop the start", () => {
  for (const url of ["nonsense", "file:///etc/passwd", "http://user:secret@server.example/"])
    expect(() => httpServer({ name: "s", url })).toThrow(ConfigError);
});
