/**
 * Fills a kind of plan from the words of a new task, and says what speaks for and against it.
 * Pure. Never fills an argument with a value that no words of the task stand for, unless every plan of the kind has it without words.
 */
import type { Json } from "../../json/value.ts";
import { sameValue } from "../values/same-value.ts";
import type { ValueContext } from "../values/mention.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import type { Frame, FramePlace, Library } from "./library.ts";
import { chainsOf, liftsOf } from "./places.ts";
import { isOverlapping, isSameRange, type Reading } from "./reading.ts";

/** What an argument of a kind of plan becomes for a task. */
export interface Filled {
  readonly place: FramePlace;
  /** Absent: the task does not give it. */
  readonly candidate?: Candidate;
  readonly fixed?: Json;
  /** How far the choice is from the next best one, in logarithms of odds. */
  readonly margin: number;
  readonly alternatives: readonly Candidate[];
}

/** A kind of plan, filled. */
export interface Fill {
  readonly frame: Frame;
  readonly filled: readonly Filled[];
  readonly scored: readonly Scored[];
  /** How far the next best exchange of words between two arguments of a call is, in logarithms of odds. */
  readonly exchange: number;
}

/** Words that a place could be read from, with their score. */
export interface Scored {
  readonly place: FramePlace;
  readonly candidate: Candidate;
  readonly score: number;
  readonly evidence: readonly number[];
}

/** What speaks for words as an argument's: lifts of its own counts, lifts of its kin's, what is known, what its name says. */
export function evidenceOf(
  place: FramePlace,
  {
    reading,
    candidate,
    candidates,
  }: { readonly reading: Reading; readonly candidate: Candidate; readonly candidates: readonly Candidate[] },
): readonly number[] {
  const chains = chainsOf(reading, candidate, candidates);
  return [
    ...liftsOf(place.counts, chains),
    ...liftsOf(place.kin, chains),
    Number(candidate.known === "own"),
    Number(candidate.known === "family"),
    Number(candidate.known === "disputed"),
  ];
}

/** Weights of {@link evidenceOf}, and what an absent argument has: a constant, and the odds against it. Fitted by `bench/infer/memory-fit.ts`. */
export const weights = {
  evidence: [0.11, 0.07, 0.09, 0.38, 0.2, 0.02, 0.23, 0.18, 0.25, 0.24, 0.2, 0.13, 0.52, 0, 0.11],
  absent: 1.28,
  odds: 1.85,
};

/** Score of no words at all, and other readings that are kept. */
const noScore = -9;
const alternativesMax = 3;

/** Fills the places of a kind of plan, the surest first; words that fill one place of a call fill no other of it. */
export function fillFrame(
  frame: Frame,
  { reading, library, context }: { readonly reading: Reading; readonly library: Library; readonly context: ValueContext },
): Fill {
  const scored: Scored[] = [];
  for (const place of frame.places) {
    if (place.read === 0) continue;
    const candidates = candidatesOf(reading, place.asked, { surfaces: library.surfaces, context, self: -1 });
    const absent = weights.absent + weights.odds * Math.log((frame.members.length - place.given + 0.5) / (place.given + 0.5));
    for (const candidate of candidates) {
      const evidence = evidenceOf(place, { reading, candidate, candidates });
      let score = -absent;
      for (const [at, value] of evidence.entries()) score += value * (weights.evidence[at] ?? 0);
      scored.push({ place, candidate, score, evidence });
    }
  }
  scored.sort((one, other) => other.score - one.score || one.candidate.from - other.candidate.from);
  const taken: Scored[] = [];
  const chosen = new Map<FramePlace, Scored>();
  for (const one of scored) {
    if (one.score <= 0 || chosen.has(one.place)) continue;
    const isTaken = taken.some(
      ({ place, candidate }) =>
        place.call === one.place.call &&
        isOverlapping(candidate, one.candidate) &&
        !frame.shared.has(`${place.place}	${one.place.place}`),
    );
    if (isTaken) continue;
    chosen.set(one.place, one);
    taken.push(one);
  }
  const exchange = settle(chosen, scored);
  return { frame, scored, exchange, filled: frame.places.map((place) => filledOf(place, { scored, chosen })) };
}

/** Exchanges the words of two arguments where that fits better; returns how much worse the next best exchange fits, 0 if two have the same words. */
function settle(chosen: Map<FramePlace, Scored>, scored: readonly Scored[]): number {
  let closest = -noScore;
  const places = [...chosen.keys()];
  for (const [at, one] of places.entries())
    for (const other of places.slice(at + 1)) {
      if (one.call !== other.call) continue;
      const mine = chosen.get(one);
      const theirs = chosen.get(other);
      if (mine !== undefined && theirs !== undefined && isOverlapping(mine.candidate, theirs.candidate)) closest = 0;
      if (mine === undefined || theirs === undefined || sameValue(mine.candidate.value, theirs.candidate.value)) continue;
      const forOne = scored.find(({ place, candidate }) => place === one && isSameRange(candidate, theirs.candidate));
      const forOther = scored.find(({ place, candidate }) => place === other && isSameRange(candidate, mine.candidate));
      if (forOne === undefined || forOther === undefined) continue;
      const loss = mine.score + theirs.score - forOne.score - forOther.score;
      if (loss < 0) {
        chosen.set(one, forOne);
        chosen.set(other, forOther);
      }
      closest = Math.min(closest, Math.abs(loss));
    }
  return closest;
}

function filledOf(
  place: FramePlace,
  { scored, chosen }: { readonly scored: readonly Scored[]; readonly chosen: ReadonlyMap<FramePlace, Scored> },
): Filled {
  const own = scored.filter((one) => one.place === place);
  const best = chosen.get(place);
  const taken = [...chosen.values()].filter((other) => other.place.call === place.call);
  // Words that other places took are no reason to doubt.
  const isFree = ({ candidate }: Scored) => !taken.some((other) => isOverlapping(other.candidate, candidate));
  if (best === undefined) {
    const alternatives = own.map(({ candidate }) => candidate).slice(0, alternativesMax);
    if (place.fixed !== undefined) return { place, fixed: place.fixed, margin: -noScore, alternatives };
    const rival = own.find(isFree)?.score ?? noScore;
    return { place, margin: Math.max(0, -rival), alternatives };
  }
  const rivals = own.filter(({ candidate }) => !sameValue(candidate.value, best.candidate.value));
  const rival = rivals.find(isFree)?.score ?? noScore;
  return {
    place,
    candidate: best.candidate,
    margin: Math.min(best.score, best.score - rival),
    alternatives: rivals.map(({ candidate }) => candidate).slice(0, alternativesMax),
  };
}
