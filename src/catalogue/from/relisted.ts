/**
 * What servers list now, under the facts that were reviewed before: so that two listings are compared and not two opinions.
 * Pure. Never takes a listing's own word about its tools, and never lets a fact that nobody confirmed outlive the definition it was inferred from.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member, withoutMember } from "../../json/value.ts";
import type { FrozenTool, Role } from "../../plan/plan.ts";
import { bareName, serverName } from "../../plan/tool-name.ts";
import { type Catalogue, inputProperties, readCatalogue } from "../catalogue.ts";
import { confirmedFacts } from "../confirmed.ts";
import { roleWeight } from "../harm.ts";
import { httpOf } from "../http.ts";
import { sluiceMember } from "./facts.ts";
import { listedIn } from "./mcp.ts";
import { requestFacts } from "./openapi-facts.ts";

/**
 * A catalogue file of a listing (a list of tools, `{"tools": …}`, JSON-RPC responses, or a catalogue) with the labels, server identities and facts of `reviewed`.
 * Tools whose definition is the same keep all facts; of the others what a person confirmed, as far as it still fits, and the rest is
 * inferred anew. What is no listing comes back as it is, for `readCatalogue` to refuse.
 */
export function relisted(reviewed: Catalogue, listing: Json): Json {
  const answered = listedIn(listing);
  const own = isArray(answered) ? { tools: answered } : answered;
  const list = member(own, "tools");
  const [first] = reviewed.servers.keys();
  const server = member(own, "server") ?? (reviewed.servers.size === 1 && first !== undefined ? first : null);
  const name = typeof server === "string" ? server : member(server, "name");
  if (!isArray(list) || typeof name !== "string") return own;
  const identities: JsonObject = Object.fromEntries(reviewed.servers);
  const file: JsonObject = {
    // An identity that the listing gives is compared; a bare name is none.
    server: typeof server === "string" ? named(member(identities, name), name) : server,
    servers: withoutMember(identities, name),
    labels: reviewed.labels as unknown as Json,
  };
  return { ...file, tools: list.map((entry) => toolUnder(entry, { reviewed, file })) };
}

function named(identity: Json | undefined, name: string): Json {
  return isObject(identity) ? { ...identity, name } : name;
}

function toolUnder(entry: Json, { reviewed, file }: { readonly reviewed: Catalogue; readonly file: JsonObject }): Json {
  if (!isObject(entry)) return entry;
  const bare = withoutMember(entry, "sluice");
  const alone = readCatalogue({ ...file, tools: [bare] });
  const [tool] = alone.ok ? alone.value.tools.values() : [];
  const before = tool === undefined ? undefined : reviewed.tools.get(tool.name);
  const facts = member(before?.definition, "sluice");
  if (tool === undefined || before === undefined || !isObject(facts)) return bare;
  if (jsonEqual(withoutMember(before.definition, "sluice"), tool.definition)) return { ...bare, sluice: facts };
  const identity = alone.ok ? alone.value.servers.get(serverName(tool.name)) : undefined;
  const fitting = withNews(rolesWithin(confirmedFacts(facts), tool), { before, after: tool, identity });
  const choices = [fitting, withoutMember(withoutMember(fitting, "resource"), "audience")].map((declared) =>
    anew(tool, identity, declared),
  );
  const sluice = choices.find((each) => readCatalogue({ ...file, tools: [{ ...bare, sluice: each }] }).ok);
  return sluice === undefined ? bare : { ...bare, sluice };
}

interface Change {
  readonly before: FrozenTool;
  readonly after: FrozenTool;
  readonly identity: Json | undefined;
}

/**
 * What was confirmed, and what speaks against it since: effects that the new definition tells and the old one did not, and the heavier role
 * of an argument of another schema. A person confirmed neither, so that they are marked.
 */
function withNews(declared: JsonObject, { before, after, identity }: Change): JsonObject {
  const old = { ...before, definition: withoutMember(before.definition, "sluice") };
  const [said, now] = [old, after].map((tool) => effectsIn(anew(tool, identity, {})));
  const own = effectsIn(declared);
  const more = (now ?? []).filter((effect) => said?.includes(effect) === false && !own.includes(effect));
  const marks: string[] = member(declared, "effects") === undefined || more.length === 0 ? [] : ["effects"];
  const effects = marks.length === 0 ? {} : { effects: [...own, ...more] };
  const known = member(anew(after, identity, { ...withoutMember(declared, "roles"), ...effects }), "roles");
  const [oldArgs, newArgs] = [inputProperties(old), inputProperties(after)];
  const given = member(declared, "roles");
  const roles = Object.entries(isObject(given) ? given : {}).map(([path, role]): readonly [string, Json] => {
    const arg = newArgs.has(path) ? path : (path.split(".", 1)[0] ?? path);
    const inferred = member(known, arg);
    const isSame = jsonEqual(oldArgs.get(arg) ?? null, newArgs.get(arg) ?? null);
    if (isSame || !isHeavier(inferred, role)) return [path, role];
    marks.push(`roles.${path}`);
    return [path, inferred];
  });
  return {
    ...declared,
    ...effects,
    ...(isObject(given) ? { roles: Object.fromEntries(roles) } : {}),
    ...(marks.length === 0 ? {} : { inferred: marks }),
  };
}

function effectsIn(facts: JsonObject): readonly Json[] {
  const effects = member(facts, "effects");
  return isArray(effects) ? effects : [];
}

function isHeavier(role: Json | undefined, other: Json): role is Role {
  const weightOf = (value: Json | undefined): number =>
    typeof value === "string" && Object.hasOwn(roleWeight, value) ? roleWeight[value as Role] : 0;
  return weightOf(role) > weightOf(other);
}

/** The facts of a changed tool: what was declared, the rest from its new definition. */
function anew({ name, definition }: FrozenTool, identity: Json | undefined, declared: JsonObject): JsonObject {
  const http = httpOf(definition, identity);
  const bare = bareName(name);
  if (http === undefined) return sluiceMember(definition, { declared });
  // A name that was made of the method is no word of the operation's.
  const isMade = bare.startsWith(`${http.method.toLowerCase()}_`);
  return sluiceMember(definition, { declared, ...requestFacts(definition, { ...http, name: isMade ? undefined : bare }) });
}

/** Without roles of arguments that are gone. */
function rolesWithin(facts: JsonObject, tool: FrozenTool): JsonObject {
  const roles = member(facts, "roles");
  if (!isObject(roles)) return facts;
  const args = inputProperties(tool);
  const kept = Object.entries(roles).filter(([path]) => args.has(path) || args.has(path.split(".", 1)[0] ?? path));
  return { ...facts, roles: Object.fromEntries(kept) };
}
