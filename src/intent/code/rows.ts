/**
 * The rows that a call in a loop runs for: a path, a path with a condition, or a computed list.
 * Pure. Never leaves out a condition: what no path and no `where` says is computed by a `let`.
 */
import type { EachRule } from "../../plan/plan.ts";
import type { Place } from "../intent.ts";
import { anyPart, both, type Cel, call, literal, partsOf, printCel, replaceLeaves } from "./cel.ts";
import { slugOf } from "../../plan/names.ts";
import { bare, celOf, letOf } from "./emit.ts";
import { sure } from "./kind.ts";
import { newName, NotRows, type RowClause, spendWork, type State } from "./state.ts";
import { pathOf, type Step, typeOf, type Value } from "./value.ts";

/** The rows of a node, and where in one of them the row of each clause is. */
export interface Rows {
  readonly each: string | EachRule;
  readonly items: ReadonlyMap<number, readonly Step[]>;
  /** The node that the rows come from, where they come from one directly. */
  readonly source: string | undefined;
}

/** What is asked of the rows. */
export interface RowsWanted {
  /** The clauses whose rows the call reads. */
  readonly read: ReadonlySet<number>;
  /** The clauses of whose rows it surely reads a member: then only rows of a list are anything to it. */
  readonly members: ReadonlySet<number>;
  readonly max: number;
  readonly place: Place;
}

/** The rows of the clauses around. */
export function rowsOf(state: State, wanted: RowsWanted): Rows {
  spendWork(state, wanted.place);
  return pathRows(state, wanted) ?? computedRows(state, wanted);
}

/** Rows that one path selects: lists within lists, of which only the innermost row is read. */
function pathRows(state: State, { read, members, max, place }: RowsWanted): Rows | undefined {
  const clauses = state.rows;
  const last = clauses.at(-1);
  if (last === undefined || [...read].some((id) => id !== last.id)) return undefined;
  let from: { readonly node: string; readonly path: string } | undefined;
  const tests: Cel[] = [];
  for (const [i, clause] of clauses.entries()) {
    const source = sourceOf(state, clause, { before: clauses[i - 1], members, isLast: clause === last, place });
    // A loop in a loop over another list goes through that list as often as there are rows outside.
    if (i > 0 && source !== undefined && source.node !== "") return undefined;
    // A path that ends at a result would take a result that is a list for its elements.
    if (source === undefined || (source.isResult && clause === last)) return undefined;
    from =
      source.node === "" ? from && { node: from.node, path: from.path + source.path } : { node: source.node, path: source.path };
    if (from === undefined) return undefined;
    if (source.test !== undefined) {
      if (clause !== last) return undefined;
      tests.push(replaceLeaves(source.test.cel, (leaf) => localToRow(leaf, source.test?.local ?? "", clause.id)));
    }
    if (clause !== last && clause.tests.length > 0) return undefined;
  }
  const all = [...tests, ...last.tests];
  if (from === undefined || all.some((test) => !isWhere(test, last.id))) return undefined;
  const where = all.reduce<Cel>((sum, test) => both(sum, test), literal(true));
  const isOpen = where.op === "literal" && where.value === true;
  return {
    each: { from: `${from.node}$${from.path}`, max, ...(isOpen ? {} : { where: printCel(where) }) },
    items: new Map([[last.id, []]]),
    source: from.node,
  };
}

interface SourceWanted {
  readonly before: RowClause | undefined;
  readonly members: ReadonlySet<number>;
  readonly isLast: boolean;
  readonly place: Place;
}

/** The path of a clause. What may be no list is one by force: a path would go through the members of an object, and past a text. */
function sourceOf(state: State, clause: RowClause, { before, members, isLast, place }: SourceWanted): PathSource | undefined {
  const source = pathSource(clause.of, before);
  const isUnsure =
    sure(typeOf(clause.of)).type === "unknown" && isLast && !members.has(clause.id) && !hasMember(clause.tests, clause.id);
  if (source === undefined || !isUnsure) return source;
  const value = bare(clause.of);
  if (value.kind !== "ref" || value.base.at !== "node") return undefined;
  const cel = forced(celOf(state, value, place));
  return { node: letOf(state, `${clause.hint}_rows`, { cel, place }), path: "[*]" };
}

/** A list, or a failure. */
function forced(of: Cel): Cel {
  return { op: "binary", sign: "+", left: of, right: { op: "list", elements: [] } };
}

/** Whether expressions surely read a member of a row. */
export function hasMember(cels: readonly Cel[], row: number): boolean {
  return cels.some((cel) => {
    if ((cel.op === "member" || cel.op === "has") && cel.of.op === "row" && cel.of.clause === row) return true;
    return hasMember(certainParts(cel), row);
  });
}

/** The parts that are evaluated whenever the whole is. */
function certainParts(cel: Cel): readonly Cel[] {
  if (cel.op === "if") return [cel.test];
  if (cel.op === "macro") return [cel.of];
  if (cel.op === "binary" && (cel.sign === "&&" || cel.sign === "||")) return [cel.left];
  return partsOf(cel);
}

