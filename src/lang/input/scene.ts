/**
 * Who wrote the parameters of a session, and when: what a text means depends on it.
 * Types only.
 */
import type { Zones } from "../../ports.ts";

/** Who wrote the parameters, as far as reading them needs it. */
export interface InputUser {
  /** IANA time zone, as in `Europe/Berlin`: which day it is, and what a time of day means. */
  readonly zone?: string;
  /** How numbers and dates are written: one of `en`, `en-US`, `en-GB`, `de`, `fr`, `ch`, or a language tag that means one of them. */
  readonly locale?: string;
}

/** What reading may look at. */
export interface InputScene {
  readonly user: InputUser;
  /** Milliseconds since the epoch at which the session opens. */
  readonly now: number;
  readonly zones: Zones;
}
