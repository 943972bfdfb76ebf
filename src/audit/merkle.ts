/**
 * The Merkle tree of RFC 6962 §2.1 over digests of records: its root as it grows, and proofs of inclusion and of consistency (RFC 9162 §2.1.3–4).
 * Pure. Never keeps more than one hash for each level to grow.
 */
import { sha256Bytes } from "../plan/digest.ts";
import { assert } from "../result.ts";

/** A hash: 32 bytes. */
export type Hash = Uint8Array;

/** A tree as it grows: roots of the complete subtrees, the largest first. */
export interface Frontier {
  /** Number of leaves. */
  readonly size: number;
  readonly hashes: readonly Hash[];
}

/** A tree without leaves. */
export const emptyFrontier: Frontier = { size: 0, hashes: [] };

/** Hash of an inner node: of 0x01 and both children. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = new Uint8Array(65);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256Bytes(bytes);
}

/** The tree with more leaves, given by their hashes. */
export function grow({ size, hashes }: Frontier, leaves: readonly Hash[]): Frontier {
  const stack = [...hashes];
  let count = size;
  for (const leaf of leaves) {
    let top = leaf;
    // As many complete subtrees end here as the number of leaves so far ends in ones.
    for (let ones = count; ones % 2 === 1; ones = (ones - 1) / 2) {
      const left = stack.pop();
      assert(left !== undefined, "a frontier has a hash for each one of its size");
      top = nodeHash(left, top);
    }
    stack.push(top);
    count += 1;
  }
  return { size: count, hashes: stack };
}

/** The root: of no leaves the hash of nothing. */
export function rootOf({ hashes }: Frontier): Hash {
  let root = hashes.at(-1);
  if (root === undefined) return sha256Bytes(new Uint8Array(0));
  for (let i = hashes.length - 2; i >= 0; i--) root = nodeHash(hashes[i] as Hash, root);
  return root;
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/** Leaves `from` to `until - 1`. */
export interface LeafRange {
  readonly from: number;
  readonly until: number;
}

/** The ranges of leaves whose roots are the audit path of leaf `index` in a tree of `size` leaves (§2.1.1), nearest sibling first. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  assert(Number.isInteger(index) && index >= 0 && index < size, "a proof is of a leaf of the tree");
  const path: LeafRange[] = [];
  let [from, until] = [0, size];
  while (until - from > 1) {
    const middle = from + split(until - from);
    if (index < middle) {
      path.push({ from: middle, until });
      until = middle;
    } else {
      path.push({ from, until: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/** The ranges of leaves whose roots prove that the tree of the first `first` leaves is a beginning of that of `size` (§2.1.2). */
export function consistencyRanges(first: number, size: number): readonly LeafRange[] {
  assert(Number.isInteger(first) && first > 0 && first <= size, "a proof is of a beginning of the tree");
  const proof: LeafRange[] = [];
  let [from, until, isWhole] = [0, size, true];
  while (first < until) {
    const middle = from + split(until - from);
    if (first <= middle) {
      proof.push({ from: middle, until });
      until = middle;
    } else {
      proof.push({ from, until: middle });
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) proof.push({ from, until });
  return proof.reverse();
}

/** The complete subtrees that a tree keeps the roots of, in their order. */
export function frontierRanges(size: number): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  for (let from = 0; from < size; ) {
    let length = 1;
    while (length * 2 <= size - from) length *= 2;
    ranges.push({ from, until: from + length });
    from += length;
  }
  return ranges;
}

/** Whether a path proves that the tree of `size` leaves and this root has the leaf at `index` (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  leaf: Hash,
  proof: readonly Hash[],
  { index, size, root }: { readonly index: number; readonly size: number; readonly root: Hash },
): boolean {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else hash = nodeHash(hash, sibling);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && isSameHash(hash, root);
}

function rootOfRange(leaves: readonly Hash[], { from, until }: LeafRange): Hash {
  return rootOf(grow(emptyFrontier, leaves.slice(from, until)));
}

/** The audit path of leaf `index` in the tree of all `leaves`; see {@link inclusionRanges}. */
export function inclusionProof(leaves: readonly Hash[], index: number): readonly Hash[] {
  return inclusionRanges(index, leaves.length).map((range) => rootOfRange(leaves, range));
}

/** The proof that the tree of the first `size` leaves is a beginning of the tree of all; see {@link consistencyRanges}. */
export function consistencyProof(leaves: readonly Hash[], size: number): readonly Hash[] {
  return consistencyRanges(size, leaves.length).map((range) => rootOfRange(leaves, range));
}

/** A tree by its size and root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** Whether a proof shows that `first` is a beginning of `second` (RFC 9162 §2.1.4.2). */
export function verifyConsistency(proof: readonly Hash[], first: TreeHead, second: TreeHead): boolean {
  if (!(Number.isSafeInteger(first.size) && first.size > 0 && first.size <= second.size)) return false;
  if (first.size === second.size) return proof.length === 0 && isSameHash(first.root, second.root);
  const isPower = Number.isInteger(Math.log2(first.size));
  const path = isPower ? [first.root, ...proof] : proof;
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (fn % 2 === 1) [fn, sn] = [(fn - 1) / 2, Math.floor(sn / 2)];
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let [fr, sr] = [start, start];
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(sibling, fr);
      sr = nodeHash(sibling, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else sr = nodeHash(sr, sibling);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && isSameHash(fr, first.root) && isSameHash(sr, second.root);
}

/** Whether two hashes are the same bytes. */
function isSameHash(a: Hash, b: Hash): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
