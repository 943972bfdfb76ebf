/**
 * Requests ↔ calls of one operation: the arguments that a request has, and the one request that arguments make.
 * Pure. Never uses a part of the agent's request for the request that is sent: that is made of the arguments alone.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import { type GivenBody, readBodyArgs, writeBody } from "./body-form.ts";
import { faulty, found, type Read } from "./fault.ts";
import type { Operation } from "./operation.ts";
import { delimiterOf, type Parameter, readText, writeText } from "./parameter.ts";
import { readPath, writePath } from "./path.ts";
import { percentDecode, percentEncode } from "./percent.ts";
import { readPieces, readQuery, writeQuery } from "./query.ts";

/** Headers of a message by their names in lower case, each with all its values. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** A request whose operation is known, as it came. */
export interface GivenRequest {
  /** Decoded segments of the path. */
  readonly segments: readonly string[];
  /** Without `?`. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: GivenBody;
}

/** A request as it is sent, but for credentials and its server. */
export interface BuiltRequest {
  readonly method: string;
  /** With its first slash, below the address of the server. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

/** The arguments of the call that a request is. */
export function readRequest(operation: Operation, request: GivenRequest): Read<JsonObject> {
  const path = readPath(operation.segments, request.segments);
  if (!path.ok) return path;
  const pairs = readPieces(request.query);
  if (pairs === undefined) return faulty("target");
  const query = readQuery(operation.query, pairs);
  if (!query.ok) return query;
  const headers = readHeaders(operation.headers, request.headers);
  if (!headers.ok) return headers;
  const cookies = readCookies(operation.cookies, request.headers.get("cookie") ?? []);
  if (!cookies.ok) return cookies;
  const body = readBodyArgs(operation.body, request.body);
  if (!body.ok) return body;
  return found(Object.fromEntries([...path.value, ...query.value, ...headers.value, ...cookies.value, ...body.value]));
}

/** A list without the blanks around its commas (RFC 9110 §5.6.1). By `trim`: a pattern tries every start in a row of blanks. */
function commaList(text: string): string {
  return text
    .split(",")
    .map((part) => part.trim())
    .join(",");
}

function readHeaders(parameters: readonly Parameter[], headers: Headers): Read<readonly (readonly [string, Json])[]> {
  const args: (readonly [string, Json])[] = [];
  for (const parameter of parameters) {
    const values = headers.get(parameter.name);
    if (values === undefined) continue;
    if (values.length > 1) return faulty("parameter-repeated", parameter.name);
    const text = (values[0] ?? "").trim();
    const isList = parameter.form.items !== undefined || parameter.form.members !== undefined;
    const value = readText(parameter, isList ? commaList(text) : text);
    if (value === undefined || !/^[\u0020-\u007e]*$/.test(text)) return faulty("parameter-value", parameter.name);
    args.push([parameter.arg, value]);
  }
  return found(args);
}

/** Cookies that are arguments (RFC 6265 §5.4). The others are the agent's own and go nowhere. */
function readCookies(parameters: readonly Parameter[], headers: readonly string[]): Read<readonly (readonly [string, Json])[]> {
  const args: (readonly [string, Json])[] = [];
  const cookies = headers.flatMap((header) => header.split(/; */)).map((cookie) => cookie.split(/=(.*)/s));
  for (const parameter of parameters) {
    const values = cookies.filter(([name]) => name === parameter.name);
    if (values.length === 0) continue;
    if (values.length > 1) return faulty("parameter-repeated", parameter.name);
    const text = percentDecode(values[0]?.[1] ?? "");
    const value = text === undefined ? undefined : readText(parameter, text);
    if (value === undefined) return faulty("parameter-value", parameter.name);
    args.push([parameter.arg, value]);
  }
  return found(args);
}

/** The request that the arguments of a call make: always the same one, and another one for other arguments. */
export function writeRequest(operation: Operation, args: JsonObject): Read<BuiltRequest> {
  const given = new Map(Object.entries(args));
  if ([...given.keys()].some((name) => !operation.args.has(name))) return faulty("argument-unknown");
  const path = writePath(operation.segments, given);
  if (!path.ok) return path;
  const pieces: string[] = [];
  for (const parameter of operation.query) {
    const value = given.get(parameter.arg);
    const written = value === undefined ? [] : writeQuery(parameter, value);
    if (written === undefined) return faulty("argument-value", parameter.name);
    pieces.push(...written);
  }
  const headers: [string, string][] = [];
  for (const parameter of operation.headers) {
    const value = given.get(parameter.arg);
    if (value === undefined) continue;
    const text = writeText(parameter, value)?.join(",");
    if (text === undefined || !/^[\u0021-\u007e](?:[\u0020-\u007e]*[\u0021-\u007e])?$/.test(text))
      return faulty("argument-value", parameter.name);
    headers.push([parameter.name, text]);
  }
  const cookies = writeCookies(operation.cookies, given);
  if (!cookies.ok) return cookies;
  if (cookies.value !== "") headers.push(["cookie", cookies.value]);
  const body = writeBody(operation.body, given);
  if (!body.ok) return body;
  if (body.value !== undefined) headers.push(["content-type", operation.body?.contentType ?? ""]);
  return found({ method: operation.method, path: path.value, query: pieces.join("&"), headers, body: body.value });
}

function writeCookies(parameters: readonly Parameter[], args: ReadonlyMap<string, Json>): Read<string> {
  const cookies: string[] = [];
  for (const parameter of parameters) {
    const value = args.get(parameter.arg);
    if (value === undefined) continue;
    const parts = writeText(parameter, value);
    if (parts === undefined || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(parameter.name))
      return faulty("argument-value", parameter.name);
    cookies.push(`${parameter.name}=${parts.map(percentEncode).join(percentEncode(delimiterOf(parameter)))}`);
  }
  return found(cookies.join("; "));
}
