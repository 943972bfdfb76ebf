/**
 * Which test files an area has. Reads directories only.
 */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Area } from "../areas.ts";

/** The test files of an area under `root`, in order. Throws where one that is left out is not there. */
export function testFilesOf({ tests, leftOut = {} }: Area, root: string): readonly string[] {
  const files = tests.flatMap((test) =>
    test.endsWith(".test.ts") ? [test] : globSync(`${test}/*.test.ts`, { cwd: root }).sort(),
  );
  for (const file of Object.keys(leftOut)) statSync(join(root, file));
  return files.filter((file) => !Object.hasOwn(leftOut, file));
}

/** Whether an area mutates a file: by its prefix up to `**`, or its name. */
export function isMutated(path: string, { mutate }: Area): boolean {
  const matches = (pattern: string): boolean =>
    pattern.includes("**") ? path.startsWith(pattern.slice(0, pattern.indexOf("**"))) : path === pattern;
  const [left, out] = [mutate.filter((each) => !each.startsWith("!")), mutate.filter((each) => each.startsWith("!"))];
  return left.some(matches) && !out.some((each) => matches(each.slice(1)));
}
