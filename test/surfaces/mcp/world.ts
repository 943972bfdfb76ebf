/**
 * MCP servers in memory, a plan over them, and clients of the gateway in front: every word that crosses it is kept.
 */
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../../src/plan/plan.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { createFirewall, type Enforcer } from "../../../src/surfaces/hono.ts";
import { createGateway, type Gateway, type GatewayOptions, type Relay } from "../../../src/surfaces/mcp/gateway.ts";
import type { RpcOutcome } from "../../../src/surfaces/mcp/jsonrpc.ts";
import type { UpstreamCall, UpstreamListener, UpstreamServer } from "../../../src/surfaces/mcp/upstream.ts";
import { err, ok } from "../../../src/result.ts";

/** One request as a server got it. */
export interface Got {
  readonly method: string;
  readonly params: JsonObject;
  readonly call: UpstreamCall;
}

/** A server in memory. What it is may be changed while it runs. */
export interface FakeServer extends UpstreamServer {
  tools: JsonObject[];
  info: JsonObject;
  instructions: string | undefined;
  /** Answers everything but `tools/list`. */
  answer: (got: Got) => Json | RpcOutcome | Promise<Json | RpcOutcome>;
  /** Requests but `tools/list`, in order. */
  readonly got: Got[];
  /** Listeners of all connections, in order. */
  readonly listeners: UpstreamListener[];
  /** Capabilities of the client's that were announced, by connection. */
  readonly announced: JsonObject[];
  listings: number;
  isDown: boolean;
}

/** Makes a server. */
export function fakeServer(
  name: string,
  tools: readonly JsonObject[],
  answer: FakeServer["answer"] = () => text("done"),
): FakeServer {
  const server: FakeServer = {
    name,
    tools: [...tools],
    info: { name, version: "1.0.0" },
    instructions: undefined,
    answer,
    got: [],
    listeners: [],
    announced: [],
    listings: 0,
    isDown: false,
    connect: async (listener, { capabilities }) => {
      if (server.isDown) return err("unreachable");
      server.listeners.push(listener);
      server.announced.push(capabilities);
      let isOpen = true;
      return ok({
        name,
        identity: {
          revision: "2025-11-25",
          info: server.info,
          capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
          ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
        },
        request: async (method, params, call) => {
          if (server.isDown) return err("unreachable");
          if (method === "tools/list") {
            server.listings++;
            return ok({ ok: true, result: { tools: server.tools } });
          }
          const got = { method, params, call };
          server.got.push(got);
          const said = await Promise.race([
            Promise.resolve(server.answer(got)),
            new Promise<"aborted">((resolve) => call.signal.addEventListener("abort", () => resolve("aborted"))),
          ]);
          if (said === "aborted") return err("aborted");
          return ok(isOutcome(said) ? said : { ok: true, result: said as JsonObject });
        },
        notify: async () => undefined,
        get isOpen() {
          return isOpen && !server.isDown;
        },
        close: async () => {
          isOpen = false;
        },
      });
    },
  };
  return server;
}

function isOutcome(value: Json | RpcOutcome): value is RpcOutcome {
  return isObject(value as Json) && typeof (value as { readonly ok?: unknown }).ok === "boolean";
}

/** A result of one text. */
export function text(said: string, more: JsonObject = {}): JsonObject {
  return { content: [{ type: "text", text: said }], ...more };
}

/** A tool as a server lists it. */
export function tool(name: string, properties: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { name, description: `${name} of the server`, inputSchema: { type: "object", properties }, ...more };
}

/** A catalogue of servers, with what the operator says of their tools. */
export function catalogueOf(
  servers: readonly FakeServer[],
  facts: { readonly [tool: string]: JsonObject },
  extra: readonly JsonObject[] = [],
): JsonObject {
  const tools = servers.flatMap((server) => server.tools.map((one) => ({ ...one, server: server.name })));
  const identities = servers.map((server) => [
    server.name,
    {
      name: server.name,
      serverInfo: server.info,
      ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
    },
  ]);
  return {
    servers: Object.fromEntries(identities) as JsonObject,
    tools: [...tools, ...extra].map((one) => {
      const sluice = facts[`${String(member(one, "server"))}/${String(member(one, "name"))}`];
      return sluice === undefined ? one : { ...one, sluice };
    }),
  };
}

