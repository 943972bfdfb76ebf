/**
 * The surfaces as doors into one shop: each takes a call as an agent of its kind makes it, byte for byte, and says what the agent was told.
 * Nothing here decides anything: behind every door is the surface itself.
 */
import { Hono } from "hono";
import { jsonSchema, tool as aiTool } from "ai";
import { CODES } from "../../../src/codes.ts";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { guarded } from "../../../src/surfaces/adapters/ai-sdk.ts";
import { sluice } from "../../../src/surfaces/hono.ts";
import { answerHook, blocked, type HookAnswer, readHook } from "../../../src/surfaces/hook/hook.ts";
import { createHttpProxy } from "../../../src/surfaces/http-proxy.ts";
import { createGateway } from "../../../src/surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../../src/surfaces/mcp/http.ts";
import type { UpstreamServer } from "../../../src/surfaces/mcp/upstream.ts";
import { modelApi } from "../../../src/surfaces/model-api.ts";
import { definitions, type Ground, type GroundOptions, makeGround, openToken } from "./shop.ts";

/** What an agent was told of a call. */
export interface Told {
  /** A code of Sluice's, if it was denied. */
  readonly code: string | undefined;
  readonly text: string;
}

/** A call: a bare name, and the arguments as the text that stands in the frame. */
export interface Call {
  readonly tool: string;
  readonly args: string;
  /** Another credential than the session's own; `""`: none. */
  readonly token?: string;
}

/** An open door. */
export interface Entry {
  readonly ground: Ground;
  readonly token: string;
  call(call: Call): Promise<Told>;
}

/** A surface. */
export interface Door {
  readonly name: string;
  /** Whether the surface reads the arguments from text itself; else its SDK has, by its own reader. */
  readonly takesText: boolean;
  open(options?: GroundOptions): Promise<Entry>;
}

/** Codes by length: none is found in a longer one's place. */
const codes = Object.keys(CODES).sort((a, b) => b.length - a.length);

/** `refusal`: what stands for a code where the frame was refused, before there was a call. */
function told(text: string, refusal?: string): Told {
  return { text, code: codes.find((code) => new RegExp(`\\b${code}\\b`).test(text)) ?? refusal };
}

function headersOf(token: string): Record<string, string> {
  return { "content-type": "application/json", ...(token === "" ? {} : { "sluice-session": token }) };
}

const hono: Door = {
  name: "hono",
  takesText: true,
  open: async (options) => {
    const ground = makeGround(options);
    const app = new Hono();
    app.use("/tools/:tool", sluice({ enforcer: ground.firewall }));
    app.all("/tools/:tool", async (c) => {
      const tool = c.req.param("tool");
      ground.ran.push({ tool, args: await c.req.text() });
      return c.json(ground.answer(tool) as never);
    });
    const token = options?.token ?? (await openToken(ground));
    return {
      ground,
      token,
      call: async (call) => {
        const init = { method: "POST", headers: headersOf(call.token ?? token), body: call.args };
        const response = await app.request(`/tools/${encodeURIComponent(call.tool)}`, init);
        return told(await response.text(), response.status === 404 ? "NO_ROUTE" : undefined);
      },
    };
  },
};

/** The shop as a server of MCP. `over`: what it does otherwise. */
export function shopServer(ground: Ground, over: Partial<ShopServer> = {}): UpstreamServer {
  const { list = () => definitions, call = answerCall } = over;
  return {
    name: "shop",
    connect: async () => ({
      ok: true,
      value: {
        name: "shop",
        identity: { revision: "2025-11-25", info: { name: "shop", version: "1" }, capabilities: { tools: {} } },
        isOpen: true,
        notify: async () => {},
        close: async () => {},
        request: async (method, params) => {
          if (method === "tools/list") return { ok: true, value: { ok: true, result: { tools: listed(list()) } } };
          ground.ran.push({ tool: String(params.name), args: canonicalJson(params.arguments ?? null) });
          return { ok: true, value: { ok: true, result: call(ground, params) } };
        },
      },
    }),
  };
}

/** What of a server can be otherwise. */
export interface ShopServer {
  readonly list: () => readonly JsonObject[];
  readonly call: (ground: Ground, params: JsonObject) => JsonObject;
}

function listed(tools: readonly JsonObject[]): readonly JsonObject[] {
  return tools.map((tool) => ({ ...tool, name: String(tool.name).replace("shop/", "") }));
}

function answerCall(ground: Ground, { name }: JsonObject): JsonObject {
  return {
    content: [{ type: "text", text: canonicalJson(ground.answer(String(name))) }],
    structuredContent: ground.answer(String(name)),
  };
}

