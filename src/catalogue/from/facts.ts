/**
 * Writes down what is inferred of an imported tool, so that a person can read it, mend it and confirm it.
 * Pure. Never writes a fact without its mark: what is in `inferred` stays inferred until a person removes it there. Never writes labels.
 */
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Effect } from "../../plan/plan.ts";
import { type EffectReason, effectNames, inferEffects } from "../effects.ts";
import { httpMember } from "../http.ts";
import { inferRole } from "../roles.ts";
import { schemaProperties } from "../schema.ts";

/** What is known of a tool besides its definition. */
export interface KnownFacts {
  /** Words that stand for the tool's name in inference, where the name was made up by us. */
  readonly words?: string;
  /** Effects that the protocol tells, as an HTTP method does. */
  readonly known?: readonly EffectReason[];
  /** A `sluice` member that the source carries and that is taken over. */
  readonly declared?: JsonObject;
}

/**
 * The `sluice` member of an imported tool: effects and roles written out, and `inferred`, the names of those that nobody declared. A
 * malformed declaration is handed on as it is, for the reader of catalogues to refuse.
 */
export function sluiceMember(definition: JsonObject, facts: KnownFacts = {}): JsonObject {
  const { declared = {} } = facts;
  const properties = schemaProperties(member(definition, "inputSchema"));
  const inferred: string[] = [];
  const givenEffects = member(declared, "effects");
  if (givenEffects === undefined) inferred.push("effects");
  const effects = isArray(givenEffects)
    ? effectNames.filter((effect) => givenEffects.includes(effect))
    : effectsOf(definition, [...properties.keys()], facts);
  const givenRoles = member(declared, "roles");
  const ownRoles = isObject(givenRoles) ? givenRoles : {};
  const roles: [string, Json][] = Object.entries(ownRoles);
  if (givenRoles === undefined && properties.size > 0) inferred.push("roles");
  const wholeBody = member(member(member(definition, "_meta"), httpMember), "body");
  for (const [arg, schema] of properties) {
    if (Object.hasOwn(ownRoles, arg)) continue;
    if (givenRoles !== undefined) inferred.push(`roles.${arg}`);
    const role = inferRole(arg, effects, schema);
    // `body` is our own name for a whole request body, and says nothing of what is in it.
    roles.push([arg, arg === wholeBody && role === "content" ? inferRole("request", effects, schema) : role]);
  }
  const isOdd = givenRoles !== undefined && !isObject(givenRoles);
  const written = { ...declared, effects: givenEffects ?? effects, roles: isOdd ? givenRoles : Object.fromEntries(roles) };
  const marks = member(declared, "inferred");
  if (marks !== undefined && !isArray(marks)) return written;
  const all = [...new Set([...(marks ?? []), ...inferred])];
  return all.length === 0 ? written : { ...written, inferred: all };
}

function effectsOf(definition: JsonObject, args: readonly string[], { words, known }: KnownFacts): readonly Effect[] {
  const name = member(definition, "name");
  const description = member(definition, "description");
  const annotations = member(definition, "annotations");
  return inferEffects({
    name: words ?? (typeof name === "string" ? name : ""),
    ...(typeof description === "string" ? { description } : {}),
    arguments: args,
    ...(annotations === undefined ? {} : { annotations }),
    ...(known === undefined ? {} : { known }),
  });
}
