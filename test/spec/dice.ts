/**
 * Choices drawn from a list of numbers, so that a generated plan and trace shrink with the list (fast-check shrinks arrays well).
 * Never draws from anything else: the same numbers are the same plan and trace. Beyond the end every choice is the first.
 */

/** Draws choices. */
export interface Dice {
  /** 0 … n - 1. */
  below(n: number): number;
  /** One of the list; the first is the simplest. */
  pick<T>(list: readonly T[]): T;
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean;
  /** Each element with the given chance. */
  some<T>(list: readonly T[], percent: number): readonly T[];
}

/** Dice over a list of non-negative integers. */
export function diceOf(numbers: readonly number[]): Dice {
  let next = 0;
  const below = (n: number): number => (numbers[next++] ?? 0) % n;
  const chance = (percent: number): boolean => below(100) >= 100 - percent;
  return {
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    chance,
    some: (list, percent) => list.filter(() => chance(percent)),
  };
}
