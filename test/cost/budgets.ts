/**
 * Budgets of the counts, and what a count that has left its budget is told.
 * Pure. Never lets a subject pass that was not counted, or for which there is no budget.
 */
import type { Counts, Kind } from "./count.ts";

/** How far a count may be from its budget: this share of it, or so much, whichever is more. */
export interface Allowance {
  readonly share: number;
  readonly least: number;
}

/** The file `budgets.json`. */
export interface Budgets {
  /** Counts of another Node are other counts. */
  readonly node: string;
  readonly arch: string;
  readonly allowed: { readonly [K in Kind]: Allowance };
  /** A call. */
  readonly counts: { readonly [K in Kind]: Counts };
}

/** Every count that is not within its budget, as a line: what it was, is, and may be. */
export function findings(kind: Kind, is: Counts, { counts, allowed }: Budgets): readonly string[] {
  const was = counts[kind];
  const { share, least } = allowed[kind];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) => {
    const [before, now] = [was[name], is[name]];
    if (before === undefined) return [`${name} has no budget of ${kind}: is ${now}. ${remedy}`];
    if (now === undefined || Number.isNaN(now)) return [`${name} has a budget of ${kind}, ${before}, but was not counted`];
    const room = Math.max(before * share, least);
    const figures = `${kind} a call of ${name}: was ${before}, is ${now}, allowed ${Math.ceil(before - room)} to ${Math.floor(before + room)}`;
    if (now > before + room)
      return [`${figures}. Dearer: find out why, or say why in the commit that raises the budget. ${remedy}`];
    if (now < before - room) return [`${figures}. Cheaper: lower the budget, so that it stays so. ${remedy}`];
    return [];
  });
}

const remedy = "`node test/cost/update.ts` writes the budgets anew.";

/** Why the budgets say nothing of this process, if they do not. */
export function otherCounts(
  { node, arch }: Budgets,
  here: { readonly version: string; readonly arch: string },
): string | undefined {
  if (node === here.version && arch === here.arch) return undefined;
  return `the budgets are those of node ${node} on ${arch}, this is ${here.version} on ${here.arch}. ${remedy}`;
}
