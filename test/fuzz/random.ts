/**
 * Repeatable randomness for the fuzzer: the same seed gives the same choices on every runtime (mulberry32).
 * Never for secrets.
 */

/** Draws numbers and members. */
export interface Random {
  /** An integer from 0 to `limit` - 1; 0 for a limit below 1. */
  below(limit: number): number;
  /** One of `list`, which must not be empty. */
  pick<Item>(list: readonly Item[]): Item;
}

/** A stream of choices that `seed` alone decides. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * Math.max(1, limit));
  return {
    below,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}
