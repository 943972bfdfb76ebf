/**
 * The classes of the Durable Objects, as a Worker's entry exports them; `wrangler.jsonc` names them.
 * Nothing but the two handlers.
 */
import type { CloudflareBindings, ObjectState } from "./bindings.ts";
import { sessionObject, type SessionHandler } from "./session-object.ts";
import { sharedObject, type ObjectHandler } from "./shared-object.ts";

/** The object that holds one session. */
export class SluiceSession {
  readonly #handler: SessionHandler;

  /** Made by the runtime. */
  constructor(state: ObjectState, env: CloudflareBindings) {
    this.#handler = sessionObject(state, env);
  }

  /** Answers the store. */
  fetch(request: Request): Promise<Response> {
    return this.#handler.fetch(request);
  }

  /** Finishes what a crash has left. */
  alarm(): Promise<void> {
    return this.#handler.alarm();
  }
}

/** The object that holds what the sessions of a tenant share. */
export class SluiceShared {
  readonly #handler: ObjectHandler;

  /** Made by the runtime. */
  constructor(state: ObjectState) {
    this.#handler = sharedObject(state);
  }

  /** Answers the store and the sessions. */
  fetch(request: Request): Promise<Response> {
    return this.#handler.fetch(request);
  }
}
