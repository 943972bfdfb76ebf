/**
 * The MCP gateway as an OAuth resource server (MCP 2025-11-25 authorization): access tokens of known issuers, made for this server alone.
 * Never passes a token on (threat 18), never lets one choose a plan, and never says more of a bad token than that it is one.
 */
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import { readJsonBytes } from "../../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../../json/value.ts";
import { accessTokenCharsMax, accessTokenSkewSeconds } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { bearerOf } from "../credential.ts";
import { denialOf } from "../enforce.ts";
import type { Authorization } from "./http-entry.ts";
import { denialResponse, jsonResponse } from "./http-guard.ts";
import { createKeySource, type KeySource } from "./oauth-keys.ts";

/** Who bears an access token. */
export interface TokenPrincipal {
  readonly issuer: string;
  readonly subject: string;
  readonly scopes: readonly string[];
}

/** An authorisation server whose tokens are taken. */
export interface TokenIssuer {
  /** Its identifier, as tokens have it in `iss`. */
  readonly issuer: string;
  /** Its keys: a set, or the address of one (https, or http on this machine). */
  readonly keys: JSONWebKeySet | { readonly url: string };
}

/** What a resource server is made of. */
export interface ResourceServerOptions {
  /** The address that clients connect to (`https://gateway.example/mcp`): tokens must be made for it (`aud`, RFC 8707). */
  readonly resource: string;
  readonly issuers: readonly TokenIssuer[];
  /** Scopes that a token must have. Default: none. */
  readonly scopes?: readonly string[];
  /**
   * The token of the Sluice session that the host has opened, or opens now, for this principal; `undefined`: it has none. The host alone
   * chooses the plan: see `sessionsOf`.
   */
  readonly sessionOf: (principal: TokenPrincipal) => Promise<string | undefined>;
  readonly clock: Clock;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch;
}

/** Algorithms of signatures: asymmetric ones. A token's `alg` chooses among them, never beyond. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const types: ReadonlySet<Json | undefined> = new Set([undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"]);

/**
 * Makes what `createMcpHandler` takes as `authorization`. Throws `ConfigError` for addresses that are none.
 *
 * @example
 * const authorization = createResourceServer({ resource, issuers, clock, sessionOf: sessionsOf({ enforcer, principals }) });
 */
export function createResourceServer(options: ResourceServerOptions): Authorization {
  const { issuers, scopes = [], sessionOf, clock } = options;
  const resource = readResource(options.resource);
  if (issuers.length === 0) throw new ConfigError("`issuers` must name at least one authorization server");
  for (const scope of scopes)
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) throw new ConfigError("`scopes` must be scopes (RFC 6749 §3.3)");
  const fetcher = options.fetch ?? ((...args: Parameters<typeof fetch>) => globalThis.fetch(...args));
  const sources = new Map(issuers.map(({ issuer, keys }) => [issuer, createKeySource(keys, { clock, fetch: fetcher })]));
  const metadataUrl = new URL(
    `/.well-known/oauth-protected-resource${resource.pathname === "/" ? "" : resource.pathname}`,
    resource,
  );
  const about = [`resource_metadata="${metadataUrl.href}"`, ...(scopes.length === 0 ? [] : [`scope="${scopes.join(" ")}"`])];
  const challenge = `Bearer ${about.join(", ")}`;
  const refuse = (code: "AUTH_REQUIRED" | "AUTH_DENIED", error?: string): { readonly response: Response } => {
    const response = denialResponse(
      denialOf(code),
      error === undefined ? challenge : `Bearer error="${error}", ${about.join(", ")}`,
    );
    if (error === "insufficient_scope") response.headers.set("www-authenticate", `Bearer error="${error}", ${about.join(", ")}`);
    return { response };
  };
  return {
    challenge,
    metadata: (request) => {
      const { pathname } = new URL(request.url);
      const isHere = pathname === metadataUrl.pathname || pathname === "/.well-known/oauth-protected-resource";
      if (request.method !== "GET" || !isHere) return undefined;
      const metadata = {
        // RFC 9728 §2
        resource: options.resource,
        authorization_servers: issuers.map(({ issuer }) => issuer),
        bearer_methods_supported: ["header"],
        ...(scopes.length === 0 ? {} : { scopes_supported: [...scopes] }),
      };
      return jsonResponse(metadata, 200, { "access-control-allow-origin": "*" });
    },
    identify: async (request) => {
      const token = bearerOf(request.headers.get("authorization") ?? undefined);
      if (token === undefined) return refuse("AUTH_REQUIRED");
      const principal = await verifyToken(token, { sources, audience: options.resource, now: clock() });
      if (principal === undefined) return refuse("AUTH_REQUIRED", "invalid_token");
      if (scopes.some((scope) => !principal.scopes.includes(scope))) return refuse("AUTH_DENIED", "insufficient_scope");
      const session = await sessionOf(principal);
      return session === undefined ? refuse("AUTH_DENIED") : { token: session };
    },
  };
}

