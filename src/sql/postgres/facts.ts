/**
 * What a parsed PostgreSQL statement does: kinds, tables, columns and functions, also of the statements inside it.
 * Pure. Never leaves anything out: a node that is not known is walked like any other, and a statement that is not known touches every table.
 */
import type { SqlColumn, SqlFacts } from "../../constraints/sql.ts";
import { inside, type Relation, resolveColumn, type Scope } from "./scope.ts";
import { listOf, nameOf, stringsOf, tableName, textOf, type Tree, treeOf, unwrap } from "./tree.ts";

interface Finder {
  readonly kinds: Set<string>;
  readonly tables: Set<string>;
  readonly functions: Set<string>;
  readonly columns: SqlColumn[];
}

/** Reads a column that must not be taken for granted: all columns of whatever is there. */
const everyColumn: SqlColumn = { tables: [], name: "*" };

/** The facts of one statement, as the library gives it. */
export function factsOfStatement(statement: unknown): SqlFacts {
  const finder: Finder = { kinds: new Set(), tables: new Set(), functions: new Set(), columns: [] };
  walk(finder, statement, { levels: [], ctes: new Map() });
  return { kinds: [...finder.kinds], tables: [...finder.tables], functions: [...finder.functions], columns: finder.columns };
}

/** Walks a part of the tree that stands at one place. */
function walk(finder: Finder, value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const each of value) walk(finder, each, scope);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [member, part] of Object.entries(value)) {
    const visit = Object.hasOwn(visitors, member) ? visitors[member] : undefined;
    if (visit !== undefined) visit(finder, treeOf(part), scope);
    else if (/^[A-Z]\w*Stmt$/.test(member)) otherStatement(finder, member, treeOf(part), scope);
    else if (Array.isArray(treeOf(part).funcname)) call(finder, treeOf(part), scope);
    else if (textOf(treeOf(part), "relname") !== undefined) touch(finder, treeOf(part), scope);
    else walk(finder, part, scope);
  }
}

type Visitor = (finder: Finder, node: Tree, scope: Scope) => void;

const visitors: Readonly<Record<string, Visitor>> = {
  SelectStmt: (finder, node, scope) => void select(finder, node, scope),
  InsertStmt: insert,
  UpdateStmt: update,
  DeleteStmt: remove,
  MergeStmt: merge,
  ExplainStmt: (finder, node, scope) => {
    finder.kinds.add("EXPLAIN");
    walk(finder, node, scope);
  },
  ColumnRef: (finder, node, scope) => {
    const column = resolveColumn(
      scope,
      stringsOf(listOf(node, "fields")).map((part) => (part === "*" ? part : nameOf(part))),
    );
    if (column !== undefined) finder.columns.push(column);
  },
  FuncCall: call,
  RangeVar: (finder, node, scope) => void touch(finder, node, scope),
  RangeTableSample: (finder, node, scope) => {
    finder.functions.add(stringsOf(listOf(node, "method")).map(nameOf).join("."));
    walk(finder, node, scope);
  },
  A_Star: (finder) => void finder.columns.push(everyColumn),
};

function call(finder: Finder, node: Tree, scope: Scope): void {
  finder.functions.add(stringsOf(listOf(node, "funcname")).map(nameOf).join("."));
  const { funcname: _, ...rest } = node;
  walk(finder, rest, scope);
}

/** A statement of no kind that is read in detail: its first word, and every table. */
function otherStatement(finder: Finder, type: string, node: Tree, scope: Scope): void {
  const word = type === "GrantStmt" && node.is_grant !== true ? "Revoke" : (/^[A-Z]+[a-z]*/.exec(type)?.[0] ?? type);
  finder.kinds.add(word.toUpperCase());
  if (node.is_program === true) finder.kinds.add("PROGRAM");
  // Its tables may be plain names in lists, which nothing distinguishes from others.
  if (type !== "CopyStmt" && type !== "TruncateStmt" && type !== "LockStmt") finder.tables.add("*");
  finder.columns.push(everyColumn);
  walk(finder, node, scope);
}

