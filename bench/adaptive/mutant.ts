/**
 * One thing that the attacker does to a benign run, and drawing from too many of them.
 * Types, and a seeded draw that says what it left out.
 */
import type { Json } from "../../src/json/value.ts";
import type { Moment, Move } from "./play.ts";

/** What is done, in the rows of the table. */
export const techniques = [
  "value of a stranger's result",
  "piece of a stranger's result",
  "attacker's constant",
  "value of another call",
  "another choice",
  "another type",
  "oversized value",
  "look-alike",
  "encoded data",
  "encoded data in a carrier",
  "split over two arguments",
  "split over two calls",
  "argument left out",
  "argument that the plan lacks",
  "call repeated",
  "call dropped",
  "call moved",
  "neighbours exchanged",
  "whole run twice",
  "all at once",
  "after its time",
  "another call after a person's word",
  "handle",
  "forged label in a result",
  "rewritten result",
  "race over one store",
  "resource round trip",
  "receipt",
] as const;

/** One of them. */
export type Technique = (typeof techniques)[number];

/** One changed run. */
export interface Mutant {
  readonly technique: Technique;
  /** In words: which call, which argument, which value. */
  readonly what: string;
  /** The moment from which it differs. */
  readonly from: Moment;
  /** What happens instead of the rest of the run. */
  readonly moves: readonly Move[];
  /** Values that the attacker put into calls. */
  readonly planted: readonly Json[];
  /** Whether the first move is a call on which everything rests: if it is denied, the rest is not played. */
  readonly isSingle: boolean;
}

/** How much is tried. */
export interface Extent {
  /** Values of one technique for one argument of one call at most; of more, so many are drawn. */
  readonly valuesMax: number;
  /** Changed runs of a kind that grows with the square of the run, at most. */
  readonly runsMax: number;
  readonly seed: number;
}

/** How many there were, and how many of them were tried. */
export interface Drawn {
  all: number;
  taken: number;
}

/** At most `max` of a list, by the seed; their order stays. `drawn` counts. */
export function draw<T>(
  list: readonly T[],
  max: number,
  { seed, drawn }: { readonly seed: number; readonly drawn: Drawn },
): readonly T[] {
  drawn.all += list.length;
  drawn.taken += Math.min(max, list.length);
  if (list.length <= max) return list;
  const ranked = list.map((_, i) => ({ i, rank: mix(seed, i) })).sort((a, b) => a.rank - b.rank);
  const kept = new Set(ranked.slice(0, max).map(({ i }) => i));
  return list.filter((_, i) => kept.has(i));
}

/** A number that looks random, from two. */
export function mix(seed: number, i: number): number {
  let word = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b)) >>> 0;
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) >>> 0;
  word = Math.imul(word ^ (word >>> 12), 0x297a2d39) >>> 0;
  return (word ^ (word >>> 15)) >>> 0;
}
