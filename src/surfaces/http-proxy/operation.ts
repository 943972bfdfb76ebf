/**
 * The HTTP operation behind a tool: what `_meta["sluice/http"]` of its definition says of the request, ready to be read and written.
 * Pure. Never takes an operation that cannot be read and written exactly: it is left out, with the reason, so that its calls are denied.
 */
import { httpMember } from "../../catalogue/http.ts";
import { inputProperties } from "../../catalogue/schema.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { mediaTypeOf, isJsonType } from "../body.ts";
import { type Form, formOf } from "./form.ts";
import type { Parameter, Style } from "./parameter.ts";
import { readTemplate, type SegmentTemplate } from "./path.ts";

/** How a body is written. */
export interface BodyTemplate {
  readonly kind: "json" | "form" | "text";
  /** As it is sent. */
  readonly contentType: string;
  /** The argument that is the whole body. */
  readonly arg?: string;
  /** Arguments that are members of the body. */
  readonly members: readonly Parameter[];
}

/** A secret that the document says the operation is sent with; where it goes. */
export interface Secret {
  readonly in: string;
  readonly name: string;
}

/** An operation. */
export interface Operation {
  /** Qualified name of the tool. */
  readonly tool: string;
  readonly server: string;
  readonly method: string;
  readonly segments: readonly SegmentTemplate[];
  readonly query: readonly Parameter[];
  readonly headers: readonly Parameter[];
  readonly cookies: readonly Parameter[];
  readonly body: BodyTemplate | undefined;
  /** Names of the arguments that have a place. */
  readonly args: ReadonlySet<string>;
  /** Addresses of the servers, as the document has them. */
  readonly urls: readonly string[];
  readonly secrets: readonly Secret[];
  readonly definition: JsonObject;
}

/** A tool whose requests cannot be read and written exactly, and why. */
export interface Unmapped {
  readonly tool: string;
  readonly why: string;
}

/** Headers that a request has by itself, or that say who asks, or how the message is to be read: never parameters. */
const ownHeaders =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|content-encoding|expect|cookie|authorization|sluice-.*|sec-.*|via|forwarded|x-forwarded-.*)$/;

/** The operation of a tool; `undefined` for a tool of no OpenAPI document. */
export function operationOf(tool: FrozenTool, identity: Json | undefined): Operation | Unmapped | undefined {
  const http = member(member(tool.definition, "_meta"), httpMember);
  if (member(identity, "openapi") === undefined || !isObject(http)) return undefined;
  const no = (why: string): Unmapped => ({ tool: tool.name, why });
  const [method, path] = [member(http, "method"), member(http, "path")];
  if (typeof method !== "string" || typeof path !== "string" || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method))
    return no("its method or path is missing");
  if (method === "CONNECT" || method === "TRACE") return no("its method opens a tunnel or shows the request");
  const parameters = parametersOf(tool, http);
  if (typeof parameters === "string") return no(parameters);
  const at = (where: Parameter["where"]): readonly Parameter[] => parameters.filter((parameter) => parameter.where === where);
  const segments = readTemplate(path, (name) => at("path").find((parameter) => parameter.name === name));
  if (segments === undefined) return no("its path cannot be told apart into texts and parameters");
  const body = bodyOf(http, at("body"));
  if (typeof body === "string") return no(body);
  const names = at("query").map(({ name }) => name);
  if (new Set(names).size !== names.length) return no("two parameters of the query have one name");
  const header = at("header").find(({ name }) => ownHeaders.test(name) || name === "content-type" || name === "accept");
  if (header !== undefined) return no("a parameter is a header that belongs to the message itself");
  return {
    tool: tool.name,
    server: tool.name.slice(0, tool.name.indexOf("/")),
    method,
    segments,
    query: at("query"),
    headers: at("header"),
    cookies: at("cookie"),
    body,
    args: new Set(parameters.map(({ arg }) => arg)),
    urls: texts(member(http, "servers")),
    secrets: secretsOf(http),
    definition: tool.definition,
  };
}

