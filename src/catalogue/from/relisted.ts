/**
 * What servers list now, under the facts that were reviewed before: so that two listings are compared and not two opinions.
 * Pure. Never takes a listing's own word about its tools, and never lets a fact that nobody confirmed outlive the definition it was inferred from.
 */
import { isArray, isObject, type Json, type JsonObject, jsonEqual, member, withoutMember } from "../../json/value.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { bareName, serverName } from "../../plan/tool-name.ts";
import { type Catalogue, inputProperties, readCatalogue } from "../catalogue.ts";
import { confirmedFacts } from "../confirmed.ts";
import { httpOf, knownEffects, wordsFor } from "../http.ts";
import { sluiceMember } from "./facts.ts";

/**
 * A catalogue file of a listing (a list of tools, `{"tools": …}`, or a catalogue) with the labels, server identities and facts of `reviewed`.
 * Tools whose definition is the same keep all facts; of the others what a person confirmed, as far as it still fits, and the rest is
 * inferred anew. What is no listing comes back as it is, for `readCatalogue` to refuse.
 */
export function relisted(reviewed: Catalogue, listing: Json): Json {
  const own = isArray(listing) ? { tools: listing } : listing;
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
  const fitting = rolesWithin(confirmedFacts(facts), tool);
  const choices = [fitting, withoutMember(withoutMember(fitting, "resource"), "audience")].map((declared) =>
    anew(tool, identity, declared),
  );
  const sluice = choices.find((each) => readCatalogue({ ...file, tools: [{ ...bare, sluice: each }] }).ok);
  return sluice === undefined ? bare : { ...bare, sluice };
}

/** The facts of a changed tool: what was declared, the rest from its new definition. */
function anew({ name, definition }: FrozenTool, identity: Json | undefined, declared: JsonObject): JsonObject {
  const http = httpOf(definition, identity);
  const bare = bareName(name);
  if (http === undefined) return sluiceMember(definition, { declared });
  // A name that was made of the method is no word of the operation's.
  const words = bare.startsWith(`${http.method.toLowerCase()}_`) ? wordsFor(http.path) : bare;
  return sluiceMember(definition, { declared, words, known: knownEffects({ ...http, words }) });
}

/** Without roles of arguments that are gone. */
function rolesWithin(facts: JsonObject, tool: FrozenTool): JsonObject {
  const roles = member(facts, "roles");
  if (!isObject(roles)) return facts;
  const args = inputProperties(tool);
  const kept = Object.entries(roles).filter(([path]) => args.has(path) || args.has(path.split(".", 1)[0] ?? path));
  return { ...facts, roles: Object.fromEntries(kept) };
}
