/**
 * The MCP gateway without its transports: one enforcement point, many servers, any number of clients.
 * Never serves a plan whose tools would be shown under one name.
 */
import type { JsonObject } from "../../json/value.ts";
import { isName } from "../../catalogue/declared.ts";
import { mcpIdleMs, mcpLanesMax, mcpRecheckSecondsDefault } from "../../limits.ts";
import { ConfigError } from "../../result.ts";
import type { Enforcer } from "../enforce.ts";
import { systemRandom } from "../random.ts";
import { createClient } from "./client.ts";
import { createLane, type Lane } from "./lane.ts";
import type { Naming } from "./names.ts";
import type { Gateway, Relay } from "./relay.ts";
import { announced, createServed } from "./served.ts";
import { createTasks } from "./tasks.ts";
import { planTools } from "./tools.ts";
import type { UpstreamServer } from "./upstream.ts";

export type { Gateway, Relay } from "./relay.ts";

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly enforcer: Enforcer;
  /** The servers by the names that plans call them. */
  readonly servers: readonly UpstreamServer[];
  /** How tools are called towards clients: `server__tool` (default), or as their only server calls them. */
  readonly names?: Naming;
  /** Seconds after which a server's definitions are compared with the plan again. Default 300. */
  readonly recheckSeconds?: number;
  /** Seconds that a session's connections are kept while nobody uses them; `Infinity`: as long as the gateway is there. Default 300. */
  readonly idleSeconds?: number;
  /** What the gateway says it is. */
  readonly serverInfo?: { readonly name: string; readonly version: string; readonly title?: string };
}

/**
 * Makes a gateway. Throws `ConfigError` for servers or plans that cannot be told apart.
 *
 * @example
 * const gateway = createGateway({ enforcer, servers: [httpServer({ name: "files", url })] });
 * const answer = await gateway.relay().receive(message, { token, signal, send });
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { enforcer, names = "qualified", recheckSeconds = mcpRecheckSecondsDefault, idleSeconds = mcpIdleMs / 1_000 } = options;
  const servers = new Map<string, UpstreamServer>();
  for (const server of options.servers) {
    if (!isName(server.name)) throw new ConfigError("a server's name has letters, digits, `_`, `.` and `-` only");
    if (servers.has(server.name)) throw new ConfigError(`two servers are called \`${server.name}\``);
    servers.set(server.name, server);
  }
  if (names === "bare" && servers.size > 1) throw new ConfigError("`names` can be `bare` only where there is one server");
  if (!(Number.isFinite(recheckSeconds) && recheckSeconds > 0 && recheckSeconds <= 86_400))
    throw new ConfigError("`recheckSeconds` must be a number of seconds, at most a day");
  if (!(idleSeconds > 0)) throw new ConfigError("`idleSeconds` must be a number of seconds greater than 0");
  const toolsOf = planTools(names);
  for (const { program } of enforcer.guards.values()) {
    const { clashes } = toolsOf(program.plan).names;
    if (clashes.length > 0) throw new ConfigError(`these tools would be shown under one name: ${clashes.join(", ")}`);
  }
  const { clock, logger } = enforcer;
  const serverInfo: JsonObject = { name: "sluice", version: "0.1.0", ...options.serverInfo };
  const lanes = new Map<string, Lane>();
  const relays = new Set<Relay>();
  const laneOf = (session: string): Lane => {
    closeIdle(lanes, clock(), idleSeconds * 1_000);
    const known = lanes.get(session);
    // The newest use comes last.
    lanes.delete(session);
    const lane =
      known ??
      createLane(
        {
          servers,
          clock,
          logger,
          random: systemRandom,
          recheckMs: recheckSeconds * 1_000,
          listen: (own) => createServed(enforcer, own),
          announce: announced,
        },
        session,
      );
    lanes.set(session, lane);
    return lane;
  };
  const world = {
    enforcer,
    naming: names,
    serverInfo,
    toolsOf: ({ guard }: { readonly guard: { readonly program: { readonly plan: Parameters<typeof toolsOf>[0] } } }) =>
      toolsOf(guard.program.plan),
    laneOf,
    random: systemRandom,
    tasks: createTasks(clock, systemRandom),
    onClose: (relay: Relay): void => {
      relays.delete(relay);
    },
  };
  return {
    relay: (hello) => {
      const relay = createClient(world, hello);
      relays.add(relay);
      return relay;
    },
    close: async () => {
      await Promise.all([...relays].map((relay) => relay.close()));
      const open = [...lanes.values()];
      lanes.clear();
      await Promise.all(open.map((lane) => lane.close()));
    },
  };
}

/** Lets go of connections that nobody has used for a while, and of the oldest where there are too many. */
function closeIdle(lanes: Map<string, Lane>, now: number, idleMs: number): void {
  for (const [session, lane] of lanes) {
    const isIdle = lane.routes.isEmpty && now - lane.usedAt >= idleMs;
    if (!isIdle && lanes.size < mcpLanesMax) continue;
    lanes.delete(session);
    void lane.close();
  }
}
