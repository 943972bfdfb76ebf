/**
 * Names that approved plans gave to things: which words of a task became which value of an argument.
 * Arguments that take the same things (the city of one tool, the destination of another) share what they know.
 * Pure. Never says that two names mean one thing unless an approved plan did.
 */
import type { Json } from "../../json/value.ts";
import { sameValue } from "../values/same-value.ts";
import { surfaceOf } from "./words.ts";

/** What some words meant in approved plans. */
export interface KnownSurface {
  readonly value: Json;
  /** Whether other plans gave the same words another value. */
  readonly isDisputed: boolean;
  /** Whether this very argument had it, or only one of its family. */
  readonly isOwn: boolean;
}

/** What is known of surfaces, by argument. */
export interface Surfaces {
  /** What the words meant for an argument, leaving out what one plan (`self`, its number) alone says. */
  find(param: string, surface: string, self: number): KnownSurface | undefined;
  /** Words that the longest known surface has. */
  readonly wordsMax: number;
}

/** One thing that an approved plan named. */
export interface SurfaceUse {
  /** Tool and path of the argument. */
  readonly param: string;
  /** The argument's name in words. */
  readonly words: string;
  readonly surface: string;
  readonly value: Json;
  /** Number of the plan. */
  readonly plan: number;
}

/** Things that two arguments must have had in common to be of one family. */
const sharedMin = 2;

interface Meaning {
  readonly value: Json;
  /** Numbers of the plans that say so, by argument. */
  readonly uses: Map<string, Set<number>>;
}

/** Collects what approved plans say about surfaces. */
export function collectSurfaces(uses: readonly SurfaceUse[]): Surfaces {
  const families = familiesOf(uses);
  const known = new Map<string, Meaning[]>();
  let wordsMax = 1;
  for (const use of uses) {
    const own = typeof use.value === "string" ? surfaceOf(use.value) : "";
    for (const surface of new Set([use.surface, own])) {
      if (surface === "") continue;
      wordsMax = Math.max(wordsMax, surface.split(" ").length);
      const key = `${families.get(use.param) ?? use.param}\n${surface}`;
      const meanings = known.get(key) ?? [];
      known.set(key, meanings);
      let meaning = meanings.find(({ value }) => sameValue(value, use.value));
      if (meaning === undefined) {
        meaning = { value: use.value, uses: new Map() };
        meanings.push(meaning);
      }
      const plans = meaning.uses.get(use.param) ?? new Set();
      meaning.uses.set(use.param, plans.add(use.plan));
    }
  }
  return {
    wordsMax,
    find(param, surface, self) {
      const meanings = known.get(`${families.get(param) ?? param}\n${surface}`);
      if (meanings === undefined) return undefined;
      const counted = meanings
        .map(({ value, uses: by }) => ({
          value,
          all: countOthers([...by.values()], self),
          own: countOthers([by.get(param)], self),
        }))
        .filter(({ all }) => all > 0)
        .toSorted((one, other) => other.own - one.own || other.all - one.all);
      const [best, next] = counted;
      return best && { value: best.value, isDisputed: next !== undefined, isOwn: best.own > 0 };
    },
  };
}

function countOthers(sets: readonly (Set<number> | undefined)[], self: number): number {
  let count = 0;
  for (const set of sets) if (set !== undefined) count += set.size - Number(set.has(self));
  return count;
}

/** Family of each argument: those with the same name, or with {@link sharedMin} things in common, are of one. */
function familiesOf(uses: readonly SurfaceUse[]): ReadonlyMap<string, string> {
  const parent = new Map<string, string>();
  const rootOf = (name: string): string => {
    let at = name;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  const things = new Map<string, Set<string>>();
  const named = new Map<string, string>();
  for (const { param, words, surface, value } of uses) {
    if (!parent.has(param)) parent.set(param, param);
    // Digits are shared by everything that is counted.
    if (typeof value !== "string" || !/\p{L}{2}/u.test(value)) continue;
    things.set(param, (things.get(param) ?? new Set<string>()).add(surface).add(surfaceOf(value)));
    const namesake = named.get(words);
    if (namesake === undefined) named.set(words, param);
    else parent.set(rootOf(param), rootOf(namesake));
  }
  const params = [...things];
  for (const [at, [param, own]] of params.entries())
    for (const [other, others] of params.slice(at + 1)) {
      if (rootOf(param) === rootOf(other)) continue;
      let shared = 0;
      for (const thing of own) if (others.has(thing) && ++shared >= sharedMin * 2) break;
      if (shared >= sharedMin * 2) parent.set(rootOf(param), rootOf(other));
    }
  return new Map([...parent.keys()].map((param) => [param, rootOf(param)]));
}
