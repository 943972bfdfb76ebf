/**
 * Immutable sets of small integers that share structure: any number of sources, cheap joins.
 * Big-endian Patricia tries with 32-bit leaves (Okasaki and Gill, "Fast Mergeable Integer Maps", 1998).
 * Pure. No I/O, no clock. A union that is its left operand is that operand itself; so is one that is its right operand, if that was made
 * from the left one: little is made anew that is there already.
 */

/** A set of integers from 0 to 2^30. `undefined` is the empty set. */
export type SourceSet = Leaf | Branch | undefined;

/** 32 neighbouring members: those of `word * 32 + i` whose bit `i` is set. */
interface Leaf {
  readonly word: number;
  readonly bits: number;
  readonly left?: undefined;
}

/** Members whose words agree above `bit`; those with the bit clear are on the left. */
interface Branch {
  readonly word: number;
  readonly bit: number;
  readonly left: Leaf | Branch;
  readonly right: Leaf | Branch;
}

function isLeaf(node: Leaf | Branch): node is Leaf {
  return node.left === undefined;
}

function prefixOf(word: number, bit: number): number {
  return word & ~((bit << 1) - 1);
}

function sharesPrefix(word: number, node: Branch): boolean {
  return prefixOf(word, node.bit) === node.word;
}

function link(a: Leaf | Branch, b: Leaf | Branch): Branch {
  const bit = 1 << (31 - Math.clz32(a.word ^ b.word));
  const [left, right] = (a.word & bit) === 0 ? [a, b] : [b, a];
  return { word: prefixOf(a.word, bit), bit, left, right };
}

function branch(node: Branch, left: Leaf | Branch, right: Leaf | Branch): Branch {
  return left === node.left && right === node.right ? node : { word: node.word, bit: node.bit, left, right };
}

/** The set with one member. */
export function singleton(member: number): SourceSet {
  return { word: member >>> 5, bits: 1 << (member & 31) };
}

/** Whether `member` is in the set. */
export function has(set: SourceSet, member: number): boolean {
  const word = member >>> 5;
  let node = set;
  // Prefixes are not compared on the way: the leaf that is come to is the only one that may have the word.
  while (node !== undefined && !isLeaf(node)) node = (word & node.bit) === 0 ? node.left : node.right;
  return node !== undefined && node.word === word && (node.bits & (1 << (member & 31))) !== 0;
}

/** a ∪ b; `a` itself if b adds nothing, else `b` itself if a adds nothing and `b` was made from it. */
export function union(a: SourceSet, b: SourceSet): SourceSet {
  if (a === undefined) return b;
  return b === undefined ? a : unite(a, b);
}

function unite(a: Leaf | Branch, b: Leaf | Branch): Leaf | Branch {
  if (a === b) return a;
  if (isLeaf(a)) {
    if (!isLeaf(b)) return insertInto(b, a);
    if (a.word !== b.word) return link(a, b);
    const bits = a.bits | b.bits;
    return bits === a.bits ? a : bits === b.bits ? b : { word: a.word, bits };
  }
  if (isLeaf(b)) return insertInto(a, b);
  if (a.bit === b.bit && a.word === b.word) {
    const [left, right] = [unite(a.left, b.left), unite(a.right, b.right)];
    if (left === a.left && right === a.right) return a;
    return left === b.left && right === b.right ? b : { word: a.word, bit: a.bit, left, right };
  }
  if (a.bit > b.bit && sharesPrefix(b.word, a)) {
    return (b.word & a.bit) === 0 ? branch(a, unite(a.left, b), a.right) : branch(a, a.left, unite(a.right, b));
  }
  // Only for the larger bit: were `b` the smaller branch and under the same prefix, `a` would have taken it in.
  if (sharesPrefix(a.word, b)) {
    return (a.word & b.bit) === 0 ? branch(b, unite(b.left, a), b.right) : branch(b, b.left, unite(b.right, a));
  }
  return link(a, b);
}

/** `leaf` joined into `node`; `node` itself if it adds nothing. */
function insertInto(node: Leaf | Branch, leaf: Leaf): Leaf | Branch {
  if (isLeaf(node)) return unite(node, leaf);
  if (!sharesPrefix(leaf.word, node)) return link(node, leaf);
  return (leaf.word & node.bit) === 0
    ? branch(node, insertInto(node.left, leaf), node.right)
    : branch(node, node.left, insertInto(node.right, leaf));
}

/** The set without `member`; the set itself if it was not in it. */
export function without(set: SourceSet, member: number): SourceSet {
  return has(set, member) ? takeOut(set as Leaf | Branch, member) : set;
}

/** `node` without a member that it has. */
function takeOut(node: Leaf | Branch, member: number): SourceSet {
  const { word } = node;
  if (isLeaf(node)) {
    const bits = node.bits & ~(1 << (member & 31));
    return bits === 0 ? undefined : { word, bits };
  }
  const { bit, left, right } = node;
  const isLeft = ((member >>> 5) & bit) === 0;
  const side = takeOut(isLeft ? left : right, member);
  if (side === undefined) return isLeft ? right : left;
  return isLeft ? { word, bit, left: side, right } : { word, bit, left, right: side };
}

/** A number that no other set of up to 32 neighbouring members has; `undefined` for any larger set, and for the empty one. */
export function smallKey(set: SourceSet): number | undefined {
  return set !== undefined && isLeaf(set) && set.word < 0x100000 ? set.word * 0x100000000 + (set.bits >>> 0) : undefined;
}

/** The members in ascending order. */
export function* members(set: SourceSet): Generator<number> {
  const stack: SourceSet[] = [set];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!isLeaf(node)) {
      stack.push(node.right, node.left);
      continue;
    }
    for (let i = 0; i < 32; i++) if ((node.bits & (1 << i)) !== 0) yield node.word * 32 + i;
  }
}
