/**
 * What the retriever says of a task and a few tools, as numbers that the planner's network takes beside what it reads itself: the one has compared
 * whole texts with thousands of tools, the other sees each word. Pure. The same at training and at run time.
 */

/** Numbers for each tool: {@link toolFeatures}. */
export const toolFeatureWidth = 4;

/**
 * Of each tool: its best nearness to a span of the task; how far that is below the best of all tools here (0 or less); by how much it leads the
 * other tools in the clause where it leads most (negative: nowhere); in how many clauses it is the nearest. `nearness`: of each tool, -1 to 1 for
 * every span; the first span is the whole task, the others are its clauses (none: the whole is the one clause).
 */
export function toolFeatures(nearness: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const spans = nearness[0]?.length ?? 0;
  const clauses = Array.from({ length: Math.max(1, spans - 1) }, (_, at) => (spans > 1 ? at + 1 : 0));
  const tops = clauses.map((clause) => topsOf(nearness.map((scores) => scores[clause] ?? -1)));
  const best = nearness.map((scores) => Math.max(-1, ...scores));
  const bestOfAll = Math.max(-1, ...best);
  return nearness.map((scores, tool) => {
    let lead = -1;
    let wins = 0;
    for (const [index, { at, first, second }] of tops.entries()) {
      lead = Math.max(lead, (scores[clauses[index] ?? 0] ?? -1) - (at === tool ? second : first));
      if (at === tool) wins += 1;
    }
    return [best[tool] ?? -1, (best[tool] ?? -1) - bestOfAll, lead, wins].map(rounded);
  });
}

interface Tops {
  readonly at: number;
  readonly first: number;
  readonly second: number;
}

/** The highest of numbers with its place (of equals the first), and the second highest; a tool that is alone leads by 1. */
function topsOf(numbers: readonly number[]): Tops {
  let tops: Tops = { at: 0, first: numbers[0] ?? -1, second: (numbers[0] ?? -1) - 1 };
  for (const [at, number] of numbers.entries()) {
    if (at === 0) continue;
    if (number > tops.first) tops = { at, first: number, second: tops.first };
    else if (at === 1 || number > tops.second) tops = { ...tops, second: number };
  }
  return tops;
}

/** Three decimals: what quantised vectors mean. */
function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
