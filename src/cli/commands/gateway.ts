/**
 * `sluice gateway`: MCP clients on one side, MCP servers on the other, frozen plans between them.
 * Never serves a plan whose servers it does not know, and never prints a credential that somebody else has chosen.
 */
import type { Command } from "commander";
import { Hono } from "hono";
import { mcpRecheckSecondsDefault } from "../../limits.ts";
import { serverName } from "../../plan/tool-name.ts";
import { ConfigError } from "../../result.ts";
import { createGateway, type Gateway } from "../../surfaces/mcp/gateway.ts";
import { createMcpHandler } from "../../surfaces/mcp/http.ts";
import { createSseHandler } from "../../surfaces/mcp/sse.ts";
import type { UpstreamServer } from "../../surfaces/mcp/upstream.ts";
import { addFile, InputError } from "../input.ts";
import type { Context } from "../main.ts";
import { readAuthorization } from "../mcp-oauth.ts";
import { type McpServerOptions, readMcpServers } from "../mcp-servers.ts";
import { listen, untilAsked } from "../runtime.ts";
import { addSurfaceOptions, openSurface, type Surface, type SurfaceOptions } from "../surface.ts";
import { plain, type Terminal } from "../terminal.ts";

interface Options extends SurfaceOptions, McpServerOptions {
  readonly names?: "qualified" | "bare";
  readonly recheck?: number;
  readonly oauth?: string;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
}

const portDefault = 8789;

/** Adds `gateway --plan FILE…`. Ends with exit 0 when it is asked to (SIGINT, SIGTERM). */
export function addGateway(program: Command, { terminal }: Context): void {
  const command = program
    .command("gateway")
    .description("enforce frozen plans on MCP: clients connect to /mcp (Streamable HTTP), servers are behind --upstream");
  addSurfaceOptions(command, portDefault)
    .option("--upstream <name=url|name=command>", "a server by the name that plans call it; several times for several", addFile)
    .option("--config <file>", 'servers in a file: {"servers": {NAME: {"url"} or {"command", "args"}}}')
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
    .action(async (options: Options) => run(options, terminal));
}

async function run(options: Options, terminal: Terminal): Promise<void> {
  const servers = await readMcpServers(options);
  const surface = await openSurface(options, terminal);
  try {
    checkServers(surface, servers);
    const { gateway, app, close } = await configured(() => appOf(options, { surface, servers }));
    const server = await listen({ fetch: app.fetch, hostname: options.host, port: options.port });
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    const url = `http://${host}:${server.port}`;
    const { say, paint } = terminal;
    say(
      `${paint.bold("sluice")} ${url}/mcp  servers: ${servers.map(({ name }) => plain(name)).join(", ")}  host: /sluice/sessions`,
    );
    surface.announce(url);
    if (surface.session !== undefined) say("clients send it as `Authorization: Bearer TOKEN` or `Sluice-Session: TOKEN`");
    await untilAsked();
    say("closing: open calls may end");
    await close();
    await gateway.close();
    await server.close();
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
  app.route("/", surface.app);
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

/** Exit 2 if a plan has tools of a server that nobody has named: all its calls would be denied. */
function checkServers({ plans }: Surface, servers: readonly UpstreamServer[]): void {
  const known = new Set(servers.map(({ name }) => name));
  for (const { plan, tools } of plans)
    for (const tool of Object.keys(tools)) {
      const server = serverName(tool);
      if (!known.has(server))
        throw new InputError(`${plain(plan.name)}: ${plain(tool)} is of the server ${plain(server)}: name it with --upstream`);
    }
}

/** Exit 2 with the one line that a wrong option of the gateway has. */
async function configured<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message);
    throw error;
  }
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
