/**
 * Passes requests to the upstream as they came, while a firewall observes.
 * Never passes on what is Sluice's own (a session's token), nor what belongs to one connection only (RFC 9110 §7.6.1).
 */
import { callBytesMax } from "../../limits.ts";
import { bearerOf, readToken } from "../../surfaces/credential.ts";
import { pathOf, upstreamMs } from "../../surfaces/firewall-app.ts";

/** Passes a request for a tool on, and answers with what came back. A rejection is a tool that cannot be reached. */
export type Pass = (tool: string, request: Request) => Promise<Response>;

/** Headers of one connection, and those that the client of the next sets itself. */
const hopHeaders = new Set(
  "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade host content-length expect".split(
    " ",
  ),
);

/** Passes on to `upstream/server/tool`: method, query, headers and body as they came. Redirects are not followed. */
export function passTo(upstream: URL): Pass {
  const base = upstream.href.endsWith("/") ? upstream.href : `${upstream.href}/`;
  return async (tool, request) => {
    const target = new URL(pathOf(tool), base);
    target.search = new URL(request.url).search;
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const response = await fetch(target, {
      method: request.method,
      headers: headersOf(request.headers),
      ...(hasBody ? await bodyOf(request) : {}),
      redirect: "manual",
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(upstreamMs)]),
    });
    const headers = new Headers(response.headers);
    for (const name of hopHeaders) headers.delete(name);
    // `fetch` has decoded the body already.
    headers.delete("content-encoding");
    const isBodiless = [204, 205, 304].includes(response.status);
    return new Response(isBodiless ? null : response.body, { status: response.status, statusText: response.statusText, headers });
  };
}

/** The body with its length, as most servers want it; a large one, or one of no known length, as it comes. */
async function bodyOf(request: Request): Promise<RequestInit> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (request.body === null || length <= callBytesMax) return { body: await request.arrayBuffer() };
  // `duplex` is needed with a stream (Fetch §5.4), and in no types yet.
  return { body: request.body, duplex: "half" } as RequestInit;
}

function headersOf(given: Headers): Headers {
  const headers = new Headers(given);
  const named = (given.get("connection") ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  for (const name of [...hopHeaders, ...named]) if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) headers.delete(name);
  headers.delete("sluice-session");
  if (readToken(bearerOf(given.get("authorization") ?? undefined) ?? "") !== undefined) headers.delete("authorization");
  // What comes back is passed on as it is: it must not need decoding.
  headers.set("accept-encoding", "identity");
  return headers;
}
