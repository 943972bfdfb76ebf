/**
 * Labels as plain data, as they leave a plan and come into another: joined without knowing what the names mean, and read with distrust.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bottom, createLabelSpace, everyLabel, joinValues, type LabelValue, topValue } from "../../src/taint/label.ts";
import { anyLabel, declared, names, space } from "./lattice.ts";

const runs = { numRuns: 300 };
const people = ["ana", "bob", "cy", "dan"];

/** Any label as plain data, in any order of its names, as another program may have written it. */
const anyValue: fc.Arbitrary<LabelValue> = fc
  .record({
    sources: fc.shuffledSubarray([...names]),
    readers: fc.option(fc.shuffledSubarray(people)),
    untrusted: fc.shuffledSubarray([...names]),
  })
  .map(({ sources, readers, untrusted }) => {
    const held = untrusted.filter((name) => sources.includes(name));
    return { sources, readers, ...(held.length === 0 ? {} : { untrusted: held }) };
  });

const setOf = (list: readonly string[] | null | undefined): readonly string[] | null =>
  list === null ? null : [...new Set(list ?? [])].sort();

describe("the join of labels as plain data", () => {
  it("has the sources and the distrust of both, and the readers of each", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const both = joinValues(a, b);
        expect(setOf(both.sources)).toEqual(setOf([...a.sources, ...b.sources]));
        expect(setOf(both.untrusted)).toEqual(setOf([...(a.untrusted ?? []), ...(b.untrusted ?? [])]));
        for (const person of people) {
          const mayRead = (value: LabelValue): boolean => value.readers === null || value.readers.includes(person);
          expect(mayRead(both), person).toBe(mayRead(a) && mayRead(b));
        }
        expect(both.readers === null).toBe(a.readers === null && b.readers === null);
      }),
      runs,
    );
  });

  it("is the left operand itself if the right one adds nothing, and else sorted, with no member that says nothing", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        expect(joinValues(a, a)).toBe(a);
        expect(joinValues(a, { sources: [], readers: null })).toBe(a);
        const both = joinValues(a, b);
        expect(joinValues(both, b)).toBe(both);
        if (both === a) return;
        expect(both.sources).toEqual(setOf(both.sources));
        expect(both.readers).toEqual(setOf(both.readers));
        if ("untrusted" in both) expect(both.untrusted).toEqual(setOf(both.untrusted));
        expect(both.untrusted?.length).not.toBe(0);
      }),
      runs,
    );
  });

  it("adds a source, a distrust or a restriction where only one of the three is new", () => {
    const plain: LabelValue = { sources: ["web"], readers: null };
    expect(joinValues(plain, { sources: ["desk"], readers: null })).toEqual({ sources: ["desk", "web"], readers: null });
    expect(joinValues(plain, { sources: ["web"], readers: null, untrusted: ["web"] })).toEqual({ ...plain, untrusted: ["web"] });
    expect(joinValues(plain, { sources: [], readers: ["bob", "ana"] })).toEqual({ sources: ["web"], readers: ["ana", "bob"] });
    expect(joinValues(plain, { sources: [], readers: [] })).toEqual({ sources: ["web"], readers: [] });
    expect(joinValues({ sources: [], readers: ["ana"] }, plain)).toEqual({ sources: ["web"], readers: ["ana"] });
    const many: LabelValue = { sources: ["web", "desk"], readers: ["cy", "ana"], untrusted: ["web", "desk"] };
    const mixed = joinValues(many, { sources: ["a"], readers: ["ana", "cy"], untrusted: ["a"] });
    expect(mixed).toEqual({ sources: ["a", "desk", "web"], readers: ["ana", "cy"], untrusted: ["a", "desk", "web"] });
  });

  it("is that of the labels themselves", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, (a, b) => {
        expect(joinValues(space.toValue(a), space.toValue(b))).toEqual(space.toValue(space.join(a, b)));
      }),
      runs,
    );
  });
});