function readResource(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hash !== "" || url.search !== "" || url.username !== "")
    throw new ConfigError("`resource` must be the http(s) address that clients connect to, without query");
  return url;
}

interface Verification {
  readonly sources: ReadonlyMap<string, KeySource>;
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Verifies a JWT access token (RFC 9068; RFC 8725). `undefined`: whatever is wrong with it. */
async function verifyToken(token: string, { sources, audience, now }: Verification): Promise<TokenPrincipal | undefined> {
  if (token.length > accessTokenCharsMax) return undefined;
  const [head, body, , ...more] = token.split(".");
  const [header, claims] = [partOf(head), partOf(body)];
  if (header === undefined || claims === undefined || more.length > 0) return undefined;
  const { alg, typ, kid } = ownOf(header, ["alg", "typ", "kid"]);
  if (typeof alg !== "string" || !algorithms.includes(alg) || !types.has(typ) || Object.hasOwn(header, "crit")) return undefined;
  const issuer = member(claims, "iss");
  const source = typeof issuer === "string" ? sources.get(issuer) : undefined;
  if (source === undefined || typeof issuer !== "string") return undefined;
  try {
    const keys = await source.keysFor(typeof kid === "string" ? kid : undefined);
    if (keys === undefined) return undefined;
    // What is verified are the very characters that the strict reader has read: no other reading of them is used.
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: [alg] });
  } catch {
    return undefined;
  }
  return principalOf(claims, { issuer, audience, seconds: now / 1_000 });
}

/** One part of a token: base64url without padding, strict JSON. */
function partOf(part: string | undefined): JsonObject | undefined {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const text = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const read = readJsonBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    return read.ok && isObject(read.value) ? read.value : undefined;
  } catch {
    return undefined;
  }
}

function ownOf<const K extends string>(value: JsonObject, names: readonly K[]): { readonly [name in K]?: Json } {
  return Object.fromEntries(names.map((name) => [name, member(value, name)])) as { readonly [name in K]?: Json };
}

interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly seconds: number;
}

/** Who it is, if the claims are for us and now: `aud`, `exp` and `sub` must be there. */
function principalOf(claims: JsonObject, { issuer, audience, seconds }: Expected): TokenPrincipal | undefined {
  const { aud, exp, nbf, sub, scope, scp } = ownOf(claims, ["aud", "exp", "nbf", "sub", "scope", "scp"]);
  const audiences = isArray(aud) ? aud : [aud];
  if (!audiences.includes(audience)) return undefined;
  if (typeof exp !== "number" || seconds >= exp + accessTokenSkewSeconds) return undefined;
  if (nbf !== undefined && (typeof nbf !== "number" || seconds < nbf - accessTokenSkewSeconds)) return undefined;
  if (typeof sub !== "string" || sub === "" || sub.length > 256) return undefined;
  const scopes = typeof scope === "string" ? scope.split(" ") : isArray(scp) ? scp : [];
  return { issuer, subject: sub, scopes: scopes.filter((one): one is string => typeof one === "string" && one !== "") };
}
