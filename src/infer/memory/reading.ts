/**
 * A task as the memory reads it: its words, the typed things that they name, and what stands around any run of them.
 * Pure. Never decides what a word is for.
 */
import { mentionsOf } from "../values/mentions.ts";
import type { Mention, MentionKind } from "../values/mention.ts";
import { type MemoryWord, memoryWords } from "./words.ts";

/** Words `from` to before `to` of a task. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A typed mention by the words that it covers. */
export interface WordMention extends Range {
  readonly kind: MentionKind;
  readonly text: string;
}

/** A task, read. */
export interface Reading {
  readonly task: string;
  readonly words: readonly MemoryWord[];
  readonly mentions: readonly WordMention[];
  /** Of each word what contexts are compared by: the kind of the mention that it is part of, else itself. */
  readonly masked: readonly string[];
}

/** Reads a task. */
export function readingOf(task: string): Reading {
  const words = memoryWords(task);
  const mentions: WordMention[] = [];
  for (const mention of mentionsOf(task)) {
    const range = rangeOf(words, mention);
    if (range !== undefined) mentions.push({ ...range, kind: mention.kind, text: task.slice(mention.start, mention.end) });
  }
  const masked = words.map(({ key }) => key);
  // Shorter mentions last, so that the most exact kind names a word; quoted words stay words.
  for (const { kind, from, to } of mentions.toSorted((one, other) => other.to - other.from - (one.to - one.from))) {
    if (kind !== "quoted") for (let at = from; at < to; at++) masked[at] = `<${kind}>`;
  }
  return { task, words, mentions, masked };
}

/** The words that a mention covers, if it covers any. */
function rangeOf(words: readonly MemoryWord[], { start, end }: Mention): Range | undefined {
  const from = words.findIndex((word) => word.end > start);
  if (from === -1) return undefined;
  let to = from;
  while (to < words.length && (words[to]?.start ?? end) < end) to++;
  return to > from ? { from, to } : undefined;
}

/** The text of a run of words, as it stands in the task. */
export function textOf({ task, words }: Reading, { from, to }: Range): string {
  return task.slice(words[from]?.start ?? 0, words[to - 1]?.end ?? 0);
}

/** Whether two runs share a word. */
export function isOverlapping(one: Range, other: Range): boolean {
  return one.from < other.to && other.from < one.to;
}

/** Whether two runs are the same words. */
export function isSameRange(one: Range, other: Range): boolean {
  return one.from === other.from && one.to === other.to;
}

/** What stands at a place of a task, with a mark of its own for the start and the end of a line. */
export function contextAt({ words, masked }: Reading, at: number, line: number | undefined): string {
  const word = words[at];
  if (word === undefined || (line !== undefined && word.line !== line)) return "¶";
  return masked[at] ?? "¶";
}
