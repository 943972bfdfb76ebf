/**
 * The inputs that are kept: a folder for each target, a file for each input, named by its content.
 * A text that UTF-8 cannot say (lone surrogates) is written as a JSON string with the ending `.units`; bytes as they are.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, type Target } from "./target.ts";

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The inputs of a target in `folder`, in the order of their names. */
export function readInputs(folder: string, { name, isBytes = false }: Pick<Target, "name" | "isBytes">): readonly string[] {
  const place = join(folder, name);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .toSorted()
    .map((file) => {
      const bytes = readFileSync(join(place, file));
      if (isBytes) return bytes.toString("latin1");
      return file.endsWith(".units") ? (JSON.parse(bytes.toString("utf8")) as string) : bytes.toString("utf8");
    });
}

/** Writes an input, unless it is there, and returns the name of its file. */
export function writeInput(folder: string, { name, isBytes = false }: Pick<Target, "name" | "isBytes">, input: string): string {
  const isUnits = !isBytes && !isWellFormed(input);
  const bytes = isBytes ? bytesOf(input) : Buffer.from(isUnits ? JSON.stringify(input) : input, "utf8");
  const file = createHash("sha256").update(bytes).digest("hex").slice(0, 16) + (isUnits ? ".units" : "");
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, file), bytes);
  return file;
}

/** Makes the folder of a target hold `inputs` and nothing else. */
export function replaceInputs(folder: string, target: Pick<Target, "name" | "isBytes">, inputs: readonly string[]): void {
  rmSync(join(folder, target.name), { recursive: true, force: true });
  for (const input of inputs) writeInput(folder, target, input);
}
