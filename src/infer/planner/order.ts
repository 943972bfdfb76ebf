/**
 * The order of calls: a call comes behind those whose results it takes, and otherwise where the task speaks of it.
 * Pure. Never adds an edge: an order is not a dependency.
 */
import type { ChosenArgument } from "./fill.ts";

/** A call with its arguments. */
export interface UnorderedCall {
  readonly call: number;
  readonly args: readonly ChosenArgument[];
}

/** The calls in order. Flows are free of cycles; were they not, calls on a cycle would come last. */
export function orderCalls(calls: readonly UnorderedCall[]): readonly number[] {
  const waiting = calls.map((one, at) => ({ ...one, at, place: placeOf(one), needs: needsOf(one) }));
  const done: number[] = [];
  while (waiting.length > 0) {
    const free = waiting.filter(({ needs }) =>
      needs.every((call) => done.includes(call) || !calls.some((one) => one.call === call)),
    );
    const candidates = free.length > 0 ? free : waiting;
    const next = candidates.reduce((first, one) =>
      one.place < first.place || (one.place === first.place && one.at < first.at) ? one : first,
    );
    done.push(next.call);
    waiting.splice(waiting.indexOf(next), 1);
  }
  return done;
}

/** Where the task first says something that the call takes; behind everything if nowhere. */
function placeOf({ args }: UnorderedCall): number {
  return args.reduce(
    (first, { outcome }) => Math.min(first, outcome.evidence?.start ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
}

function needsOf({ call, args }: UnorderedCall): readonly number[] {
  return args.flatMap(({ outcome }) =>
    outcome.kind === "result" && outcome.call !== undefined && outcome.call !== call ? [outcome.call] : [],
  );
}
