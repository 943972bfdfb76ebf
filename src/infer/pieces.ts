/**
 * How texts become the numbers that the planner's encoder reads: words with their places, and the sub-words of each.
 * Pure. Never loads a vocabulary: the function that splits words is given.
 */

/** Sub-word ids of a text, without special tokens. The same text always gives the same ids (implementations keep what they have split). */
export type Pieces = (text: string) => readonly number[];

/** Ids of the vocabulary of `bert-base-uncased` that packs are built with; `loadPlanner` refuses a vocabulary that differs. */
export const piece = {
  start: 101,
  end: 102,
  open: 1006,
  close: 1007,
  comma: 1010,
  colon: 1024,
  equals: 1027,
  bar: 1064,
} as const;

/** One word of a task: a run of letters and digits, or one mark of punctuation. */
export interface TaskWord {
  readonly text: string;
  /** UTF-16 offsets in the task; `end` is behind the word. */
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly number[];
}

// As BertPreTokenizer splits: blanks separate, every mark of punctuation or symbol of ASCII and every CJK character stands alone.
const wordPattern = /[\p{Script=Han}]|[!-/:-@[-`{-~]|\p{P}|(?:(?![!-/:-@[-`{-~]|\p{P}|\p{Script=Han})[^\s\p{C}])+/gu;

/** The words of a task, in order, until their sub-words are `piecesMax`. */
export function taskWords(
  task: string,
  { pieces, piecesMax }: { readonly pieces: Pieces; readonly piecesMax: number },
): readonly TaskWord[] {
  const words: TaskWord[] = [];
  let total = 0;
  for (const match of task.matchAll(wordPattern)) {
    const [text] = match;
    const ids = pieces(text);
    if (ids.length === 0) continue;
    total += ids.length;
    if (total > piecesMax) break;
    words.push({ text, start: match.index, end: match.index + text.length, pieces: ids });
  }
  return words;
}

/** An identifier as words in lower case: `Banks_1.CheckBalance` → `banks check balance` (a number of a service says nothing). */
export function identifierWords(name: string): string {
  return name
    .replace(/_\d+(?=\.)/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .replace(/[_\-.:/{}[\]]+/g, " ")
    .toLowerCase()
    .trim();
}
