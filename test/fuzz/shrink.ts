/**
 * Makes inputs and corpora small: a finding without what it does not need, a set of inputs without those that reach nothing of their own.
 * Pure but for the question that it is given.
 */
import type { Kept } from "./coverage.ts";

const questionsMax = 600;

/** A shorter input for which `stillFails` holds, by leaving out pieces of half the length, a quarter, … one character. */
export async function shrink(input: string, stillFails: (input: string) => Promise<boolean>): Promise<string> {
  let small = input;
  let questions = 0;
  for (let size = Math.ceil(small.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < small.length && questions < questionsMax; ) {
      const without = small.slice(0, at) + small.slice(at + size);
      questions++;
      if (without !== small && (await stillFails(without))) small = without;
      else at += size;
    }
  }
  return small;
}

/** How much of the corpus is kept. */
export interface CorpusBounds {
  readonly inputsMax: number;
  readonly charactersMax: number;
}

/** Few inputs that together reach nearly all that `kept` reaches: greedily the one that adds the most, the shorter on a tie. */
export function cover(kept: readonly Kept[], { inputsMax, charactersMax }: CorpusBounds): readonly string[] {
  const seen = new Map<number, number>();
  const left = kept.toSorted((a, b) => a.input.length - b.input.length);
  const chosen: string[] = [];
  let characters = 0;
  while (chosen.length < inputsMax && left.length > 0) {
    let best = -1;
    let most = 0;
    left.forEach(({ input, reached }, i) => {
      if (characters + input.length > charactersMax) return;
      const gain = newIn(reached.hits, seen);
      if (gain > most) [best, most] = [i, gain];
    });
    const [taken] = best < 0 ? [] : left.splice(best, 1);
    if (!taken) break;
    chosen.push(taken.input);
    characters += taken.input.length;
    for (let i = 0; i < taken.reached.hits.length; i += 2) {
      const site = taken.reached.hits[i] as number;
      seen.set(site, (seen.get(site) ?? 0) | (taken.reached.hits[i + 1] as number));
    }
  }
  return chosen;
}

/** Sites count more than how often they were reached. */
function newIn(hits: readonly number[], seen: ReadonlyMap<number, number>): number {
  let gain = 0;
  for (let i = 0; i < hits.length; i += 2) {
    const bits = seen.get(hits[i] as number);
    if (bits === undefined) gain += 8;
    else if ((bits & (hits[i + 1] as number)) === 0) gain++;
  }
  return gain;
}
