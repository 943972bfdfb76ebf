/**
 * The MCP gateway as an OAuth resource server (MCP 2025-11-25 authorization): access tokens of known issuers, made for this server alone.
 * Never passes a token on (threat 18), never lets one choose a plan, and never says more of a bad token than that it is one.
 */
import { createKeySource, type KeySet } from "../../access/oidc/keys.ts";
import { type Verification, verifySigned } from "../../access/oidc/verify.ts";
import { isArray, member } from "../../json/value.ts";
import type { Clock } from "../../ports.ts";
import { ConfigError } from "../../result.ts";
import { bearerOf } from "../credential.ts";
import { denialOf } from "../enforce.ts";
import type { Authorization } from "./http-entry.ts";
import { denialResponse, jsonResponse } from "./http-guard.ts";

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
  readonly keys: KeySet | { readonly url: string };
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
      const principal = await principalOf(token, { sources, audience: options.resource, now: clock() });
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

/** Who bears a token (RFC 9068). `undefined`: whatever is wrong with it. */
async function principalOf(token: string, against: Verification): Promise<TokenPrincipal | undefined> {
  const claims = await verifySigned(token, against);
  if (claims === undefined) return undefined;
  const [scope, scp] = ["scope", "scp"].map((name) => member(claims.all, name));
  const scopes = typeof scope === "string" ? scope.split(" ") : isArray(scp) ? scp : [];
  const { issuer, subject } = claims;
  return { issuer, subject, scopes: scopes.filter((one): one is string => typeof one === "string" && one !== "") };
}
