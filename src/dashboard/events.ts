/**
 * The live side's source: what this process is told, numbered and kept for a while, and counted minute by minute.
 * Never in the way of a call: what it is told it notes at once, and names of labels are worked out only while somebody listens.
 */
import type { Clock } from "../ports.ts";
import { tellSafely, type Telemetry } from "../telemetry/telemetry.ts";
import { createHistory, type History } from "./charts/history.ts";
import type { LiveEvent } from "./live/event.ts";
import { createHub, type Hub } from "./live/hub.ts";
import { eventsOfTold } from "./live/told.ts";

/** What happens in one process, for its dashboard. */
export interface DashboardEvents {
  /** To be given to the enforcement point, beside other telemetry. */
  readonly telemetry: Telemetry;
  /** Tells what a page's act has changed. */
  publish(event: LiveEvent): void;
  readonly hub: Hub;
  readonly history: History;
  /** Asks to be told of every session of which telemetry tells. Returns how to stop. */
  onSession(listener: (session: string) => void): () => void;
}

/** Makes the source: before the enforcement point, which is given its telemetry. */
export function createDashboardEvents({ clock }: { readonly clock: Clock }): DashboardEvents {
  const hub = createHub(clock());
  const history = createHistory(clock);
  const onSession = new Set<(session: string) => void>();
  const telemetry: Telemetry = (told) => {
    if (told.kind === "store") return;
    tellSafely(history.telemetry, told);
    if (told.session !== undefined) for (const listener of onSession) listener(told.session);
    if (hub.listeners > 0) for (const event of eventsOfTold(told, clock())) hub.publish(event);
  };
  return {
    telemetry,
    publish: hub.publish,
    hub,
    history,
    onSession: (listener) => {
      onSession.add(listener);
      return () => void onSession.delete(listener);
    },
  };
}
