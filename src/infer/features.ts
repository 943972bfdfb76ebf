/**
 * What deterministic code knows of a pack, as numbers beside it: which words begin something of the type that an argument asks for,
 * which results fit which arguments, which listed values stand in the task.
 * Pure. The same at training and at run time; never decides anything.
 */
import { type FillPack, nameMatch, typeMatch, valueWords } from "./pack.ts";
import type { TaskWord } from "./pieces.ts";
import type { Mention } from "./values/mention.ts";

/** Sparse numbers: row, column, value(s). What is not listed is 0. */
export interface FillFeatures {
  /** Argument, word: 1 if a typed thing that fits begins at the word, -1 if the argument asks for one and none does. */
  readonly startHints: readonly (readonly [param: number, word: number, hint: number])[];
  /** The same for the word at which it ends. */
  readonly endHints: readonly (readonly [param: number, word: number, hint: number])[];
  /** Argument, output: likeness of the names (0 to 1), fit of the types (-1, 0, 1). Only for outputs of other calls. */
  readonly matches: readonly (readonly [param: number, output: number, name: number, type: number])[];
  /** Of each listed value: 1 if its words stand in the task one after another, else the share of them that stand in it, halved. */
  readonly valueHits: readonly number[];
  /** Of each argument: 1 if it is required, 1 if it has a default. */
  readonly params: readonly (readonly [required: number, hasDefault: number])[];
}

/** What hints are made of: the things that the task names, and which of them an argument takes. */
export interface HintRules {
  readonly mentions: readonly Mention[];
  /** Kinds of mentions that an argument asks for; empty: any text. */
  readonly wants: (param: FillPack["params"][number]["param"]) => readonly Mention["kind"][];
}

/** The features of a pack. */
export function fillFeatures(pack: FillPack, { mentions, wants }: HintRules): FillFeatures {
  const startHints: [number, number, number][] = [];
  const endHints: [number, number, number][] = [];
  for (const [row, { param }] of pack.params.entries()) {
    const kinds = new Set(wants(param));
    if (kinds.size === 0) continue;
    const fitting = mentions.filter(({ kind }) => kinds.has(kind));
    const starts = new Set(fitting.map(({ start }) => start));
    const ends = new Set(fitting.map(({ end }) => end));
    for (const [at, word] of pack.words.entries()) {
      startHints.push([row, at, starts.has(word.start) ? 1 : -1]);
      endHints.push([row, at, ends.has(word.end) ? 1 : -1]);
    }
  }
  return { startHints, endHints, matches: matchesOf(pack), valueHits: valueHitsOf(pack), params: paramFeatures(pack) };
}

function matchesOf(pack: FillPack): FillFeatures["matches"] {
  const found: [number, number, number, number][] = [];
  for (const [row, { call, param }] of pack.params.entries()) {
    for (const [column, { call: producer, output }] of pack.outputs.entries()) {
      if (producer === call || output === undefined) continue;
      found.push([row, column, nameMatch(param, output), typeMatch(param, output)]);
    }
  }
  return found;
}

function valueHitsOf(pack: FillPack): readonly number[] {
  const said = pack.words.map(({ text }: TaskWord) => text.toLowerCase());
  const joined = ` ${said.join(" ")} `;
  const known = new Set(said);
  return pack.values.map(({ value }) => {
    const words =
      valueWords(value)
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [];
    if (words.length === 0) return 0;
    if (joined.includes(` ${words.join(" ")} `)) return 1;
    return words.filter((word) => known.has(word)).length / words.length / 2;
  });
}

function paramFeatures(pack: FillPack): FillFeatures["params"] {
  return pack.params.map(({ param }) => [Number(param.isRequired), Number(param.hasDefault)] as const);
}
