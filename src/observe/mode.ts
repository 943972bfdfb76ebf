/**
 * What turns observing on: one object with a reason and an end, given by the host's own code and by nobody else.
 * Pure. Never takes a switch (`true`) for a wish: what is not complete is refused, and what has ended enforces.
 */
import { instantOf } from "../lang/date.ts";
import { observeDaysMax } from "../limits.ts";
import { err, ok, type Result } from "../result.ts";

/** The wish to observe: why, and until when. There is no way to observe without an end. */
export interface ObservePeriod {
  /** Why nothing is enforced: 1 to 500 printable characters, shown in logs, records and pages. */
  readonly reason: string;
  /** RFC 3339 date-time, at most 92 days ahead. From then on everything is enforced. */
  readonly until: string;
}

/** A period that was read. */
export interface Observing extends ObservePeriod {
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Reads a period; the error names the member and says what would be right. A period that has ended is one: it enforces. */
export function readPeriod(value: unknown, now: number): Result<Observing, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return err("`observe` must be an object with `reason` and `until`: there is no switch for it");
  const { reason, until } = value as { readonly reason?: unknown; readonly until?: unknown };
  if (typeof reason !== "string" || !/^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,500}$/u.test(reason))
    return err("`observe.reason` must say why nothing is enforced: 1 to 500 printable characters");
  const untilMs = typeof until === "string" ? instantOf(until) : undefined;
  if (typeof until !== "string" || untilMs === undefined || !/(?:Z|[+-]\d{2}:\d{2})$/i.test(until))
    return err('`observe.until` must be an RFC 3339 date-time with its offset, such as "2026-12-01T09:00:00Z"');
  if (untilMs - now > observeDaysMax * 86_400_000) return err(`\`observe.until\` must be at most ${observeDaysMax} days ahead`);
  return ok({ reason, until, untilMs });
}
