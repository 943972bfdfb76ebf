/**
 * Seeded chance: everything that training data leaves to chance comes from here, so that a seed gives the same bytes on every machine.
 * Never reads the clock or the system's randomness.
 */

/** A stream of chance. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 below `limit`; 0 if there is none. */
  below(limit: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** One of a list. Throws if it is empty. */
  pick<T>(list: readonly T[]): T;
  /** One of a list by weight. Throws if it is empty. */
  weighted<T>(list: readonly (readonly [value: T, weight: number])[]): T;
  /** A shuffled copy (Fisher and Yates). */
  shuffled<T>(list: readonly T[]): T[];
  /** Up to `count` of a list, in random order. */
  sample<T>(list: readonly T[], count: number): T[];
}

/** A stream that depends on the words of `seed` only (FNV-1a into sfc32, Chris Doty-Humphrey's generator). */
export function createRandom(seed: string): Random {
  let a = hash(seed, 0x811c9dc5);
  let b = hash(seed, 0x9e3779b9);
  let c = hash(seed, 0x85ebca6b);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 15; round++) next();
  const below = (limit: number): number => (limit <= 1 ? 0 : Math.floor(next() * limit));
  const pick = <T>(list: readonly T[]): T => at(list, below(list.length));
  const shuffled = <T>(list: readonly T[]): T[] => {
    const copy = [...list];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = below(last + 1);
      const kept = at(copy, last);
      copy[last] = at(copy, other);
      copy[other] = kept;
    }
    return copy;
  };
  return {
    next,
    below,
    pick,
    shuffled,
    chance: (probability) => next() < probability,
    weighted: (list) => {
      let left = next() * list.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return at(list, list.length - 1)[0];
    },
    sample: (list, count) => {
      if (count * 4 >= list.length) return shuffled(list).slice(0, count);
      const chosen = new Set<number>();
      while (chosen.size < count) chosen.add(below(list.length));
      return [...chosen].map((index) => at(list, index));
    },
  };
}

function at<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError("nothing to choose from");
  return list[index] as T;
}

function hash(text: string, basis: number): number {
  let value = basis;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value | 0;
}
