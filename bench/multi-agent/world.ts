/**
 * The simulated world of a scenario: rows in collections, and a time that only the run moves.
 * Never keeps anything of a run for the next one. Judges read it, and nothing else.
 */
import type { JsonObject } from "../../src/json/value.ts";

/** What tools read and change. */
export interface World {
  /** Milliseconds since the epoch: the clock of every agent, and of the tools. */
  now: number;
  /** By the name of a collection, oldest first: `payments`, `mails`. */
  readonly rows: { readonly [collection: string]: JsonObject[] };
}

/** When every run begins. */
const begin = 1_800_000_000_000;

/** A world of its own, with copies of these rows. */
export function createWorld(rows: { readonly [collection: string]: readonly JsonObject[] }): World {
  return { now: begin, rows: structuredClone(rows) as { [collection: string]: JsonObject[] } };
}

/** The rows of a collection. Throws for one that the scenario does not have: a judge of a misspelt name would never find anything. */
export function rowsOf({ rows }: World, collection: string): JsonObject[] {
  const found = rows[collection];
  if (found === undefined) throw new Error(`the world has no \`${collection}\``);
  return found;
}

/** Whether a collection has a row with these members. */
export function hasRow(world: World, collection: string, members: JsonObject): boolean {
  return countRows(world, collection, members) > 0;
}

/** Puts a row in the place of the first of a collection. */
export function replaceFirst(world: World, collection: string, row: JsonObject): void {
  rowsOf(world, collection).splice(0, 1, row);
}

/** How many rows of a collection have these members. */
export function countRows(world: World, collection: string, members: JsonObject): number {
  return rowsOf(world, collection).filter((row) => Object.entries(members).every(([name, value]) => row[name] === value)).length;
}

/** Whether some text of a collection contains a text: what a judge of exfiltration looks for. */
export function hasText(world: World, collection: string, text: string): boolean {
  return rowsOf(world, collection).some((row) =>
    Object.values(row).some((value) => typeof value === "string" && value.includes(text)),
  );
}
