/**
 * What a person reviews of a tool: the facts that hold, which of them nobody declared, and why those were inferred.
 * Pure. Decides nothing. Texts of the tool itself never get into a reason.
 */
import { type Json, member } from "../json/value.ts";
import type { Effect, FrozenTool, Role, ToolFacts } from "../plan/plan.ts";
import { bareName, serverName } from "../plan/tool-name.ts";
import type { Catalogue } from "./form.ts";
import { explainEffects } from "./effects.ts";
import { type HttpFacts, httpOf, knownEffects, wordsFor } from "./http.ts";
import { explainRole } from "./roles.ts";
import { inputProperties } from "./schema.ts";
import { suspicionsOf, type TextSuspicion } from "./texts.ts";

/** One fact, and where it comes from. */
export interface Reviewed<Value> {
  readonly value: Value;
  readonly isInferred: boolean;
  /** Why it was inferred so; absent for what was declared. */
  readonly because?: string;
}

/** A tool as a person reviews it. */
export interface ToolReview {
  /** `server/tool`. */
  readonly tool: string;
  readonly effects: readonly Reviewed<Effect>[];
  readonly roles: { readonly [arg: string]: Reviewed<Role> };
  /** Names of labels; `unknown` alone where nobody declared any. */
  readonly labels: readonly string[];
  /** Who reads what is sent: as declared, `public` where the effects say so, `null` where nothing is sent to anyone. */
  readonly audience: Reviewed<Json>;
  /** What is read or written by name; `null` where nobody declared it, so that labels are not kept there. */
  readonly resource: Json;
  readonly parse: "json" | "yaml" | null;
  /** Hosts that requests go to, where the catalogue was made of an OpenAPI document. */
  readonly hosts: readonly string[];
  readonly suspicions: readonly TextSuspicion[];
}

/** Every tool of a catalogue for review, by name. */
export function reviewCatalogue(catalogue: Catalogue): readonly ToolReview[] {
  return [...catalogue.tools.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((tool) => reviewTool(tool, catalogue.servers.get(serverName(tool.name))));
}

/** One tool for review. `identity`: of its server. */
export function reviewTool(tool: FrozenTool, identity: Json | undefined): ToolReview {
  const { facts, definition, name } = tool;
  const http = httpOf(definition, identity);
  return {
    tool: name,
    effects: reviewEffects(tool, http),
    roles: reviewRoles(tool),
    labels: facts.labels ?? ["unknown"],
    audience: reviewAudience(facts),
    resource: (facts.resource ?? null) as Json,
    parse: facts.parse ?? null,
    hosts: http?.hosts ?? [],
    suspicions: suspicionsOf(definition),
  };
}

/** What stands in the file and was not inferred so: a person wrote it and left the mark. */
const unconfirmed = "written in the file, not confirmed";

function reviewEffects({ definition, facts, name }: FrozenTool, http: HttpFacts | undefined): readonly Reviewed<Effect>[] {
  if (!facts.inferred.includes("effects")) return facts.effects.map((value) => ({ value, isInferred: false }));
  const bare = bareName(name);
  const description = member(definition, "description");
  const annotations = member(definition, "annotations");
  const explained = new Map(
    explainEffects({
      name: bare,
      ...(typeof description === "string" ? { description } : {}),
      arguments: Object.keys(facts.roles),
      ...(annotations === undefined ? {} : { annotations }),
      ...(http === undefined ? {} : { known: knownEffects({ ...http, words: wordsFor(http.path) }) }),
    }).map(({ effect, because }) => [effect, because]),
  );
  return facts.effects.map((value) => ({ value, isInferred: true, because: explained.get(value) ?? unconfirmed }));
}

function reviewRoles(tool: FrozenTool): { readonly [arg: string]: Reviewed<Role> } {
  const { facts } = tool;
  const properties = inputProperties(tool);
  const reviewed = Object.entries(facts.roles).map(([arg, value]): [string, Reviewed<Role>] => {
    const isInferred = facts.inferred.includes("roles") || facts.inferred.includes(`roles.${arg}`);
    if (!isInferred) return [arg, { value, isInferred }];
    const { role, because } = explainRole(arg, facts.effects, properties.get(arg));
    return [arg, { value, isInferred, because: role === value ? because : unconfirmed }];
  });
  return Object.fromEntries(reviewed);
}

/** Who reads what is sent, as the engine has it. */
function reviewAudience({ audience, effects, inferred }: ToolFacts): Reviewed<Json> {
  if (audience !== undefined) {
    const isInferred = inferred.includes("audience");
    return { value: audience as Json, isInferred, ...(isInferred ? { because: unconfirmed } : {}) };
  }
  const sends = (["network", "message"] as const).find((effect) => effects.includes(effect));
  return sends === undefined
    ? { value: null, isInferred: false }
    : { value: "public", isInferred: true, because: `nobody declared it, and the tool has the effect \`${sends}\`` };
}
