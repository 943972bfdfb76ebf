/**
 * The candidates of a select row: the tools a task needs among others that are hard to tell from them.
 * Pure. Where the needed tools are left out, so are their twins, which would do as well.
 */
import type { DraftTool } from "../../../src/infer/tools.ts";
import type { ToolSet } from "./catalogues.ts";
import type { Example } from "./examples.ts";
import type { Random } from "./random.ts";

/** Nearest tools by the retriever: `catalogue/tool` → such keys, the nearest first. */
export type Neighbours = ReadonlyMap<string, readonly string[]>;

/** Candidates with the labels of a row. */
export interface Candidates {
  readonly tools: readonly DraftTool[];
  /** Gold calls of each needed tool, by the tool's name. */
  readonly counts: ReadonlyMap<string, number>;
}

const sizeMin = 3;
const sizeMax = 14;
/** Share of rows with hardly more than the needed tools, as small catalogues have them. */
const smallShare = 0.12;
/** Shares of rows from which all, or some, of the needed tools are taken away. */
const emptiedShare = 0.12;
const thinnedShare = 0.06;
/** Nearest tools that are never offered where the needed one is taken away: they may do the same. */
const tooNear = 6;
const relativesMax = 4;

/** The service that a tool belongs to (`Hotels_1`, `Zappos Realtime Data`, `mail`), or nothing. */
export function serviceOf(name: string): string {
  const own = name.startsWith("local/") ? name.slice("local/".length) : name;
  const cut = [own.indexOf("."), own.indexOf(": "), name.startsWith("local/") ? -1 : own.indexOf("/")].filter((at) => at > 0);
  return cut.length === 0 ? "" : own.slice(0, Math.min(...cut));
}

/** The domain of a service: services that differ in their number only are twins. */
function domainOf(name: string): string {
  return serviceOf(name).replace(/_\d+$/, "");
}

/** What is kept of a catalogue to choose from it quickly. */
interface Shelf {
  readonly tools: readonly DraftTool[];
  readonly byName: ReadonlyMap<string, DraftTool>;
  readonly keys: ReadonlyMap<string, DraftTool>;
  readonly keyOf: ReadonlyMap<DraftTool, string>;
  readonly byWord: ReadonlyMap<string, readonly DraftTool[]>;
}

const shelves = new WeakMap<ToolSet, Shelf>();

function shelfOf(set: ToolSet): Shelf {
  const known = shelves.get(set);
  if (known !== undefined) return known;
  if (set.base !== undefined) return changedShelf(shelfOf(set.base), set);
  const tools = [...set.tools.values()];
  const byWord = new Map<string, DraftTool[]>();
  for (const tool of tools) {
    for (const word of contentWords(`${tool.words} ${tool.description.slice(0, 200)}`)) {
      const list = byWord.get(word);
      if (list === undefined) byWord.set(word, [tool]);
      else list.push(tool);
    }
  }
  const prefix = set.name.startsWith("inline:") ? "stabletoolbench" : set.name;
  const keys = new Map([...set.tools].map(([called, tool]) => [`${prefix}/${called}`, tool] as const));
  const shelf = {
    tools,
    byName: new Map(tools.map((tool) => [tool.name, tool] as const)),
    keys,
    keyOf: new Map([...keys].map(([key, tool]) => [tool, key] as const)),
    byWord,
  };
  shelves.set(set, shelf);
  return shelf;
}

/** The shelf of the base with the variants in the places of their originals. */
function changedShelf(base: Shelf, set: ToolSet): Shelf {
  const changed = new Map<DraftTool, DraftTool>();
  for (const tool of set.tools.values()) {
    const original = base.byName.get(tool.name);
    if (original !== undefined && original !== tool) changed.set(original, tool);
  }
  const now = (tool: DraftTool): DraftTool => changed.get(tool) ?? tool;
  const keys = new Map([...base.keys].map(([key, tool]) => [key, now(tool)] as const));
  return {
    tools: base.tools.map(now),
    byName: new Map([...base.byName].map(([name, tool]) => [name, now(tool)] as const)),
    keys,
    keyOf: new Map([...keys].map(([key, tool]) => [tool, key] as const)),
    byWord: base.byWord,
  };
}

function contentWords(text: string): ReadonlySet<string> {
  return new Set((text.toLowerCase().match(/[\p{L}]{4,}/gu) ?? []).map((word) => word.replace(/(?:ing|ed|es|s)$/, "")));
}

