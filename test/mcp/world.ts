/**
 * A real gateway in front of real servers, under a plan that grants what they have: for comparing with the servers themselves.
 */
import { PassThrough } from "node:stream";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { isObject, type Json, type JsonObject, member } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, type Enforcer } from "../../src/surfaces/hono.ts";
import { listTools } from "../../src/surfaces/mcp/definitions.ts";
import { createGateway, type Gateway } from "../../src/surfaces/mcp/gateway.ts";
import { methodTools } from "../../src/surfaces/mcp/methods.ts";
import type { Naming } from "../../src/surfaces/mcp/names.ts";
import type { ServerProcess } from "../../src/surfaces/mcp/upstream-stdio.ts";
import type { UpstreamServer } from "../../src/surfaces/mcp/upstream.ts";

/** What the tests' servers are: known to the operator, and trusted. */
const label = "lab";

/** The tools that a server lists, as a catalogue has them; with the methods that a plan can grant. */
export async function toolsOf(server: UpstreamServer): Promise<readonly JsonObject[]> {
  const signal = AbortSignal.timeout(20_000);
  const listener = { onNotification: () => {}, onRequest: async () => ({ ok: true, result: {} }) as const };
  const connected = await server.connect(listener, { signal, capabilities: { sampling: {}, elicitation: {} } });
  if (!connected.ok) throw new Error(`${server.name}: ${connected.error}`);
  // Some servers have all their tools only a moment after they were greeted.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const listed = await listTools(connected.value, signal);
  await connected.value.close();
  if (!listed.ok) throw new Error(`${server.name}: ${listed.error}`);
  return [...(listed.value as readonly JsonObject[]), ...methodTools].map((tool) => ({
    ...tool,
    name: `${server.name}/${String(tool.name)}`,
    sluice: { effects: ["read"], ...(isObject(tool.sluice) ? tool.sluice : {}), labels: [label] },
  }));
}

/** A node that lets the agent choose every argument, as often as it likes. */
function granting(tool: JsonObject): JsonObject {
  const schema = tool.inputSchema;
  const properties = member(schema, "properties");
  const required = member(schema, "required") as readonly string[] | undefined;
  const args = Object.entries(isObject(properties) ? properties : {}).map(([name, of]) => {
    const optional = required?.includes(name) === true ? {} : { optional: true };
    return [name, { choose: chosen(of), ...optional }] as const;
  });
  return { tool: String(tool.name), args: Object.fromEntries(args), times: { min: 0, max: 1_000 }, optional: true };
}

/** What an argument may be: of its schema, the type. */
function chosen(schema: Json): JsonObject {
  const type = member(schema, "type");
  const values = member(schema, "enum");
  if (values !== undefined) return { enum: values };
  if (type === "string" || type === "number" || type === "integer" || type === "boolean") return { type };
  return type === "array"
    ? { type, items: chosen(member(schema, "items") ?? null) }
    : { type: "object", additionalProperties: true };
}

/** A plan that grants these tools, or those of them that `only` names, frozen. */
export function grantAll(tools: readonly JsonObject[], only?: readonly string[]): FrozenPlan {
  const granted = tools.filter(({ name }) => only === undefined || only.includes(String(name)));
  const plan = {
    sluice: 1,
    name: "grant-all",
    labels: { [label]: { integrity: "trusted" } },
    limits: { calls: 5_000, seconds: 3_600 },
    nodes: Object.fromEntries(granted.map((tool, at) => [`n${at}`, granting(tool)])),
  };
  return freeze(plan, tools);
}

/** Freezes a plan over a catalogue of these tools. */
export function freeze(plan: JsonObject, tools: readonly JsonObject[]): FrozenPlan {
  const catalogue = readCatalogue({ tools });
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error.slice(0, 3)));
  const frozen = freezePlan(plan as unknown as Plan, catalogue.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error.filter(({ severity }) => severity === "error").slice(0, 5)));
  return frozen.value;
}

/** A gateway that runs, and a session of its plan. */
export interface World {
  readonly enforcer: Enforcer;
  readonly gateway: Gateway;
  readonly token: string;
}

/** Opens a session of the plan, and a gateway to the servers. */
export async function openWorld(
  plan: FrozenPlan,
  servers: readonly UpstreamServer[],
  names: Naming = "qualified",
): Promise<World> {
  const logger = process.env.SLUICE_TEST_LOG === undefined ? {} : { logger: { info: console.error, error: console.error } };
  const enforcer = createFirewall({ plans: [plan], store: createMemoryStore(), ...logger });
  const opened = await enforcer.open({ plan: plan.digest, principal: "ada", params: {} });
  if (!opened.ok) throw new Error(opened.error.code);
  const gateway = createGateway({ enforcer, servers, names });
  return { enforcer, gateway, token: opened.value.token };
}

/** The same handler for clients that cannot send the credential: the request has it added. */
export function withToken(
  fetch: (request: Request) => Promise<Response>,
  token: string,
): (request: Request) => Promise<Response> {
  return (request) => {
    const headers = new Headers(request.headers);
    headers.set("sluice-session", token);
    return fetch(new Request(request, { headers, ...(request.body === null ? {} : { duplex: "half" }) } as RequestInit));
  };
}

/** A server of the SDK in this process, as if it were a process of its own. */
export async function inProcess(create: () => McpServer): Promise<ServerProcess> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const server = create();
  await server.connect(new StdioServerTransport(input, output));
  return {
    output,
    write: (line) => void input.write(line),
    close: async () => {
      await server.close();
      output.end();
    },
  };
}
