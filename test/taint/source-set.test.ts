import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { has, members, type SourceSet, smallKey, singleton, union, without } from "../../src/taint/source-set.ts";

/** A few members, each in a word of its own: small tries of every shape. */
const wordsOf = fc.array(
  fc.nat(15).map((word) => word * 32),
  { maxLength: 5 },
);

/** Members around the edges of a leaf's 32 bits and of the tree's branches, and anywhere else. */
const memberOf = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: 2 ** 30 }));
const membersOf = fc.array(memberOf, { maxLength: 40 });

function setOf(ids: readonly number[]): SourceSet {
  return ids.reduce<SourceSet>((set, id) => union(set, singleton(id)), undefined);
}

function sorted(ids: Iterable<number>): readonly number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

describe("a source set", () => {
  it("holds what was put in, once and in ascending order, as a Set does", () => {
    fc.assert(
      fc.property(membersOf, membersOf, (a, b) => {
        const set = union(setOf(a), setOf(b));
        expect([...members(set)]).toEqual(sorted([...a, ...b]));
        for (const id of [...a, ...b]) expect(has(set, id)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("loses no member where one half of a branch is the right operand's and the other is new", () => {
    const pool = [1, 2, 32, 33, 64];
    const subsets = Array.from({ length: 1 << pool.length }, (_, mask) => pool.filter((_id, i) => (mask & (1 << i)) !== 0));
    for (const a of subsets)
      for (const b of subsets) expect([...members(union(setOf(a), setOf(b)))]).toEqual(sorted([...a, ...b]));
  });

  it("is the same, however the tries that are joined lie to each other", () => {
    fc.assert(
      fc.property(wordsOf, wordsOf, (a, b) => {
        const set = union(setOf(a), setOf(b));
        expect([...members(set)]).toEqual(sorted([...a, ...b]));
        for (let word = 0; word < 16; word++) expect(has(set, word * 32)).toBe(a.includes(word * 32) || b.includes(word * 32));
        expect(set).toEqual(setOf(sorted([...a, ...b])));
      }),
      { numRuns: 1_000 },
    );
    // Neighbours of the same height under different prefixes.
    expect([...members(union(setOf([0, 32]), setOf([64, 96])))]).toEqual([0, 32, 64, 96]);
    expect([...members(union(setOf([128, 160]), setOf([0, 32])))]).toEqual([0, 32, 128, 160]);
  });

  it("is nothing once its last member is gone", () => {
    fc.assert(
      fc.property(membersOf, (ids) => {
        expect(ids.reduce<SourceSet>(without, setOf(ids))).toBe(undefined);
      }),
      { numRuns: 200 },
    );
  });

  it("has no member that was not put in", () => {
    fc.assert(
      fc.property(membersOf, memberOf, (ids, id) => {
        expect(has(setOf(ids), id)).toBe(ids.includes(id));
      }),
      { numRuns: 300 },
    );
  });

  it("has a small key only if its members are within one leaf, and then no other set has it", () => {
    const near = fc.tuple(
      fc.constantFrom(0, 1, 2, 2 ** 15, 2 ** 20 - 1, 2 ** 20, 2 ** 25),
      fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 4 }),
    );
    const nearOf = near.map(([word, bits]) => bits.map((bit) => word * 32 + bit));
    fc.assert(
      fc.property(nearOf, fc.oneof(nearOf, membersOf), (a, b) => {
        const [one, other] = [smallKey(setOf(a)), smallKey(setOf(b))];
        if (one !== undefined) expect(one === other).toBe(sorted(a).join() === sorted(b).join());
        const words = new Set(b.map((id) => id >>> 5));
        expect(other !== undefined).toBe(words.size === 1 && ![...words].some((word) => word >= 2 ** 20));
      }),
      { numRuns: 500 },
    );
  });

  it("loses exactly the member that is taken away", () => {
    fc.assert(
      fc.property(membersOf, memberOf, (ids, id) => {
        for (const gone of [id, ids[0] ?? id]) {
          expect([...members(without(setOf(ids), gone))]).toEqual(sorted(ids.filter((other) => other !== gone)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is the same object after a union or a removal that changes nothing", () => {
    fc.assert(
      fc.property(membersOf, membersOf, memberOf, (ids, part, id) => {
        const set = setOf([...ids, ...part]);
        expect(union(set, setOf(part))).toBe(set);
        const less = setOf(ids);
        const more = union(less, setOf(part));
        expect(union(less, more)).toBe(more);
        expect(union(set, set)).toBe(set);
        expect(union(set, undefined)).toBe(set);
        if (!has(set, id)) expect(without(set, id)).toBe(set);
      }),
      { numRuns: 300 },
    );
  });

  it("never changes the sets that it was made of", () => {
    fc.assert(
      fc.property(membersOf, membersOf, (a, b) => {
        const left = setOf(a);
        const right = setOf(b);
        union(left, right);
        for (const id of b) without(left, id);
        expect([...members(left)]).toEqual(sorted(a));
        expect([...members(right)]).toEqual(sorted(b));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps 100,000 members apart", () => {
    const ids = Array.from({ length: 100_000 }, (_, i) => i * 7);
    const set = setOf(ids);
    expect([...members(set)]).toEqual(ids);
    expect(has(set, 7 * 99_999)).toBe(true);
    expect(has(set, 7 * 99_999 + 1)).toBe(false);
  });
});
