/**
 * How arguments and parts of results are named where a model reads and writes them: one text for each path.
 * Pure. Never makes a path of a text by taking it apart: a name means the path that it was made of, or nothing.
 */
import type { DraftOutput, DraftParam, DraftTool } from "../tools.ts";

/** A path as a name: `items[].price`. */
function pathName(path: readonly string[]): string {
  return path.reduce((name, part) => (part === "[]" ? `${name}[]` : name === "" ? part : `${name}.${part}`), "");
}

/** The arguments of a tool by the names that a model gives them; of two with one name, the first. */
export function paramsByName(tool: DraftTool): ReadonlyMap<string, DraftParam> {
  return byName(tool.params);
}

/** The parts of a tool's result by their names; of two with one name, the first. */
export function outputsByName(tool: DraftTool): ReadonlyMap<string, DraftOutput> {
  return byName(tool.outputs);
}

function byName<T extends { readonly path: readonly string[] }>(parts: readonly T[]): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const part of parts) {
    const name = pathName(part.path);
    if (!found.has(name)) found.set(name, part);
  }
  return found;
}
