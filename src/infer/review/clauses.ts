/**
 * The parts of a task that ask for something each, and how near each tool of a catalogue is to them.
 * Never judges: nearness is a number, by words alone or by the vectors of a function that is given.
 */
import type { Evidence } from "../proposal.ts";
import { taskWords } from "../pieces.ts";
import { clauseSpans, retrievalText } from "../planner/texts.ts";
import type { DraftTool } from "../tools.ts";
import { createWordScores, stemsOf, type WordScores } from "../word-scores.ts";

/** Vectors of texts, each of length 1 or not, in order. The same text always has the same vector. */
export type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

/** A part of a task. */
export interface Clause extends Evidence {
  readonly text: string;
}

/** Words of a task that are read. */
const wordsMax = 2_000;

/** The clauses of a task; the whole of it if there is only one. Empty if it has no words. */
export function clausesIn(task: string): readonly Clause[] {
  const words = taskWords(task, { pieces: () => [0], piecesMax: wordsMax });
  const spans = clauseSpans(words, task);
  const all = spans.length === 0 && words.length > 0 ? [[0, words.length] as const] : spans;
  return all.map(([from, to]) => {
    const [start, end] = [words[from]?.start ?? 0, words[to - 1]?.end ?? task.length];
    return { start, end, text: task.slice(start, end) };
  });
}

/** How near a tool is to a task. */
export interface Nearness {
  /** 1 for the nearest tool of the catalogue, 1/2 for the second, …; by its best clause. 0 if no word is common. */
  readonly rank: number;
  /** The same among the catalogue's tools for the whole task. */
  readonly share: number;
  /** Index of the nearest clause. */
  readonly clause: number;
}

/** Tools of a catalogue, ready to be compared with tasks. */
export interface NearTools {
  readonly words: WordScores;
  /** How near each tool is, by words. */
  byWords(clauses: readonly Clause[]): readonly Nearness[];
}

/** Prepares the tools of a catalogue. */
export function openNearTools(tools: readonly DraftTool[]): NearTools {
  const words = createWordScores(
    tools.map(({ words: name, description, params }) =>
      stemsOf(`${name} ${name} ${description} ${params.map((param) => param.words).join(" ")}`),
    ),
  );
  return {
    words,
    byWords: (clauses) =>
      nearest(
        clauses.map(({ text }) => words.scores(text)),
        { count: tools.length, floor: 0 },
      ),
  };
}

/** How near each tool is, by the vectors of its text and of each clause. */
export async function nearByVectors(
  tools: readonly DraftTool[],
  clauses: readonly Clause[],
  { embed }: { readonly embed: Embed },
): Promise<readonly Nearness[]> {
  const vectors = await embed([...tools.map(retrievalText), ...clauses.map(({ text }) => text)]);
  const ofTools = vectors.slice(0, tools.length);
  const scores = vectors.slice(tools.length).map((clause) => ofTools.map((tool) => cosine(tool, clause)));
  return nearest(scores, { count: tools.length, floor: -1 });
}

function nearest(
  scores: readonly (readonly number[])[],
  { count, floor }: { readonly count: number; readonly floor: number },
): readonly Nearness[] {
  const found = Array.from({ length: count }, () => ({ rank: 0, share: 0, clause: 0 }));
  for (const [clause, row] of scores.entries()) {
    const order = [...row.keys()].toSorted((one, other) => (row[other] ?? floor) - (row[one] ?? floor) || one - other);
    const top = row[order[0] ?? 0] ?? floor;
    for (const [place, at] of order.entries()) {
      const score = row[at] ?? floor;
      const known = found[at];
      if (known === undefined || score <= floor) continue;
      const share = Math.max(0, top <= 0 ? 0 : score / top);
      if (1 / (place + 1) > known.rank || (1 / (place + 1) === known.rank && share > known.share))
        found[at] = { rank: 1 / (place + 1), share, clause };
    }
  }
  return found;
}

function cosine(one: Float32Array, other: Float32Array): number {
  let [dot, left, right] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at] ?? 0, other[at] ?? 0];
    dot += a * b;
    left += a * a;
    right += b * b;
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right);
}