/** A client of the gateway over Streamable HTTP, that has said hello. */
export async function mcpClient(
  ground: Ground,
  token: string,
  server: UpstreamServer = shopServer(ground),
): Promise<{ post(body: string, token?: string): Promise<string> }> {
  const gateway = createGateway({ enforcer: ground.firewall, servers: [server], names: "bare" });
  const handler = createMcpHandler({ gateway, enforcer: ground.firewall });
  let client = "";
  const send = async (body: string, own: string): Promise<Response> => {
    const session = client === "" ? {} : { "mcp-session-id": client };
    const headers = { ...headersOf(own), accept: "application/json", ...session };
    return handler.fetch(new Request("http://localhost/mcp", { method: "POST", headers, body }));
  };
  const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const hello = await send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }), token);
  client = hello.headers.get("mcp-session-id") ?? "";
  if (client === "") throw new Error(await hello.text());
  return { post: async (body, own = token) => (await send(body, own)).text() };
}

const mcp: Door = {
  name: "mcp",
  takesText: true,
  open: async (options) => {
    const ground = makeGround(options);
    const token = options?.token ?? (await openToken(ground));
    const { post } = await mcpClient(ground, token);
    let id = 0;
    return {
      ground,
      token,
      call: async (call) => {
        const params = `{"name":${JSON.stringify(call.tool)},"arguments":${call.args}}`;
        const answer = await post(`{"jsonrpc":"2.0","id":${++id},"method":"tools/call","params":${params}}`, call.token);
        return told(answer, answer.startsWith('{"error":') ? "NO_MESSAGE" : undefined);
      },
    };
  },
};

/** The proxy over a connector that keeps what left it. */
export function shopProxy(ground: Ground): ReturnType<typeof createHttpProxy> {
  return createHttpProxy({
    enforcer: ground.firewall,
    connector: {
      checksAddresses: true,
      send: async ({ url, body }) => {
        const tool = url.pathname.slice(1);
        const sent = new TextDecoder().decode(body);
        ground.ran.push({ tool, args: sent === "" ? "{}" : sent });
        return Response.json(ground.answer(tool));
      },
    },
  });
}

const httpProxy: Door = {
  name: "http-proxy",
  takesText: true,
  open: async (options) => {
    const ground = makeGround(options);
    const token = options?.token ?? (await openToken(ground));
    const proxy = shopProxy(ground);
    return {
      ground,
      token,
      call: async ({ tool, args, token: own = token }) => {
        const isRead = tool === "feed" || tool === "secret";
        const init = { method: isRead ? "GET" : "POST", headers: headersOf(own), ...(isRead ? {} : { body: args }) };
        return told(await (await proxy.fetch(new Request(`http://proxy.test/shop/${encodeURIComponent(tool)}`, init))).text());
      },
    };
  },
};

/** The model's turn that makes one call, as the Chat Completions API has it. */
function modelTurn(id: string, { tool, args }: Call): JsonObject {
  const tool_calls = [{ id, type: "function", function: { name: tool, arguments: args } }];
  return completion({ role: "assistant", content: null, tool_calls }, "tool_calls");
}

/** An answer of the Chat Completions API. */
export function completion(message: JsonObject, finish_reason: string): JsonObject {
  return {
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
  };
}

