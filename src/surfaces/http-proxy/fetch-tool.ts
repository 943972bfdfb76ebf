/**
 * `http/fetch`: the tool that a plain request of no known operation is, in forward mode. Its address is judged by the plan's constraints.
 * Pure. Never sends a header of the agent's but those that are arguments.
 */
import { canonicalJson } from "../../json/canonical.ts";
import { readJsonBytes } from "../../json/read.ts";
import { isObject, type Json, type JsonObject, jsonEqual, member } from "../../json/value.ts";
import { readUrl } from "../../constraints/url.ts";
import type { FrozenTool } from "../../plan/plan.ts";
import { isJsonType, mediaTypeOf } from "../body.ts";
import type { BuiltRequest, Headers } from "./exchange.ts";
import { faulty, found, type Read } from "./fault.ts";

/** The qualified name of the tool. */
export const fetchTool = "http/fetch";

/** Headers that are arguments, where a request has them. */
const headerArgs = ["content-type", "accept-language"] as const;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const definition: JsonObject = {
  name: "fetch",
  description: "Sends a plain HTTP request and answers with the body of the response.",
  inputSchema: {
    type: "object",
    properties: {
      method: { type: "string", enum: [...methods] },
      url: { type: "string", format: "uri" },
      headers: {
        type: "object",
        properties: Object.fromEntries(headerArgs.map((name) => [name, { type: "string" }])),
        additionalProperties: false,
      },
      body: { description: "JSON where the media type is JSON, else a text" },
    },
    required: ["method", "url"],
    additionalProperties: false,
  },
  _meta: { "sluice/fetch": 1 },
};

/** A catalogue with the tool, for plans of agents that only know how to set a proxy. */
export const httpFetchCatalogue: JsonObject = {
  server: { name: "http" },
  tools: [
    {
      ...definition,
      sluice: {
        effects: ["read", "write", "network"],
        labels: ["external_api"],
        roles: { method: "control", url: "target", headers: "control", body: "content" },
        audience: "public",
      },
    },
  ],
};

/** Whether a tool is this one, and not another server's of its name. */
export function isFetchTool(tool: FrozenTool | undefined): boolean {
  return (
    tool !== undefined &&
    tool.name === fetchTool &&
    member(member(tool.definition, "_meta"), "sluice/fetch") === 1 &&
    jsonEqual(member(tool.definition, "inputSchema"), member(definition, "inputSchema"))
  );
}

/** The arguments of a plain request. */
export function readFetch(request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}): Read<JsonObject> {
  const { method, url, headers, bytes } = request;
  if (!isSent(url)) return faulty("target");
  const given = headerArgs.flatMap((name) => {
    const value = headers.get(name)?.[0];
    // A media type without a body says nothing.
    return value === undefined || (name === "content-type" && bytes.length === 0) ? [] : [[name, value] as const];
  });
  const args = { method, url, ...(given.length === 0 ? {} : { headers: Object.fromEntries(given) }) };
  if (bytes.length === 0) return found(args);
  const { type, charset = "utf-8" } = mediaTypeOf(headers.get("content-type")?.[0]);
  if (charset !== "utf-8") return faulty("body-type");
  const body = isJsonType(type) ? readJsonBytes(bytes) : textOf(bytes);
  return body.ok ? found({ ...args, body: body.value }) : faulty("body-malformed");
}

function textOf(bytes: Uint8Array): { readonly ok: true; readonly value: Json } | { readonly ok: false } {
  try {
    return { ok: true, value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { ok: false };
  }
}

/** Whether an address is sent as it stands: our reading of it is that of the WHATWG URL standard, letter by letter. */
function isSent(url: string): boolean {
  const read = readUrl(url);
  if (!read.ok || url.includes("#") || !URL.canParse(url)) return false;
  const parsed = new URL(url);
  return (parsed.href === url || parsed.href === `${url}/`) && parsed.hostname.replace(/^\[|\]$/g, "") === read.value.host;
}

/** The request that the arguments are, and its whole address. */
export function writeFetch(args: JsonObject): Read<BuiltRequest & { readonly url: URL }> {
  const [method, url, headers = {}, body] = ["method", "url", "headers", "body"].map((name) => member(args, name));
  if (!methods.some((one) => one === method) || typeof method !== "string") return faulty("argument-value", "method");
  if (typeof url !== "string" || !isSent(url)) return faulty("argument-value", "url");
  if (!isObject(headers)) return faulty("argument-value", "headers");
  const sent: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const isKnown = headerArgs.some((one) => one === name);
    if (!isKnown || typeof value !== "string" || !/^[\u0021-\u007e](?:[\u0020-\u007e]*[\u0021-\u007e])?$/.test(value))
      return faulty("argument-value", "headers");
    sent.push([name, value]);
  }
  const type = sent.find(([name]) => name === "content-type")?.[1];
  const isJson = isJsonType(mediaTypeOf(type).type);
  if (body !== undefined && !isJson && typeof body !== "string") return faulty("argument-value", "body");
  const parsed = new URL(url);
  return found({
    url: parsed,
    method,
    path: parsed.pathname,
    query: parsed.search.slice(1),
    headers: sent,
    body: body === undefined ? undefined : isJson ? canonicalJson(body) : String(body),
  });
}
