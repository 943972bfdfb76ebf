/**
 * Kinds of plans: the same tools in the same order with the same flows, whatever optional arguments are given; and how well a task fits each.
 * Pure. Counts only.
 */
import { canonicalJson } from "../../json/canonical.ts";
import type { Example, ExampleArgument } from "./approved.ts";

/** Name of the kind of an example: its tools with their definitions, and everything in its arguments that no new task fills anew. */
export function frameOf({ calls }: Example): string {
  return JSON.stringify(
    calls.map(({ tool, definition, args }) => [
      tool.name,
      canonicalJson(definition),
      ...args
        .filter(({ source }) => source.kind !== "constant")
        .map(({ path, source }) => (source.kind === "result" ? [path, source.call, source.path] : [path, "?"]))
        .map((row) => JSON.stringify(row))
        .toSorted(),
    ]),
  );
}

/** A place of a frame that a value goes to: number of the call, and path. */
export function placeOf(call: number, { path }: Pick<ExampleArgument, "path">): string {
  return `${call} ${path.join("\n")}`;
}

/** Kinds of words of a task, as frames are told apart by them: single ones, pairs, and pairs with one word between. */
export function termsOf(masked: readonly string[]): readonly string[] {
  const words = masked.filter((word) => /[\p{L}\p{N}<]/u.test(word));
  const terms = new Set<string>();
  for (const [at, word] of words.entries()) {
    if (words[at - 1] === word) continue;
    terms.add(word);
    const next = words[at + 1];
    if (next !== undefined) terms.add(`${word} ${next}`);
  }
  return [...terms];
}
