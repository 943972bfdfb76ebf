/**
 * What the retriever's encoder reads: a tool as a short text, a task with its clauses, each with the sub-words that are averaged into a vector.
 * Pure. The same at training and at run time; never looks at a model.
 */
import { packLimits, type Span } from "../pack.ts";
import { type Pieces, piece, type TaskWord, taskWords } from "../pieces.ts";
import type { DraftTool } from "../tools.ts";

/** One row for the retriever: sub-word ids, and the spans of them that become vectors. */
export interface RetrievalRow {
  readonly ids: readonly number[];
  readonly spans: readonly Span[];
}

/** Bounds of retrieval rows, in sub-words unless said otherwise. */
export const retrievalLimits = {
  namePieces: 12,
  descriptionPieces: 32,
  taskPieces: packLimits.taskPieces,
  /** UTF-16 units of a description that are read. */
  description: 200,
  /** Words that a clause has at least, and clauses that are told apart. */
  clauseWords: 3,
  clauses: 12,
} as const;

/** The text that stands for a tool: what its vector is made from, and cached by. */
export function retrievalText(tool: DraftTool): string {
  return `${tool.words}: ${tool.description.slice(0, retrievalLimits.description)}`;
}

/** The row of a tool: its words, a colon, its description; one span over all of it. */
export function retrievalTool(tool: DraftTool, { pieces }: { readonly pieces: Pieces }): RetrievalRow {
  const ids = [
    piece.start,
    ...pieces(tool.words).slice(0, retrievalLimits.namePieces),
    piece.colon,
    ...pieces(tool.description.slice(0, retrievalLimits.description)).slice(0, retrievalLimits.descriptionPieces),
    piece.end,
  ];
  return { ids, spans: [[0, ids.length]] };
}

/** The row of a task: the first span is the whole of it, the others are its clauses (none if it is one clause). */
export function retrievalTask(task: string, { pieces }: { readonly pieces: Pieces }): RetrievalRow {
  const words = taskWords(task, { pieces, piecesMax: retrievalLimits.taskPieces });
  const ids: number[] = [piece.start];
  const starts: number[] = [];
  for (const word of words) {
    starts.push(ids.length);
    ids.push(...word.pieces);
  }
  starts.push(ids.length);
  ids.push(piece.end);
  const spans: Span[] = [[0, ids.length]];
  for (const [from, to] of clauseSpans(words, task)) spans.push([starts[from] ?? 0, starts[to] ?? ids.length]);
  return { ids, spans };
}

/** Words that begin a clause of their own, alone or behind `and` or a comma. */
const openers = new Set([
  "then",
  "also",
  "finally",
  "next",
  "afterwards",
  "afterward",
  "additionally",
  "lastly",
  "secondly",
  "thirdly",
  "furthermore",
  "moreover",
]);
/** Words that follow a verb in a request ("book a", "send me"): an `and` or a comma before that verb begins a clause. */
const objects = new Set(
  "me us him her them it a an the my our your his their all any some for if what which how whether that this these those".split(
    " ",
  ),
);
/** Words that no clause begins with, so that lists of things ("the north and the south of a town") stay whole. */
const noVerbs = new Set(
  [...objects, ..."and or of to with in on at from by as but not is are was were so than".split(" ")].filter(
    (word) => word !== "if",
  ),
);
const sentenceEnds = new Set([".", "?", "!", ";"]);

/**
 * The clauses of a task as spans over its words, in order and without gaps: cut at ends of sentences, new lines, `then`, `also` and their like, and
 * at `and` or a comma where a request follows. Empty if there is only one.
 */
export function clauseSpans(words: readonly TaskWord[], task: string): readonly Span[] {
  const cuts: number[] = [0];
  for (let at = 1; at < words.length; at++) {
    if (cuts.length >= retrievalLimits.clauses) break;
    const isLong = at - (cuts.at(-1) ?? 0) >= retrievalLimits.clauseWords && words.length - at >= retrievalLimits.clauseWords;
    if (isLong && beginsClause(words, { at, task })) cuts.push(at);
  }
  if (cuts.length === 1) return [];
  return cuts.map((cut, index) => [cut, cuts[index + 1] ?? words.length]);
}

function beginsClause(words: readonly TaskWord[], { at, task }: { readonly at: number; readonly task: string }): boolean {
  const before = words[at - 1];
  const word = words[at];
  if (before === undefined || word === undefined) return false;
  const gap = task.slice(before.end, word.start);
  // A full stop behind one letter ends no sentence ("5 p.m. tomorrow").
  const isInitial = before.text === "." && (words[at - 2]?.text.length ?? 0) === 1 && /\p{L}/u.test(words[at - 2]?.text ?? "");
  if (gap.includes("\n") || (sentenceEnds.has(before.text) && gap !== "" && !isInitial)) return true;
  const said = word.text.toLowerCase();
  if (openers.has(said)) return before.text.toLowerCase() !== "and";
  const isJoint = said === "and" || before.text === ",";
  if (!isJoint) return false;
  const verb = (said === "and" ? words[at + 1] : word)?.text.toLowerCase() ?? "";
  if (openers.has(verb) || (said === "and" && verb === "after")) return true;
  const object = words[at + (said === "and" ? 2 : 1)]?.text.toLowerCase() ?? "";
  return objects.has(object) && !noVerbs.has(verb) && /^\p{L}/u.test(verb);
}
