/**
 * Loops: as the rows of nodes where one node can say what happens in every round, else written out round by round.
 * Pure. Never leaves out a round: more rows than were written out deny all of them.
 */
import { loopLiteralMax, loopRoundsMax } from "../../limits.ts";
import type { Place } from "../intent.ts";
import { isSameRound } from "./calls.ts";
import { binary, call, type Cel, choose, literal, replaceLeaves } from "./cel.ts";
import { bare, celOf, letOf } from "./emit.ts";
import { indexOf } from "./evaluate.ts";
import { failOutside, failTooLarge } from "./fault.ts";
import { elementKind, kinds, listOf, sure } from "./kind.ts";
import { onlyIf } from "./operators.ts";
import { collectReads, openReads } from "./rules.ts";
import { comprehended } from "./rows.ts";
import { newName, NotRows, type State } from "./state.ts";
import { celOfRuns, computed, constant, elementsOf, typeOf, type Value } from "./value.ts";

/** Does something where loops are rows of nodes; `before`: the names that it may change, with their values. */
export function inRows<T>(
  state: State,
  { before, body }: { readonly before: ReadonlyMap<string, Value>; readonly body: () => T },
): T {
  const { loop } = state;
  state.loop ??= { calls: new Map(), before, changed: new Map(), guards: state.guards.length };
  const value = body();
  state.loop = loop;
  return value;
}

/** The list that a value of a round makes over all rounds. */
export function collectRows(state: State, value: Value, place: Place): Value {
  const { loop } = state;
  const reads = openReads();
  collectReads(value, reads);
  const [run, another] = reads.runs;
  if (loop === undefined || state.guards.length !== loop.guards) throw new NotRows();
  if (run === undefined) {
    const body = celOf(state, value, place);
    return computed(comprehended(state, state.rows, { place, body: () => body }), listOf(typeOf(value)));
  }
  if (another !== undefined || reads.rows.size > 0 || !isSameRound(loop.calls.get(run)?.rows ?? [], state.rows))
    throw new NotRows();
  if (value.kind === "ref" && value.optionalFrom === undefined)
    return { kind: "runs", name: run, steps: value.steps, type: value.type };
  const local = newName(state, "run");
  const body = replaceLeaves(celOf(state, value, place), (leaf) =>
    leaf.op === "run" && leaf.name === run ? { op: "local", name: local } : undefined,
  );
  return computed({ op: "macro", name: "map", of: celOfRuns(run), local, body }, listOf(typeOf(value)));
}

/**
 * As `collectRows`, of a `for` statement. JavaScript goes through the characters of a text, which have no members and are no rows: what such a loop
 * leaves behind fails. (A method such as `map` ends the program instead, as a `for` of Python does with the first member.)
 */
export function collectLoop(state: State, value: Value, place: Place): Value {
  const list = collectRows(state, value, place);
  const { rows } = state;
  const isSure = rows.every(
    ({ of }) => sure(typeOf(of)).type === "list" || bare(of).kind === "slice" || bare(of).kind === "runs",
  );
  if (state.language !== "javascript" || isSure || rows.some(({ of }) => bare(of).kind === "slice")) return list;
  const reads = openReads();
  collectReads(value, reads);
  if (reads.runs.size === 0) return list;
  const all = comprehended(state, rows, { place, body: () => literal(0) });
  const cel = choose(binary(">=", call("size", all), literal(0)), celOf(state, list, place), { op: "list", elements: [] });
  return computed(cel, typeOf(list));
}

/** One round of a loop that is written out. */
export interface Round {
  readonly value: Value;
  /** Whether the round takes place. */
  readonly guard: Cel;
}

/** The rounds of a loop: all of a literal list; of data the first ones, as long as there are no more. */
export function roundsOf(state: State, { of, place }: { readonly of: Value; readonly place: Place }): readonly Round[] {
  const elements = elementsOf(bare(of));
  if (elements !== undefined) {
    if (elements.length > loopLiteralMax)
      failTooLarge(`a loop over a literal list is written out for at most ${loopLiteralMax} rounds`, place);
    return elements.map((value) => ({ value, guard: literal(true) }));
  }
  const source = bare(of);
  if (source.kind === "slice") return roundsOfSlice(state, source, place);
  return dynamicRounds(state, { of, from: 0, count: loopRoundsMax, isWhole: true, place });
}

function roundsOfSlice(state: State, slice: Value & { readonly kind: "slice" }, place: Place): readonly Round[] {
  const { of, from = 0, to } = slice;
  const count = to === undefined ? loopRoundsMax : to - from;
  if (from < 0 || (to ?? 0) < 0)
    return failOutside("a loop that is written out goes through a part counted from the start", place);
  if (count > loopLiteralMax) return failTooLarge(`a loop is written out for at most ${loopLiteralMax} rounds`, place);
  return dynamicRounds(state, { of, from, count: Math.max(0, count), isWhole: to === undefined, place });
}

interface Dynamic {
  readonly of: Value;
  readonly from: number;
  readonly count: number;
  /** Whether the loop goes to the end of the list, so that a longer one is denied. */
  readonly isWhole: boolean;
  readonly place: Place;
}

function dynamicRounds(state: State, { of, from, count, isWhole, place }: Dynamic): readonly Round[] {
  const list = celOf(state, of, place);
  const size = call("size", list);
  const known = isWhole ? onlyIf(binary("<=", size, literal(from + count)), size) : size;
  const hint = "rounds";
  const rounds: Cel = { op: "name", name: letOf(state, hint, { cel: known, place }) };
  if (isWhole) {
    const message = `this loop is written out for ${count} rounds, since no node of a plan says what happens in one: a longer list is denied`;
    state.findings.push({
      code: "IMPORT_LOOP_WRITTEN_OUT",
      severity: "warning",
      pointer: `/nodes/${rounds.name}`,
      message,
    });
  }
  return Array.from({ length: count }, (_, i) => ({
    value: indexOf(state, { of, index: constant(from + i), place }),
    guard: binary(">", rounds, literal(from + i)),
  }));
}

/** The sum, or the text, that a loop adds up from what it was before. */
export function accumulated(
  state: State,
  { before, list, place }: { readonly before: Value; readonly list: Value; readonly place: Place },
): Value {
  const start = bare(before);
  const cel = celOf(state, list, place);
  const element = elementKind(typeOf(list));
  if (start.kind !== "const") throw new NotRows();
  // Adding from 0 is what `sum` does; from anywhere else another order of rounding.
  if (start.value === 0) return computed(call("sum", cel), element.type === "number" ? element : kinds.number);
  if (typeof start.value !== "string" || element.type !== "text") throw new NotRows();
  const text = call("join", cel, literal(""));
  return computed(start.value === "" ? text : binary("+", literal(start.value), text), kinds.text);
}

/** A list that a loop makes longer. */
export function lengthened(
  state: State,
  { before, list, place }: { readonly before: Value; readonly list: Value; readonly place: Place },
): Value {
  const start = bare(before);
  const elements = elementsOf(start);
  if (elements?.length === 0) return list;
  return computed(binary("+", celOf(state, before, place), celOf(state, list, place)), listOf(kinds.unknown));
}
