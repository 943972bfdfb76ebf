/**
 * An agent that is called by A2A 1.0, and a caller of it: the official SDK at both ends, a receipt in the metadata of each message.
 * Never goes on with anything of a message but the value that its receipt is about.
 */
import { randomUUID } from "node:crypto";
import { type AgentCard, type Message, Role } from "@a2a-js/sdk";
import { ClientFactory, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from "@a2a-js/sdk/server";
import { Hono } from "hono";
import type { ToolResult } from "../../src/decide/observe.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, isObject } from "../../src/json/value.ts";
import type { Answer, Permit, SettleOptions } from "../../src/surfaces/enforce.ts";
import { a2aReceipt, a2aValue, withA2aReceipt } from "../../src/surfaces/receipts.ts";

/** What came by A2A: the value, and its receipt. */
export interface A2aRequest {
  readonly value: Json;
  readonly receipt: string | undefined;
}

function message(role: Role, value: Json, receipt: string | undefined): Message {
  const part = { content: { $case: "data" as const, value }, metadata: undefined, filename: "", mediaType: "application/json" };
  const plain: Message = {
    messageId: randomUUID(),
    contextId: "",
    taskId: "",
    role,
    parts: [part],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
  return withA2aReceipt(plain, receipt);
}

/** The card of an agent at an address. */
export function cardOf(name: string, url: string): AgentCard {
  return {
    name,
    description: `the ${name} of the example`,
    supportedInterfaces: [{ url, protocolBinding: "JSONRPC", tenant: "", protocolVersion: "1.0" }],
    provider: undefined,
    version: "1.0.0",
    capabilities: { streaming: false, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ["application/json"],
    defaultOutputModes: ["application/json"],
    skills: [],
    signatures: [],
  };
}

/** The application that answers A2A requests at `/`. */
export function serveA2a(name: string, work: (request: A2aRequest) => Promise<Answer>): Hono {
  const executor: AgentExecutor = {
    execute: async ({ userMessage, contextId }, bus) => {
      const value = a2aValue(userMessage);
      const { body, receipt } = await work({ value: value ?? null, receipt: a2aReceipt(userMessage) });
      const read = readJson(body);
      bus.publish(AgentEvent.message({ ...message(Role.ROLE_AGENT, read.ok ? read.value : null, receipt), contextId }));
      bus.finished();
    },
    cancelTask: async () => undefined,
  };
  const handler = new JsonRpcTransportHandler(
    new DefaultRequestHandler(cardOf(name, "http://localhost/"), new InMemoryTaskStore(), executor),
  );
  return new Hono().post("/", async (c) => {
    const read = readJson(await c.req.text(), { maxBytes: 1_000_000 });
    if (!read.ok || !isObject(read.value)) return c.json({ error: "the body is not strict JSON" }, 400);
    const answer = await handler.handle({ ...read.value }, new ServerCallContext({ requestedVersion: "1.0" }));
    return c.json(answer as never);
  });
}

/** Sends an allowed call as an A2A message, and takes the answer with its receipt. */
export async function sendA2a(permit: Permit, name: string, url: string): Promise<ToolResult & { readonly said: SettleOptions }> {
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({})] });
  const client = await factory.createFromAgentCard(cardOf(name, url));
  const answer = await client.sendMessage({
    tenant: "",
    message: message(Role.ROLE_USER, permit.args, permit.receipt),
    configuration: undefined,
    metadata: undefined,
  });
  if (!("parts" in answer)) throw new Error("the other agent answered with a task");
  const value = a2aValue(answer);
  if (value === undefined) throw new Error("the other agent's answer cannot be read");
  return { value, said: { receipt: a2aReceipt(answer) } };
}
