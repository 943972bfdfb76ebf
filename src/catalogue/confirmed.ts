/**
 * What of a tool's `sluice` member a person declared or confirmed: all but what a program wrote there and `inferred` marks.
 * Pure. Never counts a marked fact as anybody's word.
 */
import { isArray, isObject, type JsonObject, member } from "../json/value.ts";

/** The facts without those that `inferred` names (`effects`, `roles`, `roles.ARGUMENT`), and without the marks themselves. */
export function confirmedFacts(facts: JsonObject): JsonObject {
  const marks = member(facts, "inferred");
  const marked = new Set(isArray(marks) ? marks : []);
  const given = member(facts, "roles");
  const roles = Object.entries(isObject(given) ? given : {}).filter(
    ([path]) => !marked.has("roles") && !marked.has(`roles.${path}`),
  );
  const others = Object.entries(facts).filter(([fact]) => fact !== "roles" && fact !== "inferred" && !marked.has(fact));
  return { ...Object.fromEntries(others), ...(roles.length === 0 ? {} : { roles: Object.fromEntries(roles) }) };
}
