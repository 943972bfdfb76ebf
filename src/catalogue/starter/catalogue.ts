/**
 * Starter catalogues as catalogue files: on the first day not every tool is `unknown`.
 * Pure. Never hands out an object that is shared, so that an edited copy changes no other.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { Effect, ResourceSpec } from "../../plan/plan.ts";
import { factsOf, type StarterServer, type StarterTool } from "./facts.ts";
import { type Starter, starterOf, type StarterName } from "./starters.ts";

const acting: ReadonlySet<Effect> = new Set(["write", "money", "message", "execute"]);

/** The `sluice` member of a tool under the facts of its server. */
export function sluiceOf(facts: StarterServer, tool: StarterTool): JsonObject {
  const { effects, roles, audience, parse } = tool;
  const resource = tool.resource ?? defaultResource(facts, tool);
  return structuredCopy({
    labels: [facts.label],
    effects,
    ...(Object.keys(roles).length === 0 ? {} : { roles }),
    ...(audience === undefined ? {} : { audience }),
    ...(resource === undefined ? {} : { resource }),
    ...(parse === undefined ? {} : { parse }),
  });
}

function defaultResource({ resource }: StarterServer, { effects }: StarterTool): ResourceSpec | undefined {
  if (resource === undefined) return undefined;
  return { template: resource, access: effects.some((effect) => acting.has(effect)) ? "both" : "read" };
}

function structuredCopy(value: unknown): JsonObject {
  return copy(value as Json) as JsonObject;
}

function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, inner]) => [key, copy(inner)]));
}

/** What the catalogue file of a starter says about itself: package, version, licence, and the reason for each tool's facts. */
export function starterNotes(name: StarterName, starter: Starter): JsonObject {
  const notes = Object.entries(starter.facts.tools).map(([tool, { why, idempotent }]) => [
    tool,
    { why, ...(idempotent === undefined ? {} : { idempotent }) },
  ]);
  return structuredCopy({ name, title: starter.facts.title, origin: starter.origin, tools: Object.fromEntries(notes) });
}

/**
 * A starter catalogue as a catalogue file: the definitions that a release of the server gave, each with its `sluice` member. `server`: the
 * name that its tools go by (letters, digits, `_`, `.`, `-`), by default the usual one. `_meta` says where the definitions came from and why
 * the facts are what they are.
 *
 * @example
 * const catalogue = readCatalogue(starterCatalogue("github", { server: "work" }));
 */
export function starterCatalogue(name: StarterName, options: { readonly server?: string } = {}): JsonObject {
  const starter = starterOf(name);
  const { facts, definitions } = starter;
  const tools = [...definitions].map(([own, definition]) => {
    const tool = factsOf(facts, own);
    return { ...structuredCopy(definition), ...(tool === undefined ? {} : { sluice: sluiceOf(facts, tool) }) };
  });
  return {
    _meta: { "sluice/starter": starterNotes(name, starter) },
    description: `starter catalogue of ${facts.title}`,
    server: { name: options.server ?? facts.server },
    labels: structuredCopy(facts.labels),
    tools,
  };
}
