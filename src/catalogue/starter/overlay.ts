/**
 * One tool of a user under the facts of a starter: what of them holds for this very definition.
 * Pure. Never widens: what a definition has beyond the one that the facts were written for is judged as if nobody knew the tool.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member, withoutMember } from "../../json/value.ts";
import type { Severity } from "../../finding-codes.ts";
import type { Effect, FrozenTool, ResourceSpec, Role } from "../../plan/plan.ts";
import { inferEffects, inferRole, inputProperties } from "../catalogue.ts";
import { confirmedFacts } from "../confirmed.ts";
import { effectNames } from "../effects.ts";
import { roleWeight } from "../harm.ts";
import { quote } from "../report.ts";
import { resolveSchema, schemaProperties } from "../schema.ts";
import { sluiceOf } from "./catalogue.ts";
import { isWithin } from "./shape.ts";
import { factsOf, type StarterTool } from "./facts.ts";
import type { Starter } from "./starters.ts";

/** The facts that hold for a user's tool. */
export interface Overlay {
  /** The tool's `sluice` member: what the operator declared, and beside it the starter's. */
  readonly sluice: JsonObject;
  /** How the definition differs from the starter's; absent: it does not. */
  readonly difference: { readonly severity: Severity; readonly message: string } | undefined;
}

/** What the definitions of a tool and of the starter differ in. */
interface Difference {
  /** Arguments that the facts were not written for. */
  readonly added: readonly string[];
  /** Arguments that hold something else now. */
  readonly changed: readonly string[];
  /** Effects that the tool's own texts and hints say, and those of the starter's definition did not. */
  readonly effects: readonly Effect[];
  readonly isSame: boolean;
}

/** The facts of a starter for a tool of that name; `undefined` if it has none. */
export function overlay(starter: Starter, name: string, tool: FrozenTool): Overlay | undefined {
  const facts = factsOf(starter.facts, name);
  if (facts === undefined) return undefined;
  const base = starter.definitions.get(name);
  const given = member(tool.definition, "sluice");
  const declared = isObject(given) ? confirmedFacts(given) : {};
  const difference = compare(facts, { base, tool });
  const { roles: _, ...offered } = offer(sluiceOf(starter.facts, facts), { facts, tool, difference });
  const effects = effectNames.filter((effect) => facts.effects.includes(effect) || difference.effects.includes(effect));
  const counted = member(declared, "effects") === undefined ? effects : tool.facts.effects;
  const roles = { ...rolesFor(facts, { tool, difference, effects: counted }), ...ownRoles(declared) };
  return {
    sluice: { ...offered, effects, ...(Object.keys(roles).length === 0 ? {} : { roles }), ...withoutMember(declared, "roles") },
    difference: tell(difference),
  };
}

function ownRoles(declared: JsonObject): JsonObject {
  const roles = member(declared, "roles");
  return isObject(roles) ? roles : {};
}

/** The arguments of a tool, or `undefined` if its schema does not say which it takes. */
function argumentsOf(tool: FrozenTool): ReadonlyMap<string, JsonObject> | undefined {
  const properties = inputProperties(tool);
  const schema = member(tool.definition, "inputSchema");
  const isClosed = properties.size > 0 || member(resolveSchema(schema, schema), "properties") !== undefined;
  return isClosed ? properties : undefined;
}

function compare(
  facts: StarterTool,
  { base, tool }: { readonly base: JsonObject | undefined; readonly tool: FrozenTool },
): Difference {
  const own = withoutMember(tool.definition, "sluice");
  if (base !== undefined && jsonEqual(own, base)) return { added: [], changed: [], effects: [], isSame: true };
  const before = schemaProperties(member(base, "inputSchema"));
  const now = [...(argumentsOf(tool) ?? [])];
  const [was, is] = [base, own].map((definition) => member(definition, "inputSchema"));
  // Of a version that is not kept, name and arguments are known: what texts and hints add to these counts as new.
  const said =
    base === undefined
      ? shapeEffects({ name: member(own, "name") ?? "" }, Object.keys(facts.roles))
      : shapeEffects(base, [...before.keys()]);
  return {
    // A role of a part (`files.content`) says nothing of an argument that is called so.
    added: now.filter(([name]) => !Object.hasOwn(facts.roles, name) || name.includes(".")).map(([name]) => name),
    changed: now
      .filter(
        ([name, schema]) =>
          before.has(name) && !(sameType(before.get(name), schema) && isWithin([schema, is], [before.get(name), was])),
      )
      .filter(([name]) => Object.hasOwn(facts.roles, name))
      .map(([name]) => name),
    effects: shapeEffects(
      own,
      now.map(([name]) => name),
    ).filter((effect) => !said.includes(effect)),
    isSame: false,
  };
}

