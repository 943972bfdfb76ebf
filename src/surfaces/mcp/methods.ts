/**
 * The table of methods: which the gateway answers, which it passes on as calls of the plan, and which it never lets through.
 * Data. A method that is not here is denied.
 */
import type { JsonObject } from "../../json/value.ts";
import { bareName } from "../../plan/tool-name.ts";

/** How a method of a client is served. */
export type MethodRule =
  /** By the gateway itself. */
  | { readonly kind: "answered" }
  /** By the tools of the plan. */
  | { readonly kind: "tools" }
  /** By each server whose `grant` the plan has, and the lists are joined. */
  | { readonly kind: "list"; readonly grant: string; readonly list: "resources" | "resourceTemplates" | "prompts" }
  /** By the one server that it speaks of, if the plan has its `grant`. */
  | { readonly kind: "passed"; readonly grant: string; readonly of: "uri" | "prompt" | "ref" | "all" };

/**
 * Methods of clients. What is passed is a call of the plan: of the tool `server/mcp.…`, which an operator's catalogue describes like any
 * other (see {@link methodTools}). So it has arguments, a budget, an order, and labels, and without a node nothing passes.
 */
export const clientMethods: ReadonlyMap<string, MethodRule> = new Map<string, MethodRule>([
  ["initialize", { kind: "answered" }],
  ["server/discover", { kind: "answered" }],
  ["ping", { kind: "answered" }],
  ["tools/list", { kind: "tools" }],
  ["tools/call", { kind: "tools" }],
  ["tasks/get", { kind: "answered" }],
  ["tasks/list", { kind: "answered" }],
  ["tasks/cancel", { kind: "answered" }],
  ["tasks/result", { kind: "answered" }],
  ["subscriptions/listen", { kind: "answered" }],
  ["resources/unsubscribe", { kind: "answered" }],
  ["resources/list", { kind: "list", grant: "mcp.resources.list", list: "resources" }],
  ["resources/templates/list", { kind: "list", grant: "mcp.resources.list", list: "resourceTemplates" }],
  ["resources/read", { kind: "passed", grant: "mcp.resources.read", of: "uri" }],
  ["resources/subscribe", { kind: "passed", grant: "mcp.resources.subscribe", of: "uri" }],
  ["prompts/list", { kind: "list", grant: "mcp.prompts.list", list: "prompts" }],
  ["prompts/get", { kind: "passed", grant: "mcp.prompts.get", of: "prompt" }],
  ["completion/complete", { kind: "passed", grant: "mcp.completion.complete", of: "ref" }],
  ["logging/setLevel", { kind: "passed", grant: "mcp.logging.setLevel", of: "all" }],
]);

/** Notifications of servers that are passed on, by the grant that lets them. Others are dropped, or have a place of their own. */
export const serverNotifications: ReadonlyMap<string, string> = new Map([
  ["notifications/message", "mcp.logging.setLevel"],
  ["notifications/resources/updated", "mcp.resources.subscribe"],
  ["notifications/resources/list_changed", "mcp.resources.list"],
  ["notifications/prompts/list_changed", "mcp.prompts.list"],
  ["notifications/elicitation/complete", "mcp.elicitation.create"],
]);

/** Requests of servers that a plan can grant, and the client's capability that each needs. The client's answer is the call. */
export const serverRequests: ReadonlyMap<string, { readonly grant: string; readonly capability: string }> = new Map([
  ["sampling/createMessage", { grant: "mcp.sampling.createMessage", capability: "sampling" }],
  ["elicitation/create", { grant: "mcp.elicitation.create", capability: "elicitation" }],
  ["roots/list", { grant: "mcp.roots.list", capability: "roots" }],
]);

/** Whether a qualified name is that of a method: no tool of a server is called so. */
export function isMethodTool(tool: string): boolean {
  return bareName(tool).startsWith("mcp.");
}

const text: JsonObject = { type: "string" };

function methodTool(
  name: string,
  description: string,
  args: { readonly properties?: JsonObject; readonly required?: readonly string[]; readonly sluice: JsonObject },
): JsonObject {
  const { properties = {}, required = [], sluice } = args;
  return { name, description, inputSchema: { type: "object", properties, required, additionalProperties: false }, sluice };
}

const answer = (description: string, name: string): JsonObject =>
  methodTool(name, description, {
    properties: { result: { type: "object" } },
    required: ["result"],
    sluice: { effects: ["network"], roles: { result: "content" } },
  });

/** The methods that a plan can grant, as tools of a catalogue. Labels are the operator's to add. */
export const methodTools: readonly JsonObject[] = [
  methodTool("mcp.resources.list", "List the server's resources and resource templates.", { sluice: { effects: ["read"] } }),
  methodTool("mcp.resources.read", "Read a resource of the server.", {
    properties: { uri: text },
    required: ["uri"],
    sluice: { effects: ["read"], roles: { uri: "selector" } },
  }),
  methodTool("mcp.resources.subscribe", "Be told when a resource of the server changes.", {
    properties: { uri: text },
    required: ["uri"],
    sluice: { effects: ["read"], roles: { uri: "selector" } },
  }),
  methodTool("mcp.prompts.list", "List the server's prompts.", { sluice: { effects: ["read"] } }),
  methodTool("mcp.prompts.get", "Get a prompt of the server.", {
    properties: { name: text, arguments: { type: "object", additionalProperties: text } },
    required: ["name"],
    sluice: { effects: ["read"], roles: { name: "selector", arguments: "content" } },
  }),
  methodTool("mcp.completion.complete", "Ask the server how an argument could go on.", {
    properties: { ref: { type: "object" }, argument: { type: "object" }, context: { type: "object" } },
    required: ["ref", "argument"],
    sluice: { effects: ["read"], roles: { ref: "selector", argument: "content", context: "content" } },
  }),
  methodTool("mcp.logging.setLevel", "Be shown the server's log from a level on.", {
    properties: { level: { enum: ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] } },
    required: ["level"],
    sluice: { effects: ["read"], roles: { level: "selector" } },
  }),
  answer("Let the server ask the agent's model, and give it the answer.", "mcp.sampling.createMessage"),
  answer("Let the server ask the user, and give it the answer.", "mcp.elicitation.create"),
  answer("Tell the server the client's roots.", "mcp.roots.list"),
];
