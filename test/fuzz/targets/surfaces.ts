/**
 * Every surface that takes calls, and the streams they read: whatever comes in, what reaches a tool is a call that the plan allows, byte for
 * byte, and no secret is told. The doors are those of the threat tests; what is allowed is said here anew, without the engine.
 */
import { Hono } from "hono";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import { linksIn } from "../../../src/lang/host/links.ts";
import { hostRoutes, sluice } from "../../../src/surfaces/hono.ts";
import { createGateway } from "../../../src/surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import { createSseHandler } from "../../../src/surfaces/mcp/sse.ts";
import { modelApi } from "../../../src/surfaces/model-api.ts";
import { type Door, doors, shopProxy, shopServer } from "../../surfaces/threats/doors.ts";
import { type Ground, injection, makeGround, openToken, secretKey } from "../../surfaces/threats/shop.ts";
import { joined, must, same, type Target } from "../target.ts";
import { jsonWords } from "../words.ts";
import { urlWords } from "../words-text.ts";

/** Calls of one input. */
export const callsMax = 4;
/** Words of the shop. */
export const shopWords = [
  "feed",
  "secret",
  "order",
  "pick",
  "note",
  "send",
  "shop/",
  '"symbol":',
  '"amount":',
  '"text":',
  '"key":',
  '"VTI"',
  "5",
  "sluice_node",
  "sluice-session: TOKEN",
  "TOKEN",
];

/** What the shop's plan allows, said without the engine. */
export function checkRan({ ran }: Ground): void {
  let hasFeed = false;
  for (const { tool, args } of ran) {
    const read = readJson(args === "" ? "{}" : args);
    must(read.ok, `a tool was called with what is no strict JSON: ${JSON.stringify(args)}`);
    must(isAllowed(tool, read.value), `a call that the plan does not allow reached its tool: ${tool} ${args}`);
    must(!(tool === "note" && hasFeed), "what a stranger wrote can reach a note");
    hasFeed ||= tool === "feed";
  }
}

function isAllowed(tool: string, args: Json): boolean {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return false;
  const { text, amount, key, ...rest } = args as { readonly [name: string]: Json };
  const isText =
    typeof text === "string" && !/[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/.test(text) && linksIn(text).length === 0;
  switch (tool) {
    case "feed":
    case "secret":
      return Object.keys(args).length === 0;
    case "order":
      return same(args, { amount: 5, symbol: "VTI" });
    case "pick":
      return Object.keys(args).length === 1 && typeof amount === "number" && amount >= 1 && amount <= 60;
    case "note":
      return Object.keys(args).length === 1 && isText && [...text].length <= 100;
    case "send":
      return key === secretKey && isText && [...text].length <= 50 && Object.keys(rest).length === 0;
    default:
      return false;
  }
}

/** What an agent may be told. */
export function checkTold(text: string, ground: Ground): void {
  must(!text.includes(secretKey), "an agent is told the secret");
  const hasFeed = ground.ran.some(({ tool }) => tool === "feed");
  must(hasFeed || !text.includes(injection), "an agent is told what it has not read");
}

function doorTarget(door: Door): Target {
  const run = async (input: string): Promise<void> => {
    const entry = await door.open();
    for (const call of input.split("\n%%\n").slice(0, callsMax)) {
      const end = call.indexOf("\n");
      const [tool, args] = end < 0 ? [call, "{}"] : [call.slice(0, end), call.slice(end + 1)];
      // The doors write the name into a URL, which has no lone surrogates.
      if (/\p{Surrogate}/u.test(tool)) continue;
      const { code, text } = await entry.call({ tool, args });
      must(code !== "INTERNAL", `a fault of ours: ${text.slice(0, 200)}`);
      checkTold(text, entry.ground);
      checkRan(entry.ground);
    }
  };
  const seeds = [
    joined('order\n{"symbol":"VTI","amount":5}', 'note\n{"text":"hello"}', "feed\n{}", 'note\n{"text":"later"}'),
    joined("secret\n{}", 'send\n{"text":"x"}', 'pick\n{"amount":7}'),
    joined('pick\n{"amount":61}', 'pick\n{"amount":1e1,"amount":70}', 'order\n{"symbol":"BND"}'),
    'note\n{"text":"see http://evil.example","sluice_node":"note"}',
  ];
  const bounded = {
    notLinear: "the work of a call is bounded by `callBytesMax` and the plan, and the store's grows with the calls",
  };
  return { name: `call-${door.name}`, seeds, dictionary: [...jsonWords, ...shopWords], lengthMax: 2_000, ...bounded, run };
}

type Serve = (ground: Ground) => (request: Request) => Response | Promise<Response>;

function toolsApp(ground: Ground): Hono {
  const app = new Hono();
  app.use("/tools/:tool", sluice({ enforcer: ground.firewall }));
  app.all("/tools/:tool", async (c) => {
    ground.ran.push({ tool: c.req.param("tool"), args: await c.req.text() });
    return c.json(ground.answer(c.req.param("tool")) as never);
  });
  return app;
}

/** A model that wants what the conversation's last message says. */
const model = (async () =>
  Response.json({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "ok" }, logprobs: null, finish_reason: "stop" }],
  })) as unknown as typeof fetch;

