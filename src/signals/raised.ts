/**
 * A signal as what watches one thing raises it, before it has a sentence and an id.
 * Types alone.
 */
import type { Signal, SignalKind, WatchedBy } from "./signal.ts";

/** What is unusual, of whom, and how unlikely. */
export interface Raised extends Pick<Signal, "since" | "at" | "baseline" | "observed" | "p" | "watched" | "seqs" | "seqCount"> {
  readonly kind: SignalKind;
  readonly by: WatchedBy;
  readonly id: string;
  /** What follows the name of whom it is about, and a colon. */
  readonly says: string;
}
