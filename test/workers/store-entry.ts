/**
 * A Worker for the tests: it makes the store of a Worker's bindings and does what it is asked over HTTP, so that the contract of stores runs
 * against it inside workerd. `POST /crash` says at which step of the protocol an object is thrown away.
 */
import type { Json } from "../../src/json/value.ts";
import { type CloudflareBindings, createCloudflareStore, type ObjectState } from "../../src/stores/cloudflare.ts";
import { sessionObject, type SessionHandler } from "../../src/stores/cloudflare/session-object.ts";
import { type ObjectHandler, sharedObject } from "../../src/stores/cloudflare/shared-object.ts";
import type { Store } from "../../src/stores/store.ts";
import { messageOf, readMessageOf } from "./message.ts";

/** Where a crash is asked for, and how often. */
interface Crash {
  readonly step: string;
  times: number;
}

// One isolate runs the Worker and its objects.
let crash: Crash = { step: "", times: 0 };

type Aborting = ObjectState & { abort(reason: string): void; readonly storage: { sync(): Promise<void> } };

function crashAt(state: ObjectState, step: string): undefined | Promise<never> {
  if (crash.step !== step || crash.times === 0) return undefined;
  crash.times--;
  (state as Aborting).abort(`crash at ${step}`);
  return new Promise(() => undefined);
}

/** The session's object, which a crash ends. */
export class SluiceSession {
  readonly #state: ObjectState;
  readonly #handler: SessionHandler;
  constructor(state: ObjectState, env: CloudflareBindings) {
    this.#state = state;
    this.#handler = sessionObject(state, env, { onStep: (step) => crashAt(state, step), lookAgainMs: 500 });
  }
  async fetch(request: Request): Promise<Response> {
    if (request.url.endsWith("/sql")) return Response.json(this.#state.storage.sql.exec(await request.text()).toArray());
    return this.#handler.fetch(request);
  }
  alarm(): Promise<void> {
    return this.#handler.alarm();
  }
}

/** The shared object, which a crash ends before or after it has done what it was asked. */
export class SluiceShared {
  readonly #state: ObjectState;
  readonly #handler: ObjectHandler;
  constructor(state: ObjectState) {
    this.#state = state;
    this.#handler = sharedObject(state);
  }
  async fetch(request: Request): Promise<Response> {
    const verb = request.url.slice(request.url.lastIndexOf("/") + 1);
    await crashAt(this.#state, `before ${verb}`);
    const answer = await this.#handler.fetch(request);
    // What it has done stays; only the answer is lost.
    await (this.#state as Aborting).storage.sync();
    await crashAt(this.#state, `after ${verb}`);
    return answer;
  }
}

interface Asked {
  readonly tenant: string;
  readonly journal: boolean;
  readonly method: keyof Store;
  readonly args: readonly Json[];
}

export default {
  async fetch(request: Request, env: CloudflareBindings): Promise<Response> {
    const body = await request.text();
    if (request.url.endsWith("/crash")) {
      const [step, times] = body.split("*");
      crash = { step: step ?? "", times: Number(times ?? 1) };
      return new Response(null, { status: 204 });
    }
    const { tenant, journal, method, args } = readMessageOf(body) as unknown as Asked;
    const store = createCloudflareStore(env, { tenant, journal });
    const result = await (store[method] as (...given: readonly unknown[]) => Promise<object>)(...args);
    return new Response(messageOf(result));
  },
};
