/**
 * Values that fit an argument by its name: what descriptions give as examples, gathered over all catalogues.
 * Pure. Nothing of it is written anywhere but into packs.
 */
import type { DraftParam, DraftTool } from "../../../../src/infer/tools.ts";

/** Values by the words of an argument's name, and by the last of these words. */
export interface ValuePool {
  readonly byName: ReadonlyMap<string, readonly string[]>;
  readonly byHead: ReadonlyMap<string, readonly string[]>;
}

const exampleList = /\((?:e\.g\.|eg|for example|such as|like|i\.e\.)[,:]?\s*([^()]{2,200})\)/i;

/** The examples that a description gives in brackets. */
export function examplesOf(description: string): readonly string[] {
  const inside = exampleList.exec(description)?.[1];
  if (inside === undefined) return [];
  const parts = inside.split(/,\s*(?:or |and )?|\s+or\s+/).map((part) => part.trim().replace(/^['"`]|['"`.]$/g, ""));
  return parts.filter((part) => part.length > 1 && part.length <= 40 && !/^(?:etc|\.+|others?)/i.test(part));
}

/** A description without its examples. */
export function withoutExamples(description: string): string {
  return description
    .replace(exampleList, "")
    .replace(/\s+([.,])/g, "$1")
    .replace(/\s{2,}/g, " ")
    .trim();
}

/** Names that say nothing of their values. */
const vague = new Set([
  "name",
  "type",
  "id",
  "value",
  "data",
  "text",
  "query",
  "input",
  "list",
  "options",
  "parameters",
  "info",
  "key",
  "code",
  "number",
]);

/** Gathers the examples of text arguments. */
export function poolOf(tools: Iterable<DraftTool>): ValuePool {
  const byName = new Map<string, Set<string>>();
  const byHead = new Map<string, Set<string>>();
  for (const { params } of tools) {
    for (const param of params) {
      if (param.type !== "string") continue;
      const examples = examplesOf(param.description).filter((value) => /\p{L}/u.test(value));
      if (examples.length < 2) continue;
      const head = param.words.split(" ").at(-1) ?? "";
      for (const value of examples) {
        add(byName, param.words, value);
        if (!vague.has(head)) add(byHead, head, value);
      }
    }
  }
  return { byName: settled(byName), byHead: settled(byHead) };
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function settled(map: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, readonly string[]> {
  return new Map([...map].map(([key, values]) => [key, [...values]]));
}

/** Values that other arguments of this name have. */
export function pooled(pool: ValuePool, param: DraftParam): readonly string[] {
  const own = pool.byName.get(param.words) ?? [];
  return own.length >= 4 ? own : [...own, ...(pool.byHead.get(param.words.split(" ").at(-1) ?? "") ?? [])];
}
