/**
 * Which relation a column of PostgreSQL belongs to, without knowing the schema.
 * Pure. Never guesses: a column that could be of several tables is one of all of them, and one of none is nobody's.
 */
import type { SqlColumn } from "../../constraints/sql.ts";

/** What stands in a FROM clause: a table, or something derived whose columns are known by name. */
export interface Relation {
  readonly alias: string;
  /** Absent for a subquery, a common table expression or a function: what is in there was looked at by itself. */
  readonly table?: string;
  readonly columns: readonly string[];
}

/** What is visible at a place: relations level by level from the inside, and common table expressions with their columns. */
export interface Scope {
  readonly levels: readonly (readonly Relation[])[];
  readonly ctes: ReadonlyMap<string, readonly string[]>;
}

/** A scope with one more level inside. */
export function inside(scope: Scope, relations: readonly Relation[]): Scope {
  return { ...scope, levels: [relations, ...scope.levels] };
}

/** What a reference to a column touches; `undefined` if that is only what something derived offers. `name` and `parts` are canonical names. */
export function resolveColumn(scope: Scope, parts: readonly string[]): SqlColumn | undefined {
  const name = parts.at(-1) ?? "*";
  if (name === "*") return { tables: [], name };
  return parts.length === 1 ? resolveBare(scope, name) : resolveQualified(scope, parts.slice(0, -1), name);
}

/** PostgreSQL looks from the inside out and refuses what is ambiguous on one level. */
function resolveBare({ levels }: Scope, name: string): SqlColumn | undefined {
  const tables: string[] = [];
  for (const level of levels) {
    if (level.some(({ table, columns }) => table === undefined && columns.includes(name)))
      return tables.length === 0 ? undefined : { tables, name };
    tables.push(...level.flatMap(({ table }) => table ?? []));
  }
  return { tables, name };
}

function resolveQualified({ levels }: Scope, qualifier: readonly string[], name: string): SqlColumn | undefined {
  const dotted = qualifier.join(".");
  for (const level of levels) {
    const relation = level.find(({ alias, table }) => (qualifier.length === 1 ? alias === dotted : table === dotted));
    if (relation === undefined) continue;
    if (relation.table !== undefined) return { tables: [relation.table], name };
    return relation.columns.includes(name) ? undefined : { tables: [], name };
  }
  return { tables: [], name };
}
