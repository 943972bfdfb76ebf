import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  consistencyProof,
  emptyFrontier,
  grow,
  type Hash,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "../../src/audit/merkle.ts";
import { hexOf, sha256Bytes } from "../../src/plan/digest.ts";

/** Inputs and roots of the test data of google/certificate-transparency (`merkletree/merkle_tree_test.cc`). */
const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function leaf(data: Uint8Array): Hash {
  return sha256Bytes(Uint8Array.of(0, ...data));
}

const leaves = Array.from({ length: 70 }, (_, i) => leaf(Uint8Array.of(i)));

function rootOfFirst(size: number): Hash {
  return rootOf(grow(emptyFrontier, leaves.slice(0, size)));
}

describe("the tree", () => {
  it("has the roots of the published test data, grown leaf by leaf or at once", () => {
    const hashes = inputs.map((hex) => leaf(bytes(hex)));
    let frontier = emptyFrontier;
    for (const [i, hash] of hashes.entries()) {
      frontier = grow(frontier, [hash]);
      expect(hexOf(rootOf(frontier))).toBe(roots[i]);
      expect(hexOf(rootOf(grow(emptyFrontier, hashes.slice(0, i + 1))))).toBe(roots[i]);
    }
    expect(hexOf(rootOf(emptyFrontier))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("keeps one hash for each complete subtree", () => {
    for (let size = 0; size <= 70; size++)
      expect(grow(emptyFrontier, leaves.slice(0, size)).hashes.length).toBe(size.toString(2).replaceAll("0", "").length);
  });
});

describe("a proof", () => {
  const pair = fc
    .integer({ min: 1, max: 70 })
    .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));

  it("of inclusion verifies for its leaf, place and tree, and for nothing else", () => {
    fc.assert(
      fc.property(pair, fc.nat(), fc.integer({ min: 0, max: 255 }), ([size, index], place, bit) => {
        const proof = inclusionProof(leaves.slice(0, size), index);
        const at = { index, size, root: rootOfFirst(size) };
        const hash = leaves[index] as Hash;
        expect(verifyInclusion(hash, proof, at)).toBe(true);
        expect(verifyInclusion(leaf(Uint8Array.of(1, 2)), proof, at)).toBe(false);
        expect(verifyInclusion(hash, [...proof, hash], at)).toBe(false);
        if (size > 1) expect(verifyInclusion(hash, proof, { ...at, index: (index + 1) % size })).toBe(false);
        expect(verifyInclusion(hash, proof, { ...at, index: size })).toBe(false);
        if (proof.length === 0) return;
        expect(verifyInclusion(hash, proof.slice(1), at)).toBe(false);
        expect(verifyInclusion(hash, flipped(proof, place, bit), at)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("of consistency verifies for its two trees, and for nothing else", () => {
    fc.assert(
      fc.property(pair, fc.nat(), fc.integer({ min: 0, max: 255 }), ([size, before], place, bit) => {
        const first = { size: before + 1, root: rootOfFirst(before + 1) };
        const second = { size, root: rootOfFirst(size) };
        const proof = consistencyProof(leaves.slice(0, size), first.size);
        expect(verifyConsistency(proof, first, second)).toBe(true);
        expect(verifyConsistency(proof, { ...first, root: leaf(Uint8Array.of(9, 9)) }, second)).toBe(false);
        expect(verifyConsistency(proof, first, { ...second, root: leaf(Uint8Array.of(9, 9)) })).toBe(false);
        expect(verifyConsistency([...proof, first.root], first, second)).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(flipped(proof, place, bit), first, second)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function flipped(proof: readonly Hash[], place: number, bit: number): readonly Hash[] {
  const at = place % proof.length;
  return proof.map((hash, i) => (i === at ? hash.map((byte, j) => (j === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)) : hash));
}