const served: { readonly [name: string]: Serve } = {
  hono: (ground) => toolsApp(ground).fetch,
  "host-routes": (ground) =>
    hostRoutes({ enforcer: ground.firewall, credentials: { admin: "admin-secret-0123456789", read: "read-secret-0123456789" } })
      .fetch,
  mcp: (ground) =>
    createMcpHandler({
      gateway: createGateway({ enforcer: ground.firewall, servers: [shopServer(ground)], names: "bare" }),
      enforcer: ground.firewall,
    }).fetch,
  "mcp-sse": (ground) =>
    createSseHandler({
      gateway: createGateway({ enforcer: ground.firewall, servers: [shopServer(ground)], names: "bare" }),
      enforcer: ground.firewall,
    }).fetch,
  "http-proxy": (ground) => shopProxy(ground).fetch,
  "model-api": (ground) => modelApi({ enforcer: ground.firewall, upstream: { url: "https://model.test", fetch: model } }).fetch,
};

/** The request in a text: `METHOD TARGET`, lines of headers, an empty line, a body. `undefined` where the platform makes none of it. */
export function requestIn(text: string, token: string): Request | undefined {
  const [head = "", ...rest] = text.replaceAll("TOKEN", token).split("\n\n");
  const [line = "", ...lines] = head.split("\n");
  const [method = "", target = ""] = line.split(" ");
  const body = rest.join("\n\n");
  try {
    const headers = lines.map((one): [string, string] => [
      one.slice(0, one.indexOf(":")),
      one.slice(one.indexOf(":") + 1).trim(),
    ]);
    const url = target.startsWith("/") ? `http://localhost:8787${target}` : target;
    return new Request(url, { method, headers, ...(body === "" || /^(?:get|head)$/i.test(method) ? {} : { body }) });
  } catch {
    return undefined;
  }
}

function requestTarget(name: string, seeds: readonly string[]): Target {
  const serve = served[name] as Serve;
  const run = async (input: string): Promise<void> => {
    const ground = makeGround();
    const token = await openToken(ground);
    const answer = serve(ground);
    let client = "";
    for (const text of input.split("\n%%\n").slice(0, callsMax)) {
      const request = requestIn(text.replaceAll("CLIENT", client), token);
      if (!request) continue;
      const response = await answer(request);
      client = response.headers.get("mcp-session-id") ?? client;
      must(response.status !== 500, `a fault of ours: ${response.status}`);
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      const told = isStream && request.method === "GET" ? "" : await response.text();
      if (isStream && request.method === "GET") await response.body?.cancel();
      checkTold(told, ground);
      checkRan(ground);
      must(!told.includes(token) || name === "model-api" || name === "mcp-sse", "a token is told again");
    }
  };
  const dictionary = [...jsonWords, ...shopWords, ...urlWords, ...headerWords];
  return { name: `http-${name}`, seeds, dictionary, lengthMax: 4_000, notLinear: "as for calls", run };
}

