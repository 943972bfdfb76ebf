/**
 * A gateway that answers by a script, and keeps what it was given: the transports are tested without anything that decides.
 */
import { isObject, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { err, ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { denialOf, type Enforcer, type PlanInForce } from "../../../src/surfaces/enforce.ts";
import type { Hello } from "../../../src/surfaces/mcp/hello.ts";
import type { Gateway, Relay, RelayContext } from "../../../src/surfaces/mcp/relay.ts";

/** Tokens of two open sessions, and one of a session that is not there. */
export const tokens = {
  ours: `s_${"a".repeat(32)}.${"1".repeat(64)}`,
  theirs: `s_${"b".repeat(32)}.${"2".repeat(64)}`,
  /** Another secret for our session. */
  forged: `s_${"a".repeat(32)}.${"3".repeat(64)}`,
} as const;

/** What a transport needs of an enforcer. */
type Admitting = Pick<Enforcer, "admit" | "clock" | "plan" | "store">;

/** Knows the two open sessions, over a store of its own or a given one. */
export function admittingOver(store: Store): Admitting {
  const isKnown = (token: unknown): boolean => token === tokens.ours || token === tokens.theirs;
  return {
    admit: async (token) => (isKnown(token) ? undefined : denialOf("SESSION_UNKNOWN")),
    plan: async (token) => {
      if (!isKnown(token)) return err(denialOf("SESSION_UNKNOWN"));
      const id = token.slice(0, token.indexOf("."));
      return ok({ session: id, header: { id, expiresAt: 1_900_000_000_000 } } as PlanInForce);
    },
    clock: () => 1_800_000_000_000,
    store,
  };
}

/** Knows the two open sessions. */
export const admitting: Admitting = admittingOver(createMemoryStore());

/** How a message is answered: `undefined` for the default, an answer with `{ echo: method }`. */
export type Script = (
  message: Json,
  context: RelayContext,
) => Promise<JsonObject | readonly JsonObject[] | undefined> | undefined;

/** What came to a relay. */
export interface Seen {
  readonly relay: number;
  readonly message: Json;
  readonly context: RelayContext;
}

/** A gateway with its memory. */
export interface FakeGateway extends Gateway {
  readonly seen: readonly Seen[];
  /** Sends to the standalone stream of the relay of this number. */
  tell(relay: number, message: JsonObject): void;
  readonly closed: ReadonlySet<number>;
  /** What the relays were told that their clients had said before. */
  readonly hellos: readonly (Hello | undefined)[];
}

/** Makes one. */
export function fakeGateway(script: Script = () => undefined): FakeGateway {
  const seen: Seen[] = [];
  const listeners = new Map<number, (message: JsonObject) => void>();
  const closed = new Set<number>();
  let count = 0;
  const hellos: (Hello | undefined)[] = [];
  const relay = (hello?: Hello): Relay => {
    hellos.push(hello);
    count += 1;
    const number = count;
    return {
      receive: async (message, context) => {
        seen.push({ relay: number, message, context });
        const scripted = await script(message, context);
        if (scripted !== undefined) return scripted;
        const [id, method] = [member(message, "id"), member(message, "method")];
        return isObject(message) && id !== undefined && method !== undefined
          ? { jsonrpc: "2.0", id, result: { echo: method } }
          : undefined;
      },
      listen: (send) => {
        listeners.set(number, send);
        return () => listeners.delete(number);
      },
      revision: "2025-11-25",
      close: async () => void closed.add(number),
    };
  };
  return { relay, close: async () => {}, seen, closed, hellos, tell: (number, message) => listeners.get(number)?.(message) };
}

/** The events of a stream, taken apart by the letter of the standard; reads until `count` events with data, or the end. */
export async function eventsOf(
  response: Response,
  count = Number.POSITIVE_INFINITY,
): Promise<readonly { readonly id: string | undefined; readonly event: string; readonly data: string }[]> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const events: { id: string | undefined; event: string; data: string }[] = [];
  let text = "";
  while (reader !== undefined && events.length < count) {
    const { done, value } = await reader.read();
    if (done) return events;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string): string | undefined =>
        fields
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trimStart();
      const data = field("data");
      if (data !== undefined) events.push({ id: field("id"), event: field("event") ?? "message", data });
    }
  }
  // Not waited for: of two copies of one stream, the first has not let go before the other has.
  void reader?.cancel();
  return events;
}
