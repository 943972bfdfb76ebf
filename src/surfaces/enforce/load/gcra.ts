/**
 * The generic cell rate algorithm: so many pieces of work in a minute, with a burst (ITU-T I.371 annex A, in its virtual scheduling form).
 * Pure but for its table. One number for each name; no timer, and no clock of its own.
 */

/** A rate. */
export interface Rate {
  readonly perMinute: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** Counts by name. */
export interface Meter {
  /** Takes one for a name: 0, or milliseconds after which there is one again; then nothing was taken. */
  take(name: string, now: number): number;
}

/** Makes a meter that remembers at most `namesMax` names; whose turn is longest ago is forgotten, and may have its burst again. */
export function createMeter({ perMinute, burst }: Rate, namesMax: number): Meter {
  const interval = 60_000 / perMinute;
  const tolerance = interval * (burst - 1);
  /** Name → when the next one would come if all came evenly (the theoretical arrival time). */
  const due = new Map<string, number>();
  return {
    take: (name, now) => {
      // No turn is later than a full burst from now: a clock that jumped back locks nobody out.
      const at = Math.min(Math.max(due.get(name) ?? now, now), now + tolerance + interval);
      const wait = at - tolerance - now;
      due.delete(name);
      due.set(name, wait > 0 ? at : at + interval);
      const [oldest] = due.keys();
      if (due.size > namesMax && oldest !== undefined) due.delete(oldest);
      return wait > 0 ? Math.ceil(wait) : 0;
    },
  };
}
