/**
 * Finds the tool of a plan that a client means by its own spelling of the name.
 * Pure. Never takes a spelling apart, and never decides between two tools that could be meant.
 */
import { bareName, serverName } from "../plan/tool-name.ts";

/** Ways in which clients write a server and a tool as one name. `_` stands for what their APIs do not take in names. */
const spellings: readonly ((server: string, tool: string) => string)[] = [
  (server, tool) => `mcp__${server}__${tool}`,
  (server, tool) => `mcp_${server}_${tool}`,
  (server, tool) => `${server}__${tool}`,
  (server, tool) => `${server}_${tool}`,
  (server, tool) => `${server}-${tool}`,
  (server, tool) => `${server}.${tool}`,
  (_, tool) => `MCP:${tool}`,
  (_, tool) => `MCP: ${tool}`,
];

/**
 * The qualified name of the one tool among `known` that has this name: in full, then bare, then by a client's spelling. `undefined`: there is
 * none, or there are several.
 */
export function toolSpelled(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return name;
  return onlyOne(known, (tool) => bareName(tool) === name) ?? onlyOne(known, (tool) => isSpelling(name, tool));
}

function isSpelling(name: string, tool: string): boolean {
  const parts = [serverName(tool), bareName(tool)] as const;
  const plain = [plainName(parts[0]), plainName(parts[1])] as const;
  return spellings.some((spell) => spell(...parts) === name || spell(...plain) === name);
}

/** What APIs make of a name: ASCII letters, digits, `_` and `-`. */
export function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_");
}

function onlyOne(known: readonly string[], fits: (tool: string) => boolean): string | undefined {
  const [only, second] = known.filter(fits);
  return second === undefined ? only : undefined;
}