/** Freezes a plan. */
export function freeze(plan: JsonObject, catalogue: JsonObject): FrozenPlan {
  const read = readCatalogue(catalogue);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const frozen = freezePlan({ sluice: 1, name: "test", ...plan } as unknown as Plan, read.value);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error.filter(({ severity }) => severity === "error")));
  return frozen.value;
}

/** A gateway over servers under one plan. */
export interface World {
  readonly enforcer: Enforcer;
  readonly gateway: Gateway;
  readonly plan: FrozenPlan;
  /** The time, which only tests move. */
  now: number;
  /** Opens a session. */
  open(principal?: string): Promise<string>;
  /** Codes of the denials that a session has recorded. */
  denials(token: string): Promise<readonly string[]>;
  /** Names of the sources in a session's context. */
  context(token: string): Promise<readonly string[]>;
}

/** Makes a gateway. */
export function worldOf(plan: FrozenPlan, servers: readonly UpstreamServer[], options: Partial<GatewayOptions> = {}): World {
  const world = { now: 1_800_000_000_000 } as { -readonly [K in keyof World]: World[K] };
  const store = createMemoryStore();
  const enforcer = createFirewall({ plans: [plan], store, clock: () => world.now });
  const sessionOf = (token: string): string => token.split(".").at(-2) ?? token;
  world.plan = plan;
  world.enforcer = enforcer;
  world.gateway = createGateway({ enforcer, servers, ...options });
  world.open = async (principal = "ada") => {
    const opened = await enforcer.open({ plan: plan.digest, principal });
    if (!opened.ok) throw new Error(opened.error.code);
    return opened.value.token;
  };
  const loaded = async (token: string): ReturnType<typeof store.load> => {
    const header = await enforcer.plan(token);
    return store.load(header.ok ? header.value.session : sessionOf(token), 0);
  };
  world.denials = async (token) => {
    const session = await loaded(token);
    return session.ok ? session.value.entries.flatMap(({ event }) => (event.type === "deny" ? [event.code] : [])) : [];
  };
  world.context = async (token) => {
    const session = await loaded(token);
    return session.ok ? (session.value.context?.sources ?? []) : [];
  };
  return world;
}

/** A client of the gateway. */
export interface Client {
  readonly relay: Relay;
  readonly token: string;
  /** Messages that came beside answers. */
  readonly sent: JsonObject[];
  request(method: string, params?: JsonObject, signal?: AbortSignal): Promise<JsonObject>;
  call(name: string, args?: JsonObject, meta?: JsonObject): Promise<JsonObject>;
  /** Sends any value; the answer as it is. */
  raw(value: Json): Promise<unknown>;
}

/** Connects a client and says hello. */
export async function connect(
  world: World,
  options: {
    readonly token?: string;
    readonly revision?: string;
    readonly capabilities?: JsonObject;
    readonly relay?: Relay;
  } = {},
): Promise<Client> {
  const token = options.token ?? (await world.open());
  const relay = options.relay ?? world.gateway.relay();
  const sent: JsonObject[] = [];
  let last = 0;
  const send = (message: JsonObject): void => void sent.push(message);
  relay.listen(send);
  const never = new AbortController().signal;
  const raw = (value: Json, signal: AbortSignal = never): Promise<unknown> => relay.receive(value, { token, signal, send });
  const request: Client["request"] = async (method, params = {}, signal) =>
    (await raw({ jsonrpc: "2.0", id: ++last, method, params }, signal)) as JsonObject;
  const client: Client = {
    relay,
    token,
    sent,
    raw: (value) => raw(value),
    request,
    call: async (name, args = {}, meta) => {
      const answer = await request("tools/call", { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) });
      return (member(answer, "result") ?? answer) as JsonObject;
    },
  };
  const hello = await request("initialize", {
    protocolVersion: options.revision ?? "2025-11-25",
    capabilities: options.capabilities ?? {},
    clientInfo: { name: "test", version: "1" },
  });
  if (member(hello, "result") === undefined) throw new Error(JSON.stringify(hello));
  return client;
}

/** The text of a result's first block. */
export function textOf(result: Json | undefined): string {
  const content = member(result, "content");
  const [first] = Array.isArray(content) ? (content as readonly Json[]) : [];
  return String(member(first, "text"));
}

/** The code of a denied call. */
export function codeOf(result: Json | undefined): Json | undefined {
  return member(member(result, "structuredContent"), "code") ?? member(member(member(result, "_meta"), "sluice/denial"), "code");
}
