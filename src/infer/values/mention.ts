/**
 * Typed things that the words of a task name: what the recognisers of this folder find, and what arguments ask for.
 * Types only.
 */

/** The kinds that recognisers tell apart. */
export type MentionKind =
  | "date"
  | "time"
  | "datetime"
  | "duration"
  | "number"
  | "amount"
  | "percent"
  | "email"
  | "url"
  | "phone"
  | "ip"
  | "path"
  | "identifier"
  | "quoted";

/** One thing that a task names. Mentions may overlap (`$50` is an amount, its `50` a number). */
export interface Mention {
  readonly kind: MentionKind;
  /** UTF-16 offsets in the task; `end` is behind it. Of `quoted`: what stands between the marks. */
  readonly start: number;
  readonly end: number;
}

/** What the reading of values is relative to. */
export interface ValueContext {
  /** Now, in the user's zone: RFC 3339 date-time or date. Without it, words like "tomorrow" stay words. */
  readonly now?: string;
  /** IANA name. Default `UTC`. */
  readonly zone?: string;
  /** The whole task: a time may have its day elsewhere in it, if it says one day only. */
  readonly task?: string;
  /**
   * Other names of values, in lower case (`philly` → `Philadelphia`), for arguments that name a place or a kind; `genre:suspense` only for the
   * argument of those words. Learned, in `models/`.
   */
  readonly aliases?: ReadonlyMap<string, string>;
}