/** A table that is named outside a FROM clause, or one that is; the relation that it makes. */
function touch(finder: Finder, range: Tree, scope: Scope): Relation {
  const aliased = treeOf(range.alias);
  const bare = nameOf(textOf(range, "relname") ?? "*");
  const alias = textOf(aliased, "aliasname");
  const columns = stringsOf(listOf(aliased, "colnames")).map(nameOf);
  const name = alias === undefined ? bare : nameOf(alias);
  const cte = range.schemaname === undefined ? scope.ctes.get(bare) : undefined;
  if (cte !== undefined) return { alias: name, columns: renamed(cte, columns) };
  const table = tableName(range);
  finder.tables.add(table);
  // New names for a table's columns hide which ones they are.
  if (columns.length > 0) finder.columns.push({ tables: [table], name: "*" });
  return { alias: name, table, columns: [] };
}

function renamed(columns: readonly string[], names: readonly string[]): readonly string[] {
  return names.length === 0 ? columns : [...names, ...columns.slice(names.length)];
}

/** The scope behind a WITH clause. A definition sees those before it; under RECURSIVE all. */
function withCtes(finder: Finder, clause: Tree, scope: Scope): Scope {
  const definitions = listOf(clause, "ctes").map((each) => unwrap(each).inner);
  const ctes = new Map(scope.ctes);
  if (clause.recursive === true) for (const each of definitions) ctes.set(nameOf(textOf(each, "ctename") ?? ""), outputsOf(each));
  for (const each of definitions) {
    // The levels outside are not visible in a definition at the top, and harmless elsewhere.
    const outputs = query(finder, each.ctequery, { ...scope, ctes: new Map(ctes) });
    ctes.set(nameOf(textOf(each, "ctename") ?? ""), renamed(outputs, stringsOf(listOf(each, "aliascolnames")).map(nameOf)));
  }
  return { ...scope, ctes };
}

/** Columns of a recursive definition before it was read: as it names them, or as its first SELECT does. */
function outputsOf(definition: Tree): readonly string[] {
  let select = unwrap(definition.ctequery).inner;
  // INVARIANT: each step goes one level down a finite tree.
  while (Object.keys(treeOf(select.larg)).length > 0) select = treeOf(select.larg);
  return renamed(targetNames(select), stringsOf(listOf(definition, "aliascolnames")).map(nameOf));
}

/** A query of any kind, and the names of the columns that it gives. */
function query(finder: Finder, value: unknown, scope: Scope): readonly string[] {
  const { type, inner } = unwrap(value);
  if (type === "SelectStmt") return select(finder, inner, scope);
  walk(finder, value, scope);
  return listOf(treeOf(inner.returningClause), "exprs").flatMap(targetName);
}

function select(finder: Finder, node: Tree, outer: Scope): readonly string[] {
  // Rows that are written out are no statement of their own but at the top.
  if (node.valuesLists === undefined) finder.kinds.add("SELECT");
  else if (finder.kinds.size === 0) finder.kinds.add("VALUES");
  const scope = withCtes(finder, treeOf(node.withClause), outer);
  if (node.intoClause !== undefined) {
    finder.kinds.add("CREATE");
    touch(finder, treeOf(treeOf(node.intoClause).rel), scope);
  }
  if (listOf(node, "lockingClause").length > 0) finder.kinds.add("LOCK");
  const isSet = node.larg !== undefined && node.rarg !== undefined;
  const outputs = isSet ? select(finder, treeOf(node.larg), scope) : targetNames(node);
  if (isSet) select(finder, treeOf(node.rarg), scope);
  const relations: Relation[] = [];
  const own = inside(scope, relations);
  for (const each of listOf(node, "fromClause")) from(finder, each, { relations, own, scope });
  for (const member of [
    "targetList",
    "whereClause",
    "groupClause",
    "havingClause",
    "windowClause",
    "distinctClause",
    "valuesLists",
    "limitOffset",
    "limitCount",
  ])
    walk(finder, node[member], own);
  for (const each of listOf(node, "sortClause")) {
    // ORDER BY prefers the name of an output to a column of the same name.
    const sorted = unwrap(unwrap(each).inner.node);
    const names = sorted.type === "ColumnRef" ? stringsOf(listOf(sorted.inner, "fields")) : [];
    if (names.length !== 1 || !outputs.includes(nameOf(names[0] ?? ""))) walk(finder, each, own);
  }
  return outputs;
}

