/**
 * What a statement does, from node-sql-parser's tree and from our own reading of its words; of both, what says more.
 * Pure. Never trusts a shape: a name that is not a text touches everything.
 */
import { refuseStatement, type SqlColumn, type SqlFacts, type SqlRefusal } from "../../constraints/sql.ts";
import { isPartOf, type SqlReading } from "../../lang/template/sql.ts";
import { ok, type Result } from "../../result.ts";

/** What the library gives: one statement, or a list of them. */
export interface Syntax {
  readonly ast: unknown;
}

interface Tree {
  readonly [member: string]: unknown;
}

interface Finder {
  readonly kinds: Set<string>;
  readonly functions: Set<string>;
  /** Tables by the names under which columns are qualified. */
  readonly tables: Map<string, Set<string>>;
  /** Names of subqueries and common table expressions. */
  readonly derived: Set<string>;
  readonly columns: { readonly qualifier: string | undefined; readonly name: string }[];
}

/** Statements that the facts are complete for. The library reads others, and says less about them. */
const known: ReadonlySet<string> = new Set(["select", "insert", "replace", "update", "delete"]);

/** The facts of exactly one statement. */
export function syntaxFacts({ ast }: Syntax, gate: SqlReading): Result<SqlFacts, SqlRefusal> {
  const statement = Array.isArray(ast) ? (ast.length === 1 ? ast[0] : undefined) : ast;
  const type = textOf(treeOf(statement).type);
  if (type === undefined || !known.has(type)) return refuseStatement("a statement is SELECT, INSERT, REPLACE, UPDATE or DELETE");
  const finder: Finder = { kinds: new Set(), functions: new Set(), tables: new Map(), derived: new Set(), columns: [] };
  walk(finder, statement, "");
  const target = type === "insert" || type === "replace" ? insertTarget(finder, treeOf(statement)) : undefined;
  // Words that write and belong to no statement that was found: INTO OUTFILE, FOR UPDATE.
  for (const word of gate.writes) if (!isPartOf(word, finder.kinds)) finder.kinds.add(word);
  // A join without a condition of its own compares columns that nobody names.
  if (gate.words.includes("NATURAL")) finder.columns.push({ qualifier: undefined, name: "*" });
  const named = [...finder.tables.values()].flatMap((tables) => [...tables]);
  const tables = new Set([...gate.tables, ...named.filter((name) => !finder.derived.has(name))]);
  // To the gate, `INTO t (a)` and `WITH x (a)` look like calls; the library tells them apart.
  const calls = gate.functions.filter((name) => name !== target && !finder.derived.has(name));
  return ok({
    kinds: [...finder.kinds],
    tables: [...tables],
    functions: [...new Set([...calls, ...finder.functions])],
    columns: finder.columns.flatMap((column) => resolve(finder, column)),
  });
}

function treeOf(value: unknown): Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A name in the library's several forms; `*` for one that is none of them. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value.startsWith('"') ? value : value.toLowerCase();
  const tree = treeOf(value);
  if (Array.isArray(tree.name)) return tree.name.map(nameOf).join(".");
  if (tree.schema !== undefined && tree.name !== undefined) return `${nameOf(tree.schema)}.${nameOf(tree.name)}`;
  if (tree.expr !== undefined) return nameOf(tree.expr);
  if (tree.name !== undefined) return nameOf(tree.name);
  return textOf(tree.value) === undefined ? "*" : nameOf(tree.value);
}

function walk(finder: Finder, value: unknown, member: string): void {
  if (Array.isArray(value)) {
    for (const each of value) walk(finder, each, member);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const tree = value as Tree;
  const type = textOf(tree.type);
  if (type !== undefined && known.has(type)) statementOf(finder, tree, type);
  if (type === "column_ref") finder.columns.push({ qualifier: optional(tree.table), name: nameOf(tree.column) });
  if (type === "function" || type === "aggr_func") finder.functions.add(nameOf(tree.name));
  if (member === "from" || member === "table") relationOf(finder, tree);
  if (member === "with") finder.derived.add(nameOf(tree.name));
  for (const [name, part] of Object.entries(tree)) {
    // Lists of names that the library makes itself.
    if (name !== "tableList" && name !== "columnList") walk(finder, part, name);
  }
}

function optional(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : nameOf(value);
}

function relationOf(finder: Finder, tree: Tree): void {
  const alias = optional(tree.as);
  if (tree.table === undefined || tree.table === null) {
    if (alias !== undefined) finder.derived.add(alias);
    return;
  }
  const database = optional(tree.db);
  const table = nameOf(tree.table);
  const full = database === undefined ? table : `${database}.${table}`;
  const name = alias ?? table;
  finder.tables.set(name, (finder.tables.get(name) ?? new Set<string>()).add(full));
  const using = Array.isArray(tree.using) ? tree.using : [];
  for (const column of using) finder.columns.push({ qualifier: undefined, name: nameOf(column) });
}

/** Columns that a statement writes. */
function statementOf(finder: Finder, tree: Tree, type: string): void {
  finder.kinds.add(type.toUpperCase());
  const isInsert = type === "insert" || type === "replace";
  if (isInsert) {
    const columns = Array.isArray(tree.columns) ? tree.columns : [];
    if (columns.length === 0) finder.columns.push({ qualifier: undefined, name: "*" });
    for (const column of columns) finder.columns.push({ qualifier: undefined, name: nameOf(column) });
  }
  const sets = [tree.set, treeOf(tree.on_duplicate_update).set].flatMap((set) => (Array.isArray(set) ? set : []));
  for (const each of sets) finder.columns.push({ qualifier: optional(treeOf(each).table), name: nameOf(treeOf(each).column) });
}

function insertTarget(finder: Finder, tree: Tree): string | undefined {
  const [first] = Array.isArray(tree.table) ? tree.table : [];
  const name = nameOf(treeOf(first).table);
  // A call of a function of that name is listed by the library as well.
  return finder.functions.has(name) ? undefined : name;
}

/** The tables that a column may belong to: those of its qualifier, or all of the statement. Nothing if only something derived can have it. */
function resolve(finder: Finder, { qualifier, name }: Finder["columns"][number]): readonly SqlColumn[] {
  if (name === "*") return [{ tables: [], name }];
  if (qualifier === undefined) {
    const tables = [...finder.tables.values()].flatMap((each) => [...each]).filter((table) => !finder.derived.has(table));
    return [{ tables, name }];
  }
  const tables = [...(finder.tables.get(qualifier) ?? [])];
  const real = tables.filter((table) => !finder.derived.has(table));
  const isDerived = finder.derived.has(qualifier) || (tables.length > 0 && real.length === 0);
  return real.length === 0 && isDerived ? [] : [{ tables: real, name }];
}
