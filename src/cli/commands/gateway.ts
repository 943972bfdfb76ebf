/**
 * `sluice gateway`: MCP clients on one side, MCP servers on the other, frozen plans between them.
 * Never serves a plan whose servers it does not know, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import type { Guard } from "../../engine.ts";
import { mcpRecheckSecondsDefault } from "../../limits.ts";
import { serverName } from "../../plan/tool-name.ts";
import { createGateway, type Gateway } from "../../surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../surfaces/mcp/http.ts";
import { planTools } from "../../surfaces/mcp/tools.ts";
import { createSseHandler } from "../../surfaces/mcp/sse.ts";
import type { UpstreamServer } from "../../surfaces/mcp/upstream.ts";
import { type Settled, settle } from "../config/config.ts";
import { addFile, configured, InputError } from "../read/input.ts";
import { openAppDoors } from "../server/host-door.ts";
import type { Context } from "../context.ts";
import { readAuthorization } from "../mcp/oauth.ts";
import { type McpServerOptions, readMcpServers } from "../mcp/servers.ts";
import { urlOf } from "../server/runtime.ts";
import { addSurfaceOptions, openSurface, type Surface, type SurfaceOptions } from "../server/surface.ts";
import { plain, type Terminal } from "../show/terminal.ts";

interface Options extends SurfaceOptions, Omit<McpServerOptions, "config"> {
  readonly names?: "qualified" | "bare";
  readonly recheck?: number;
  readonly oauth?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
}

const portDefault = 8789;

/** Adds `gateway --plan FILE…`. Ends when it is asked to (SIGINT, SIGTERM): with exit 0, or 1 if calls were still in flight after the grace. */
export function addGateway(program: Command, { terminal, exit }: Context): void {
  const command = program
    .command("gateway")
    .description("enforce frozen plans on MCP: clients connect to /mcp (Streamable HTTP), servers are behind --upstream");
  addSurfaceOptions(command, portDefault)
    .option("--upstream <name=url|name=command>", "a server by the name that plans call it; several times for several", addFile)
    .option(
      "--credential <server=kind:variable>",
      "a secret from the environment for a server: bearer:VAR or header:NAME:VAR",
      addFile,
    )
    .option("--names <kind>", "what tools are called: qualified (server__tool), or bare where there is one server", readNames)
    .option("--recheck <seconds>", "after how long the definitions of servers are compared again", readRecheck)
    .option("--oauth <file>", "take access tokens too: the issuers, and the plan of each principal (JSON or YAML)")
    .option("--allow-host <name>", "a name that clients may call this server by, besides this machine's", addFile)
    .option("--allow-origin <origin>", "an origin of web pages that may ask", addFile)
    .action(async () => {
      const settled = await settle<Options>(command, { env: process.env, warn: terminal.say });
      if (!(await run(settled, { command, terminal }))) exit(1);
    });
}

/** Serves until the end. `false`: calls were still in flight then. */
async function run(
  settled: Settled<Options>,
  { command, terminal }: { readonly command: Command; readonly terminal: Terminal },
): Promise<boolean> {
  const { options } = settled;
  const servers = await readMcpServers({ ...options, servers: settled });
  const known = new Set(servers.map(({ name }) => name));
  const toolsOf = planTools(options.names ?? "qualified");
  const surface = await openSurface(settled, terminal, {
    command,
    serving: {
      accepts: (guard) => refusePlan(guard, { known, toolsOf }),
      // What runs may need an answer of the client, which comes by a request of its own.
      staysOpen: (path) => path === "/mcp" || path === "/sse",
    },
  });
  try {
    const { gateway, app, close } = await configured(() => appOf(options, { surface, servers }));
    const { gate, host } = surface;
    const doors = await openAppDoors({ host, gate, options }, app);
    const url = urlOf(options.host, doors.server.port);
    const hostUrl = doors.hostUrl(url);
    const { say, paint } = terminal;
    say(
      `${paint.bold("sluice")} ${url}/mcp  servers: ${servers.map(({ name }) => plain(name)).join(", ")}  host: ${hostUrl === url ? "" : hostUrl}/sluice/sessions`,
    );
    surface.announce(hostUrl);
    if (surface.session !== undefined) say("clients send it as `Authorization: Bearer TOKEN` or `Sluice-Session: TOKEN`");
    return await surface.untilAsked({
      closers: [close, () => gateway.close(), (left) => doors.close(left)],
    });
  } finally {
    await surface.close();
  }
}

interface Served {
  readonly gateway: Gateway;
  readonly app: Hono;
  readonly close: () => Promise<void>;
}

async function appOf(
  { names, recheck, allowHost, allowOrigin, host, oauth }: Options,
  { surface, servers }: { readonly surface: Surface; readonly servers: readonly UpstreamServer[] },
): Promise<Served> {
  const { enforcer } = surface;
  const gateway = createGateway({
    enforcer,
    servers,
    recheckSeconds: recheck ?? mcpRecheckSecondsDefault,
    ...(names === undefined ? {} : { names }),
  });
  const authorization = oauth === undefined ? undefined : await readAuthorization(oauth, enforcer);
  const door = {
    gateway,
    enforcer,
    ...(authorization === undefined ? {} : { authorization }),
    hosts: [...(allowHost ?? []), ...ownHosts(host)],
    ...(allowOrigin === undefined ? {} : { origins: allowOrigin }),
  };
  const mcp = createMcpHandler(door);
  const sse = createSseHandler(door);
  const app = new Hono();
  app.route("/", surface.agents);
  app.all("/mcp", (c) => mcp.fetch(c.req.raw));
  app.all("/sse", (c) => sse.fetch(c.req.raw));
  if (authorization !== undefined) app.get("/.well-known/*", (c) => mcp.fetch(c.req.raw));
  return {
    gateway,
    app,
    close: async () => {
      await mcp.close();
      await sse.close();
    },
  };
}

/** Names of this machine, and the address that it listens on. */
function ownHosts(host: string): readonly string[] {
  const own = host.includes(":") ? `[${host}]` : host;
  const isEvery = own === "0.0.0.0" || own === "[::]";
  return [...new Set(["localhost", "127.0.0.1", "[::1]", ...(isEvery ? [] : [own])])];
}

/** Why a plan cannot be served: it has tools of a server that nobody has named, whose calls would all be denied, or two of one name. */
function refusePlan(
  { frozen, program }: Guard,
  { known, toolsOf }: { readonly known: ReadonlySet<string>; readonly toolsOf: ReturnType<typeof planTools> },
): string | undefined {
  for (const tool of Object.keys(frozen.tools)) {
    const server = serverName(tool);
    if (!known.has(server))
      return `${plain(frozen.plan.name)}: ${plain(tool)} is of the server ${plain(server)}: name it with --upstream`;
  }
  const { clashes } = toolsOf(program.plan).names;
  return clashes.length === 0 ? undefined : `these tools would be shown under one name: ${clashes.join(", ")}`;
}

function readNames(text: string): "qualified" | "bare" {
  if (text === "qualified" || text === "bare") return text;
  throw new InputError("--names: qualified or bare is needed");
}

function readRecheck(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400))
    throw new InputError("--recheck: a whole number of seconds from 1 to 86400 is needed");
  return seconds;
}
