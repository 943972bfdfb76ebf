/**
 * Names for nodes and parameters of plans that are made by a program: drafts learned, imported or parsed.
 * Pure. Never makes a name that an expression cannot write.
 */
import { nameCharsMax } from "../limits.ts";

/** Words that CEL cannot select as a member. */
const keywords: ReadonlySet<string> = new Set(
  `as break const continue else false for function if import in let loop namespace null package return true var void while`.split(
    /\s+/,
  ),
);
/** Words of CEL and of the plan language that are no names of nodes. */
const reserved: ReadonlySet<string> = new Set(
  `params nodes item args size sum min max sort map filter all exists round floor ceil abs distinct flatten join split extract date now has
   string double int zip`.split(/\s+/),
);

/** Whether CEL cannot select a member of this name. */
export function isKeyword(name: string): boolean {
  return keywords.has(name);
}

/** An identifier made of a text: ASCII letters, digits and `_`, in lower case. */
export function slugOf(text: string): string {
  const spaced = text.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  const slug = spaced
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+/, "")
    .slice(0, Math.min(48, nameCharsMax))
    .replace(/_$/, "");
  if (slug === "") return "value";
  return /^[0-9]/.test(slug) || keywords.has(slug) || reserved.has(slug) ? `n_${slug}` : slug;
}

/** The first of `base`, `base_2`, `base_3`, … that is not taken; it is taken then. */
export function freshName(base: string, taken: Set<string>): string {
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  taken.add(name);
  return name;
}
