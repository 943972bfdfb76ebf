/**
 * Where values stand in results: leaves with their paths, rows of lists, and the way each is written in a plan.
 * Pure. Every walk is bounded.
 */
import { isArray, isObject, type Json, jsonEqual } from "../json/value.ts";
import { learnLeavesMax } from "../limits.ts";

/** A node that can be referred to, with the results that a reference to it sees. */
export interface Source {
  readonly name: string;
  /** In the order of rows; one, unless the node loops. */
  readonly runs: readonly Json[];
  /** Expressions see a list of results. */
  readonly isLoop: boolean;
  /** Rows of the loop may be run or left out as the agent likes: what was read once is not all that may be there. */
  readonly isPartial: boolean;
}

/** One value in a result. */
export interface Place {
  readonly source: Source;
  readonly run: number;
  readonly path: readonly (string | number)[];
  readonly value: Json;
}

/** All values of the sources (leaves, and lists and objects that are not empty) for which `test` holds. */
export function placesWhere(sources: readonly Source[], test: (value: Json) => boolean): readonly Place[] {
  const found: Place[] = [];
  let left = learnLeavesMax;
  const walk = (source: Source, run: number, path: readonly (string | number)[], value: Json): void => {
    if (left-- <= 0) return;
    if (test(value)) found.push({ source, run, path, value });
    if (isArray(value)) for (const [index, inner] of value.entries()) walk(source, run, [...path, index], inner);
    else if (isObject(value)) for (const [key, inner] of Object.entries(value)) walk(source, run, [...path, key], inner);
  };
  for (const source of sources) for (const [run, value] of source.runs.entries()) walk(source, run, [], value);
  return found;
}

/** All places of a wanted value. */
export function placesOf(sources: readonly Source[], wanted: Json): readonly Place[] {
  return placesWhere(sources, (value) => jsonEqual(value, wanted));
}

/** The value at a path, or `undefined`. */
export function at(value: Json, path: readonly (string | number)[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (typeof step === "number") current = isArray(current) ? current[step] : undefined;
    else current = isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return current;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A member step of JSONPath (RFC 9535 §2.3.1). */
export function memberStep(name: string): string {
  return identifier.test(name) ? `.${name}` : `[${pathLiteral(name)}]`;
}

/** A literal of JSONPath (RFC 9535 §2.3.5.1). */
export function pathLiteral(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const body = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${body}'`;
}

/** A member access of CEL. */
export function memberAccess(name: string): string {
  return identifier.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The members of a chain of names, in CEL. */
export function accessChain(names: readonly string[]): string {
  return names.map(memberAccess).join("");
}

/** A list of rows: the array at `prefix` in every run of a source. */
export interface RowSet {
  readonly source: Source;
  readonly prefix: readonly string[];
  readonly rows: readonly Json[];
}

/** Every array that is reached by member names alone, joined over the runs of its source. */
export function rowSetsOf(sources: readonly Source[]): readonly RowSet[] {
  const sets: RowSet[] = [];
  for (const source of sources) {
    const found = new Map<string, { readonly prefix: readonly string[]; readonly rows: Json[] }>();
    const walk = (value: Json, prefix: readonly string[]): void => {
      if (isArray(value)) {
        const key = JSON.stringify(prefix);
        const set = found.get(key) ?? { prefix, rows: [] };
        set.rows.push(...value);
        found.set(key, set);
      } else if (isObject(value) && prefix.length < 4) {
        for (const [name, inner] of Object.entries(value)) walk(inner, [...prefix, name]);
      }
    };
    for (const run of source.runs) walk(run, []);
    for (const { prefix, rows } of found.values()) if (rows.length > 0) sets.push({ source, prefix, rows });
  }
  return sets;
}

/** The rows of a set as a JSONPath reference. */
export function rowsPath(set: RowSet): string {
  return `${set.source.name}$${set.prefix.map(memberStep).join("")}[*]`;
}

/** The rows of a set as a CEL list. */
export function rowsExpression(set: RowSet): string {
  const chain = accessChain(set.prefix);
  if (!set.source.isLoop) return `${set.source.name}${chain}`;
  return chain === "" ? `flatten(${set.source.name})` : `flatten(${set.source.name}.map(x, x${chain}))`;
}
