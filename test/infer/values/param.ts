/**
 * Arguments for tests, as the planner sees them.
 */
import { type DraftParam, draftTool } from "../../../src/infer/tools.ts";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import type { JsonObject } from "../../../src/json/value.ts";

/** The argument of a tool with one argument of this name and schema. */
export function paramOf(name: string, schema: JsonObject): DraftParam {
  const definition = { name: "tool", description: "", inputSchema: { type: "object", properties: { [name]: schema } } };
  const read = readCatalogue([definition], { server: "local" });
  const tool = read.ok ? [...read.value.tools.values()][0] : undefined;
  const param = tool === undefined ? undefined : draftTool(tool).params[0];
  if (param === undefined) throw new Error(`no argument \`${name}\``);
  return param;
}
