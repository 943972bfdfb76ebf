/**
 * Edges that only the words of a task give, where no data flows and the later call changes something: "before you", "once that is done"; and
 * between two calls that both change something also "then", "after that", "finally", with which people list what does not depend on each other.
 * Pure. Never orders readers, whose results do not depend on each other, and never closes a circle.
 */
import { changing } from "../../intent/constraints.ts";
import { reaches, type PlannedCall } from "./calls.ts";
import type { Cues } from "./cues.ts";

/** By the index of a call: the calls that it comes after, beyond those whose results it reads. */
export function orderedByWords(calls: readonly PlannedCall[], cues: Cues): ReadonlyMap<number, readonly number[]> {
  const waits = new Map(calls.map((call) => [call.index, readsOf(call)]));
  const added = new Map<number, number[]>();
  const add = (later: PlannedCall, first: PlannedCall, isListed: boolean): void => {
    if (
      !acts(later) ||
      (isListed && !acts(first)) ||
      reaches(waits, later.index, first.index) ||
      reaches(waits, first.index, later.index)
    )
      return;
    waits.get(later.index)?.add(first.index);
    added.set(later.index, [...(added.get(later.index) ?? []), first.index]);
  };
  /** Calls since the last word of order: what "then" comes after. */
  let group: PlannedCall[] = [];
  let before: PlannedCall | undefined;
  for (const call of calls) {
    const [first, later] = [before === undefined ? undefined : placeOf(before), placeOf(call)];
    const said = first === undefined || later === undefined ? undefined : cues.order(first, later);
    if (said === "reversed") {
      if (before !== undefined) add(before, call, false);
    } else if (said !== undefined) {
      // The nearest first, so that what it waits for itself is not said again.
      const earlier = said === "finally" ? calls.slice(0, call.index) : group;
      for (const one of earlier.toReversed()) add(call, one, said !== "waits");
      group = [];
    }
    group.push(call);
    before = call;
  }
  return added;
}

function acts({ tool }: PlannedCall): boolean {
  return tool.facts.effects.some((effect) => changing.has(effect));
}

function readsOf({ args }: PlannedCall): Set<number> {
  return new Set(args.flatMap(({ source }) => (source.kind === "result" ? [source.call] : [])));
}

/** Where in the task a call is asked for: its own words, else the first of its arguments'. */
function placeOf({ proposed, args }: PlannedCall): number | undefined {
  const own = proposed.evidence.map(({ start }) => start);
  const starts = own.length > 0 ? own : args.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence.start]));
  return starts.length === 0 ? undefined : Math.min(...starts);
}