interface ChatMessage {
  readonly content?: unknown;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

const modelProxy: Door = {
  name: "model-api",
  takesText: true,
  open: async (options) => {
    const ground = makeGround(options);
    const token = options?.token ?? (await openToken(ground));
    const names = [...definitions.map(({ name }) => String(name).replace("shop/", ""))];
    const history: Json[] = [{ role: "user", content: "go" }];
    let count = 0;
    const call: Entry["call"] = async (asked) => {
      const script: JsonObject[] = [modelTurn(`call_${++count}`, asked)];
      const seen: string[] = [];
      const upstream = async (_: unknown, init?: RequestInit): Promise<Response> => {
        seen.push(String(init?.body));
        return Response.json(script.shift() ?? completion({ role: "assistant", content: "ok" }, "stop"));
      };
      const app = modelApi({
        enforcer: ground.firewall,
        upstream: { url: "https://model.test", fetch: upstream as typeof fetch },
      });
      const tools = [...new Set([...names, asked.tool])].map((name) => ({ type: "function", function: { name } }));
      const ask = async (): Promise<{ text: string; message: ChatMessage | undefined }> => {
        const init = {
          method: "POST",
          headers: headersOf(asked.token ?? token),
          body: JSON.stringify({ model: "m", messages: history, tools }),
        };
        const text = await (await app.request("/v1/chat/completions", init)).text();
        // biome-ignore lint/suspicious/noExplicitAny: a client reads its provider's answer with its own reader
        const message = (JSON.parse(text) as any).choices?.[0]?.message as ChatMessage | undefined;
        if (message !== undefined) history.push(message as Json);
        return { text, message };
      };
      const { text, message } = await ask();
      // The client makes the calls that it was given, whatever they are.
      for (const { id, function: made } of message?.tool_calls ?? []) {
        ground.ran.push({ tool: made.name, args: made.arguments });
        history.push({ role: "tool", tool_call_id: id, content: canonicalJson(ground.answer(made.name)) });
      }
      const wasCalled = (message?.tool_calls ?? []).length > 0;
      if (wasCalled) await ask();
      return wasCalled ? told(seen.at(-1) ?? "") : told(text + seen.slice(1).join());
    };
    return { ground, token, call };
  },
};

const adapters: Door = {
  name: "adapters",
  takesText: false,
  open: async (options) => {
    const ground = makeGround(options);
    const token = options?.token ?? (await openToken(ground));
    const names = definitions.map(({ name }) => String(name).replace("shop/", ""));
    const own = Object.fromEntries(
      names.map((name) => [
        name,
        aiTool({
          inputSchema: jsonSchema({ type: "object" }),
          execute: async (args: unknown) => {
            ground.ran.push({ tool: name, args: canonicalJson(args as Json) });
            return ground.answer(name);
          },
        }),
      ]),
    );
    let count = 0;
    return {
      ground,
      token,
      call: async (call) => {
        const session = { token: call.token ?? token, plan: ground.plan.digest };
        const tools = guarded(own, { firewall: ground.firewall, session });
        const found = Object.hasOwn(tools, call.tool) ? tools[call.tool] : undefined;
        if (found?.execute === undefined) return told("CALL_NOT_IN_PLAN: the model is not shown this tool");
        const args = readAsSdk(call.args);
        if (args === undefined) return told("REQUEST_MALFORMED: the SDK calls no tool with this");
        return told(
          JSON.stringify(await found.execute(args as never, { toolCallId: `t${++count}`, messages: [] } as never)) ?? "",
        );
      },
    };
  },
};

/** As SDKs read what a model wrote. */
function readAsSdk(args: string): unknown {
  try {
    return JSON.parse(args);
  } catch {
    return undefined;
  }
}

const hook: Door = {
  name: "hook",
  takesText: true,
  open: async (options) => {
    const ground = makeGround(options);
    const token = options?.token ?? (await openToken(ground));
    let count = 0;
    const input = (event: string, { tool, args }: Call, more = ""): string =>
      `{"session_id":"c","transcript_path":"/t","cwd":"/r","hook_event_name":"${event}","tool_name":${JSON.stringify(`mcp__shop__${tool}`)},"tool_input":${args},"tool_use_id":"t${count}"${more}}`;
    const tell = async (text: string, own: string): Promise<HookAnswer> => {
      const read = readHook(text);
      return read === undefined ? blocked("REQUEST_MALFORMED") : answerHook({ enforcer: ground.firewall, token: own }, read);
    };
    return {
      ground,
      token,
      call: async (call) => {
        count += 1;
        const own = call.token ?? token;
        const before = await tell(input("PreToolUse", call), own);
        const said = before.stdout as { hookSpecificOutput?: { permissionDecision?: string; updatedInput?: Json } } | undefined;
        if (before.exit !== 0 || said?.hookSpecificOutput?.permissionDecision !== "allow")
          return told(`${JSON.stringify(before.stdout ?? "")}${before.stderr ?? ""}`);
        const { updatedInput } = said.hookSpecificOutput;
        // Without another input the agent makes the call that it has in its memory.
        const made = { ...call, args: canonicalJson((updatedInput ?? readAsSdk(call.args)) as Json) };
        ground.ran.push({ tool: call.tool, args: made.args });
        const answer = canonicalJson(ground.answer(call.tool));
        const response = `{"content":[{"type":"text","text":${JSON.stringify(answer)}}],"structuredContent":${answer}}`;
        const after = await tell(input("PostToolUse", made, `,"tool_response":${response}`), own);
        return told(JSON.stringify(after.stdout ?? answer));
      },
    };
  },
};

/** Every surface that takes calls. */
export const doors: readonly Door[] = [hono, mcp, httpProxy, modelProxy, adapters, hook];
