/**
 * Where in a task each call is asked for: the clause that its tool is nearest to. What a call needs is mostly said there, and what it takes from
 * another call is named there.
 * Pure. Never excludes anything: it says what is likelier.
 */
import type { Span } from "../pack.ts";
import type { DraftTool } from "../tools.ts";

/** What is known of the clauses of a task. */
export interface Clauses {
  /** First word of each clause, and the one behind its last. */
  readonly spans: readonly Span[];
  /** Of each tool: its nearness to the whole task, then to each clause. */
  readonly nearness: ReadonlyMap<DraftTool, readonly number[]>;
}

/** Calls of one tool stand in clauses that are at least nearly as near to it as its nearest. */
const nearMargin = 0.15;

/** The clause of each call, as words; `undefined` where the task has one clause, or does not say it. */
export function placesOf(
  calls: readonly { readonly tool: DraftTool; readonly ordinal: number }[],
  { spans, nearness }: Clauses,
): readonly (Span | undefined)[] {
  return calls.map(({ tool, ordinal }) => {
    const near = (nearness.get(tool) ?? []).slice(1);
    if (spans.length < 2 || near.length !== spans.length) return undefined;
    const count = calls.filter((other) => other.tool === tool).length;
    const best = Math.max(...near);
    const ranked = [...near.keys()]
      .filter((at) => (near[at] ?? -1) >= best - nearMargin)
      .sort((one, other) => (near[other] ?? -1) - (near[one] ?? -1) || one - other)
      .slice(0, count);
    // Fewer clauses than calls: nothing says which is where.
    return ranked.length < count ? undefined : spans[ranked.sort((one, other) => one - other)[ordinal] ?? -1];
  });
}
