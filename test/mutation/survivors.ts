/**
 * The lists of survivors: mutants that no test notices, each with the reason why it cannot matter. One file for each area.
 * A survivor is known by what it replaces and by what, not by its line, so that a list outlives changes around it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../../src/json/read.ts";

/** A mutant that no test notices. */
export interface Survivor {
  /** The mutated file, from the root. */
  readonly file: string;
  /** The whole line that the mutated code begins on, trimmed. */
  readonly line: string;
  /** The code that is replaced, its white space made single. */
  readonly code: string;
  /** Stryker's name of the operator. */
  readonly mutator: string;
  /** What stands there instead. */
  readonly replacement: string;
}

/** A survivor that somebody looked at. */
export interface ListedSurvivor extends Survivor {
  /** Why it cannot matter. */
  readonly reason: string;
}

const members = ["file", "line", "code", "mutator", "replacement", "reason"] as const;

/** Where the list of an area is. */
export function listOf(area: string): string {
  return join(import.meta.dirname, "survivors", `${area}.json`);
}

/** Reads a list; throws where it is not one. */
export function readSurvivors(path: string): readonly ListedSurvivor[] {
  if (!existsSync(path)) return [];
  const read = readJson(readFileSync(path, "utf8"));
  if (!read.ok || !Array.isArray(read.value)) throw new TypeError(`${path} is no list of survivors`);
  return read.value.map((entry, index) => {
    const item = Object(entry) as Readonly<Record<string, unknown>>;
    for (const name of members)
      if (typeof item[name] !== "string") throw new TypeError(`${path}: entry ${index} has no \`${name}\``);
    return item as unknown as ListedSurvivor;
  });
}

/** What two mutants have in common that are the same one. */
export function keyOf({ file, line, code, mutator, replacement }: Survivor): string {
  return JSON.stringify([file, line, code, mutator, replacement]);
}

/** Entries of a list whose code is no longer in their file. */
export function staleSurvivors(listed: readonly ListedSurvivor[], root: string): readonly ListedSurvivor[] {
  return listed.filter(({ file, line, code }) => {
    const path = join(root, file);
    if (!existsSync(path)) return true;
    const text = readFileSync(path, "utf8");
    return !text.split("\n").some((each) => each.trim() === line) || !oneLine(text).includes(code);
  });
}

/** A piece of code with its white space made single. */
export function oneLine(code: string): string {
  return code.replace(/\s+/g, " ").trim();
}
