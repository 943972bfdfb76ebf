/**
 * Finds, over all approved plans, the words that stand for a value without resembling it (`SFO` for `San Francisco`).
 * Pure. A word stands for a value only if it is in the tasks of plans with that value, and next to nowhere else.
 */
import { type Range, type Reading, textOf } from "./reading.ts";
import { surfaceOfWords } from "./words.ts";

/** A constant of which no words were found. */
export interface Orphan {
  /** Number of the plan. */
  readonly plan: number;
  readonly place: string;
  readonly value: string;
  readonly reading: Reading;
  /** Words that other constants were read from. */
  readonly taken: readonly Range[];
}

/** Words that a nickname has at most, and the share of the tasks with these words whose plans must have the value. */
const nicknameWordsMax = 3;
const shareMin = 0.8;

/** The words of orphans that have any. */
export function findNicknames(orphans: readonly Orphan[], readings: readonly Reading[]): ReadonlyMap<Orphan, Range> {
  const all = new Map<string, number>();
  for (const reading of readings)
    for (const surface of new Set(runsOf(reading).map(({ from, to }) => surfaceOfWords(reading.words, from, to))))
      all.set(surface, (all.get(surface) ?? 0) + 1);
  const among = new Map<string, Set<number>>();
  for (const { plan, value, reading, taken } of orphans)
    for (const { from, to } of freeRuns(reading, taken)) {
      const key = `${value.toLowerCase()}\n${surfaceOfWords(reading.words, from, to)}`;
      among.set(key, (among.get(key) ?? new Set()).add(plan));
    }
  const found = new Map<Orphan, Range>();
  for (const orphan of orphans) {
    const { value, reading, taken } = orphan;
    let best: { readonly range: Range; readonly count: number } | undefined;
    for (const range of freeRuns(reading, taken)) {
      const surface = surfaceOfWords(reading.words, range.from, range.to);
      const count = among.get(`${value.toLowerCase()}\n${surface}`)?.size ?? 0;
      if (count / (all.get(surface) ?? 1) < shareMin) continue;
      // One plan alone says it only of a name.
      if (count < 2 && !isName(reading, range)) continue;
      if (
        best === undefined ||
        count > best.count ||
        (count === best.count && range.to - range.from > best.range.to - best.range.from)
      )
        best = { range, count };
    }
    if (best !== undefined) found.set(orphan, best.range);
  }
  return found;
}

function isName(reading: Reading, { from, to }: Range): boolean {
  for (let at = from; at < to; at++) if (reading.words[at]?.isCapital !== true) return false;
  const isWhole = reading.words[from - 1]?.isCapital !== true && reading.words[to]?.isCapital !== true;
  return isWhole && (reading.words[from]?.isFirst !== true || /^\p{Lu}{2,}$/u.test(textOf(reading, { from, to })));
}

function freeRuns(reading: Reading, taken: readonly Range[]): readonly Range[] {
  return runsOf(reading).filter(({ from, to }) => !taken.some((range) => from < range.to && range.from < to));
}

/** Runs of plain words. */
function runsOf({ words, masked }: Reading): readonly Range[] {
  const runs: Range[] = [];
  for (let from = 0; from < words.length; from++)
    for (let to = from + 1; to <= Math.min(words.length, from + nicknameWordsMax); to++) {
      const word = words[to - 1];
      if (word === undefined || word.isMark || masked[to - 1] !== word.key || word.line !== words[from]?.line) break;
      runs.push({ from, to });
    }
  return runs;
}
