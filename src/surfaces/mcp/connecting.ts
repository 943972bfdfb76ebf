/**
 * What a connection to an MCP server over HTTP is made with, whichever revision is tried.
 * Types only.
 */
import type { HttpTarget } from "./upstream-send.ts";
import type { UpstreamConnect, UpstreamListener } from "./upstream.ts";

/** What connecting needs. */
export interface Connecting {
  readonly name: string;
  readonly target: HttpTarget;
  readonly listener: UpstreamListener;
  readonly connecting: UpstreamConnect;
}
