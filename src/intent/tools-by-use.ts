/**
 * Tools made of their use, for an import without a catalogue: every tool is what its name and its arguments suggest.
 * Pure. Never lets two names stand for one tool.
 */
import { readCatalogue } from "../catalogue/catalogue.ts";
import { isArray, isObject, type Json } from "../json/value.ts";
import type { ArgRule } from "../plan/plan.ts";
import { classify } from "../plan/walk.ts";
import { err, ok, type Result } from "../result.ts";
import type { ImportError, IntentStep } from "./intent.ts";
import { quotedName, type ToolFinder, type ToolNameError } from "./tool-names.ts";

/** A finder over the tools that the steps name. Error: `IMPORT_TOOL_UNKNOWN` for a name that no tool can have. */
export function toolsByUse(steps: readonly IntentStep[]): Result<ToolFinder, ImportError> {
  const used = new Map<string, Map<string, Json>>();
  for (const { tool, args = {}, place } of steps) {
    if (tool === undefined) continue;
    const fault = nameFault(tool);
    if (fault !== undefined) return err({ ...fault, place });
    const properties = used.get(tool) ?? new Map<string, Json>();
    for (const [name, rule] of Object.entries(args)) if (!properties.has(name)) properties.set(name, schemaOf(rule));
    used.set(tool, properties);
  }
  // Tools stand alone, so that `a/b` and `b` are two of them.
  const finders = Array.from(used, ([name, properties]) => {
    const read = readCatalogue([{ name, inputSchema: { type: "object", properties: Object.fromEntries(properties) } }]);
    const [tool] = read.ok ? [...read.value.tools.values()] : [];
    return [name, tool] as const;
  });
  const tools = new Map(finders);
  return ok((written) => {
    const tool = tools.get(written);
    return tool === undefined
      ? err({ code: "IMPORT_TOOL_UNKNOWN", message: `${quotedName(written)} is no name that a tool can have` })
      : ok(tool);
  });
}

/** Why a name is none that a tool can have: `IMPORT_TOOL_UNKNOWN`; `undefined` if it is one. */
export function nameFault(tool: string): ToolNameError | undefined {
  if (/^[\x21-\x7e]{1,256}$/.test(tool)) return undefined;
  const message = `${quotedName(tool)} is no name that a tool can have: printable ASCII without blanks`;
  return { code: "IMPORT_TOOL_UNKNOWN", message };
}

function schemaOf(rule: ArgRule): Json {
  const classed = classify(rule);
  if (classed.kind === "list") return { type: "array" };
  if (classed.kind === "object") return { type: "object" };
  if (classed.kind === "template" || classed.kind === "write") return { type: "string" };
  const value = classed.kind === "const" ? classed.rule.const : null;
  if (value === null) return {};
  if (isArray(value)) return { type: "array" };
  if (isObject(value)) return { type: "object" };
  return { type: typeof value === "bigint" ? "integer" : typeof value };
}
