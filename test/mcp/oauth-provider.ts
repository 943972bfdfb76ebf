/**
 * An operator who authorises Sluice towards its servers by the official SDK's helpers, and agrees to everything at once: the redirect of
 * the authorisation server is followed here, not in a browser.
 */
import {
  auth,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { ClientCredentialsProvider, PrivateKeyJwtProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";

/** What the conformance package says about a scenario. */
export interface AuthContext {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
  readonly idp_client_id?: string;
  readonly idp_id_token?: string;
  readonly idp_token_endpoint?: string;
}

interface Agreeing {
  readonly provider: OAuthClientProvider;
  /** The code that the last redirect came back with. */
  code(): string | undefined;
}

/** The provider for a scenario. */
function agreeing(scenario: string, context: AuthContext): Agreeing {
  const { client_id: clientId = "", client_secret: clientSecret = "", private_key_pem: privateKey } = context;
  const algorithm = context.signing_algorithm ?? "ES256";
  if (scenario === "auth/client-credentials-basic")
    return { provider: new ClientCredentialsProvider({ clientId, clientSecret }), code: () => undefined };
  if (privateKey !== undefined)
    return { provider: new PrivateKeyJwtProvider({ clientId, privateKey, algorithm }), code: () => undefined };
  let information: OAuthClientInformationMixed | undefined =
    scenario === "auth/pre-registration" ? { client_id: clientId, client_secret: clientSecret } : undefined;
  let tokens: OAuthTokens | undefined;
  let verifier = "";
  let code: string | undefined;
  const redirectUrl = "http://localhost:3000/callback";
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: "sluice",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
    clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
    clientInformation: () => information,
    saveClientInformation: (given) => {
      information = given;
    },
    tokens: () => tokens,
    saveTokens: (given) => {
      tokens = given;
    },
    redirectToAuthorization: async (url) => {
      const response = await fetch(url, { redirect: "manual" });
      code = new URL(response.headers.get("location") ?? "", url).searchParams.get("code") ?? undefined;
    },
    saveCodeVerifier: (given) => {
      verifier = given;
    },
    codeVerifier: () => verifier,
  };
  return { provider, code: () => code };
}

/** Times that one request is authorised anew: a server that always wants more gets no more. */
const attemptsMax = 3;

/** A `fetch` that authorises: what a gateway is given as the `fetch` of a server. Tokens stay in this process. */
export function authorizingFetch(serverUrl: string, scenario: string, context: AuthContext): typeof fetch {
  const { provider, code } = agreeing(scenario, context);
  let attempts = 0;
  const authorize = async (response: Response): Promise<void> => {
    if (context.idp_token_endpoint !== undefined) return await provider.saveTokens(await crossAppTokens(serverUrl, context));
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
    const about = {
      serverUrl,
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
      ...(scope === undefined ? {} : { scope }),
    };
    const result = await auth(response.status === 403 ? withoutTokens(provider) : provider, about);
    if (result === "REDIRECT") await auth(provider, { ...about, authorizationCode: code() ?? "" });
  };
  return async (input, init) => {
    for (;;) {
      const headers = new Headers(init?.headers);
      const tokens = await provider.tokens();
      if (tokens !== undefined) headers.set("authorization", `Bearer ${tokens.access_token}`);
      const response = await fetch(input, { ...init, headers });
      const isRefused = response.status === 401 || (response.status === 403 && response.headers.has("www-authenticate"));
      if (!isRefused || attempts >= attemptsMax) return response;
      attempts += 1;
      await authorize(response);
    }
  };
}

/** Tokens by way of an identity provider (SEP-990): its word for the user is exchanged for one to the server's authorisation server. */
async function crossAppTokens(serverUrl: string, context: AuthContext): Promise<OAuthTokens> {
  const resource = await discoverOAuthProtectedResourceMetadata(serverUrl);
  const issuer = resource.authorization_servers?.[0] ?? "";
  const server = await discoverAuthorizationServerMetadata(issuer);
  const exchanged = await postForm(context.idp_token_endpoint ?? "", {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: server?.issuer ?? issuer,
    resource: resource.resource,
    subject_token: context.idp_id_token ?? "",
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    client_id: context.idp_client_id ?? "",
  });
  const credentials = btoa(`${context.client_id ?? ""}:${context.client_secret ?? ""}`);
  return await postForm(
    server?.token_endpoint ?? "",
    { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: exchanged.access_token },
    { authorization: `Basic ${credentials}` },
  );
}

async function postForm(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<OAuthTokens> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as OAuthTokens;
}

/** The same provider, as if it had no tokens yet: else what it has is refreshed, which gives no more than it has. */
function withoutTokens(provider: OAuthClientProvider): OAuthClientProvider {
  return new Proxy(provider, {
    get: (target, name) => {
      if (name === "tokens") return () => undefined;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
