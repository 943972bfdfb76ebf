/**
 * Seeded chance: what is made up comes from here, so that the same catalogue gives the same tasks on every machine.
 * Pure. Never reads the system's randomness.
 */

/** A stream of chance. */
export interface Chance {
  /** A whole number from 0 below `limit`. */
  below(limit: number): number;
  /** Whether something of this probability happens. */
  happens(probability: number): boolean;
  /** One of a list, which must not be empty. */
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** A stream that depends on the text of `seed` only (FNV-1a into Mulberry32, T. Ettinger 2017). */
export function chanceOf(seed: string): Chance {
  let state = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    happens: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
  };
}
