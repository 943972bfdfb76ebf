/**
 * The hub of live events: what happened last, numbered, for whoever listens.
 * Never waits for a listener and never grows: the oldest events are forgotten, and a listener that cannot keep up is the stream's to drop.
 */
import type { LiveEvent } from "./event.ts";

/** An event with its place in the stream. */
export interface NumberedEvent extends LiveEvent {
  /** Of this process: when it began, a full stop, and the number of the event. */
  readonly id: string;
}

/** Takes events as they come. It must return at once. */
export type LiveListener = (event: NumberedEvent) => void;

/** A hub. */
export interface Hub {
  publish(event: LiveEvent): void;
  /** Listens from now on; `after`: the id of the last event that was seen, after which those that are still known come first. Returns how to stop. */
  subscribe(listener: LiveListener, after?: string): () => void;
  /** How many listen. */
  readonly listeners: number;
}

/** Events that are remembered for who comes back. */
const rememberedMax = 500;

/** Makes a hub. `begun`: milliseconds since the epoch, which tell the events of this process from those of another. */
export function createHub(begun: number): Hub {
  const listeners = new Set<LiveListener>();
  let events: NumberedEvent[] = [];
  let count = 0;
  const prefix = `${Math.floor(begun)}.`;
  const missed = (after: string | undefined): readonly NumberedEvent[] => {
    if (after?.startsWith(prefix) !== true) return [];
    const at = Number(after.slice(prefix.length));
    return Number.isSafeInteger(at) ? events.filter((_, i) => count - events.length + i + 1 > at) : [];
  };
  return {
    publish: (event) => {
      count += 1;
      const numbered = { ...event, id: `${prefix}${count}` };
      events.push(numbered);
      if (events.length > 2 * rememberedMax) events = events.slice(-rememberedMax);
      for (const listener of listeners) tell(listener, numbered);
    },
    subscribe: (listener, after) => {
      for (const event of missed(after)) tell(listener, event);
      // A listener of its own, so that one function may listen twice.
      const own: LiveListener = (event) => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    get listeners() {
      return listeners.size;
    },
  };
}

function tell(listener: LiveListener, event: NumberedEvent): void {
  try {
    listener(event);
  } catch {
    // One listener that fails keeps nothing from the others.
  }
}
