/**
 * Where messages of a server go: to the request that waits for it, or to the client's own stream.
 * Never keeps a message for a client that is not there.
 */
import type { Json, JsonObject } from "../../json/value.ts";
import type { RpcOutcome } from "./jsonrpc.ts";

/** A way to the client of a session. */
export interface Route {
  /** The agent's credential that the message came with. */
  readonly token: string;
  readonly send: (message: JsonObject) => void;
  /** Asks the client; absent where it cannot be asked (the stateless revision). */
  readonly ask?: (method: string, params: JsonObject, signal: AbortSignal) => Promise<RpcOutcome>;
  /** What the client says that it can do. */
  readonly capabilities: JsonObject;
}

/** The ways of one session. */
export interface Routes {
  /** Adds a way for what `server` sends; `undefined`: whatever server. Returns how to end it. */
  enter(server: string | undefined, route: Route): () => void;
  /** The newest way for a server's messages. */
  find(server: string): Route | undefined;
  /** Whether there is none. */
  readonly isEmpty: boolean;
}

/** No ways yet. */
export function createRoutes(): Routes {
  const entries: { readonly server: string | undefined; readonly route: Route }[] = [];
  return {
    get isEmpty() {
      return entries.length === 0;
    },
    enter: (server, route) => {
      const entry = { server, route };
      entries.push(entry);
      return () => {
        const at = entries.indexOf(entry);
        if (at >= 0) entries.splice(at, 1);
      };
    },
    find: (server) =>
      (entries.findLast((entry) => entry.server === server) ?? entries.findLast((entry) => entry.server === undefined))?.route,
  };
}

/** An object without its members of these names. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)) as [string, Json][]);
}
