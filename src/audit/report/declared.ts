/**
 * What a mapping says of the labels, tools and plans that a report names.
 * Pure. What it does not say is `null`: nothing is guessed from a name.
 */
import { globMatches } from "../../plan/compile.ts";
import type { Category, Recipient } from "./form.ts";
import type { Mapping } from "./mapping.ts";
import type { NodeFacts } from "./plan-facts.ts";

/** What was declared. */
export interface Declared {
  category(label: string): Category;
  categories(labels: Iterable<string>): readonly Category[];
  recipient(node: NodeFacts): Recipient;
  /** Whether data that goes to the node goes to somebody: it does more than read, or the mapping says who is behind it. */
  isRecipient(node: NodeFacts): boolean;
  purpose(planName: string, tool?: string): string | null;
  retention(planName: string, tools: readonly string[]): string | null;
  basis(planName: string): string | null;
}

/** The entry of a name: its own, else that of the longest glob that fits. */
function entryOf<T>(entries: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  if (entries === undefined) return undefined;
  if (Object.hasOwn(entries, name)) return entries[name];
  const fits = Object.keys(entries).filter((glob) => glob.includes("*") && globMatches(glob, name));
  const [longest] = fits.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return longest === undefined ? undefined : entries[longest];
}

/** Reads a mapping by names. */
export function declaredIn(mapping: Mapping | undefined): Declared {
  const planOf = (name: string) => entryOf(mapping?.plans, name);
  const toolOf = (name: string) => entryOf(mapping?.tools, name);
  const category = (label: string): Category => {
    const said = entryOf(mapping?.labels, label);
    const isPersonal = said?.personal ?? (said?.category !== undefined || said?.special === true ? true : null);
    return { label, isPersonal, category: said?.category ?? null, isSpecial: said?.special === true };
  };
  return {
    category,
    categories: (labels) => [...new Set(labels)].sort().map(category),
    recipient: ({ tool, server, effects, hosts }) => {
      const said = toolOf(tool);
      return {
        tool,
        server,
        effects,
        hosts,
        name: said?.recipient ?? null,
        kind: said?.kind ?? null,
        country: said?.country ?? null,
        safeguard: said?.safeguard ?? null,
      };
    },
    isRecipient: ({ tool, effects }) =>
      effects.some((effect) => effect !== "read") || toolOf(tool)?.recipient !== undefined || toolOf(tool)?.kind !== undefined,
    purpose: (name, tool) => (tool === undefined ? undefined : toolOf(tool)?.purpose) ?? planOf(name)?.purpose ?? null,
    retention: (name, tools) => {
      const own = planOf(name)?.retention;
      const each = [...new Set(tools.flatMap((tool) => toolOf(tool)?.retention ?? []))].sort();
      return own ?? (each.length === 0 ? null : each.join("; "));
    },
    basis: (name) => planOf(name)?.basis ?? null,
  };
}
