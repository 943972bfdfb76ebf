/**
 * Catalogues made from what a program or a service already has: an MCP listing, an OpenAPI document, tools in memory.
 * Re-exports only. What is inferred stays marked in the file until a person confirms it.
 */
export type { MadeCatalogue } from "./made.ts";
export { catalogueFromMcp, type McpSource } from "./mcp.ts";
export { catalogueFromOpenApi, type OpenApiOptions } from "./openapi.ts";
export { relisted } from "./relisted.ts";
export { catalogueFromTools, type ToolsSource } from "./tools.ts";
