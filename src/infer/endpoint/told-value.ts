/**
 * The value of an argument that a model says is in the task: read anew from the words that it rests on.
 * Pure. Never takes a value that the task does not contain: of the model's own value only what the task or a closed list has is used.
 */
import { isArray, type Json } from "../../json/value.ts";
import type { Evidence } from "../proposal.ts";
import type { DraftParam } from "../tools.ts";
import type { ValueContext } from "../values/mention.ts";
import { sameValue } from "../values/same-value.ts";
import { valueOf as readValue } from "../values/value-of.ts";
import type { FindWords } from "./found-words.ts";

/** A value with its words. */
export interface ToldValue {
  readonly value: Json;
  readonly evidence: Evidence;
  /** Whether the model's value and the one that was read from its words are the same. */
  readonly isAgreed: boolean;
  /** What the model said instead, where that could be meant too. */
  readonly other?: Json;
}

/** What values are read from. */
export interface Told {
  readonly task: string;
  readonly find: FindWords;
  readonly context: ValueContext;
  readonly taken: (found: Evidence) => boolean;
}

/** The value of `param` by the model's `words` and `value`; `undefined` if the task does not say it. */
export function toldValue(
  { words, value }: { readonly words: readonly string[]; readonly value: Json },
  param: DraftParam,
  told: Told,
): ToldValue | undefined {
  if (param.type === "object") return undefined;
  const places = words.map((piece) => told.find(piece, told.taken)).filter((place) => place !== undefined);
  const own = ownWords(value, told);
  if (places.length === 0 && own === undefined) return undefined;
  const evidence = cover(places.length > 0 ? places : (own ?? []));
  const isWhole = places.length === words.length && places.length > 0;
  const read = readPlaces(places, param, told);
  const listed = listedValue(value, param);
  if (read !== undefined && sameValue(read, value)) return { value: read, evidence, isAgreed: isWhole };
  // The words are longer than what they mean ("the restaurant called Nopa"): the task has the model's value itself, too.
  const exact = own === undefined ? undefined : readPlaces(own, param, told);
  if (exact !== undefined && own !== undefined && sameValue(exact, value))
    return { value: exact, evidence: cover(own), isAgreed: isWhole };
  if (read !== undefined) return { value: read, evidence, isAgreed: false, ...(listed === undefined ? {} : { other: listed }) };
  // A closed list is the tool's, not the model's: choosing from it invents nothing, but only words of the task can be a reason.
  if (listed !== undefined && places.length > 0) return { value: listed, evidence, isAgreed: false };
  return undefined;
}

/** Where the task has the model's value, or each element of it. */
function ownWords(value: Json, { find, taken }: Told): readonly Evidence[] | undefined {
  const texts = (isArray(value) ? value : [value]).map((part) =>
    typeof part === "string" || typeof part === "number" || typeof part === "bigint" ? String(part) : "",
  );
  const places = texts.map((text) => find(text, taken)).filter((place) => place !== undefined);
  return places.length > 0 && places.length === texts.length ? places : undefined;
}

function readPlaces(places: readonly Evidence[], param: DraftParam, { task, context }: Told): Json | undefined {
  const [first] = places;
  if (first === undefined) return undefined;
  const read = ({ start, end }: Evidence): Json | undefined => readValue(task.slice(start, end), param, context);
  if (param.type !== "array") return read(first) ?? (places.length > 1 ? read(cover(places)) : undefined);
  const parts = places.map(read);
  if (parts.some((part) => part === undefined)) return read(cover(places));
  return parts.flatMap((part) => (isArray(part) ? part : [part as Json]));
}

function cover(places: readonly Evidence[]): Evidence {
  return {
    start: Math.min(...places.map(({ start }) => start)),
    end: Math.max(...places.map(({ end }) => end)),
  };
}

/** The member of a closed list that the model means; of a list argument, a list of members. */
function listedValue(value: Json, { isClosed, listed, type }: DraftParam): Json | undefined {
  if (!isClosed) return undefined;
  const one = (wanted: Json): Json | undefined => listed.find((known) => sameValue(known, wanted));
  if (type !== "array") return one(value);
  const parts = (isArray(value) ? value : [value]).map(one);
  return parts.length === 0 || parts.some((part) => part === undefined) ? undefined : (parts as readonly Json[]);
}
