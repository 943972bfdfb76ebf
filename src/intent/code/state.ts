/**
 * What compiling a code plan carries along: names and their values, steps so far, conditions, the loop around, and the order.
 * Pure. Never forgets a step: only a loop that is compiled anew takes its own steps back.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import { codeWorkMax, importStepsMax } from "../../limits.ts";
import type { Finding } from "../../plan/finding.ts";
import { freshName, slugOf } from "../../plan/names.ts";
import type { IntentStep, Place } from "../intent.ts";
import { toolFinder, type ToolFinder } from "../tool-names.ts";
import type { Cel } from "./cel.ts";
import { failOutside, failTooLarge } from "./fault.ts";
import { noOrder, type Order } from "./order.ts";
import type { Expression, Language } from "./program.ts";
import type { Cell, Value } from "./value.ts";

/** One `for` around, as rows of a plan. */
export interface RowClause {
  /** Unique within the program. */
  readonly id: number;
  /** What is iterated over; may refer to rows of the clauses before. */
  readonly of: Value;
  /** The name of the variable, for people. */
  readonly hint: string;
  /** What must hold of the row. */
  readonly tests: readonly Cel[];
}

/** A loop that becomes rows of nodes. */
export interface LoopFrame {
  /** Calls so far in one round, by the name of their nodes, with the clauses that they were made under. */
  readonly calls: Map<string, { readonly rows: readonly RowClause[]; readonly isReader: boolean }>;
  /** Names that the loop changes by a pattern that CEL has, with what they were before. */
  readonly before: ReadonlyMap<string, Value>;
  /** What they are afterwards. */
  readonly changed: Map<string, Value>;
  /** Conditions around the loop. */
  readonly guards: number;
}

/** The state of compiling; members are replaced, never their contents, but for the growing lists. */
export interface State {
  readonly language: Language;
  readonly find: ToolFinder | undefined;
  readonly steps: IntentStep[];
  readonly findings: Finding[];
  readonly taken: Set<string>;
  readonly cells: Cell[];
  /** Names of `let` nodes by the text of their expression. */
  readonly lets: Map<string, string>;
  env: ReadonlyMap<string, Value>;
  /** Conditions of the branches around, outermost first. */
  guards: readonly Cel[];
  /** Clauses of the loops around that are rows. */
  rows: readonly RowClause[];
  loop: LoopFrame | undefined;
  order: Order;
  /** Values of the expressions of the statement at hand, each evaluated once. */
  memo: Map<Expression, Value>;
  work: number;
  clauses: number;
}

/** Opens a state. */
export function openState(language: Language, catalogue: Catalogue | undefined): State {
  return {
    language,
    find: catalogue === undefined ? undefined : toolFinder(catalogue),
    steps: [],
    findings: [],
    taken: new Set(),
    cells: [],
    lets: new Map(),
    env: new Map(),
    guards: [],
    rows: [],
    loop: undefined,
    order: noOrder,
    memo: new Map(),
    work: 0,
    clauses: 0,
  };
}

/** Thrown where a loop cannot be rows of one node, and must be written out round by round. */
export class NotRows extends Error {
  override readonly name = "NotRows";
}

/** What a loop that is tried as rows may have to take back. */
export function snapshot(state: State): () => void {
  const { env, guards, rows, loop, order } = state;
  const memo = new Map(state.memo);
  const [steps, findings, cells] = [state.steps.length, state.findings.length, state.cells.length];
  const taken = new Set(state.taken);
  const lets = new Map(state.lets);
  return () => {
    Object.assign(state, { env, guards, rows, loop, order, memo });
    state.steps.length = steps;
    state.findings.length = findings;
    for (const cell of state.cells.splice(cells)) cell.name = undefined;
    state.taken.clear();
    for (const name of taken) state.taken.add(name);
    state.lets.clear();
    for (const [text, name] of lets) state.lets.set(text, name);
  };
}

/** Counts one unit of work, so that loops that are written out within loops end. */
export function spendWork(state: State, place: Place): void {
  state.work += 1;
  if (state.work > codeWorkMax) failTooLarge("the loops come to more calls and computations than a plan can hold", place);
}

/** Adds a step. */
export function addStep(state: State, step: IntentStep): void {
  if (state.steps.length >= importStepsMax) failTooLarge(`a plan is made of at most ${importStepsMax} steps`, step.place);
  state.steps.push(step);
}

/** A new name of a node, or of a variable of a macro, that nothing else has. */
export function newName(state: State, hint: string): string {
  return freshName(slugOf(hint), state.taken);
}

/** The value of a name. */
export function lookUp(state: State, name: string, place: Place): Value {
  const value = state.env.get(name);
  if (value === undefined)
    return failOutside(`\`${shown(name)}\` has no value here: only what the code itself sets is known`, place);
  if (value.kind !== "unset") return value;
  // A loop that reads what an earlier round has set is written out.
  if (value.why === "") throw new NotRows();
  return failOutside(`\`${shown(name)}\` ${value.why}`, place);
}

/** Binds a name. */
export function bind(state: State, name: string, value: Value): void {
  const env = new Map(state.env);
  env.set(name, value);
  state.env = env;
}

/** A name of the code, fit for one line of a message. */
export function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]|`/g, "?").slice(0, 80);
}
