/** Types of python.mjs. */
export function ensurePython(name: "agents" | "crewai" | "mcp2", say?: (line: string) => void): Promise<string>;
