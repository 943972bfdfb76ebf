/**
 * Denials as bytes: RFC 9457 problem details. The only place where a denial becomes a response.
 * Never writes a value, a fact or a link of a taint chain: an agent reads what is written here.
 */
import { CODES } from "../codes.ts";
import { canonicalJson } from "../json/canonical.ts";
import type { Json, JsonObject } from "../json/value.ts";
import type { Denial } from "./enforce.ts";
import { writeProblem } from "./problem.ts";

export { type HostProblem, hostProblemResponse } from "./problem.ts";

/** A denial as a problem response (RFC 9457 §3): `type`, `title`, `status`, `detail`, and the members `code` and `remedies`. `members`: others, of ours. */
export function problemResponse(denial: Denial, members: { readonly [name: string]: Json } = {}): Response {
  const { code, remedies } = denial;
  const seconds = remedies.find((remedy) => remedy.seconds !== undefined)?.seconds;
  return writeProblem(code, { remedies: remedies as unknown as Json, ...members }, seconds);
}

/** A denial as one text, where a tool's answer would stand: canonical JSON of `error`, with `code`, `detail` and `remedies`. Safe for a model. */
export function denialText(denial: Denial): string {
  return canonicalJson(denialBody(denial));
}

/** What `denialText` says, for where a tool's answer is no text. */
export function denialBody({ code, remedies }: Denial): JsonObject {
  return { error: { code, detail: CODES[code].text, remedies: remedies as unknown as Json } };
}
