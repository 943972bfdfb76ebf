/**
 * A value as a JSON response for the host.
 * Never for an agent: what an agent is answered goes through `wire.ts` and `answer.ts`.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Json } from "../../json/value.ts";

/** The canonical text of a value, not to be stored. */
export function jsonResponse(value: unknown, status = 200): Response {
  return new Response(canonicalJson(value as Json), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