function localToRow(leaf: Cel, local: string, clause: number): Cel | undefined {
  return leaf.op === "local" && leaf.name === local ? { op: "row", clause } : undefined;
}

/** Whether `where` can say a test: the row and parameters are all that it knows. */
function isWhere(test: Cel, row: number): boolean {
  return !anyPart(test, (part) => {
    if (part.op === "row") return part.clause !== row;
    return part.op === "run" || (part.op === "name" && part.name !== "params");
  });
}

interface PathSource {
  /** Empty: the path goes on from the rows of the clause before. */
  readonly node: string;
  readonly path: string;
  readonly isResult?: boolean;
  readonly test?: { readonly cel: Cel; readonly local: string };
}

function pathSource(of: Value, before: RowClause | undefined): PathSource | undefined {
  const value = bare(of);
  if (value.kind === "computed" && value.filtered !== undefined) {
    const source = pathSource(value.filtered.of, before);
    return source?.test === undefined && source !== undefined
      ? { ...source, test: { cel: value.filtered.test, local: value.filtered.local } }
      : undefined;
  }
  if (value.kind === "slice") {
    const whole = pathSource(value.of, before);
    if (whole === undefined) return undefined;
    return { ...whole, path: `${whole.path.slice(0, -"[*]".length)}[${value.from ?? ""}:${value.to ?? ""}]` };
  }
  if (value.kind === "ref" && value.optionalFrom === undefined) {
    const path = `${pathOf(value.steps)}[*]`;
    if (value.base.at === "node") return { node: value.base.name, path };
    return value.base.at === "row" && value.base.clause === before?.id ? { node: "", path } : undefined;
  }
  if (value.kind !== "runs") return undefined;
  return { node: value.name, path: pathOf(value.steps), isResult: value.type.type !== "object" };
}

/** Rows that an expression computes. */
function computedRows(state: State, { read, max, place }: RowsWanted): Rows {
  const clauses = state.rows;
  const last = clauses.at(-1);
  const members = clauses.filter(({ id }) => read.has(id) && id !== last?.id);
  const isWhole = members.length === 0;
  const names = new Map(clauses.map(({ id, hint }, i) => [id, i === 0 ? slugOf(hint) : `${slugOf(hint)}_${i + 1}`] as const));
  const cel = comprehended(state, clauses, {
    place,
    body: (locals) => {
      const row = locals.get(last?.id ?? -1) ?? literal(null);
      if (isWhole) return row;
      const parts = clauses.filter(({ id }) => read.has(id) || id === last?.id);
      return {
        op: "object",
        members: parts.map(({ id }) => [names.get(id) ?? "row", locals.get(id) ?? row] as const),
      };
    },
  });
  const name = letOf(state, `${last?.hint ?? "row"}_rows`, { cel, place });
  const items = isWhole
    ? new Map([[last?.id ?? -1, [] as readonly Step[]]])
    : new Map(Array.from(names, ([id, member]) => [id, [member]] as const));
  return { each: { from: `${name}$[*]`, max }, items, source: name };
}

/** The list that the clauses make of a body: filtered, mapped, flattened. */
export function comprehended(
  state: State,
  clauses: readonly RowClause[],
  { body, place }: { readonly body: (locals: ReadonlyMap<number, Cel>) => Cel; readonly place: Place },
  locals: ReadonlyMap<number, Cel> = new Map(),
): Cel {
  const [clause, ...inner] = clauses;
  if (clause === undefined) return body(locals);
  const local = newName(state, clause.hint);
  const own: Cel = { op: "local", name: local };
  const known = new Map(locals).set(clause.id, own);
  const placed = (cel: Cel): Cel => replaceLeaves(cel, (leaf) => (leaf.op === "row" ? known.get(leaf.clause) : undefined));
  const test = clause.tests.reduce<Cel>((all, next) => both(all, placed(next)), literal(true));
  // No expression cuts a list: a loop over a part of one, of which no path tells, is written out.
  if (state.loop !== undefined && bare(clause.of).kind === "slice") throw new NotRows();
  const outer = replaceLeaves(celOf(state, clause.of, place), (leaf) =>
    leaf.op === "row" ? locals.get(leaf.clause) : undefined,
  );
  const inside =
    inner.length > 0 ? [...clause.tests, celOf(state, (inner[0] as RowClause).of, place)] : [...clause.tests, body(known)];
  const isList = sure(typeOf(clause.of)).type === "list" || hasMember(inside, clause.id);
  const list = isList ? outer : forced(outer);
  const isOpen = test.op === "literal" && test.value === true;
  const kept: Cel = isOpen ? list : { op: "macro", name: "filter", of: list, local, body: test };
  const element = inner.length === 0 ? placed(body(known)) : comprehended(state, inner, { body, place }, known);
  const isSame = element.op === "local" && element.name === local;
  const mapped: Cel = isSame ? kept : { op: "macro", name: "map", of: kept, local, body: element };
  return inner.length === 0 ? mapped : call("flatten", mapped);
}
