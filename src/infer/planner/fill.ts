/**
 * From what may stand in each argument to what does: one choice for every argument, such that all of them together can be a plan.
 * Words belong to one argument, results flow one way, two calls of one tool differ, and what a tool must have but nobody says is asked for.
 * Pure. Never makes up a value, and never takes an outcome that the argument's own type refused.
 */
import { isArray } from "../../json/value.ts";
import { nameMatch, typeMatch } from "../pack.ts";
import type { DraftOutput, DraftParam, DraftTool } from "../tools.ts";
import { sameValue } from "../values/same-value.ts";
import type { Outcome } from "./outcomes.ts";

/** An argument of a call, with what may stand in it. `call` is an index of the calls that are decoded together, in outcomes too. */
export interface OpenArgument {
  readonly call: number;
  readonly param: DraftParam;
  /** In the order in which they are taken; contains `absent`. */
  readonly outcomes: readonly Outcome[];
}

/** An argument with what was chosen for it. */
export interface ChosenArgument extends OpenArgument {
  readonly outcome: Outcome;
  /** The tool needs it and nothing gives it: somebody must be asked. */
  readonly isAsked: boolean;
}

/** What a decoding comes to. */
export interface Decoded {
  readonly args: readonly ChosenArgument[];
  /** Calls that would have repeated another one of the same tool. */
  readonly dropped: readonly number[];
}

/** What loses a claim on words takes its next outcome only if that has at least this share of the weight of the lost one. */
const yieldMin = 0.1;
/** A typed thing that nothing else takes is given to an argument for which it has at least this weight. */
const unclaimedMin = 0.1;
/** A repeated call takes another value for one argument if that has at least this share of the weight of the chosen one. */
const differMin = 0.05;
/** Rounds of settling: each one moves at least one argument on, and none has more outcomes than this that anybody looks at. */
const roundsMax = 64;

interface State {
  readonly open: readonly OpenArgument[];
  /** Of each argument: the outcomes that are still possible, in order; the first is chosen. Never empty. */
  readonly left: Outcome[][];
}

/** Chooses. `calls`: the tools that are called. */
export function decodeFill(calls: readonly DraftTool[], open: readonly OpenArgument[]): Decoded {
  const state: State = { open, left: open.map(({ outcomes }) => [...outcomes]) };
  for (let round = 0; round < roundsMax; round++) {
    const isSettled = !settleClaims(state);
    if (!breakCycle(state) && isSettled) break;
  }
  squareRows(state);
  giveUnclaimed(state);
  const dropped = differ(state, calls);
  // A result of a call that is not made is none; what comes in its place may close a circle anew.
  for (const [row, left] of state.left.entries())
    state.left[row] = left.filter(({ kind, call }) => kind !== "result" || !dropped.includes(call ?? -1));
  while (breakCycle(state)) {
    // Every round takes one flow out, so this ends.
  }
  const args = open.flatMap((argument, row) => {
    if (dropped.includes(argument.call)) return [];
    return [needed(state, { row, dropped, calls })];
  });
  return { args, dropped };
}

function chosen({ left }: State, row: number): Outcome {
  return left[row]?.[0] ?? { kind: "absent", weight: 0, probability: 0 };
}

/** One claim of two arguments on the same words is settled for the stronger. Whether there was one. */
function settleClaims(state: State): boolean {
  for (const [row, one] of state.open.entries()) {
    const claim = chosen(state, row);
    if (claim.kind !== "words" || claim.words === undefined) continue;
    for (let other = row + 1; other < state.open.length; other++) {
      const rival = chosen(state, other);
      const second = state.open[other];
      if (second === undefined || rival.kind !== "words" || !sameWords(claim, rival) || mayShare(one, second)) continue;
      const loser = rival.weight > claim.weight ? row : other;
      if (yieldWords(state, loser)) return true;
    }
  }
  return false;
}

function sameWords(one: Outcome, other: Outcome): boolean {
  return (
    one.words !== undefined && other.words !== undefined && one.words[0] === other.words[0] && one.words[1] === other.words[1]
  );
}

