/**
 * `sluice catalog mcp`: asks MCP servers what they are and what tools they have, for plans to be frozen with.
 * Never calls a tool, and never takes a server's word for labels, effects or roles.
 */
import type { Command } from "commander";
import { catalogueFromMcp } from "../../catalogue/from/from.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { listTools } from "../../surfaces/mcp/definitions.ts";
import { methodTools } from "../../surfaces/mcp/methods.ts";
import type { ServerIdentity, UpstreamServer } from "../../surfaces/mcp/upstream.ts";
import { countLine, findingLines } from "../show/findings.ts";
import { addFile, InputError, refuseFindings } from "../read/input.ts";
import type { Context } from "../context.ts";
import { type McpServerOptions, readMcpServers } from "../mcp/servers.ts";
import { jsonText, writeFileAtOnce } from "../show/output.ts";
import { plain } from "../show/terminal.ts";

interface Options extends McpServerOptions {
  readonly output?: string;
  readonly methods?: true;
}

/** Milliseconds that a server has to start and to list its tools. */
const listMs = 60_000;

/** Adds `catalog mcp`. The catalogue goes to standard output or to a file, findings to standard error. */
export function addMcpCatalog(group: Command, { terminal }: Context): void {
  group
    .command("mcp")
    .description("ask MCP servers for their tools and make one catalogue of them")
    .option("--upstream <name=url|name=command>", "a server by the name that plans shall call it", addFile)
    .option("--config <file>", "servers in a file, as for `sluice gateway`")
    .option("--credential <server=kind:variable>", "a secret from the environment: bearer:VAR or header:NAME:VAR", addFile)
    .option("--methods", "also what else of the servers a plan can grant: resources, prompts, logs, sampling, …")
    .option("-o, --output <file>", "where the catalogue goes")
    .action(async (options: Options) => {
      const servers: [string, Json][] = [];
      const tools: Json[] = [];
      for (const server of await readMcpServers(options)) {
        const { identity, listed } = await ask(server);
        const pinned: JsonObject = {
          serverInfo: identity.info,
          // What an agent is told as instructions is pinned like a description.
          ...(identity.instructions === undefined ? {} : { instructions: identity.instructions }),
        };
        const made = catalogueFromMcp([{ result: { tools: listed } }], { server: server.name, identity: pinned });
        if (!made.ok) refuseFindings(server.name, made.error);
        for (const line of findingLines(made.value.findings, terminal)) terminal.say(line);
        if (made.value.findings.length > 0) terminal.say(countLine(made.value.findings));
        const own = member(made.value.catalogue, "tools");
        servers.push([server.name, { ...pinned, name: server.name }]);
        const methods = options.methods === true ? methodTools.filter((tool) => isOffered(tool, identity)) : [];
        for (const tool of [...(isArray(own) ? own : []), ...methods])
          if (isObject(tool)) tools.push({ ...tool, server: server.name });
      }
      const text = `${jsonText({ servers: Object.fromEntries(servers), tools }, 2)}\n`;
      if (options.output === undefined) terminal.write(text);
      else writeFileAtOnce(options.output, text);
    });
}

async function ask(server: UpstreamServer): Promise<{ readonly identity: ServerIdentity; readonly listed: readonly Json[] }> {
  const refuse = (): never => {
    throw new InputError(`${plain(server.name)}: the server does not answer as an MCP server does`);
  };
  const signal = AbortSignal.timeout(listMs);
  const connected = await server.connect(
    {
      onNotification: () => undefined,
      onRequest: async () => ({ ok: false, error: { code: -32_601, message: "not granted" } }),
    },
    { signal, capabilities: {} },
  );
  if (!connected.ok) return refuse();
  try {
    const listed = await listTools(connected.value, signal);
    return listed.ok ? { identity: connected.value.identity, listed: listed.value } : refuse();
  } finally {
    await connected.value.close();
  }
}

/** Whether a server offers a method: its capabilities say so, or it is the server that asks. */
function isOffered(tool: JsonObject, { capabilities }: ServerIdentity): boolean {
  const [, kind = ""] = /^mcp\.([a-z]+)\./.exec(String(member(tool, "name"))) ?? [];
  const capability = kind === "completion" ? "completions" : kind;
  return ["sampling", "elicitation", "roots"].includes(kind) || member(capabilities, capability) !== undefined;
}
