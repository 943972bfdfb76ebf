/**
 * A signal: something in the audit log that chance would hardly bring. It is advice to a person.
 * Types and names alone. A signal never decides, blocks or delays anything.
 */

/**
 * Every kind of signal. `call-rate`: more calls in an hour or a day than before; `denial-burst`: more denials in ten minutes;
 * `repeated-amendments`: more amendments in an hour; `new-sink`: a tool at which the sessions of a plan or of a principal never called;
 * `new-labels`: labels that never came together at a tool; `first-use`: a principal's first session of a plan that others use; `new-denial`: a denial that no session of the plan had, by
 * code and tool;
 * `fast-approval`: a yes or no to what waited for a person, sooner than a person reads.
 */
export const signalKinds = [
  "call-rate",
  "denial-burst",
  "repeated-amendments",
  "new-sink",
  "new-labels",
  "first-use",
  "new-denial",
  "fast-approval",
] as const;

/** A kind of signal. */
export type SignalKind = (typeof signalKinds)[number];

/** What is watched. `all`: the whole log. */
export const watchedBy = ["all", "principal", "plan", "tool", "approver"] as const;

/** One of them. */
export type WatchedBy = (typeof watchedBy)[number];

/** A number and what it counts. */
export interface Measure {
  readonly value: number;
  /** Words of ours, as in `calls an hour`. */
  readonly unit: string;
}

/** A signal. Plain JSON. Its names (tools, labels, approvers) are texts of plans and people: to be escaped where they are shown. */
export interface Signal {
  readonly v: 1;
  /** Same log, same options: same id. */
  readonly id: string;
  readonly kind: SignalKind;
  /** Of whom or what: the pseudonym of a principal, the digest of a plan, the name of a tool or of an approver; `""` for `all`. */
  readonly subject: { readonly by: WatchedBy; readonly id: string };
  /** One sentence that says what is unusual. */
  readonly what: string;
  /** Milliseconds since the epoch: when the unusual began, and the time of the record that raised the signal. */
  readonly since: number;
  readonly at: number;
  /** What was usual, and on how many windows, sessions or decisions that rests. */
  readonly baseline: Measure & { readonly history: number };
  readonly observed: Measure;
  /** How likely chance alone would have brought this, or more, in this one place; from 0 to 1. */
  readonly p: number;
  /** How many such looks are taken in a day. */
  readonly watched: number;
  /** `p` corrected for how many are watched (Bonferroni): at most this likely that chance brings one such signal in a day. */
  readonly corrected: number;
  /** Numbers of the records that it rests on, ascending: the last of them, and how many there are in all. */
  readonly seqs: readonly number[];
  readonly seqCount: number;
}

/** How readily signals are raised. */
export interface SignalOptions {
  /**
   * For each kind of rate (`call-rate`, `denial-burst`, `repeated-amendments`): false signals a day over all that is watched, while what is
   * watched goes on as before. Default 0.05, one in twenty days.
   */
  readonly falsePerDay?: number;
  /**
   * For what was never seen (`new-sink`, `new-labels`, `first-use`, `new-denial`): the share of the sessions of a plan, a principal or a tool, while they go on
   * as before, that raise one. Default 0.01: nothing is called new before there were a hundred.
   */
  readonly falsePerSession?: number;
  /** For `fast-approval`: the share of decisions by people who do read. Default 0.001. */
  readonly falsePerDecision?: number;
  /** Words that whoever decides has to read at the least. Default 25. */
  readonly wordsToRead?: number;
}

/** What has been dropped for want of room: of these a signal may come late, or call something new that was there long before. */
export interface SignalLosses {
  readonly series: number;
  readonly scopes: number;
  readonly values: number;
  readonly sessions: number;
  readonly waiting: number;
}