/** Arguments of different calls may share words if they have the same name: the city of a flight and of a hotel is said once. */
function mayShare(one: OpenArgument, other: OpenArgument): boolean {
  return one.call !== other.call && one.param.words === other.param.words;
}

/** The loser of a claim takes its next outcome that is another; `false` if it has none that is likely enough, and keeps the words. */
function yieldWords({ left }: State, row: number): boolean {
  const [lost, ...others] = left[row] ?? [];
  const [next] = others;
  if (lost === undefined || next === undefined || next.weight < yieldMin * lost.weight) return false;
  left[row] = others;
  return true;
}

/** Columns of one list of objects are equally long, or none of them is one: which value belongs to which row would be a guess. */
function squareRows(state: State): void {
  const lists = new Map<string, number[]>();
  for (const [row, { call, param }] of state.open.entries()) {
    const at = param.path.indexOf("[]");
    if (at < 0 || chosen(state, row).kind === "absent") continue;
    const key = [call, ...param.path.slice(0, at)].join("\n");
    lists.set(key, [...(lists.get(key) ?? []), row]);
  }
  for (const rows of lists.values()) {
    const lengths = new Set(rows.map((row) => lengthOf(chosen(state, row))));
    if (lengths.size === 1) continue;
    for (const row of rows) state.left[row] = (state.left[row] ?? []).filter(({ isColumn }) => isColumn !== true);
  }
}

function lengthOf({ isColumn, value }: Outcome): number {
  return isColumn === true && isArray(value) ? value.length : 1;
}

/**
 * A typed thing that the task names and no argument has taken goes to the argument that it fits best among those that would be left out: people
 * who ask for something do not say an amount, a date or an address for nothing.
 */
function giveUnclaimed(state: State): void {
  const open = state.open.flatMap((_, row) => {
    const outcome = state.left[row]?.find(({ isTyped, weight }) => isTyped === true && weight >= unclaimedMin);
    return outcome === undefined || chosen(state, row).kind !== "absent" ? [] : [{ row, outcome }];
  });
  for (const { row, outcome } of open.toSorted(
    (one, other) => other.outcome.weight - one.outcome.weight || one.row - other.row,
  )) {
    const isTaken = state.open.some((_, other) => overlaps(chosen(state, other), outcome));
    if (!isTaken) state.left[row] = [outcome, ...(state.left[row] ?? []).filter((each) => each !== outcome)];
  }
}

function overlaps({ words: one }: Outcome, { words: other }: Outcome): boolean {
  return one !== undefined && other !== undefined && one[0] <= other[1] && other[0] <= one[1];
}

/** Takes the weakest flow of one cycle out. Whether there was one. */
function breakCycle(state: State): boolean {
  const flows = state.open
    .map((argument, row) => ({ row, to: argument.call, outcome: chosen(state, row) }))
    .filter(({ outcome }) => outcome.kind === "result" && outcome.call !== undefined)
    .sort((one, other) => other.outcome.weight - one.outcome.weight || one.row - other.row);
  const edges = new Map<number, Set<number>>();
  for (const { row, to, outcome } of flows) {
    const from = outcome.call ?? -1;
    if (from === to || reaches(edges, { from: to, to: from })) {
      // The strongest come first, so the one that closes a circle is its weakest.
      state.left[row] = (state.left[row] ?? []).slice(1);
      return true;
    }
    edges.set(from, (edges.get(from) ?? new Set<number>()).add(to));
  }
  return false;
}

/** Whether results flow, over other calls, from one call to another. */
function reaches(
  edges: ReadonlyMap<number, ReadonlySet<number>>,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(edges.get(at) ?? []));
  }
  return false;
}

