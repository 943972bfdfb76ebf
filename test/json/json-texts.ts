/**
 * Generators of JSON values and of texts that write them in many ways: escaped keys, white space, duplicates, `__proto__`.
 */
import fc from "fast-check";
import type { Json } from "../../src/json/value.ts";
import { setMember } from "../../src/json/exact.ts";

/** Keys that have broken readers before, and any others. */
export const keys: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "",
    '"',
    "\\",
    ":",
    "k",
    "a",
    "b",
    "\\u00",
    "\\u0061",
    "é",
    "abcd",
    "0",
    "1",
    "constructor",
    "\u{1f600}",
    "\u2028",
    '":"',
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "grapheme", maxLength: 3 }),
);

const leaves: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e21, 5e-324, 2 ** 53, 9007199254740993n, -(10n ** 40n)),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  keys,
);

/** A value as a tree whose members are pairs, so that it can hold a key twice. */
export type Tree =
  | { readonly leaf: Json }
  | { readonly items: readonly Tree[] }
  | { readonly members: readonly (readonly [string, Tree])[] };

/** Trees in which one object in a while has a key twice. */
export const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves.map((leaf) => ({ leaf })),
    fc.array(tie("tree"), { maxLength: 4 }).map((items) => ({ items })),
    fc.array(fc.tuple(keys, tie("tree")), { maxLength: 4 }).map((members) => ({ members })),
    fc.uniqueArray(fc.tuple(keys, tie("tree")), { maxLength: 4, selector: ([key]) => key }).map((members) => ({ members })),
  ),
})).tree;

/** The value of a tree (of two members with one key, the later) and whether a key occurs twice in one object. */
export function treeValue(tree: Tree): { readonly value: Json; readonly hasDuplicate: boolean } {
  if ("leaf" in tree) return { value: typeof tree.leaf === "bigint" ? tree.leaf : digitsKept(tree.leaf), hasDuplicate: false };
  if ("items" in tree) {
    const items = tree.items.map(treeValue);
    return { value: items.map((item) => item.value), hasDuplicate: items.some((item) => item.hasDuplicate) };
  }
  const object: Record<string, Json> = {};
  let hasDuplicate = new Set(tree.members.map(([key]) => key)).size < tree.members.length;
  for (const [key, child] of tree.members) {
    const member = treeValue(child);
    hasDuplicate ||= member.hasDuplicate;
    setMember(object, key, member.value);
  }
  return { value: object, hasDuplicate };
}

/** A double that ECMAScript writes as bare digits beyond 2^53 is read back as those digits. */
function digitsKept(leaf: Json): Json {
  return typeof leaf === "number" && !Number.isSafeInteger(leaf) && /^-?[0-9]+$/.test(String(leaf)) ? BigInt(String(leaf)) : leaf;
}

/** One text of a tree. `dice` decides, over and over, where to escape and where to put white space. */
export function treeText(tree: Tree, dice: readonly number[]): string {
  let throws = 0;
  const roll = (): number => dice[throws++ % dice.length] ?? 0;
  const space = (): string => ["", "", "", " ", "\n", "\t \r\n"][roll() % 6] ?? "";
  const string = (value: string): string => {
    const escaped = roll() % 4 === 0;
    const plain = JSON.stringify(value);
    if (!escaped) return plain;
    return `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
  };
  const write = (node: Tree): string => {
    if ("items" in node) return `[${node.items.map((item) => space() + write(item) + space()).join(",")}]`;
    if ("members" in node) {
      return `{${node.members.map(([key, child]) => `${space()}${string(key)}${space()}:${space()}${write(child)}${space()}`).join(",")}}`;
    }
    return typeof node.leaf === "string"
      ? string(node.leaf)
      : typeof node.leaf === "bigint"
        ? String(node.leaf)
        : JSON.stringify(node.leaf);
  };
  return space() + write(tree) + space();
}

/** The dice of {@link treeText}. */
export const dices: fc.Arbitrary<number[]> = fc.array(fc.nat(59), { minLength: 1, maxLength: 40 });
