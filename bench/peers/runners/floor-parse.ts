/** The floor: `JSON.parse` of the bytes, and nothing else. Never a verdict: it allows everything. */
import type { Peer } from "../peer.ts";

/** Parses. */
export function open(): Peer {
  return { check: (raw) => JSON.parse(raw.toString("utf8")) !== undefined };
}
