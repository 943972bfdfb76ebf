/**
 * How many looks of one kind are taken in a day: what a p-value is corrected for.
 * Pure. Never fewer than the day before had.
 */

/** Looks of the day at hand (number since the epoch), and of the one before. Plain JSON, mutable. */
export interface Looks {
  day: number;
  now: number;
  before: number;
}

const dayMs = 86_400_000;

/** None so far. */
export function createLooks(): Looks {
  return { day: 0, now: 0, before: 0 };
}

/** Counts one more, and says how many there are in a day. */
export function countLook(looks: Looks, at: number): number {
  const day = Math.floor(at / dayMs);
  if (day > looks.day) {
    looks.before = day === looks.day + 1 ? looks.now : 0;
    looks.now = 0;
    looks.day = day;
  }
  looks.now += 1;
  return looksInDay(looks);
}

/** How many there are in a day: so many as today so far, or as yesterday. */
export function looksInDay({ now, before }: Looks): number {
  return Math.max(now, before, 1);
}
