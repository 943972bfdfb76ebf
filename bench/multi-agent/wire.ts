/**
 * How agents talk to each other: HTTP and A2A by their own forms, MCP by JSON-RPC through the gateway; and who may sit in between.
 * Never opens a socket: requests and responses are those of the web standards, handed over in this process.
 */
import { randomUUID } from "node:crypto";
import { type Message, Role } from "@a2a-js/sdk";
import { ClientFactory, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import { cardOf, serveA2a } from "../../plans/three-agents/a2a.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { receiptMeta } from "../../src/receipts/receipt.ts";
import { ok } from "../../src/result.ts";
import type { Permit } from "../../src/surfaces/enforce.ts";
import type { RpcOutcome } from "../../src/surfaces/mcp/jsonrpc.ts";
import type { UpstreamServer } from "../../src/surfaces/mcp/upstream.ts";
import { a2aReceipt, a2aValue, postToPeer, withA2aReceipt } from "../../src/surfaces/receipts.ts";
import { definitionOf, serverInfo } from "./prepare.ts";
import type { Sent, Tool, Transport } from "./scenario.ts";

/** What came back. */
export interface Answered {
  readonly value: Json;
  readonly receipt?: string | undefined;
}

/** An agent that can be sent messages: each transport brings them in its own form. */
export interface Receiver {
  readonly name: string;
  /** Answers a request of HTTP. */
  readonly http: (from: string, request: Request) => Promise<Response>;
  /** Answers a message whose transport is read already; `wrap`: the answer as the transport has it, which is what is signed. */
  readonly take: (sent: Sent, wrap: (value: Json) => Json) => Promise<{ readonly body: string; readonly receipt?: string }>;
}

/** Sends a message, as it left or as somebody on the way has made it. `permit`: of a sender that has a Sluice. */
export function deliver(
  sent: Sent,
  to: Receiver,
  { by, permit }: { readonly by: Transport; readonly permit?: Permit },
): Promise<Answered> {
  return by === "a2a" ? byA2a(sent, to) : by === "mcp" ? byMcp(sent, to) : byHttp(sent, to, permit);
}

const address = (name: string): string => `https://${name}.example/`;

async function byHttp(sent: Sent, to: Receiver, permit: Permit | undefined): Promise<Answered> {
  const body = canonicalJson(sent.value);
  const send = (request: Request): Promise<Response> => to.http(sent.from, request);
  if (permit !== undefined) {
    const { receipt: _, ...bare } = permit;
    const changed = { ...bare, body, ...(sent.receipt === undefined ? {} : { receipt: sent.receipt }) };
    const answer = await postToPeer(changed, address(to.name), { fetch: send });
    if ("error" in answer) throw new Error("the other agent answered with an error");
    return { value: answer.value, receipt: answer.said.receipt };
  }
  const headers = new Headers({ "content-type": "application/json" });
  if (sent.receipt !== undefined) headers.set("sluice-receipt", sent.receipt);
  const response = await send(new Request(address(to.name), { method: "POST", headers, body }));
  const read = readJson(await response.text());
  if (!response.ok || !read.ok) throw new Error("the other agent did not answer");
  return { value: read.value };
}

async function byA2a(sent: Sent, to: Receiver): Promise<Answered> {
  const app = serveA2a(to.name, ({ value, receipt }) =>
    to.take({ from: sent.from, to: to.name, value: isObject(value) ? value : {}, receipt }, (answer) => answer),
  );
  const fetchImpl = (async (...request: Parameters<typeof fetch>) => app.request(new Request(...request))) as typeof fetch;
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] });
  const client = await factory.createFromAgentCard(cardOf(to.name, address(to.name)));
  const answer = await client.sendMessage({
    tenant: "",
    message: messageOf(sent),
    configuration: undefined,
    metadata: undefined,
  });
  const value = "parts" in answer ? a2aValue(answer) : undefined;
  if (value === undefined || !("parts" in answer)) throw new Error("the other agent's answer cannot be read");
  return { value, receipt: a2aReceipt(answer) };
}

function messageOf({ value, receipt }: Sent): Message {
  const part = { content: { $case: "data" as const, value }, metadata: undefined, filename: "", mediaType: "application/json" };
  const plain: Message = {
    messageId: randomUUID(),
    contextId: "",
    taskId: "",
    role: Role.ROLE_USER,
    parts: [part],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
  return withA2aReceipt(plain, receipt);
}

/** An agent that is an MCP server: the answer is the whole result, and its receipt is in `_meta`. */
async function byMcp(sent: Sent, to: Receiver): Promise<Answered> {
  const result = await mcpResult(sent, to);
  const receipt = member(member(result, "_meta"), receiptMeta);
  return { value: member(result, "structuredContent") ?? null, ...(typeof receipt === "string" ? { receipt } : {}) };
}

async function mcpResult(sent: Sent, to: Receiver): Promise<JsonObject> {
  const { body, receipt } = await to.take(sent, (value) => ({
    content: [{ type: "text", text: canonicalJson(value) }],
    structuredContent: isObject(value) ? value : { value },
  }));
  const read = readJson(body);
  const result = read.ok && isObject(read.value) ? read.value : {};
  return receipt === undefined ? result : { ...result, _meta: { [receiptMeta]: receipt } };
}

/** A tool that is another agent, as the MCP gateway of the asking agent is connected to it. */
export function mcpServer(
  from: string,
  tool: readonly [string, Tool],
  pass: (sent: Sent, send: (one: Sent) => Promise<JsonObject>) => Promise<JsonObject>,
  receiverOf: (name: string) => Receiver,
): UpstreamServer {
  const [name, definition] = tool;
  const server = name.slice(0, name.indexOf("/"));
  const to = definition.peer?.agent ?? "";
  const call = async (params: JsonObject): Promise<RpcOutcome> => {
    const args = member(params, "arguments");
    const receipt = member(member(params, "_meta"), receiptMeta);
    const sent: Sent = { from, to, value: isObject(args) ? args : {}, ...(typeof receipt === "string" ? { receipt } : {}) };
    return { ok: true, result: await pass(sent, (one) => mcpResult(one, receiverOf(one.to))) };
  };
  return {
    name: server,
    connect: async () =>
      ok({
        name: server,
        identity: { revision: "2025-11-25", info: serverInfo(server), capabilities: { tools: {} } },
        request: async (method, params) =>
          ok(method === "tools/list" ? { ok: true, result: { tools: [definitionOf(name, definition)] } } : await call(params)),
        notify: async () => undefined,
        isOpen: true,
        close: async () => undefined,
      }),
  };
}
