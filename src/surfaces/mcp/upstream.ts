/**
 * The port of an MCP server behind the gateway: what a transport to one must offer.
 * Types only. Whatever comes from a server is data of that server; nothing here is trusted.
 */
import type { JsonObject } from "../../json/value.ts";
import type { Result } from "../../result.ts";
import type { RpcOutcome } from "./jsonrpc.ts";

/** Why a server did not answer at all; an answer with an error is an answer. `broken`: what it sent is no answer. */
export type UpstreamFailure = "unreachable" | "timeout" | "aborted" | "broken" | "large";

/** How one request is made. */
export interface UpstreamCall {
  /** Aborted: the server is told (`notifications/cancelled`), and the request comes to `aborted`. */
  readonly signal: AbortSignal;
  /** Told of each `notifications/progress` that the server sends about this request, in order, before the answer. */
  readonly onProgress?: (params: JsonObject) => void;
}

/** What a server says of itself when it is connected. */
export interface ServerIdentity {
  /** The revision that is spoken with it. */
  readonly revision: string;
  /** `serverInfo` as it was sent. */
  readonly info: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
}

/** A connection to one server. */
export interface Upstream {
  /** The server's name: what stands before the `/` of its tools. */
  readonly name: string;
  readonly identity: ServerIdentity;
  /** Makes a request and waits for the answer. Never rejects. */
  request(method: string, params: JsonObject, call: UpstreamCall): Promise<Result<RpcOutcome, UpstreamFailure>>;
  /** Sends a notification. Never rejects; one that cannot be sent is lost. */
  notify(method: string, params: JsonObject): Promise<void>;
  /** Whether it can still be asked. */
  readonly isOpen: boolean;
  /** Ends the connection; what is under way comes to `unreachable`. */
  close(): Promise<void>;
}

/** What a server may ask of whoever is connected to it, and what it tells. */
export interface UpstreamListener {
  /** A notification that belongs to no request of ours. */
  onNotification(method: string, params: JsonObject): void;
  /** A request of the server. Never rejects. */
  onRequest(method: string, params: JsonObject, signal: AbortSignal): Promise<RpcOutcome>;
}

/** A server that can be connected to, as often as there are sessions: one connection never serves two of them. */
export interface UpstreamServer {
  readonly name: string;
  /** Connects and says hello. `capabilities`: what of the client's the server may ask for. Never rejects. */
  connect(listener: UpstreamListener, options: UpstreamConnect): Promise<Result<Upstream, UpstreamFailure>>;
}

/** How a server is connected to. */
export interface UpstreamConnect {
  readonly signal: AbortSignal;
  /** Client capabilities that are announced (`sampling`, `elicitation`, `roots`): those that the gateway grants to this server. */
  readonly capabilities: JsonObject;
}