function texts(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function secretsOf(http: JsonObject): readonly Secret[] {
  const given = member(http, "credentials");
  return (isArray(given) ? given : []).flatMap((credential) => {
    const [where, name] = [member(credential, "in"), member(credential, "name")];
    return typeof where === "string" && typeof name === "string" ? [{ in: where, name }] : [];
  });
}

/** The parameters of all places; a text says why there are none. */
function parametersOf(tool: FrozenTool, http: JsonObject): readonly Parameter[] | string {
  const places = member(http, "in");
  const root = member(tool.definition, "inputSchema") ?? {};
  const schemas = inputProperties(tool);
  const found: Parameter[] = [];
  for (const [arg, where] of isObject(places) ? Object.entries(places) : []) {
    if (!isPlace(where)) return "an argument has no place in the request";
    const given = member(member(http, "names"), arg);
    const name = typeof given === "string" ? given : arg;
    const form = formOf(schemas.get(arg), root);
    const written = member(member(http, "styles"), arg);
    const isForm = mediaTypeOf(textOf(member(http, "contentType"))).type === "application/x-www-form-urlencoded";
    const style = styleOf(where, written, form);
    if (style === undefined) return `the way in which \`${arg}\` is written is not supported`;
    const folded = where === "header" ? name.toLowerCase() : name;
    const parameter: Parameter = { arg, name: folded, where, form, ...style };
    const isText = where !== "body" || (isForm && member(http, "body") === undefined);
    if (isText && !isExact(parameter)) return `\`${arg}\` may have values that no text tells apart`;
    found.push(parameter);
  }
  return found;
}

function isPlace(where: Json): where is Parameter["where"] {
  return where === "path" || where === "query" || where === "header" || where === "cookie" || where === "body";
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Style and `explode` as they are said, else the defaults of the place. */
function styleOf(
  where: Parameter["where"],
  written: Json | undefined,
  form: Form,
): { readonly style: Style; readonly explode: boolean } | undefined {
  const [style, explode, contentType] = ["style", "explode", "contentType"].map((name) => member(written, name));
  if (typeof contentType === "string" && style === undefined) {
    if (!isJsonType(mediaTypeOf(contentType).type)) return form.scalars.size > 0 ? { style: "form", explode: true } : undefined;
    return { style: "json", explode: false };
  }
  // 3.1.1 §4.8.15.1.1: an object in a form is JSON unless a style says otherwise.
  if (where === "body" && style === undefined && explode === undefined && form.members !== undefined)
    return { style: "json", explode: false };
  const usual = where === "path" || where === "header" ? "simple" : "form";
  const named = style ?? usual;
  if (named !== "simple" && named !== "form" && named !== "spaceDelimited" && named !== "pipeDelimited" && named !== "deepObject")
    return undefined;
  if ((where === "path" || where === "header") !== (named === "simple")) return undefined;
  if (where === "cookie" && named !== "form") return undefined;
  const isExploded = typeof explode === "boolean" ? explode : named === "form";
  if ((named === "spaceDelimited" || named === "pipeDelimited") && isExploded) return undefined;
  // A cookie is one text: exploded lists would be several cookies of one name.
  if (where === "cookie" && isExploded && (form.items !== undefined || form.members !== undefined)) return undefined;
  return { style: named, explode: isExploded };
}

/** Whether a text is at most one value of the form. */
function isExact({ form, style, explode }: Parameter): boolean {
  const { scalars, items, members } = form;
  if (style === "json") return true;
  if (items !== undefined && (members !== undefined || items.size === 0)) return false;
  if (members !== undefined && members.named.size === 0 && members.others === undefined) return false;
  if (style === "deepObject") return members !== undefined && scalars.size === 0;
  // Members as parameters of their own need names that are known.
  if (style === "form" && explode && members !== undefined) return members.others === undefined && scalars.size === 0;
  return scalars.size > 0 || items !== undefined || members !== undefined;
}

function bodyOf(http: JsonObject, members: readonly Parameter[]): BodyTemplate | undefined | string {
  const contentType = textOf(member(http, "contentType"));
  if (contentType === undefined) return members.length === 0 ? undefined : "the body has no media type";
  const arg = textOf(member(http, "body"));
  const { type } = mediaTypeOf(contentType);
  if (!/^[\u0020-\u007e]{1,200}$/.test(contentType)) return "the media type of its body is no text of a header";
  const whole = { contentType, members: arg === undefined ? members : [], ...(arg === undefined ? {} : { arg }) };
  if (isJsonType(type)) return { kind: "json", ...whole };
  if (type === "application/x-www-form-urlencoded" && arg === undefined) return { kind: "form", ...whole };
  if (type.startsWith("text/") && arg !== undefined) return { kind: "text", ...whole };
  return "bodies of its media type are not supported: JSON, URL-encoded forms of named members and text are";
}
