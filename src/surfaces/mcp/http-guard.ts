/**
 * What is looked at in an HTTP request to the MCP gateway before anything of it is read: where it comes from, and what it wants back.
 * Pure. Never takes a name from the network for one of this machine: a page that rebinds its name is refused by `Host` and `Origin`.
 */
import { CODES } from "../../codes.ts";
import { canonicalJson } from "../../json/canonical.ts";
import { isArray, isObject, type Json, member } from "../../json/value.ts";
import { ConfigError } from "../../result.ts";
import { isPlainBody, mediaTypeOf } from "../body.ts";
import { denialOf, type Denial } from "../enforce.ts";
import { errorMessage, type MessageId, readId, readMessage, rpcCodes, type RpcError } from "./jsonrpc.ts";
import { readEnvelope, sessionRevisions, statelessCodes, statelessRevision } from "./revisions.ts";

/** Who may ask from where. */
export interface Places {
  /** Names that this server is called by (`Host` without its port). */
  readonly hosts: ReadonlySet<string>;
  /** Origins of web pages (`https://app.example`) that may ask, besides those on `hosts`. */
  readonly origins: ReadonlySet<string>;
}

/** Names of this machine, for a server that only it reaches. */
const localHosts = ["localhost", "127.0.0.1", "[::1]"] as const;

