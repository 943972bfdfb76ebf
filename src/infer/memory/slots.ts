/**
 * Finds the words of a task that became the constants of its approved plan: those are the slots that a new task fills anew.
 * Pure. A constant of which no words are found stays a constant; nothing is taken for a slot by its place alone.
 */
import { isArray, type Json } from "../../json/value.ts";
import type { DraftParam } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { sameValue } from "../values/same-value.ts";
import { valueOf as readValue } from "../values/value-of.ts";
import { wantedKinds } from "../values/wants.ts";
import { type Range, type Reading, textOf } from "./reading.ts";
import { isInsideName, surfaceOf, surfaceOfWords } from "./words.ts";

/** Words that one value of an argument with listed values, and one name, have at most. */
const listedWordsMax = 4;
const nameWordsMax = 12;
/** Letters from which on a part of a name stands for it. */
const partCharsMin = 4;

/** The words that a constant was read from; the last such words, since people correct themselves. */
export function slotRange(
  reading: Reading,
  { param, value, context }: { readonly param: DraftParam; readonly value: Json; readonly context: ValueContext },
): Range | undefined {
  const kinds = wantedKinds(param);
  const typed = reading.mentions.filter(({ kind, text }) => {
    if (!kinds.includes(kind)) return false;
    const read = readValue(text, param, context);
    return read !== undefined && sameValue(read, value);
  });
  const last = typed.at(-1);
  if (last !== undefined) return { from: last.from, to: last.to };
  if (isArray(value)) return listRange(reading, value);
  if (typeof value === "boolean" || value === null || typeof value === "object") return undefined;
  const surface = surfaceOf(`${value}`);
  if (surface === "") return undefined;
  return (
    rangeWhere(reading, { wordsMax: nameWordsMax, test: (words) => words === surface }) ??
    listedRange(reading, { param, value, context }) ??
    rangeWhere(reading, {
      wordsMax: nameWordsMax,
      test: (words, text, range) => /^\p{Lu}/u.test(text) && !isInsideName(reading.words, range) && isPartOf(words, surface),
    })
  );
}

/** A value that the schema lists may be said in other words. */
function listedRange(
  reading: Reading,
  { param, value, context }: { readonly param: DraftParam; readonly value: Json; readonly context: ValueContext },
): Range | undefined {
  if (param.listed.length === 0 || param.type === "boolean") return undefined;
  return rangeWhere(reading, {
    wordsMax: listedWordsMax,
    test: (_, text) => {
      const read = readValue(text, param, context);
      return read !== undefined && sameValue(read, value);
    },
  });
}

/** From the first to the last element of a list, if all of them are there in between. */
function listRange(reading: Reading, list: readonly Json[]): Range | undefined {
  const ranges: Range[] = [];
  for (const element of list) {
    if (typeof element !== "string" && typeof element !== "number") return undefined;
    const surface = surfaceOf(`${element}`);
    const range = rangeWhere(reading, { wordsMax: nameWordsMax, test: (words) => words === surface });
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  if (ranges.length === 0) return undefined;
  return { from: Math.min(...ranges.map(({ from }) => from)), to: Math.max(...ranges.map(({ to }) => to)) };
}

/** The last, then longest run of words that passes. It begins and ends with a word, not a mark. */
function rangeWhere(
  reading: Reading,
  { wordsMax, test }: { readonly wordsMax: number; readonly test: (surface: string, text: string, range: Range) => boolean },
): Range | undefined {
  const { words } = reading;
  let found: Range | undefined;
  for (let from = words.length - 1; from >= 0; from--) {
    if (words[from]?.isMark !== false) continue;
    for (let to = from + 1; to <= Math.min(words.length, from + wordsMax); to++) {
      if (words[to - 1]?.isMark !== false) continue;
      const range = { from, to };
      if (!test(surfaceOfWords(words, from, to), textOf(reading, range), range)) continue;
      // Longer to the left is still the same mention.
      if (found === undefined || to >= found.to) found = range;
    }
    if (found !== undefined && from < found.from) break;
  }
  return found;
}

/** Whether words are a part of a longer name (`Vegas` of `Las Vegas`, `San Fran` of `San Francisco`) or its first letters (`LA`). */
export function isPartOf(part: string, name: string): boolean {
  if (part.length >= name.length) return false;
  if (part.length >= partCharsMin && (name.startsWith(part) || name.endsWith(` ${part}`) || name.includes(` ${part} `)))
    return true;
  const initials = name
    .split(" ")
    .map((word) => word[0] ?? "")
    .join("");
  return initials.length >= 2 && part === initials;
}
