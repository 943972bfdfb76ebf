/**
 * The revisions of MCP that the gateway speaks, and what the stateless one says with each request.
 * Pure. Never takes a request for another era than it says.
 */
import { isObject, type JsonObject, member } from "../../json/value.ts";

/** Revisions that begin with `initialize`, newest first. */
export const sessionRevisions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;
/** The revision without sessions: each request says what it needs. */
export const statelessRevision = "2026-07-28";
/** The one revision that has batches. */
export const batchRevision = "2025-03-26";

const prefix = "io.modelcontextprotocol/";
/** Keys of `_meta` that the stateless revision gives a meaning. */
export const metaKeys = {
  revision: `${prefix}protocolVersion`,
  clientInfo: `${prefix}clientInfo`,
  capabilities: `${prefix}clientCapabilities`,
  logLevel: `${prefix}logLevel`,
  serverInfo: `${prefix}serverInfo`,
  subscription: `${prefix}subscriptionId`,
} as const;

/** Codes of errors of the stateless revision. */
export const statelessCodes = { headerMismatch: -32_020, capabilityMissing: -32_021, revisionUnknown: -32_022 } as const;

/** What a request of the stateless revision says of its client. */
export interface Envelope {
  readonly revision: string;
  readonly capabilities: JsonObject;
  /** Whether it says all that it must. */
  readonly isWhole: boolean;
  /** Logs of this level and above are asked for; absent: none. */
  readonly logLevel?: string;
}

/** The envelope of a request; `undefined` for one of the older revisions. */
export function readEnvelope(params: JsonObject): Envelope | undefined {
  const meta = member(params, "_meta");
  const revision = member(meta, metaKeys.revision);
  if (typeof revision !== "string") return undefined;
  const capabilities = member(meta, metaKeys.capabilities);
  const logLevel = member(meta, metaKeys.logLevel);
  return {
    revision,
    capabilities: isObject(capabilities) ? capabilities : {},
    isWhole: isObject(capabilities),
    ...(typeof logLevel === "string" ? { logLevel } : {}),
  };
}

/** Methods whose results the stateless revision lets clients keep; ours are never kept. */
const cacheable: ReadonlySet<string> = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "server/discover",
]);

/** A result as the stateless revision has it. */
export function statelessResult(method: string, result: JsonObject, serverInfo: JsonObject): JsonObject {
  const meta = member(result, "_meta");
  return {
    ...result,
    resultType: "complete",
    ...(cacheable.has(method) ? { ttlMs: 0, cacheScope: "private" } : {}),
    _meta: { ...(isObject(meta) ? meta : {}), [metaKeys.serverInfo]: serverInfo },
  };
}
