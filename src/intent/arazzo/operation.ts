/**
 * What a catalogue that was made from an OpenAPI document says of an operation: its path and method, and where its arguments go.
 * Pure. Never infers a path from a name.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { httpMember } from "../../catalogue/http.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { serverName } from "../../plan/tool-name.ts";

/** An operation by its id, or by its path template and method. */
export type OperationKey = { readonly id: string } | { readonly path: string; readonly method: string };

/** Where a parameter of an operation goes. */
export type ParameterPlace = "path" | "query" | "header" | "cookie";

/** How the arguments of a tool become a request. */
export interface OperationForm {
  /** The argument for a parameter; `credential` for a secret that the tool adds itself. */
  argumentOf(place: ParameterPlace, name: string): string | "credential" | undefined;
  /** The argument for a member of the body. */
  memberOf(name: string): string | undefined;
  /** The argument that is the whole body, if there is one. */
  readonly body: string | undefined;
  /** Where an argument goes, and its name there. */
  placeOf(arg: string): { readonly in: ParameterPlace | "body"; readonly name: string } | undefined;
}

/** The tool of an operation of a source description (a server of the catalogue). */
export function operationOf(catalogue: Catalogue, source: string, key: OperationKey): FrozenTool | undefined {
  if ("id" in key) return catalogue.tools.get(`${source}/${key.id}`);
  const found = [...catalogue.tools.values()].filter((tool) => tool.name.startsWith(`${source}/`) && isAt(tool, key, catalogue));
  return found.length === 1 ? found[0] : undefined;
}

function isAt(
  tool: FrozenTool,
  { path, method }: { readonly path: string; readonly method: string },
  catalogue: Catalogue,
): boolean {
  const http = httpOf(tool, catalogue);
  const own = member(http, "method");
  return member(http, "path") === path && typeof own === "string" && own.toLowerCase() === method.toLowerCase();
}

/** The request behind a tool. Only of a server that was made of an OpenAPI document: what another one says in `_meta` is its own word. */
function httpOf(tool: FrozenTool, { servers }: Catalogue): JsonObject | undefined {
  const identity = servers.get(serverName(tool.name));
  const http = member(member(tool.definition, "_meta"), httpMember);
  return member(identity, "openapi") !== undefined && isObject(http) ? http : undefined;
}

/** How the arguments of a tool become a request, if its catalogue was made from an OpenAPI document. */
export function formOf(tool: FrozenTool, catalogue: Catalogue): OperationForm | undefined {
  const http = httpOf(tool, catalogue);
  const places = member(http, "in");
  if (http === undefined || !isObject(places)) return undefined;
  const names = member(http, "names");
  const body = member(http, "body");
  const nameOf = (arg: string): string => textMember(names, arg) ?? arg;
  const argumentIn = (place: string, name: string): string | undefined =>
    Object.keys(places).find((arg) => places[arg] === place && isSame(place, nameOf(arg), name));
  return {
    body: typeof body === "string" ? body : undefined,
    memberOf: (name) => argumentIn("body", name),
    argumentOf: (place, name) =>
      argumentIn(place, name) ?? (isSecret(member(http, "credentials"), place, name) ? "credential" : undefined),
    placeOf: (arg) => {
      const place = Object.hasOwn(places, arg) ? places[arg] : undefined;
      return typeof place === "string" ? { in: place as ParameterPlace | "body", name: nameOf(arg) } : undefined;
    },
  };
}

function isSecret(credentials: Json | undefined, place: string, name: string): boolean {
  return (
    isArray(credentials) &&
    credentials.some((each) => member(each, "in") === place && isSame(place, textMember(each, "name") ?? "", name))
  );
}

/** A catalogue may have been written by hand, or by whoever wrote the tool. */
function textMember(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" ? found : undefined;
}

/** Names of headers have no case (RFC 9110 §5.1). */
function isSame(place: string, left: string, right: string): boolean {
  return place === "header" ? left.toLowerCase() === right.toLowerCase() : left === right;
}
