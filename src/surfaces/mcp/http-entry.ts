/**
 * The door of the HTTP transports of the MCP gateway: place, credential and session of a request, before its body is read.
 * Never lets a request in that names no open session, and never takes a session from anything but a credential.
 */
import { bearerOf, readToken } from "../credential.ts";
import { denialOf, type Enforcer } from "../enforce.ts";
import { denialResponse, isFromAllowedPlace, type Places, readPlaces, refusalResponse } from "./http-guard.ts";

/** Turns access tokens into sessions, where agents come with such tokens (`createResourceServer`). */
export interface Authorization {
  /** The token of the Sluice session that the bearer of this request has, or the response that refuses it. Never rejects. */
  identify(request: Request): Promise<{ readonly token: string } | { readonly response: Response }>;
  /** Answers requests for the metadata of the protected resource (RFC 9728); `undefined`: this is none. */
  metadata(request: Request): Response | undefined;
  /** `WWW-Authenticate` of a request without a credential. */
  readonly challenge: string;
}

/** Options that all HTTP transports share. */
export interface EntryOptions {
  readonly enforcer: Pick<Enforcer, "admit">;
  /** Names that this server is called by, without port. Default: those of this machine. */
  readonly hosts?: readonly string[];
  /** Origins of web pages that may ask, besides those on `hosts`. Default: none. */
  readonly origins?: readonly string[];
  /** How agents with OAuth access tokens come to their sessions. Default: only tokens of sessions are taken. */
  readonly authorization?: Authorization;
}

/** A request that may go on, with the token of its session, or the response that ends it. */
export type Entered = { readonly token: string } | { readonly response: Response };

/** Makes the door. Throws `ConfigError` if hosts or origins are wrong. */
export function createEntry(options: EntryOptions): (request: Request) => Promise<Entered> {
  const { enforcer, authorization } = options;
  const places = readPlaces(options.hosts, options.origins);
  return async (request) => {
    if (!isFromAllowedPlace(request, places))
      return { response: refusalResponse(403, { code: -32_000, message: "`Host` or `Origin` is none that is allowed here" }) };
    const open = openAnswer(request, { places, authorization });
    if (open !== undefined) return { response: open };
    const identified = await identify(request, authorization);
    if ("response" in identified) return identified;
    const refused = await enforcer.admit(identified.token);
    return refused === undefined ? identified : { response: denialResponse(refused, authorization?.challenge) };
  };
}

/** What is answered without a credential: a browser's preflight, and where credentials are had. */
function openAnswer(
  request: Request,
  { places, authorization }: { readonly places: Places; readonly authorization: Authorization | undefined },
): Response | undefined {
  const metadata = authorization?.metadata(request);
  if (metadata !== undefined) return metadata;
  const origin = request.headers.get("origin") ?? "";
  if (request.method !== "OPTIONS" || !places.origins.has(origin)) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      ...crossOrigin(origin),
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers":
        "authorization, sluice-session, content-type, accept, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name",
      "access-control-max-age": "600",
    },
  });
}

function crossOrigin(origin: string): Readonly<Record<string, string>> {
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "mcp-session-id, www-authenticate",
    vary: "origin",
  };
}

/** A response that pages of the origins named in the options may read. */
export function readableBy(request: Request, response: Response, origins: readonly string[] = []): Response {
  const origin = request.headers.get("origin");
  if (origin !== null && origins.includes(origin))
    for (const [name, value] of Object.entries(crossOrigin(origin))) response.headers.set(name, value);
  return response;
}

/** The token of the session: as it is, or by way of an access token. */
async function identify(request: Request, authorization: Authorization | undefined): Promise<Entered> {
  const own = request.headers.get("sluice-session");
  const bearer = bearerOf(request.headers.get("authorization") ?? undefined);
  const token = own ?? (bearer !== undefined && readToken(bearer) !== undefined ? bearer : undefined);
  if (token !== undefined) return { token };
  if (authorization !== undefined) return await authorization.identify(request);
  return { response: denialResponse(denialOf("SESSION_MISSING")) };
}
