/**
 * The client that the conformance package starts: the official one, behind which Sluice is the client of the package's server.
 * Run as `node client-through.ts URL`, with MCP_CONFORMANCE_SCENARIO.
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { createMcpHandler } from "../../src/surfaces/mcp/http.ts";
import { httpServer } from "../../src/surfaces/mcp/upstream-http.ts";
import { type AuthContext, authorizingFetch } from "./oauth-provider.ts";
import { grantAll, openWorld, toolsOf } from "./world.ts";

const url = process.argv[2] ?? "";
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}") as AuthContext;
const authorizing = scenario.startsWith("auth/") ? { fetch: authorizingFetch(url, scenario, context) } : {};
const server = httpServer({ name: "package", url, era: "session", ...authorizing });
const tools = await toolsOf(server);
const { gateway, enforcer, token } = await openWorld(grantAll(tools), [server], "bare");
const handler = createMcpHandler({ gateway, enforcer });
const client = new Client(
  { name: "through", version: "1" },
  { capabilities: { elicitation: { form: { applyDefaults: true } } } },
);
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: "accept", content: {} }));
await client.connect(
  new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
    fetch: (to, init) => handler.fetch(new Request(to, init)),
    requestInit: { headers: { "sluice-session": token } },
  }) as never,
);
for (const { name } of (await client.listTools()).tools) {
  const args: Record<string, number> = name === "add_numbers" ? { a: 2, b: 3 } : {};
  await client.callTool({ name, arguments: args });
}
await client.close();
await handler.close();
await gateway.close();
process.exit(0);
