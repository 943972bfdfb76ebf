/**
 * What the live side tells: something happened, and what pages it may concern.
 * Types only.
 */
import type { JsonObject } from "../../json/value.ts";

/** Topics of the event stream: what may have changed. */
export type LiveTopic = "verdict" | "session" | "approval" | "amendment" | "plan" | "audit" | "signal";

/** Something that happened. */
export interface LiveEvent {
  readonly topic: LiveTopic;
  /** Ids, codes, names and numbers; no value of a call, a result or a parameter. */
  readonly data: JsonObject;
}