describe("a label that leaves its plan", () => {
  it("says of each of its sources whether it is untrusted there", () => {
    fc.assert(
      fc.property(anyLabel, (label) => {
        const { sources, readers, untrusted = [] } = space.toForeign(label);
        expect(sources).toEqual(space.toValue(label).sources);
        expect(readers).toEqual(space.toValue(label).readers);
        expect(untrusted).toEqual(sources.filter((name) => !space.isTrusted(name)));
      }),
      runs,
    );
    expect(space.toForeign(space.of(["safe"]))).toEqual({ sources: ["safe"], readers: null });
    expect(space.toForeign(bottom)).toEqual({ sources: [], readers: null });
  });

  it("comes into another plan as `unknown` besides if that plan trusts what the first one did not", () => {
    const from = { sources: ["safe", "web"], readers: null };
    const read = (untrusted: readonly string[]) => space.toValue(space.fromForeign({ ...from, untrusted })).sources;
    expect(read(["safe", "web"])).toEqual(["safe", "unknown", "web"]);
    expect(read(["web", "safe"])).toEqual(["safe", "unknown", "web"]);
    expect(read(["web"])).toEqual(["safe", "web"]);
    expect(space.toValue(space.fromForeign(from)).sources).toEqual(["safe", "web"]);
  });

  it("comes into another plan with the readers that both plans allow", () => {
    const read = (readers: readonly string[] | null) => space.fromForeign({ sources: ["desk"], readers }).readers;
    expect(read(null)).toEqual(["ana", "bob"]);
    expect(read(["bob", "cy"])).toEqual(["bob"]);
    expect(read([])).toEqual([]);
    expect(space.fromForeign({ sources: ["web"], readers: ["cy"] })).toMatchObject({ readers: ["cy"], isUntrusted: true });
  });

  it("keeps what it is denied by", () => {
    const read = space.fromForeign({ sources: ["web"], readers: ["cy"] });
    for (let rule = 0; rule < 40; rule++) expect(space.isDenied(read, rule)).toBe(space.isDenied(space.of(["web"]), rule));
  });
});

describe("a label as its own space wrote it", () => {
  it("has exactly the readers that were written, be they more or fewer than those of its names", () => {
    for (const readers of [null, [], ["ana"], ["ana", "bob"], ["ana", "bob", "cy"], ["cy"]]) {
      const label = space.fromValue({ sources: ["desk"], readers });
      expect(label.readers).toEqual(readers);
      expect(space.toValue(label)).toEqual({ sources: ["desk"], readers });
      expect(label.isUntrusted).toBe(false);
    }
    const web = space.fromValue({ sources: ["web"], readers: ["ana"] });
    expect(web.isUntrusted).toBe(true);
    for (let rule = 0; rule < 40; rule++) expect(space.isDenied(web, rule)).toBe(space.isDenied(space.of(["web"]), rule));
  });
});

describe("declassifying", () => {
  it("adds readers, in order and once, and changes nothing else", () => {
    fc.assert(
      fc.property(anyLabel, fc.shuffledSubarray(people), (label, readers) => {
        const wide = space.widen(label, readers);
        expect(space.toValue(wide).sources).toEqual(space.toValue(label).sources);
        expect(wide.isUntrusted).toBe(label.isUntrusted);
        for (let rule = 0; rule < 40; rule++) expect(space.isDenied(wide, rule)).toBe(space.isDenied(label, rule));
        expect(wide.readers).toEqual(label.readers === null ? null : setOf([...label.readers, ...readers]));
        expect(space.widen(label, "public").readers).toBe(null);
      }),
      runs,
    );
  });

  it("is only for what restricts the readers of a label by itself", () => {
    const is = (sources: readonly string[], of: readonly string[]) => space.isRestrictionOf(space.of(sources), of);
    expect(is(["desk"], ["desk"])).toBe(true);
    expect(is(["desk", "web"], ["desk"])).toBe(true);
    expect(is(["desk", "ward"], ["desk"])).toBe(false);
    expect(is(["desk", "ward"], ["desk", "ward"])).toBe(true);
    // A name that the label has not speaks for none of its readers.
    expect(is(["desk"], ["ward"])).toBe(false);
    expect(is(["desk"], ["nobody-knows"])).toBe(false);
    expect(is(["desk", "unknown"], ["nobody-knows"])).toBe(false);
    expect(is(["web"], ["desk"])).toBe(true);
    expect(is([], [])).toBe(true);
    const narrowed = space.fromForeign({ sources: ["desk"], readers: ["ana"] });
    expect(space.isRestrictionOf(narrowed, ["desk"])).toBe(false);
  });
});