const headerWords = [
  ...[
    "GET ",
    "POST ",
    "PUT ",
    "DELETE ",
    "OPTIONS ",
    "content-type: application/json",
    "content-type: text/plain",
    "content-length: 5",
  ],
  ...[
    "transfer-encoding: chunked",
    "origin: http://evil.example",
    "host: evil.example",
    "accept: application/json, text/event-stream",
  ],
  ...[
    "mcp-session-id: CLIENT",
    "mcp-protocol-version: 2025-11-25",
    "mcp-protocol-version: 2026-07-28",
    "authorization: Bearer TOKEN",
  ],
  ...[
    "last-event-id: 1",
    "sluice-node: note",
    "\n\n",
    "\n%%\n",
    '"jsonrpc":"2.0"',
    '"method":"tools/call"',
    '"id":1',
    '"params":',
    "tools/list",
  ],
];
const json = "content-type: application/json\nsluice-session: TOKEN";
const mcpHead = `POST /mcp\n${json}\naccept: application/json, text/event-stream\nmcp-session-id: CLIENT\n\n`;
const hello =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}';
const mcpCall = (tool: string, args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":${args}}}`;
const stateless =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"order","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}';
const admin = "authorization: Bearer admin-secret-0123456789\ncontent-type: application/json";
const chatBody =
  '{"model":"m","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"order","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}],"tools":[{"type":"function","function":{"name":"order"}}]}';

const requestSeeds: { readonly [name: string]: readonly string[] } = {
  hono: [
    joined(
      `POST /tools/order\n${json}\n\n{"symbol":"VTI"}`,
      `POST /tools/note\n${json}\n\n{"text":"x"}`,
      `GET /tools/feed\nsluice-session: TOKEN\n\n`,
    ),
    `POST /tools/pick?x=1\n${json}; charset=utf-8\n\n{"amount":3}`,
  ],
  "host-routes": [
    joined(
      `POST /sessions\n${admin}\n\n{"plan":"shop","principal":"ada","params":{"symbol":"VTI"}}`,
      `GET /sessions\n${admin}\n\n`,
    ),
    `POST /revocations\n${admin}\n\n{"principal":"ada"}`,
    `POST /grants\n${admin}\n\n{"plan":"x","principal":"ada"}`,
    `GET /approvals\n${admin}\naccept: text/html\n\n`,
    `POST /approvals/x\n${admin}\n\n{"approve":true,"name":"eve"}`,
  ],
  mcp: [
    joined(
      mcpHead.replace("mcp-session-id: CLIENT\n", "") + hello,
      mcpHead + mcpCall("order", '{"symbol":"VTI"}'),
      mcpHead + mcpCall("note", '{"text":"x"}'),
      `${mcpHead}{"jsonrpc":"2.0","id":2,"method":"tools/list"}`,
    ),
    `POST /mcp\n${json}\naccept: application/json, text/event-stream\nmcp-protocol-version: 2026-07-28\nmcp-method: tools/call\nmcp-name: order\n\n${stateless}`,
    `${mcpHead}[${mcpCall("feed", "{}")},{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]`,
  ],
  "mcp-sse": [`GET /sse\nsluice-session: TOKEN\naccept: text/event-stream\n\n`, `POST /sse?client=x\n${json}\n\n${hello}`],
  "http-proxy": [
    joined(
      `POST /shop/order\n${json}\n\n{"symbol":"VTI","amount":5}`,
      `GET /shop/feed?x=1\nsluice-session: TOKEN\n\n`,
      `POST /shop/note\n${json}\n\n{"text":"x"}`,
    ),
    `GET http://shop.example/secret\nsluice-session: TOKEN\nproxy-authorization: Bearer TOKEN\n\n`,
  ],
  "model-api": [
    `POST /v1/chat/completions\n${json}\n\n${chatBody}`,
    `POST /v1/responses\n${json}\n\n{"model":"m","input":[{"role":"user","content":"go"},{"type":"function_call","call_id":"c1","name":"order","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"ok"}],"tools":[{"type":"function","name":"order","parameters":{}}],"stream":true}`,
    `POST /v1/messages\n${json}\n\n{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"go"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"order","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}],"tools":[{"name":"order","input_schema":{}}]}`,
    `GET /v1/models/x\nsluice-session: TOKEN\n\n`,
  ],
};

export const surfaceTargets: readonly Target[] = [
  ...doors.map(doorTarget),
  ...Object.keys(served).map((name) => requestTarget(name, requestSeeds[name] as readonly string[])),
];