/** The places that are allowed. Default: names of this machine alone. Throws `ConfigError` for what is no name or origin. */
export function readPlaces(hosts: readonly string[] = localHosts, origins: readonly string[] = []): Places {
  for (const host of hosts)
    if (nameOfHost(host) !== host) throw new ConfigError("`hosts` must be names or addresses in lower case, without port");
  for (const origin of origins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new ConfigError("`origins` must be origins of web pages, such as https://app.example");
  return { hosts: new Set(hosts), origins: new Set(origins) };
}

/** Whether a request was meant for this server, and comes from no foreign web page (MCP 2025-11-25 transports, Security Warning). */
export function isFromAllowedPlace(request: Request, { hosts, origins }: Places): boolean {
  const host = request.headers.get("host");
  // A runtime that hides the header has made the URL of it.
  const named = host === null ? [new URL(request.url).host] : [host, new URL(request.url).host];
  if (!named.every((name) => hosts.has(nameOfHost(name) ?? ""))) return false;
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  if (origins.has(origin)) return true;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === origin && hosts.has(nameOfHost(url.host) ?? "");
}

/** `localhost:8787` → `localhost`; `undefined`: it is no host. */
function nameOfHost(host: string): string | undefined {
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** Media types that a client takes, by its `Accept` (RFC 9110 §12.5.1); none given: all. */
export function accepts(request: Request, type: "application/json" | "text/event-stream"): boolean {
  const header = request.headers.get("accept");
  if (header === null) return true;
  const main = type.slice(0, type.indexOf("/"));
  return header.split(",").some((part) => {
    const { type: given } = mediaTypeOf(part);
    return (given === type || given === `${main}/*` || given === "*/*") && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/i.test(part);
  });
}

/** Whether a body is JSON in UTF-8 as it stands. */
export function hasJsonBody(request: Request): boolean {
  const { type, charset = "utf-8" } = mediaTypeOf(request.headers.get("content-type"));
  return type === "application/json" && charset === "utf-8" && isPlainBody(request.headers);
}

/** Which era a body belongs to, or why its headers do not agree with it. */
export type Era = { readonly era: "session" | "stateless" } | { readonly era: "refused"; readonly error: RpcError };

/** Methods whose `Mcp-Name` says which thing is meant, and where the body says it (MCP 2026-07-28, standard request headers). */
const nameSources: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/**
 * Tells the era of a body, by the body; headers must say the same. SECURITY: whatever stands between may have decided by the headers, so a
 * request whose headers and body disagree is no request.
 */
export function eraOf(headers: Headers, body: Json): Era {
  const revision = headers.get("mcp-protocol-version")?.trim();
  if (isArray(body))
    return revision === statelessRevision || body.some((one) => envelopeOf(one) !== undefined)
      ? refused(rpcCodes.invalidRequest, `batches are none of revision ${statelessRevision}`)
      : checkRevision(revision);
  const envelope = envelopeOf(body);
  if (envelope === undefined) {
    if (revision !== statelessRevision) return checkRevision(revision);
    // A notification, or an answer, carries no envelope.
    if (member(body, "method") === undefined || member(body, "id") === undefined) return methodAgrees(headers, body);
    return refused(rpcCodes.invalidParams, `revision ${statelessRevision} needs its envelope in \`params._meta\``);
  }
  const isRequest = member(body, "id") !== undefined;
  if (revision === undefined ? isRequest : revision !== envelope) return mismatch("MCP-Protocol-Version");
  if (envelope !== statelessRevision)
    return refused(statelessCodes.revisionUnknown, "this revision is not spoken here", {
      supported: [statelessRevision, ...sessionRevisions],
      requested: envelope.slice(0, 64),
    });
  return methodAgrees(headers, body);
}

function envelopeOf(body: Json): string | undefined {
  const params = member(body, "params");
  return isObject(params) ? readEnvelope(params)?.revision : undefined;
}

/** `Mcp-Method` and `Mcp-Name` against the body: a request must have them, a notification must not contradict them. */
function methodAgrees(headers: Headers, body: Json): Era {
  const method = member(body, "method");
  const isRequest = typeof method === "string" && member(body, "id") !== undefined;
  const named = headers.get("mcp-method")?.trim();
  if (named === undefined ? isRequest : named !== method) return mismatch("Mcp-Method");
  const source = typeof method === "string" ? nameSources.get(method) : undefined;
  const name = source === undefined ? undefined : member(member(body, "params"), source);
  const header = headers.get("mcp-name")?.trim();
  if (isRequest && typeof name === "string" && header === undefined) return mismatch("Mcp-Name");
  // Of a method that has no name, the header says nothing that anyone could go by.
  if (source !== undefined && header !== undefined && decodeHeader(header) !== name) return mismatch("Mcp-Name");
  return { era: "stateless" };
}

/** A value that no header can hold comes as `=?base64?…?=`, in UTF-8. */
function decodeHeader(value: string): string | undefined {
  const [, text] = /^=\?base64\?(.*)\?=$/.exec(value) ?? [];
  if (text === undefined) return value;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function checkRevision(revision: string | undefined): Era {
  if (revision === undefined || sessionRevisions.some((one) => one === revision)) return { era: "session" };
  return refused(rpcCodes.invalidRequest, "`MCP-Protocol-Version` names a revision that is not spoken here", {
    supported: [...sessionRevisions, statelessRevision],
  });
}

function mismatch(header: string): Era {
  return refused(statelessCodes.headerMismatch, `\`${header}\` is missing, or says something else than the body`);
}

function refused(code: number, message: string, data?: Json): Era {
  return { era: "refused", error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** Whether a body waits for an answer. */
export function isRequest(body: Json): boolean {
  return readMessage(body).kind === "request";
}

/** The id that an answer to this body has, as far as it can be told. */
export function idOf(body: Json): MessageId | null {
  return readId(member(body, "id")) ?? null;
}

/** A refusal as a response: an error of JSON-RPC with the id of what is refused. */
export function refusalResponse(
  status: number,
  error: RpcError,
  options: { readonly id?: MessageId | null; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  return jsonResponse(errorMessage(options.id ?? null, error), status, options.headers);
}

/** A denial before any message was read. Who has no valid credential is told so with 401 (MCP 2025-11-25 authorization, Token Handling). */
export function denialResponse({ code, remedies }: Denial, challenge?: string): Response {
  const { status, text } = CODES[code];
  const isUnauthorized = code === "SESSION_MISSING" || code === "SESSION_UNKNOWN" || code === "AUTH_REQUIRED";
  const headers = isUnauthorized ? { "www-authenticate": challenge ?? 'Bearer realm="sluice"' } : {};
  const data = { code, remedies } as unknown as Json;
  return refusalResponse(isUnauthorized ? 401 : status, { code: deniedCode, message: text, data }, { headers });
}

/** A fault of ours: nothing of it is shown. */
export function faultResponse(): Response {
  return denialResponse(denialOf("INTERNAL"));
}

/** Server errors that MCP leaves to implementations (JSON-RPC 2.0 §5.1). */
const deniedCode = -32_000;

/** A message as a response that nobody keeps. */
export function jsonResponse(message: Json, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(canonicalJson(message), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}
