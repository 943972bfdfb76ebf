/**
 * Denials as bytes: RFC 9457 problem details. The only place where a denial becomes a response.
 * Never writes a value, a fact or a link of a taint chain: an agent reads what is written here.
 */
import { type Code, CODES } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { Denial } from "./enforce.ts";

/** A problem for the host that set something wrong; the host, unlike an agent, is told where. */
export interface HostProblem {
  readonly code: Code;
  /** JSON pointer into the host's request. */
  readonly pointer?: string;
  readonly message?: string;
}

/** A denial as a problem response (RFC 9457 §3): `type`, `title`, `status`, `detail`, and the members `code` and `remedies`. `members`: others, of ours. */
export function problemResponse(denial: Denial, members: { readonly [name: string]: Json } = {}): Response {
  const { code, remedies } = denial;
  const seconds = remedies.find((remedy) => remedy.seconds !== undefined)?.seconds;
  return write(code, { remedies: remedies as unknown as Json, ...members }, seconds);
}

/** A denial as one text, where a tool's answer would stand: canonical JSON of `error`, with `code`, `detail` and `remedies`. Safe for a model. */
export function denialText(denial: Denial): string {
  return canonicalJson(denialBody(denial));
}

/** What `denialText` says, for where a tool's answer is no text. */
export function denialBody({ code, remedies }: Denial): JsonObject {
  return { error: { code, detail: CODES[code].text, remedies: remedies as unknown as Json } };
}

/** A problem of a host's request, with its place. */
export function hostProblemResponse(problem: HostProblem): Response {
  const { code, pointer, message } = problem;
  return write(code, { ...(pointer === undefined ? {} : { pointer }), ...(message === undefined ? {} : { message }) });
}

function write(code: Code, members: { readonly [name: string]: Json }, seconds = CODES[code].retryAfter): Response {
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
