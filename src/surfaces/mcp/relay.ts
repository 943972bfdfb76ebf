/**
 * What a transport of the MCP gateway talks to: one relay for each connection of a client, and messages in and out of it.
 * Types only. A transport reads frames and checks headers; it decides nothing, and forwards nothing by another way.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { Hello } from "./hello.ts";

/** What a transport knows of one message. */
export interface RelayContext {
  /** The agent's credential for its Sluice session; `undefined`: the message brought none. */
  readonly token: string | undefined;
  /** Aborted when the client is gone (its connection closed): what runs is cancelled upstream and settled as failed. */
  readonly signal: AbortSignal;
  /** Sends a message that belongs to this request (progress, logs, a server's request that is granted) before its answer. Never throws. */
  readonly send: (message: JsonObject) => void;
}

/** One client of the gateway. Of the stateless revision (2026-07-28) each request may have a relay of its own: nothing is kept that matters. */
export interface Relay {
  /**
   * Takes one message as the strict reader gave it (`readJson`), and answers it: a message, a list of them for a batch (revision 2025-03-26
   * alone), or `undefined` for what is not answered. Never rejects. Of one relay all tokens must name one session.
   */
  receive(message: Json, context: RelayContext): Promise<JsonObject | readonly JsonObject[] | undefined>;
  /**
   * Where messages go that belong to no request (the GET stream of Streamable HTTP, standard output): `list_changed`, `resources/updated`,
   * logs. The last one counts; until there is one, they are dropped. Returns how to stop.
   */
  listen(send: (message: JsonObject) => void): () => void;
  /** The revision that this client has agreed on by `initialize`, once it has. */
  readonly revision: string | undefined;
  /** Ends what runs for this client. */
  close(): Promise<void>;
}

/** Makes relays over one set of servers. */
export interface Gateway {
  /** A relay for a new client; `hello`: for one that another process, or this one before, has greeted. */
  relay(hello?: Hello): Relay;
  /** Ends all relays and connections. */
  close(): Promise<void>;
}