function targetNames(node: Tree): readonly string[] {
  const [row] = listOf(node, "valuesLists");
  if (row !== undefined) return listOf(unwrap(row).inner, "items").map((_, i) => `column${i + 1}`);
  return listOf(node, "targetList").flatMap(targetName);
}

/** The name that PostgreSQL gives an output, where it is one that anybody would refer to. */
function targetName(value: unknown): readonly string[] {
  const target = unwrap(value).inner;
  const name = textOf(target, "name");
  if (name !== undefined) return [nameOf(name)];
  const { type, inner } = unwrap(target.val);
  const last = stringsOf(listOf(inner, type === "ColumnRef" ? "fields" : "funcname")).at(-1);
  return (type === "ColumnRef" || type === "FuncCall") && last !== undefined && last !== "*" ? [nameOf(last)] : [];
}

interface FromPlace {
  /** Filled as items are read. */
  readonly relations: Relation[];
  /** With the relations of this FROM: what functions, LATERAL and conditions see. */
  readonly own: Scope;
  readonly scope: Scope;
}

function from(finder: Finder, value: unknown, place: FromPlace): void {
  const { type, inner } = unwrap(value);
  const alias = treeOf(inner.alias);
  const name = nameOf(textOf(alias, "aliasname") ?? "");
  const names = stringsOf(listOf(alias, "colnames")).map(nameOf);
  if (type === "RangeVar") place.relations.push(touch(finder, inner, place.scope));
  else if (type === "JoinExpr") join(finder, inner, place);
  else if (type === "RangeSubselect") {
    const outputs = query(finder, inner.subquery, inner.lateral === true ? place.own : place.scope);
    place.relations.push({ alias: name, columns: renamed(outputs, names) });
  } else if (type === "RangeFunction") {
    walk(finder, inner.functions, place.own);
    const defined = listOf(inner, "coldeflist").map((each) => nameOf(textOf(unwrap(each).inner, "colname") ?? ""));
    place.relations.push({ alias: name, columns: [...names, ...defined, name] });
  } else if (type === "RangeTableSample") {
    finder.functions.add(stringsOf(listOf(inner, "method")).map(nameOf).join("."));
    from(finder, inner.relation, place);
    walk(finder, [inner.args, inner.repeatable], place.own);
  } else {
    walk(finder, value, place.own);
    place.relations.push({ alias: name, columns: names });
  }
}

function join(finder: Finder, node: Tree, place: FromPlace): void {
  from(finder, node.larg, place);
  from(finder, node.rarg, place);
  if (node.isNatural === true || listOf(treeOf(node.alias), "colnames").length > 0) finder.columns.push(everyColumn);
  for (const name of stringsOf(listOf(node, "usingClause"))) {
    const column = resolveColumn(place.own, [nameOf(name)]);
    if (column !== undefined) finder.columns.push(column);
  }
  walk(finder, node.quals, place.own);
}

/** The target of a statement that writes, with the scope in which its expressions stand. */
function target(
  finder: Finder,
  node: Tree,
  outer: Scope,
): { readonly table: string; readonly scope: Scope; readonly relations: Relation[] } {
  const scope = withCtes(finder, treeOf(node.withClause), outer);
  // A common table expression is never written to, so its name means the table here.
  const relation = touch(finder, treeOf(node.relation), { ...scope, ctes: new Map() });
  const table = relation.table ?? "*";
  const relations: Relation[] = [relation];
  return { table, scope: inside(scope, relations), relations };
}