/** Makes calls of one tool differ: by the likeliest other value of one argument, else the later one is dropped. */
function differ(state: State, calls: readonly DraftTool[]): number[] {
  const dropped: number[] = [];
  for (const [later, tool] of calls.entries()) {
    const earlier = [...calls.keys()].filter((at) => at < later && calls[at]?.name === tool.name && !dropped.includes(at));
    for (let tries = 0; tries <= earlier.length; tries++) {
      if (!earlier.some((at) => isSameCall(state, { one: at, other: later }))) break;
      if (tries < earlier.length && changeOne(state, later)) continue;
      dropped.push(later);
      break;
    }
  }
  return dropped;
}

function isSameCall(state: State, { one, other }: { readonly one: number; readonly other: number }): boolean {
  const rowsOf = (call: number): Map<string, Outcome> =>
    new Map(
      state.open.flatMap((argument, row) =>
        argument.call === call ? [[argument.param.path.join("\n"), chosen(state, row)]] : [],
      ),
    );
  const [ours, theirs] = [rowsOf(one), rowsOf(other)];
  const absent: Outcome = { kind: "absent", weight: 1, probability: 1 };
  return [...new Set([...ours.keys(), ...theirs.keys()])].every((path) =>
    isSameOutcome(ours.get(path) ?? absent, theirs.get(path) ?? absent),
  );
}

function isSameOutcome(one: Outcome, other: Outcome): boolean {
  if (one.kind === "result" || other.kind === "result")
    return one.kind === other.kind && one.call === other.call && one.output?.path.join("\n") === other.output?.path.join("\n");
  if (one.value === undefined || other.value === undefined) return one.value === other.value;
  return sameValue(one.value, other.value);
}

/** Moves the argument of a call on that loses the least by it. */
function changeOne({ open, left }: State, call: number): boolean {
  let best: { readonly row: number; readonly ratio: number } | undefined;
  for (const [row, argument] of open.entries()) {
    if (argument.call !== call) continue;
    const [now, next] = left[row] ?? [];
    // To leave out what was said makes no other call.
    if (now === undefined || next === undefined || next.kind === "absent") continue;
    const ratio = next.weight / Math.max(now.weight, Number.MIN_VALUE);
    if (ratio >= differMin && ratio > (best?.ratio ?? 0)) best = { row, ratio };
  }
  if (best === undefined) return false;
  left[best.row] = (left[best.row] ?? []).slice(1);
  return true;
}

interface NeedOptions {
  readonly row: number;
  readonly dropped: readonly number[];
  readonly calls: readonly DraftTool[];
}

/** The choice for one argument, with what is needed but not said as a result whose name and type fit exactly, else as a question. */
function needed(state: State, { row, dropped, calls }: NeedOptions): ChosenArgument {
  const argument = state.open[row] as OpenArgument;
  const outcome = chosen(state, row);
  if (outcome.kind !== "absent" || !argument.param.isRequired) return { ...argument, outcome, isAsked: false };
  const flow = exactFlow(state, { row, dropped, calls });
  if (flow === undefined) return { ...argument, outcome, isAsked: true };
  state.left[row] = [flow, outcome];
  if (breakCycle(state)) return { ...argument, outcome, isAsked: true };
  return { ...argument, outcome: flow, isAsked: false };
}

/** The likeliest part of another call's result that is named and typed as the argument is. */
function exactFlow({ open, left }: State, { row, dropped, calls }: NeedOptions): Outcome | undefined {
  const argument = open[row];
  if (argument === undefined) return undefined;
  const isExact = (output: DraftOutput | undefined): boolean =>
    output !== undefined && nameMatch(argument.param, output) === 1 && typeMatch(argument.param, output) === 1;
  const known = (left[row] ?? []).find(({ kind, output }) => kind === "result" && isExact(output));
  if (known !== undefined) return known;
  for (const [call, tool] of calls.entries()) {
    if (call === argument.call || dropped.includes(call)) continue;
    // What found no room in the pack was never weighed: it may stand, and nothing is said for it.
    const output = tool.outputs.find(isExact);
    if (output !== undefined) return { kind: "result", weight: 0, probability: 0, call, output };
  }
  return undefined;
}
