/**
 * Statements, one after the other.
 * Pure. Never runs a statement that the code would not, and refuses what comes after an end.
 */
import { bindTarget, joinBranches, refuseAliases } from "./bind.ts";
import { type Cel, not, printCel } from "./cel.ts";
import { fresh, inClauses } from "./comprehend.ts";
import { bare, celOf, isPerRow, letOf, share } from "./emit.ts";
import { evaluate, listValue, testOf, under } from "./evaluate.ts";
import { failOutside } from "./fault.ts";
import { kinds, listOf } from "./kind.ts";
import { accumulated, collectLoop, inRows, lengthened, roundsOf } from "./loops.ts";
import { joinOrders } from "./order.ts";
import type { Expression, Statement, Target } from "./program.ts";
import { bind, NotRows, shown, snapshot, type State, lookUp } from "./state.ts";
import { computed, elementsOf, typeOf, type Value } from "./value.ts";

/** Where statements stand. */
type Where = "plan" | "loop";

/** Compiles a block. */
export function compileBlock(state: State, statements: readonly Statement[], where: Where): void {
  for (const [i, statement] of statements.entries()) {
    const rest = statements.slice(i + 1);
    if (statement.kind === "return") {
      if (where === "loop")
        failOutside("a loop that ends the plan has rounds that nobody knows before: find the element first", statement.place);
      if (rest[0] !== undefined) failOutside("nothing comes after `return`", rest[0].place);
      if (statement.value !== undefined) fresh(state, () => evaluate(state, statement.value as Expression));
      return;
    }
    if (statement.kind === "if" && mayReturn([statement])) {
      compileEnding(state, statement, { rest, where });
      return;
    }
    compileStatement(state, statement, where);
  }
}

function mayReturn(statements: readonly Statement[]): boolean {
  return statements.some(
    (statement) =>
      statement.kind === "return" || (statement.kind === "if" && (mayReturn(statement.yes) || mayReturn(statement.no))),
  );
}

function returns(statements: readonly Statement[]): boolean {
  const last = statements.at(-1);
  return last?.kind === "return" || (last?.kind === "if" && returns(last.yes) && returns(last.no));
}

/** An `if` of which a branch ends the plan: what comes after it belongs to the other branch. */
function compileEnding(
  state: State,
  statement: Statement & { readonly kind: "if" },
  { rest, where }: { readonly rest: readonly Statement[]; readonly where: Where },
): void {
  const [yes, no] = [returns(statement.yes), returns(statement.no)];
  if ((!yes && mayReturn(statement.yes)) || (!no && mayReturn(statement.no)))
    failOutside(
      "`return` ends a branch as its last statement: put the conditions together, or write the rest as `else`",
      statement.place,
    );
  if (yes && no && rest[0] !== undefined) failOutside("nothing comes after both branches have ended", rest[0].place);
  const joined = {
    ...statement,
    yes: yes ? statement.yes : [...statement.yes, ...rest],
    no: no ? statement.no : [...statement.no, ...rest],
  };
  compileIf(state, joined, where);
}

function compileStatement(state: State, statement: Statement, where: Where): void {
  state.memo = new Map();
  switch (statement.kind) {
    case "assign":
      compileAssign(state, statement);
      return;
    case "append":
      compileAppend(state, statement);
      return;
    case "expression":
      evaluate(state, statement.value);
      return;
    case "if":
      compileIf(state, statement, where);
      return;
    case "for":
      compileFor(state, statement);
      return;
    case "return":
  }
}

function compileAssign(state: State, { target, value, place }: Statement & { readonly kind: "assign" }): void {
  const name = target.kind === "name" ? target.name : undefined;
  const before = name === undefined ? undefined : state.loop?.before.get(name);
  if (before !== undefined && name !== undefined) {
    const added = addedTo(name, value);
    if (added === undefined || state.loop?.changed.has(name)) throw new NotRows();
    const list = collectLoop(state, evaluate(state, added), place);
    state.loop?.changed.set(name, share(accumulated(state, { before, list, place }), name));
    return;
  }
  bindTarget(state, target, evaluate(state, value, name));
}

/** What is added in `x = x + e`. */
function addedTo(name: string, value: Expression): Expression | undefined {
  const isSum = value.kind === "binary" && value.operator === "+" && value.left.kind === "name" && value.left.name === name;
  return isSum ? value.right : undefined;
}

function compileAppend(state: State, { name, value, place }: Statement & { readonly kind: "append" }): void {
  const before = state.loop?.before.get(name);
  const element = evaluate(state, value, name);
  if (before !== undefined) {
    if (state.loop?.changed.has(name)) throw new NotRows();
    const list = collectLoop(state, element, place);
    state.loop?.changed.set(name, share(lengthened(state, { before, list, place }), name));
    return;
  }
  const list = lookUp(state, name, place);
  const inner = bare(list);
  if (inner.kind === "ref" || inner.kind === "slice" || typeOf(inner).type !== "list")
    failOutside(`only a list that the code has made can grow, and \`${shown(name)}\` is none: begin with an empty list`, place);
  refuseAliases(state, name, { value: list, place });
  const elements = elementsOf(inner);
  if (elements !== undefined) bind(state, name, listValue([...elements, element]));
  else {
    const one: Cel = { op: "list", elements: [celOf(state, element, place)] };
    const cel: Cel = { op: "binary", sign: "+", left: celOf(state, list, place), right: one };
    bind(state, name, share(computed(cel, listOf(kinds.unknown)), name));
  }
}

