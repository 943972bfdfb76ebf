/**
 * Loops that only gather values (`total += e`, `lines.append(e)`), as the sums and lists that they are (Tutorial §5.1.3).
 * Never reorders an addition of doubles, and never changes a list that another name may hold. Pure. No I/O, no clock.
 */
import type { Clause, Expression, Statement } from "../code/program.ts";
import { hasCall } from "./context.ts";

type For = Statement & { readonly kind: "for" };
type Rows = Expression & { readonly kind: "comprehension" };
type Assign = Statement & { readonly kind: "assign" };

/** One value that each row adds to a name, where the tests hold. */
interface Gathering {
  readonly name: string;
  readonly isAppended: boolean;
  readonly value: Expression;
  readonly tests: readonly Expression[];
}

/** The statements of a block, with each loop that only gathers written as assignments. Other loops stay as they are. */
export function gatherLoops(statements: readonly Statement[]): readonly Statement[] {
  const done: Statement[] = [];
  for (const statement of statements) {
    const assigned = statement.kind === "for" ? gathered(statement, done) : undefined;
    if (assigned === undefined) done.push(statement);
    else done.push(...assigned);
  }
  return done;
}

function gathered(loop: For, before: readonly Statement[]): readonly Statement[] | undefined {
  const gatherings = gatheringsOf(loop.body, []);
  if (gatherings === undefined || gatherings.length === 0) return undefined;
  const names = gatherings.map(({ name }) => name);
  if (new Set(names).size !== names.length) return undefined;
  const read = gatherings.map(({ value, tests }) => [value, tests]);
  if (names.some((name) => mentions([read, loop.of, loop.target], name))) return undefined;
  // Calls of several statements would take turns; those of one are made row by row either way.
  const calls = gatherings.some(({ value, tests }) => hasCall(value) || tests.some(hasCall));
  if (calls && gatherings.length > 1) return undefined;
  if (gatherings.length === 1 || !hasCall(loop.of)) return assignmentsOf(gatherings, { loop, before });
  // What is called once stays called once: its result has a name that no program can have.
  const rows = { kind: "name", name: "rows of a loop", place: loop.place } as const;
  const assigned = assignmentsOf(gatherings, { loop: { ...loop, of: rows }, before });
  return assigned === undefined ? undefined : [{ kind: "assign", target: rows, value: loop.of, place: loop.place }, ...assigned];
}

function gatheringsOf(body: readonly Statement[], tests: readonly Expression[]): readonly Gathering[] | undefined {
  const found: Gathering[] = [];
  for (const statement of body) {
    if (statement.kind === "if") {
      const { test, place } = statement;
      const yes = gatheringsOf(statement.yes, [...tests, test]);
      const no = gatheringsOf(statement.no, [...tests, { kind: "not", of: test, place }]);
      if (yes === undefined || no === undefined) return undefined;
      found.push(...(eitherOf(test, { yes, no, tests }) ?? [...yes, ...no]));
    } else {
      const gathering = gatheringOf(statement, tests);
      if (gathering === undefined) return undefined;
      found.push(gathering);
    }
  }
  return found;
}

interface Branches {
  readonly yes: readonly Gathering[];
  readonly no: readonly Gathering[];
  readonly tests: readonly Expression[];
}

/** Both branches add to the same name, each without further tests: each row adds one value or the other. */
function eitherOf(test: Expression, { yes, no, tests }: Branches): readonly Gathering[] | undefined {
  const [a, b] = [yes[0], no[0]];
  if (a === undefined || b === undefined || yes.length > 1 || no.length > 1 || a.name !== b.name) return undefined;
  if (a.isAppended !== b.isAppended || a.tests.length !== tests.length + 1 || b.tests.length !== tests.length + 1)
    return undefined;
  const value: Expression = { kind: "conditional", test, yes: a.value, no: b.value, place: test.place };
  return [{ name: a.name, isAppended: a.isAppended, value, tests }];
}

function gatheringOf(statement: Statement, tests: readonly Expression[]): Gathering | undefined {
  if (statement.kind === "append") return { name: statement.name, isAppended: true, value: statement.value, tests };
  if (statement.kind !== "assign" || statement.target.kind !== "name" || statement.value.kind !== "binary") return undefined;
  const { operator, left, right } = statement.value;
  const { name } = statement.target;
  return operator === "+" && left.kind === "name" && left.name === name
    ? { name, isAppended: false, value: right, tests }
    : undefined;
}

function assignmentsOf(gatherings: readonly Gathering[], around: Around): readonly Statement[] | undefined {
  const assigned = gatherings.map((gathering) => assignmentOf(gathering, around));
  return assigned.every((statement) => statement !== undefined) ? assigned : undefined;
}

interface Around {
  readonly loop: For;
  readonly before: readonly Statement[];
}

function assignmentOf({ name, isAppended, value, tests }: Gathering, { loop, before }: Around): Statement | undefined {
  const start = startOf(name, before);
  if (start === undefined) return undefined;
  const { place } = loop;
  const clause: Clause = { target: loop.target, of: loop.of, tests };
  const rows: Rows = { kind: "comprehension", clauses: [clause], element: value, place };
  const whole = isAppended ? appended(start.value, rows) : added(start.value, rows);
  return whole === undefined ? undefined : { kind: "assign", target: { kind: "name", name, place }, value: whole, place };
}

/** What a name begins with: the assignment before the loop, in the same block, that nothing between has read. */
function startOf(name: string, before: readonly Statement[]): Assign | undefined {
  for (const statement of before.toReversed()) {
    if (statement.kind === "assign" && statement.target.kind === "name" && statement.target.name === name) return statement;
    if (mentions(statement, name)) return undefined;
  }
  return undefined;
}

function appended(start: Expression, rows: Expression): Expression | undefined {
  const { place } = rows;
  if (start.kind === "list" && start.elements.length === 0) return rows;
  const isFresh = start.kind === "list" || start.kind === "comprehension" || (start.kind === "binary" && start.operator === "+");
  if (!isFresh || hasCall(start)) return undefined;
  return { kind: "binary", operator: "+", left: start, right: rows, place };
}

/** Only from 0 is the sum of the rows what Python adds up, one after the other; a text only grows. */
function added(start: Expression, rows: Rows): Expression | undefined {
  const { place } = rows;
  const sum: Expression = { kind: "apply", function: "sum", args: [rows], place };
  if (start.kind === "literal" && start.value === 0) return sum;
  if (start.kind === "apply" && start.function === "number" && start.args[0]?.kind === "literal" && start.args[0].value === 0)
    return { ...start, args: [sum] };
  if (start.kind !== "literal" || typeof start.value !== "string" || !isText(rows.element)) return undefined;
  const joined: Expression = { kind: "apply", function: "join", args: [rows, { kind: "literal", value: "", place }], place };
  return start.value === "" ? joined : { kind: "binary", operator: "+", left: start, right: joined, place };
}

function isText(expression: Expression): boolean {
  if (expression.kind === "template") return true;
  if (expression.kind === "literal") return typeof expression.value === "string";
  if (expression.kind === "apply") return ["text", "join", "fixed"].includes(expression.function);
  return expression.kind === "binary" && expression.operator === "+" && isText(expression.left) && isText(expression.right);
}

/** Whether a name occurs anywhere in a part of a program. */
function mentions(part: unknown, name: string): boolean {
  if (typeof part !== "object" || part === null) return false;
  if ("kind" in part && "name" in part && (part.kind === "name" || part.kind === "append") && part.name === name) return true;
  return Object.values(part).some((inner) => mentions(inner, name));
}