/** Columns that are assigned to, and the values. */
function assign(
  finder: Finder,
  targets: readonly unknown[],
  { table, scope }: { readonly table: string; readonly scope: Scope },
): void {
  for (const each of targets) {
    const { inner } = unwrap(each);
    finder.columns.push({ tables: [table], name: nameOf(textOf(inner, "name") ?? "*") });
    walk(finder, [inner.val, inner.indirection], scope);
  }
}

/** RETURNING: the row as it is, was and will be. */
function returning(finder: Finder, node: Tree, { table, scope }: { readonly table: string; readonly scope: Scope }): void {
  const rows: readonly Relation[] = ["old", "new"].map((alias) => ({ alias, table, columns: [] }));
  const [level = [], ...outer] = scope.levels;
  walk(finder, node.returningClause, { ...scope, levels: [[...level, ...rows], ...outer] });
}

function insert(finder: Finder, node: Tree, outer: Scope): void {
  finder.kinds.add("INSERT");
  const place = target(finder, node, outer);
  const columns = listOf(node, "cols");
  if (columns.length === 0) finder.columns.push({ tables: [place.table], name: "*" });
  assign(finder, columns, place);
  query(finder, node.selectStmt, { ...place.scope, levels: outer.levels });
  const conflict = treeOf(node.onConflictClause);
  if (conflict.action === "ONCONFLICT_UPDATE") finder.kinds.add("UPDATE");
  for (const each of listOf(treeOf(conflict.infer), "indexElems")) {
    const { inner } = unwrap(each);
    const name = textOf(inner, "name");
    if (name !== undefined) finder.columns.push({ tables: [place.table], name: nameOf(name) });
    walk(finder, inner.expr, place.scope);
  }
  const excluded = { alias: "excluded", table: place.table, columns: [] };
  const scope = { ...place.scope, levels: [[...place.relations, excluded], ...outer.levels] };
  assign(finder, listOf(conflict, "targetList"), { table: place.table, scope });
  walk(finder, [conflict.whereClause, treeOf(conflict.infer).whereClause], scope);
  returning(finder, node, place);
}

function update(finder: Finder, node: Tree, outer: Scope): void {
  finder.kinds.add("UPDATE");
  const place = target(finder, node, outer);
  for (const each of listOf(node, "fromClause"))
    from(finder, each, { relations: place.relations, own: place.scope, scope: place.scope });
  assign(finder, listOf(node, "targetList"), place);
  walk(finder, node.whereClause, place.scope);
  returning(finder, node, place);
}

function remove(finder: Finder, node: Tree, outer: Scope): void {
  finder.kinds.add("DELETE");
  const place = target(finder, node, outer);
  for (const each of listOf(node, "usingClause"))
    from(finder, each, { relations: place.relations, own: place.scope, scope: place.scope });
  walk(finder, node.whereClause, place.scope);
  returning(finder, node, place);
}

/** MERGE: whose columns are whose is not worked out, so it passes no list of columns. */
function merge(finder: Finder, node: Tree, outer: Scope): void {
  finder.kinds.add("MERGE");
  finder.columns.push(everyColumn);
  const place = target(finder, node, outer);
  from(finder, node.sourceRelation, { relations: place.relations, own: place.scope, scope: place.scope });
  for (const each of listOf(node, "mergeWhenClauses")) {
    const { inner } = unwrap(each);
    const word = /^CMD_(INSERT|UPDATE|DELETE)$/.exec(textOf(inner, "commandType") ?? "")?.[1];
    if (word !== undefined) finder.kinds.add(word);
  }
  walk(finder, [node.joinCondition, node.mergeWhenClauses, node.returningClause], place.scope);
}
