/** The floor of whoever hashes each call: `JSON.parse` and SHA-256 of the bytes. Never a verdict: it allows everything. */
import { hash } from "node:crypto";
import type { Peer } from "../peer.ts";

/** Parses and hashes. */
export function open(): Peer {
  return { check: (raw) => JSON.parse(raw.toString("utf8")) !== undefined && hash("sha256", raw).length > 0 };
}
