/**
 * Names of tools, `server/tool`, taken apart; and bare names as traces and agents write them.
 * Pure. Never decides between two tools that could be meant.
 */

/** The name of a tool without its server: what follows the first `/`, or the whole name if there is none. */
export function bareName(tool: string): string {
  return tool.slice(tool.indexOf("/") + 1);
}

/** The server of a qualified name: what stands before the first `/`; empty if there is none. */
export function serverName(tool: string): string {
  return tool.slice(0, Math.max(0, tool.indexOf("/")));
}

/** The tool of that name among `known`, or the only one with that bare name; any other name stays as it is. */
export function qualifiedName(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name;
  const [only, second] = known.filter((tool) => bareName(tool) === name);
  return only !== undefined && second === undefined ? only : name;
}
