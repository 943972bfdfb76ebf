/**
 * How the words for one argument of a kind of plan were told from all other words: counts over approved plans of what stood around them.
 * Pure. Counts only; nothing is fitted, so one more plan is one more count.
 */
import type { Candidate } from "./candidates.ts";
import { contextAt, type Reading } from "./reading.ts";
import type { MemoryWord } from "./words.ts";

/** How many of the words seen in a place of words were the argument. */
interface Count {
  yes: number;
  all: number;
}

/** What was counted for one argument. */
export interface PlaceCounts {
  readonly total: Count;
  readonly features: Map<string, Count>;
}

/** Opens an empty count. */
export function openCounts(): PlaceCounts {
  return { total: { yes: 0, all: 0 }, features: new Map() };
}

/** Ways to look at words: what stands before, after, on both sides, what they are, in which order, near them. */
export const chainNames = ["before", "after", "between", "kind", "order", "near"] as const;

/** Chains of ever closer descriptions, in the order of {@link chainNames}; within a chain each is estimated from the one before it. */
export type Chains = readonly (readonly string[])[];

const nearBefore = 5;
const nearAfter = 4;

/** What a candidate looks like. */
export function chainsOf(reading: Reading, candidate: Candidate, others: readonly Candidate[]): Chains {
  const { words } = reading;
  const { from, to, kind, known } = candidate;
  const line = words[from]?.line;
  const [l1 = "", l2 = "", l3 = ""] = [1, 2, 3].map((back) => contextAt(reading, from - back, line));
  const [r1 = "", r2 = ""] = [0, 1].map((on) => contextAt(reading, to + on, line));
  const isLater = others.some((other) => other.from >= to && isAlike(other, candidate));
  const isEarlier = others.some((other) => other.to <= from && isAlike(other, candidate));
  const near = new Set<string>();
  for (let at = from - nearBefore; at < to + nearAfter; at++) {
    if (at >= from && at < to) continue;
    const word = contextAt(reading, at, line);
    if (word !== "¶") near.add(`${at < from ? "<" : ">"} ${word}`);
  }
  const spelling = spellingOf(words.slice(from, to));
  return [
    [`l ${l1}`, `l ${l1} ${l2}`, `l ${l1} ${l2} ${l3}`],
    [`r ${r1}`, `r ${r1} ${r2}`],
    [`b ${l1} ${r1}`],
    [`k ${kind}`, `k ${kind} ${spelling}`, `k ${kind} ${spelling} ${known} ${to - from > 2 ? "long" : to - from}`],
    [`o ${isEarlier ? "earlier" : ""} ${isLater ? "later" : ""}`],
    [...near],
  ];
}

/** How words are written: people approve what their tools took, and that may be digits only. */
function spellingOf(words: readonly MemoryWord[]): string {
  const [first] = words;
  if (words.every(({ text, isMark }) => isMark || /^\p{N}+$/u.test(text))) return "digits";
  if (words.some(({ text }) => /\p{N}/u.test(text))) return "mixed";
  return first?.isCapital === true ? "capital" : "letters";
}

/** Whether two candidates could be one correcting the other. */
function isAlike(one: Candidate, other: Candidate): boolean {
  return one.kind === other.kind || (one.known !== "no" && other.known !== "no");
}

/** Adds one candidate of an approved plan. */
export function countCandidate(counts: PlaceCounts, chains: Chains, isYes: boolean): void {
  bump(counts.total, isYes);
  for (const chain of chains)
    for (const feature of chain) {
      let count = counts.features.get(feature);
      if (count === undefined) {
        count = { yes: 0, all: 0 };
        counts.features.set(feature, count);
      }
      bump(count, isYes);
    }
}

function bump(count: Count, isYes: boolean): void {
  count.all++;
  if (isYes) count.yes++;
}

/** Weight of what a wider description says, in approved plans. */
const widerWeight = 1;
/** Of each near word no more is taken than this. */
const nearMax = 1;

/** How much each way to look at the words raises the logarithm of the odds that they are the argument's. */
export function liftsOf({ total, features }: PlaceCounts, chains: Chains): readonly number[] {
  const base = (total.yes + 0.5) / (total.all + 1);
  return chains.map((chain, at) => {
    if (chainNames[at] === "near") return nearLift(features, { chain, base });
    let share = base;
    for (const feature of chain) share = closer(features, { feature, share });
    return logit(share) - logit(base);
  });
}

function nearLift(
  features: ReadonlyMap<string, Count>,
  { chain, base }: { readonly chain: readonly string[]; readonly base: number },
): number {
  let lift = 0;
  for (const feature of chain)
    lift += Math.max(-nearMax, Math.min(nearMax, logit(closer(features, { feature, share: base })) - logit(base)));
  return lift;
}

function closer(
  features: ReadonlyMap<string, Count>,
  { feature, share }: { readonly feature: string; readonly share: number },
): number {
  const count = features.get(feature);
  return count === undefined ? share : (count.yes + widerWeight * share) / (count.all + widerWeight);
}

function logit(share: number): number {
  return Math.log(share / (1 - share));
}
