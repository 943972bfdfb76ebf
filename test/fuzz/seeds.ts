/**
 * Files of the project as seeds. Reads nothing outside of it.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The texts of the files that the patterns name, no longer than `lengthMax` characters, in the order of their paths. */
export function filesAt(patterns: readonly string[], lengthMax = 6_000): readonly string[] {
  const paths = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  return paths.map((path) => readFileSync(join(root, path), "utf8")).filter((text) => text.length <= lengthMax);
}

/** The text of one file, which must be there. */
export function fileAt(path: string): string {
  if (!existsSync(join(root, path))) throw new Error(`no seed at ${path}`);
  return readFileSync(join(root, path), "utf8");
}
