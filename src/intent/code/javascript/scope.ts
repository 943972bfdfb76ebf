/**
 * Which names a program has where, so that a value is told from a tool, and a name means one thing.
 * Pure. Never lets an inner name hide an outer one: the tree of a program has one space of names.
 */
import type { Place } from "../../intent.ts";
import { failOutside } from "../fault.ts";
import type { Note } from "../program.ts";

/** What reading a program carries along. */
export interface Reader {
  readonly notes: Note[];
  /** Names of values, innermost scope last. */
  readonly scopes: Set<string>[];
  /** Names that tools are reached by: parameters such as `tools`, and imports under another name. */
  readonly holders: Map<string, readonly string[]>;

  count: number;
}

/** Nothing read yet. */
export function openReader(): Reader {
  return { notes: [], scopes: [new Set()], holders: new Map(), count: 0 };
}

/** Whether a name is a value. */
export function isValue(reader: Reader, name: string): boolean {
  return reader.scopes.some((scope) => scope.has(name));
}

/** Declares a name of the innermost scope. */
export function declare(reader: Reader, name: string, place: Place): void {
  if (isValue(reader, name) || reader.holders.has(name))
    failOutside("this name is taken by an outer one: give it another name, so that each means one thing", place);
  reader.scopes.at(-1)?.add(name);
}

/** Reads something with names of its own. */
export function inScope<T>(reader: Reader, body: () => T): T {
  reader.scopes.push(new Set());
  const value = body();
  reader.scopes.pop();
  return value;
}

/** Notes what is left out. */
export function drop(reader: Reader, message: string, place: Place): void {
  reader.notes.push({ code: "IMPORT_CODE_DROPPED", message, place });
}
