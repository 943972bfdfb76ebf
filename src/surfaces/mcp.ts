/**
 * The MCP gateway for programs of one's own: what `sluice gateway` is made of (`sluice/mcp`). Web standards only.
 * Decides nothing, and has no way to a server but through the enforcement point.
 */
export { createGateway, type GatewayOptions } from "./mcp/gateway.ts";
export { createMcpHandler, type McpHandler, type McpHandlerOptions } from "./mcp/http.ts";
export { methodTools } from "./mcp/methods.ts";
export type { Gateway, Relay, RelayContext } from "./mcp/relay.ts";
export { httpServer, type HttpServerOptions } from "./mcp/upstream-http.ts";
export { type ServerProcess, stdioServer } from "./mcp/upstream-stdio.ts";
export type {
  ServerIdentity,
  Upstream,
  UpstreamCall,
  UpstreamConnect,
  UpstreamFailure,
  UpstreamListener,
  UpstreamServer,
} from "./mcp/upstream.ts";
export { createFirewall } from "./options.ts";