/** Candidates for an example; `undefined` where the catalogue has too few. `extra`: tools of other tasks that may be offered too. */
export function candidatesOf(
  example: Example,
  options: { readonly random: Random; readonly neighbours: Neighbours; readonly extra?: readonly DraftTool[] },
): Candidates | undefined {
  const { random, neighbours, extra = [] } = options;
  const shelf = shelfOf(example.tools);
  const counts = new Map<string, number>();
  for (const { tool } of example.calls) counts.set(tool.name, (counts.get(tool.name) ?? 0) + (example.hasArguments ? 1 : 0));
  const gold = [...counts.keys()].flatMap((name) => shelf.byName.get(name) ?? []);
  const draw = random.next();
  const isEmptied = draw < emptiedShare;
  const isThinned = !isEmptied && draw < emptiedShare + thinnedShare && gold.length > 1;
  const kept = isEmptied ? [] : isThinned ? random.sample(gold, 1 + random.below(gold.length - 1)) : gold;
  const removed = gold.filter((tool) => !kept.includes(tool));
  const size = random.chance(smallShare)
    ? Math.max(1, kept.length + random.below(2))
    : Math.max(kept.length + 2, sizeMin + random.below(sizeMax - sizeMin + 1));
  const barred = new Set([...gold, ...removed.flatMap((tool) => substitutes(shelf, tool, neighbours))]);
  const others = [
    ...random.sample(relatives(shelf, kept.length > 0 ? kept : gold), relativesMax * 2),
    ...hard(shelf, example, { gold, random, neighbours }),
    ...random.sample(example.tools.name.startsWith("inline:") ? shelf.tools : [...shelf.tools, ...extra], sizeMax + 4),
    ...random.sample(extra, 3),
  ];
  const negatives = [...new Set(others)].filter((tool) => !barred.has(tool)).slice(0, size - kept.length);
  if (kept.length + negatives.length === 0) return undefined;
  return {
    tools: [...kept, ...negatives],
    counts: new Map([...counts].filter(([name]) => kept.some((tool) => tool.name === name))),
  };
}

/** Tools that may do the same as one that is taken away. */
function substitutes(shelf: Shelf, tool: DraftTool, neighbours: Neighbours): readonly DraftTool[] {
  const domain = domainOf(tool.name);
  const service = serviceOf(tool.name);
  const twins = domain === "" ? [] : shelf.tools.filter(({ name }) => domainOf(name) === domain && serviceOf(name) !== service);
  return [...twins, ...nearest(shelf, tool, neighbours).slice(0, tooNear)];
}

function nearest(shelf: Shelf, tool: DraftTool, neighbours: Neighbours): readonly DraftTool[] {
  const key = shelf.keyOf.get(tool) ?? "";
  return (neighbours.get(key) ?? []).flatMap((near) => shelf.keys.get(near) ?? []);
}

/** Siblings (same service) and twins (same domain) of the needed tools: a model must learn to choose among them. */
function relatives(shelf: Shelf, gold: readonly DraftTool[]): readonly DraftTool[] {
  const domains = new Set(gold.map(({ name }) => domainOf(name)).filter((domain) => domain !== ""));
  if (domains.size === 0) return [];
  return shelf.tools.filter((tool) => domains.has(domainOf(tool.name)) && !gold.includes(tool));
}

/** Tools near the needed ones, and tools that share rare words with the task; about as many of each. */
function hard(
  shelf: Shelf,
  example: Example,
  { gold, random, neighbours }: { readonly gold: readonly DraftTool[]; readonly random: Random; readonly neighbours: Neighbours },
): readonly DraftTool[] {
  const near = gold.flatMap((tool) => random.sample(nearest(shelf, tool, neighbours), gold.length > 3 ? 2 : 4));
  const scores = new Map<DraftTool, number>();
  for (const word of contentWords(example.task)) {
    const tools = shelf.byWord.get(word) ?? [];
    if (tools.length === 0 || tools.length > shelf.tools.length / 4 + 8) continue;
    for (const tool of tools) scores.set(tool, (scores.get(tool) ?? 0) + 1 / Math.log(2 + tools.length));
  }
  const alike = [...scores].toSorted(([, one], [, other]) => other - one).slice(0, 12);
  const lexical = random.sample(
    alike.map(([tool]) => tool),
    near.length > 0 ? 4 : 7,
  );
  return random.shuffled([...near, ...lexical]);
}