function shapeEffects(definition: JsonObject, names: readonly string[]): readonly Effect[] {
  const [name, description, annotations] = ["name", "description", "annotations"].map((key) => member(definition, key));
  return inferEffects({
    name: typeof name === "string" ? name : "",
    ...(typeof description === "string" ? { description } : {}),
    arguments: names,
    ...(annotations === undefined ? {} : { annotations }),
  });
}

/** Whether two schemas admit the same types at their top: text stays text. */
function sameType(before: JsonObject | undefined, now: JsonObject): boolean {
  const [a, b] = [typesOf(before ?? {}, 0), typesOf(now, 0)];
  return a.size === b.size && [...a].every((type) => b.has(type));
}

/** Types that a schema admits; `null` counts for nothing, since it means that the argument is left out. */
function typesOf(schema: JsonObject, depth: number): ReadonlySet<string> {
  const found = new Set<string>();
  const type = member(schema, "type");
  for (const one of isArray(type) ? type : [type]) if (typeof one === "string" && one !== "null") found.add(one);
  if (found.has("integer")) found.add("number");
  found.delete("integer");
  for (const key of ["anyOf", "oneOf"]) {
    const branches: Json | undefined = member(schema, key);
    if (!isArray(branches) || depth > 4) continue;
    for (const branch of branches) for (const one of typesOf(isObject(branch) ? branch : {}, depth + 1)) found.add(one);
  }
  return found.size === 0 && type === undefined ? new Set(["any"]) : found;
}

/** Roles of the arguments that the tool has. What is new is left to inference; what holds something else gets the heavier of both. */
function rolesFor(
  { roles }: StarterTool,
  context: { readonly tool: FrozenTool; readonly difference: Difference; readonly effects: readonly Effect[] },
): { readonly [arg: string]: Role } {
  const args = argumentsOf(context.tool);
  const found: [string, Role][] = [];
  for (const [path, role] of Object.entries(roles)) {
    const arg = path.split(".", 1)[0] ?? path;
    const schema = args?.get(arg);
    if (args !== undefined && schema === undefined) continue;
    if (path !== arg && args?.has(path)) found.push([path, heavier(role, inferRole(path, context.effects, args.get(path)))]);
    else if (!context.difference.changed.includes(arg)) found.push([path, role]);
    else if (path === arg) found.push([path, heavier(role, inferRole(arg, context.effects, schema))]);
  }
  return Object.fromEntries(found);
}

function heavier(one: Role, other: Role): Role {
  return roleWeight[one] >= roleWeight[other] ? one : other;
}

/**
 * The starter's members as far as they hold for this tool. Audience and resources were worked out for the arguments of the starter's
 * definition: a new one that steers may be another recipient, or another file, so without them the cautious defaults hold.
 */
function offer(
  sluice: JsonObject,
  { tool, difference, facts }: { readonly tool: FrozenTool; readonly difference: Difference; readonly facts: StarterTool },
): JsonObject {
  const args = argumentsOf(tool);
  const has = (path: string): boolean => args === undefined || args.has(path.split(".", 1)[0] ?? path);
  const steers = (name: string): boolean => inferRole(name, facts.effects, args?.get(name)) !== "content";
  const isWider = difference.added.some(steers) || difference.changed.length > 0;
  const holes = resourceHoles(member(sluice, "resource"));
  const named = audienceArguments(member(sluice, "audience"));
  const dropped = new Set([
    ...(isWider || !holes.every(has) ? ["resource"] : []),
    ...((isWider && member(sluice, "audience") !== "public") || !named.every(has) ? ["audience"] : []),
  ]);
  return Object.fromEntries(Object.entries(sluice).filter(([key]) => !dropped.has(key)));
}

function resourceHoles(resource: Json | undefined): readonly string[] {
  const all = isArray(resource) ? resource : resource === undefined ? [] : [resource];
  return all.flatMap((one) => {
    const { template } = one as unknown as ResourceSpec;
    return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, hole = ""]) => hole);
  });
}

function audienceArguments(audience: Json | undefined): readonly string[] {
  const arg = member(audience, "arg");
  return (isArray(arg) ? arg : [arg]).filter((name) => typeof name === "string");
}

function tell({ added, changed, effects, isSame }: Difference): Overlay["difference"] {
  if (isSame) return undefined;
  const parts = [
    ...(added.length === 0 ? [] : [`new arguments ${names(added)}, whose roles are inferred`]),
    ...(changed.length === 0 ? [] : [`other types of ${names(changed)}, which get the heavier role`]),
    ...(effects.length === 0 ? [] : [`it says of itself more effects: ${effects.join(", ")}`]),
  ];
  if (parts.length === 0)
    return { severity: "info", message: "the definition is not word for word the one that the starter was written for" };
  return { severity: "warning", message: `not the definition that the starter was written for: ${parts.join("; ")}` };
}

function names(all: readonly string[]): string {
  return `${all.slice(0, 8).map(quote).join(", ")}${all.length > 8 ? ` and ${all.length - 8} more` : ""}`;
}
