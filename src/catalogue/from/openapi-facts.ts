/**
 * What the request of an OpenAPI operation tells of its effects, and where the document's own word is lighter.
 * Pure. Never takes an effect away that the method, the path or a parameter tells.
 */
import { isArray, type Json, type JsonObject, member } from "../../json/value.ts";
import type { Role } from "../../plan/plan.ts";
import type { EffectReason } from "../effects.ts";
import { roleWeight } from "../harm.ts";
import { httpMember, knownEffects, wordsFor } from "../http.ts";
import { type Place, quote, type Report } from "../report.ts";
import type { KnownFacts } from "./facts.ts";

/** Words and effects for inference; `name`: the operation's own, where it has one that was not made of method and path. */
export function requestFacts(
  definition: JsonObject,
  { method, path, name }: { readonly method: string; readonly path: string; readonly name: string | undefined },
): KnownFacts {
  // A name says what the operation is called, and the path what it does: `GET /users/{id}/delete`.
  const words = name === undefined ? wordsFor(path) : `${name} ${wordsFor(path)}`;
  return { words, known: [...knownEffects({ method, path, words }), ...overridden(definition)] };
}

/** Parameters by which a request is taken for another method's. */
const overrides = /^(?:x-http-method(?:-override)?|x-method-override|_method)$/i;

function overridden(definition: JsonObject): readonly EffectReason[] {
  const http = member(member(definition, "_meta"), httpMember);
  const names = [...Object.keys(member(http, "in") ?? {}), ...Object.values(member(http, "names") ?? {})];
  return names.some((name) => overrides.test(String(name)))
    ? [{ effect: "write", because: "a parameter names another method" }]
    : [];
}

/** Says where the document's own word makes a tool lighter than its request looks. */
export function sayLighter(
  declared: JsonObject,
  inferred: JsonObject,
  { place, report }: { readonly place: Place; readonly report: Report },
): void {
  const own = member(declared, "effects");
  const lost = (member(inferred, "effects") as readonly Json[]).filter((effect) => isArray(own) && !own.includes(effect));
  if (lost.length > 0)
    report.warn(
      [...place, "effects"],
      `lighter than the request looks, which would have ${lost.map((effect) => quote(String(effect))).join(", ")}: confirm it`,
      "CATALOGUE_DECLARED",
    );
  for (const [arg, role] of Object.entries(member(inferred, "roles") as JsonObject)) {
    const given = member(member(declared, "roles"), arg);
    if (isRole(given) && isRole(role) && roleWeight[given] < roleWeight[role])
      report.warn(
        [...place, "roles", arg],
        `lighter than ${quote(role)}, which the argument looks like: confirm it`,
        "CATALOGUE_DECLARED",
      );
  }
}

function isRole(value: Json | undefined): value is Role {
  return typeof value === "string" && Object.hasOwn(roleWeight, value);
}
