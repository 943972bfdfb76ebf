/**
 * What a catalogue that was made from an OpenAPI document says of an operation: its id, its path and method, where its arguments go.
 * Pure. Never infers a path from a name.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { member } from "../../json/value.ts";
import type { FrozenTool } from "../../plan/plan.ts";

/** An operation by its id, or by its path template and method. */
export type OperationKey = { readonly id: string } | { readonly path: string; readonly method: string };

/** The tool of an operation of a source description (a server of the catalogue). */
export function operationOf(catalogue: Catalogue, source: string, key: OperationKey): FrozenTool | undefined {
  if ("id" in key) {
    const own = catalogue.tools.get(`${source}/${key.id}`);
    if (own !== undefined) return own;
  }
  const found = [...catalogue.tools.values()].filter((tool) => tool.name.startsWith(`${source}/`) && isOperation(tool, key));
  return found.length === 1 ? found[0] : undefined;
}

function isOperation(tool: FrozenTool, key: OperationKey): boolean {
  const operation = metaOf(tool);
  if ("id" in key) return member(operation, "operationId") === key.id;
  const method = member(operation, "method");
  return (
    member(operation, "path") === key.path && typeof method === "string" && method.toLowerCase() === key.method.toLowerCase()
  );
}

function metaOf(tool: FrozenTool): ReturnType<typeof member> {
  return member(member(tool.definition, "_meta"), "sluice/openapi");
}
