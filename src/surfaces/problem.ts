/**
 * Problems as bytes: RFC 9457 problem details, for whoever set something wrong and is told where.
 * Never writes a value of a request: codes, places, and words of ours.
 */
import { type Code, CODES } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json } from "../json/value.ts";

/** A problem for the host that set something wrong; the host, unlike an agent, is told where. */
export interface HostProblem {
  readonly code: Code;
  /** JSON pointer into the host's request. */
  readonly pointer?: string;
  readonly message?: string;
}

/** A problem of a host's request, with its place. */
export function hostProblemResponse(problem: HostProblem): Response {
  const { code, pointer, message } = problem;
  return writeProblem(code, { ...(pointer === undefined ? {} : { pointer }), ...(message === undefined ? {} : { message }) });
}

/** A code as a problem response (RFC 9457 §3): `type`, `title`, `status`, `detail`, `code` and `members`. `seconds`: when to come again. */
export function writeProblem(code: Code, members: { readonly [name: string]: Json }, seconds = CODES[code].retryAfter): Response {
  const { status, text } = CODES[code];
  const body = canonicalJson({ type: `urn:sluice:code:${code}`, title: titleOf(code), status, detail: text, code, ...members });
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" };
  // RFC 9110 §15.5.2: a 401 says which credential is wanted.
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="sluice"';
  // RFC 9110 §10.2.3.
  if (seconds !== undefined) headers["retry-after"] = String(seconds);
  return new Response(body, { status, headers });
}

/** `CALL_OUT_OF_ORDER` as "Call out of order": the same for every occurrence of the problem (RFC 9457 §3.1.3). */
function titleOf(code: Code): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
