/**
 * The model's provider: one address, fixed by configuration, and the headers that go there and come back.
 * Never follows a redirect, never sends a credential of Sluice's, and never keeps or logs one of the provider's.
 */
import { ConfigError } from "../../result.ts";
import { bearerOf, readToken } from "../credential.ts";

/** Where the model is, and how it is asked. */
export interface ModelUpstream {
  /** Base URL, with or without `/v1`. */
  readonly url: string;
  /** A credential to send in place of the client's: the name of a header and its value. Default: the client's own is passed on. */
  readonly credential?: { readonly header: string; readonly value: string };
  /** Default: the host's `fetch`. */
  readonly fetch?: typeof fetch;
}

/** A provider that can be asked. A rejection is one that cannot be reached. */
export interface Upstream {
  send(
    request: { readonly method: string; readonly path: string; readonly headers: Headers; readonly body?: string },
    signal: AbortSignal,
  ): Promise<Response>;
}

/** Headers of a client that its provider may see. */
const requestHeaders: readonly string[] = [
  "accept",
  "anthropic-beta",
  "anthropic-version",
  "authorization",
  "openai-beta",
  "openai-organization",
  "openai-project",
  "x-api-key",
];
const credentialHeaders: readonly string[] = ["authorization", "x-api-key"];
const responseHeader =
  /^(?:x-request-id|request-id|retry-after|retry-after-ms|x-should-retry|openai-(?:model|organization|processing-ms|version)|x-ratelimit-[a-z-]+|anthropic-ratelimit-[a-z-]+)$/;

/** Makes an upstream. Throws `ConfigError`. */
export function createUpstream({ url, credential, fetch: send = globalThis.fetch }: ModelUpstream): Upstream {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.search !== "" ||
    parsed.hash !== "" ||
    parsed.username !== ""
  )
    throw new ConfigError(
      "`upstream.url` must be an http or https URL without query and credentials, such as https://api.openai.com",
    );
  if (
    credential !== undefined &&
    !(/^[A-Za-z0-9-]{1,64}$/.test(credential.header) && /^[\x20-\x7e]{1,8192}$/.test(credential.value))
  )
    throw new ConfigError("`upstream.credential` must be the name of a header and a value of printable ASCII characters");
  const base = `${parsed.origin}${parsed.pathname.replace(/(?<!\/)\/+$/, "").replace(/\/v1$/, "")}`;
  return {
    send: ({ method, path, headers, body }, signal) =>
      send(`${base}${path}`, {
        method,
        headers: headersFor(headers, { credential, hasBody: body !== undefined }),
        ...(body === undefined ? {} : { body }),
        redirect: "manual",
        signal,
      }),
  };
}

function headersFor(
  given: Headers,
  { credential, hasBody }: { readonly credential: ModelUpstream["credential"]; readonly hasBody: boolean },
): Headers {
  const headers = new Headers({ "accept-encoding": "identity" });
  for (const name of requestHeaders) {
    const value = given.get(name);
    // A session's token is for Sluice and for nobody behind it.
    if (value === null || readToken(bearerOf(value) ?? value) !== undefined) continue;
    if (credential === undefined || !credentialHeaders.includes(name)) headers.set(name, value);
  }
  if (credential !== undefined) headers.set(credential.header, credential.value);
  if (hasBody) headers.set("content-type", "application/json");
  return headers;
}

/** Headers of an answer that its client may see. */
export function shownHeaders(given: Headers, contentType: string | null): Headers {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const [name, value] of given) if (responseHeader.test(name)) headers.set(name, value);
  if (contentType !== null) headers.set("content-type", contentType);
  return headers;
}
