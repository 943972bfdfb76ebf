/**
 * How sure a filled kind of plan is: how much of the task it explains, how many approved plans look like it, how far the next one is.
 * Pure. A table of few numbers, the same for every catalogue; each only lowers what it doubts.
 */
import type { Fill } from "./fill.ts";
import type { Library } from "./library.ts";
import type { Ranked } from "./rank.ts";
import { isOverlapping, type Reading } from "./reading.ts";

/** What speaks against a filled kind of plan; every entry is 0 where nothing does. */
export interface Doubts {
  /** The next kind of plan fits as well: 1; it is far away: 0. */
  readonly rival: number;
  /** 0: an approved task has the same words. */
  readonly strangeness: number;
  /** The least sure argument: 1, no surer than not; 0, sure. */
  readonly weakest: number;
  /** Two arguments could as well have each other's words: 1; not at all: 0. */
  readonly exchange: number;
  /** Arguments read from words that approved plans gave several values. */
  readonly disputed: number;
  /** Arguments read from words that no approved plan had, each by itself. */
  readonly unseen: number;
  /** Words of the task that no approved task of the kind has, weighted by how rare they are. */
  readonly unexplained: number;
  /** Capitalised words among them. */
  readonly names: number;
  /** Dates, numbers and names of the task that went into no argument. */
  readonly leftOver: number;
  /** No approved plan of the kind has just these arguments. */
  readonly unsupported: number;
}

/** Order of the entries of {@link Doubts} in the table. */
export const doubtNames = [
  "rival",
  "strangeness",
  "weakest",
  "exchange",
  "disputed",
  "unseen",
  "unexplained",
  "names",
  "leftOver",
  "unsupported",
] as const;

/**
 * Fitted by `bench/infer/memory-fit.ts` on training catalogues; all weights are at least 0. That of `unexplained` came out as 0 there and is
 * set: a task with words that no approved task has is another task, on any catalogue.
 */
export const doubtTable: { readonly sure: number; readonly weights: readonly number[] } = {
  sure: 3.1,
  weights: [1.58, 0.39, 1.9, 1.31, 0.86, 1.52, 0.1, 0.89, 0.5, 2.37],
};

/** 0 to 1: that the filled kind of plan is right. */
export function confidenceOf(doubts: Doubts): number {
  let sum = doubtTable.sure;
  for (const [at, name] of doubtNames.entries()) sum -= (doubtTable.weights[at] ?? 0) * doubts[name];
  return 1 / (1 + Math.exp(-sum));
}

/** Kinds of readings that only their surroundings speak for. */
const untyped: ReadonlySet<string> = new Set(["name", "words", "quoted"]);

/** Weighs a filled kind of plan against the words of the task and the other kinds. */
export function doubtsOf(
  fill: Fill,
  {
    reading,
    library,
    ranked,
    rival,
  }: { readonly reading: Reading; readonly library: Library; readonly ranked: Ranked; readonly rival: Ranked | undefined },
): Doubts {
  const margin = rival === undefined ? 99 : ranked.score - rival.score;
  const filled = fill.filled.flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate]));
  const isFilled = (at: number) => filled.some((candidate) => isOverlapping(candidate, { from: at, to: at + 1 }));
  let unexplained = 0;
  let names = 0;
  const strange = new Set<string>();
  for (const [at, word] of reading.masked.entries()) {
    if (isFilled(at) || strange.has(word) || fill.frame.words.has(word) || !/[\p{L}\p{N}<]/u.test(word)) continue;
    strange.add(word);
    const { isCapital, isFirst } = reading.words[at] ?? { isCapital: false, isFirst: true };
    if (isCapital && !isFirst) names++;
    unexplained += Math.log((library.size + 1) / ((library.terms.get(word) ?? 0) + 0.5)) / Math.log(library.size + 2);
  }
  const kinds = new Set(fill.frame.members.flatMap(({ mentions }) => [...mentions]));
  const leftOver = reading.mentions.filter(
    (mention) =>
      mention.kind !== "quoted" &&
      (mention.kind !== "number" || /\p{N}/u.test(mention.text)) &&
      !filled.some((candidate) => isOverlapping(candidate, mention)) &&
      (kinds.has(mention.kind) || mention.kind !== "number"),
  ).length;
  const shape = fill.filled.filter(({ candidate }) => candidate !== undefined).map(({ place }) => place.place);
  const support = fill.frame.members.filter(
    ({ slots }) =>
      [...slots.values()].filter(({ range }) => range !== undefined).length === shape.length &&
      shape.every((place) => slots.has(place)),
  ).length;
  return {
    rival: Math.exp(-Math.max(0, margin) / 5),
    strangeness: 1 - Math.max(0, ranked.similarity),
    weakest: Math.max(0, ...fill.filled.map(({ margin: own }) => Math.exp(-Math.max(0, own)))),
    exchange: Math.exp(-fill.exchange / 2),
    disputed: filled.filter(({ known }) => known === "disputed").length,
    unseen: filled.filter(({ known, kind }) => kind === "known part" || (known === "no" && untyped.has(kind))).length,
    unexplained,
    names,
    leftOver,
    unsupported: 1 / (1 + support),
  };
}