describe("the sources of a label", () => {
  it("are those that were joined", () => {
    fc.assert(
      fc.property(anyLabel, (label) => {
        const { sources } = space.toValue(label);
        for (const name of [...names, "never-seen"]) expect(space.hasSource(label, name)).toBe(sources.includes(name));
      }),
      runs,
    );
  });
});

describe("what a plan may declare", () => {
  const closed = { integrity: "trusted", readers: [] } as const;

  it("closes the readers of what nobody declared by those of `unknown`, and trusts neither", () => {
    const shut = createLabelSpace({ ...declared, unknown: closed }, []);
    for (const name of ["unknown", "nobody-declared", "constructor"]) {
      expect(shut.of([name])).toMatchObject({ readers: [], isUntrusted: true });
    }
    expect(shut.of(["web"]).readers).toBe(null);
    for (const name of ["unknown", "nobody-declared", "constructor"]) expect(space.of([name]).readers).toBe(null);
  });

  it("is another meaning of a built-in label, but for `unknown`", () => {
    expect(createLabelSpace({}, []).of(["user_input"])).toMatchObject({ isUntrusted: false, readers: null });
    expect(createLabelSpace({}, []).of(["external_api"])).toMatchObject({ isUntrusted: true, readers: null });
    const other = createLabelSpace({ external_api: { integrity: "trusted", readers: ["ana"] } }, []);
    expect(other.of(["external_api"])).toMatchObject({ isUntrusted: false, readers: ["ana"] });
  });

  it("has readers in any order, some of them twice", () => {
    expect(createLabelSpace({ a: { integrity: "trusted", readers: ["z", "b", "z"] } }, []).of(["a"]).readers).toEqual(["b", "z"]);
  });
});

describe("the top as plain data", () => {
  it("is denied by a rule that denies anything at all, also as one of several sources", () => {
    const flows = [
      { id: "none", deny: [], to: "*" },
      { id: "safe", deny: ["safe"], to: "*" },
    ];
    const own = createLabelSpace(declared, flows);
    const both = own.fromForeign({ ...topValue, sources: ["web", everyLabel] });
    expect(own.isDenied(both, 0)).toBe(false);
    expect(own.isDenied(both, 1)).toBe(true);
    expect(own.flowsTo(own.of(["void", "desk"]), both)).toBe(true);
    expect(own.isRestrictionOf(own.of(["desk"]), ["desk"])).toBe(true);
  });
});

describe("labels as plain data in memory", () => {
  it("are kept for 1,024 labels that everyone may read, so that the same label is the same object", () => {
    const few = Array.from({ length: 11 }, (_, i) => `n${i}`);
    const own = createLabelSpace(Object.fromEntries(few.map((name) => [name, { integrity: "trusted" }])), []);
    const all = (): readonly LabelValue[] =>
      Array.from({ length: 2 ** few.length }, (_, set) => few.filter((_, i) => (set & (1 << i)) !== 0))
        .filter((sources) => sources.length > 1)
        .map((sources) => own.toValue(own.of(sources)));
    const [first, second] = [all(), all()];
    expect(second).toEqual(first);
    expect(second.filter((value, i) => value === first[i])).toHaveLength(1_024);
    const restricted = own.fromForeign({ sources: ["n0", "n1"], readers: ["ana"] });
    expect(own.toValue(restricted)).toEqual({ sources: ["n0", "n1"], readers: ["ana"] });
    expect(own.toValue(own.of(["n0", "n1"]))).toEqual({ sources: ["n0", "n1"], readers: null });
  });
});