/** Characters of a condition that is written out wherever it holds; a longer one gets a name. */
const conditionCharsMax = 80;

function compileIf(state: State, { test, yes, no, place }: Statement & { readonly kind: "if" }, where: Where): void {
  state.memo = new Map();
  const cel = named(state, testOf(state, test), place);
  if (cel.op === "literal") {
    compileBlock(state, cel.value === true ? yes : no, where);
    return;
  }
  const { env, order } = state;
  under(state, cel, () => compileBlock(state, yes, where));
  const after = { env: state.env, order: state.order };
  state.env = env;
  state.order = order;
  under(state, not(cel), () => compileBlock(state, no, where));
  state.order = joinOrders(order, after.order, state.order);
  joinBranches(state, { test: cel, yes: after.env, no: state.env }, place);
}

function named(state: State, cel: Cel, place: Statement["place"]): Cel {
  if (cel.op === "literal" || isPerRow(cel) || printCel(cel).length <= conditionCharsMax) return cel;
  return { op: "name", name: letOf(state, "condition", { cel, place }) };
}

type For = Statement & { readonly kind: "for" };

function compileFor(state: State, statement: For): void {
  const of = evaluate(state, statement.of);
  if (elementsOf(bare(of)) !== undefined) {
    writeOut(state, statement, of);
    return;
  }
  if (state.loop !== undefined) {
    rowLoop(state, statement);
    return;
  }
  const restore = snapshot(state);
  try {
    const before = changedBefore(state, statement.body);
    inRows(state, {
      before,
      body: () => {
        rowLoop(state, statement, before);
        for (const [name, value] of before) bind(state, name, state.loop?.changed.get(name) ?? value);
      },
    });
  } catch (error) {
    if (!(error instanceof NotRows)) throw error;
    restore();
    writeOut(state, statement, of);
  }
}

/** The names of before the loop that it changes, with their values; within the loop they have none. */
function changedBefore(state: State, body: readonly Statement[]): ReadonlyMap<string, Value> {
  const before = new Map<string, Value>();
  for (const name of namesSet(body)) {
    const value = state.env.get(name);
    if (value !== undefined && value.kind !== "unset") before.set(name, value);
  }
  return before;
}

function rowLoop(state: State, { target, of, body }: For, before: ReadonlyMap<string, Value> = new Map()): void {
  const { env } = state;
  for (const name of before.keys()) bind(state, name, { kind: "unset", why: "" });
  inClauses(state, [{ target, of, tests: [] }], () => compileBlock(state, body, "loop"));
  const after = new Map(env);
  for (const name of [...namesSet(body), ...namesOf(target)])
    after.set(name, { kind: "unset", why: "has a value in the loop only" });
  state.env = after;
}

/** Names that statements set. */
function namesSet(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of statements) {
    if (statement.kind === "assign") for (const name of namesOf(statement.target)) names.add(name);
    if (statement.kind === "append") names.add(statement.name);
    const inner = statement.kind === "if" ? [...statement.yes, ...statement.no] : statement.kind === "for" ? statement.body : [];
    if (statement.kind === "for") for (const name of namesOf(statement.target)) names.add(name);
    for (const name of namesSet(inner)) names.add(name);
  }
  return names;
}

function namesOf(target: Target): readonly string[] {
  if (target.kind === "name") return [target.name];
  if (target.kind === "members") return target.members.flatMap((member) => namesOf(member.target));
  return target.targets.flatMap((inner) => (inner === undefined ? [] : namesOf(inner)));
}

/** A loop round by round. */
function writeOut(state: State, { target, body, place, isTogether = false }: For, of: Value): void {
  const start = state.order;
  let after = start;
  for (const { value, guard } of roundsOf(state, { of, place })) {
    if (guard.op === "literal") {
      if (isTogether) state.order = start;
      bindTarget(state, target, value);
      compileBlock(state, body, "loop");
      after = after === start ? state.order : joinOrders(start, after, state.order);
      continue;
    }
    if (isTogether) state.order = start;
    const { env, order } = state;
    under(state, guard, () => {
      bindTarget(state, target, value);
      compileBlock(state, body, "loop");
    });
    state.order = joinOrders(order, state.order, order);
    joinBranches(state, { test: guard, yes: state.env, no: env }, place);
    after = after === start ? state.order : joinOrders(start, after, state.order);
  }
  if (isTogether) state.order = after;
}
