/**
 * The words of a task as the memory compares them: in lower case, with the line that each stands in.
 * Pure. Never knows a vocabulary.
 */
import { taskWords } from "../pieces.ts";

/** One word or mark of a task. */
export interface MemoryWord {
  /** In lower case, in Unicode's composed form. */
  readonly key: string;
  readonly text: string;
  /** UTF-16 offsets in the task; `end` is behind the word. */
  readonly start: number;
  readonly end: number;
  readonly isMark: boolean;
  /** A capital letter first. */
  readonly isCapital: boolean;
  /** First of a line or sentence, where a capital says nothing. */
  readonly isFirst: boolean;
  /** Number of its line, from 0. */
  readonly line: number;
}

/** Words of a task that are looked at; a longer task is none that the memory answers. */
export const memoryWordsMax = 512;

const one = [0];

/** The words of a task, in order; of one that is too long the first {@link memoryWordsMax}. */
export function memoryWords(task: string): readonly MemoryWord[] {
  const words: MemoryWord[] = [];
  let line = 0;
  let before = 0;
  for (const { text, start, end } of taskWords(task, { pieces: () => one, piecesMax: memoryWordsMax })) {
    for (let at = before; at < start; at++) if (task.charCodeAt(at) === 10) line++;
    before = end;
    const last = words.at(-1);
    words.push({
      key: text.normalize("NFC").toLowerCase(),
      text,
      start,
      end,
      isMark: !/[\p{L}\p{N}]/u.test(text),
      isCapital: /^\p{Lu}/u.test(text),
      isFirst: last === undefined || last.line !== line || /^[.?!]$/.test(last.text),
      line,
    });
  }
  return words;
}

/** The words of a text in lower case without marks, one blank between them: how values and the words of tasks are compared. */
export function surfaceOf(text: string): string {
  return (
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(" ");
}

/** {@link surfaceOf} the words from `from` to before `to`. */
export function surfaceOfWords(words: readonly MemoryWord[], from: number, to: number): string {
  let surface = "";
  for (let at = from; at < to; at++) {
    const word = words[at];
    if (word === undefined || word.isMark) continue;
    surface += surface === "" ? word.key : ` ${word.key}`;
  }
  return surface;
}

/** Whether a capitalised run of words goes on before or after. */
export function isInsideName(
  words: readonly MemoryWord[],
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const first = words[from];
  const before = words[from - 1];
  const after = words[to];
  if (first?.isCapital !== true) return false;
  const isNamed = (word: MemoryWord | undefined) => word?.isCapital === true && word.line === first.line && word.key !== "i";
  return (isNamed(before) && before?.isFirst === false) || isNamed(after);
}
