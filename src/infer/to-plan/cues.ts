/**
 * What the words of a task say about its calls beside their arguments: one after the other, for each of a list, only on a condition.
 * Pure. English only. Never looks into quoted text: that is somebody's words, not the user's wish.
 */
import type { Evidence } from "../proposal.ts";

/**
 * What is said of two things: the later one waits for the first (`waits`), or the first for the later (`reversed`); it is only said after it
 * (`then`), or last (`finally`).
 */
export type Order = "waits" | "reversed" | "then" | "finally";

/** A task with the cues that are looked for in it. */
export interface Cues {
  /** Whether the sentences of these words speak of each element of a list; without words, whether the task does. */
  saysEach(words: readonly Evidence[]): boolean;
  /** Whether they say which one is meant: the last of a list. */
  saysLast(words: readonly Evidence[]): boolean;
  /** What is said of the order between words that begin at one place and words that begin later. */
  order(first: number, later: number): Order | undefined;
  /** The sentences that make something depend on a condition. */
  readonly conditions: readonly Evidence[];
}

const each = /\b(?:each|every|everyone|everybody|all|both|them|those|respective(?:ly)?|one by one)\b/i;
/** Where these words speak of no list. */
const notEach =
  /\b(?:at all|after all|all (?:day|night|right|year|week|in all)|above all|once and for all|every (?:day|week|month|year|hour|morning|evening|night)|both (?:ways|sides))\b/gi;
const last = /\b(?:the|its|their) (?:last|final|oldest) (?:one|row|entry|item|element|result|of (?:them|these|those))\b/i;
/** One thing waits for the other. */
const waiting =
  /\b(?:once (?:that|this|it|done|you|they|we)|when (?:that|this|it) is (?:done|finished)|before (?:you|we|i|it|they|\p{L}+ing))\b/iu;
/** One thing is said after the other. */
const then =
  /\b(?:then|after(?:wards?| that| this| which| doing so)|subsequently|followed by)\b|(?:^|[.;\n][ \t]*|,[ \t]*(?:and[ \t]+)?)next[ \t]*,/iu;
const finally_ =
  /\b(?:finally|lastly|at the (?:very )?end|in the end|last of all|as (?:a|the) (?:last|final) step|when (?:everything|all (?:of (?:that|this|it) )?(?:is|are)) (?:is )?done)\b/i;
const reversed = /\b(?:after (?:you|we|i|it|they|\p{L}+ing)|once (?:you have|you've)|but (?:first|before that)|first)\b/iu;
const condition = /\b(?:if|unless|only when|in case|otherwise|as long as|provided (?:that )?|depending on)\b/i;
/** Politeness, and questions that a reader answers: nothing depends on them. */
const noCondition =
  /\bif (?:possible|you (?:can|could|please|would|don'?t mind|like|want)|not too|that'?s (?:ok|okay|possible|fine))\b|\b(?:check|see|know|tell me|find out|verify|ask|wonder(?:ing)?|determine|confirm|look up|sure|test) (?:\p{L}+ )?if\b/giu;

/** Reads the cues of a task. Linear in its length for each question. */
export function cuesOf(task: string): Cues {
  const text = withoutQuotes(task);
  const sentences = sentencesOf(text);
  const saidBy = (words: readonly Evidence[]): string =>
    words.length === 0
      ? text
      : sentences
          .filter((sentence) => words.some((word) => overlaps(sentence, word)))
          .map(textOf)
          .join("\n");
  const textOf = ({ start, end }: Evidence): string => text.slice(start, end);
  return {
    saysEach: (words) => each.test(saidBy(words).replace(notEach, "")),
    saysLast: (words) => last.test(saidBy(words)),
    order: (first, later) => (first < later ? orderIn(text, { first, later }) : undefined),
    conditions: sentences.filter((sentence) => condition.test(textOf(sentence).replace(noCondition, ""))),
  };
}

function orderIn(text: string, { first, later }: { readonly first: number; readonly later: number }): Order | undefined {
  // The later words may begin with the cue itself ("Then send it").
  const between = text.slice(first, later + lead(text.slice(later)));
  if (waiting.test(between)) return "waits";
  if (finally_.test(between)) return "finally";
  if (then.test(between)) return "then";
  return reversed.test(between) ? "reversed" : undefined;
}

/** Length of a word of order at the beginning of a text. */
function lead(text: string): number {
  return /^\s*(?:and\s+|,\s*)?(?:then|finally|lastly|afterwards?|after that|once done|next,)/i.exec(text)?.[0].length ?? 0;
}

/** The task with blanks in place of what stands in quotes, so that places stay the same. */
function withoutQuotes(task: string): string {
  return task.replace(/"[^"\n]*"|“[^“”\n]*”|`[^`\n]*`|(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])/gu, (quoted) =>
    " ".repeat(quoted.length),
  );
}

/** Sentences as parts of a text; a full stop within a number or an address ends none. */
function sentencesOf(text: string): readonly Evidence[] {
  const found: Evidence[] = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/(?<![.!?;])[.!?;]+(?![.!?;])(?=\s|$)|(?<!\n)\n+/g)) {
    if (index > start) found.push({ start, end: index + end.length });
    start = index + end.length;
  }
  return start < text.length ? [...found, { start, end: text.length }] : found;
}

/** Whether two parts of a text have a place in common. */
export function overlaps(one: Evidence, other: Evidence): boolean {
  return one.start < other.end && other.start < one.end;
}
