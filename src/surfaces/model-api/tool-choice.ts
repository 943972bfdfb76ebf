/**
 * What a client asks its model to call, as far as the plan has it.
 * Pure. Never names a tool that the model is not shown.
 */
import { isArray, isObject, type Json, member } from "../../json/value.ts";

/**
 * A `tool_choice` that speaks of known tools only: a word stays, a named tool must be known, a list (`allowed_tools`) keeps what is known.
 * `undefined`: nothing is left of it, and the model chooses.
 */
export function chosenTools(choice: Json | undefined, isKnown: (tool: Json) => boolean): Json | undefined {
  if (!isObject(choice)) return typeof choice === "string" ? choice : undefined;
  if (member(choice, "type") !== "allowed_tools") return isKnown(choice) ? choice : undefined;
  // Chat Completions keep the list one level deeper than Responses do.
  const nested = member(choice, "allowed_tools");
  const holder = isObject(nested) ? nested : choice;
  const tools = member(holder, "tools");
  const known = isArray(tools) ? tools.filter(isKnown) : [];
  if (known.length === 0) return undefined;
  return isObject(nested) ? { ...choice, allowed_tools: { ...nested, tools: known } } : { ...choice, tools: known };
}
