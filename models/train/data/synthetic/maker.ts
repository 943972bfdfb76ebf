/**
 * Makes examples that no set has.
 * Pure but for the chance that it is given.
 */
import type { Corpus } from "../corpus.ts";
import type { Example } from "../examples.ts";
import type { Random } from "../random.ts";

/** Makes one example; `undefined` where this draw gives none. */
export type Maker = (random: Random) => Example | undefined;

/** The maker over the catalogues and rows of a corpus. */
export function openMaker(_corpus: Corpus): Maker {
  return () => undefined;
}
