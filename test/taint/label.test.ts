import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planLabelsMax } from "../../src/limits.ts";
import { unknownName } from "../../src/plan/built-in-labels.ts";
import { bottom, createLabelSpace, deniedBits, everyLabel, join, topValue } from "../../src/taint/label.ts";
import { anyLabel, declared, flows, isSame, names, space } from "./lattice.ts";

const runs = { numRuns: 300 };

describe("the join of labels", () => {
  it("is associative, commutative and idempotent, with bottom as its unit", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        expect(space.toValue(join(join(a, b), c))).toEqual(space.toValue(join(a, join(b, c))));
        expect(space.toValue(join(a, b))).toEqual(space.toValue(join(b, a)));
        expect(join(a, a)).toBe(a);
        expect(join(a, bottom)).toBe(a);
        expect(join(bottom, a)).toBe(a);
      }),
      runs,
    );
  });

  it("is the left label itself if the right one adds nothing, else the right one itself if it was made from it", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, (a, more) => {
        const above = join(a, more);
        expect(join(above, a)).toBe(above);
        if (!space.flowsTo(above, a)) expect(join(a, above)).toBe(above);
        if (above === bottom) return;
        // A label of the same meaning that was made apart.
        const twin = { ...above, readers: above.readers === null ? null : [...above.readers] };
        expect(join(above, twin)).toBe(above);
        expect(join(twin, above)).toBe(twin);
      }),
      runs,
    );
  });

  it("with fewer readers alone, or with more sources alone, is a label of its own", () => {
    const desk = space.of(["desk"]);
    expect(space.toValue(join(desk, space.of(["safe"])))).toEqual({ sources: ["desk", "safe"], readers: ["ana", "bob"] });
    const anaOnly = space.fromForeign({ sources: [], readers: ["ana"] });
    expect(space.toValue(join(desk, anaOnly))).toEqual({ sources: ["desk"], readers: ["ana"] });
    expect(space.toValue(join(anaOnly, desk))).toEqual({ sources: ["desk"], readers: ["ana"] });
    expect(space.toValue(join(space.of(["safe"]), anaOnly))).toEqual({ sources: ["safe"], readers: ["ana"] });
  });

  it("is the least upper bound: both flow to it, and it flows to whatever both flow to", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        const both = join(a, b);
        expect(space.flowsTo(a, both)).toBe(true);
        expect(space.flowsTo(b, both)).toBe(true);
        const above = join(both, c);
        expect(space.flowsTo(both, above)).toBe(true);
        if (space.flowsTo(a, c) && space.flowsTo(b, c)) expect(space.flowsTo(both, c)).toBe(true);
      }),
      runs,
    );
  });

  it("is monotone in both places", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, more, b) => {
        const higher = join(a, more);
        expect(space.flowsTo(join(a, b), join(higher, b))).toBe(true);
        expect(space.flowsTo(join(b, a), join(b, higher))).toBe(true);
      }),
      runs,
    );
  });

  it("never loses distrust and never wins a reader", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, (a, b) => {
        const both = join(a, b);
        expect(both.isUntrusted).toBe(a.isUntrusted || b.isUntrusted);
        for (const part of [a, b]) {
          if (part.readers === null) continue;
          expect(both.readers?.every((reader) => part.readers?.includes(reader))).toBe(true);
        }
      }),
      runs,
    );
  });
});

describe("flowsTo", () => {
  it("is a partial order with bottom below everything", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        expect(space.flowsTo(a, a)).toBe(true);
        expect(space.flowsTo(bottom, a)).toBe(true);
        if (space.flowsTo(a, b) && space.flowsTo(b, c)) expect(space.flowsTo(a, c)).toBe(true);
        if (isSame(a, b)) expect(space.toValue(a)).toEqual(space.toValue(b));
      }),
      runs,
    );
  });

  it("does not hold from more sources to fewer, nor from fewer readers to more", () => {
    expect(space.flowsTo(space.of(["web", "safe"]), space.of(["safe"]))).toBe(false);
    expect(space.flowsTo(space.of(["desk"]), bottom)).toBe(false);
    const anyone = { sources: ["desk"], readers: null };
    expect(space.flowsTo(space.of(["desk"]), space.fromValue(anyone))).toBe(false);
    expect(space.flowsTo(space.of(["void"]), space.of(["void", "web"]))).toBe(true);
  });
});

describe("a flow rule", () => {
  it("denies a label exactly if it denies one of its sources, whether it has a bit or not", () => {
    expect(flows.length).toBeGreaterThan(deniedBits);
    fc.assert(
      fc.property(anyLabel, (label) => {
        const { sources } = space.toValue(label);
        flows.forEach(({ deny }, rule) => {
          const isDenied = sources.some((name) => deny.includes(name) || (deny.includes("untrusted") && !space.isTrusted(name)));
          expect(space.isDenied(label, rule)).toBe(isDenied);
        });
      }),
      runs,
    );
  });

  it("that denies a label still denies it after any other label was added", () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, (a, b) => {
        flows.forEach((_, rule) => {
          if (space.isDenied(a, rule)) expect(space.isDenied(join(a, b), rule)).toBe(true);
        });
      }),
      runs,
    );
  });

  it("denies nothing that the plan does not have", () => {
    expect(space.isDenied(space.of(names), flows.length)).toBe(false);
    expect(space.isDenied(bottom, 0)).toBe(false);
    expect(space.isDenied(space.fromForeign(topValue), flows.length)).toBe(false);
  });
});

describe("removing labels", () => {
  it("never removes `unknown`, and removes nothing that was not named", () => {
    fc.assert(
      fc.property(anyLabel, fc.subarray([...names]), (label, removed) => {
        const before = space.toValue(label).sources;
        const after = space.toValue(space.remove(label, removed)).sources;
        expect(after).toEqual(before.filter((name) => name === unknownName || !removed.includes(name)));
      }),
      runs,
    );
  });

  it("leaves `unknown` where what is removed was never heard of", () => {
    expect(space.toValue(space.remove(space.of(["unknown", "web"]), ["never-heard-of"])).sources).toEqual(["unknown", "web"]);
  });

  it("never adds a reader and leaves the label itself if nothing goes", () => {
    fc.assert(
      fc.property(anyLabel, fc.subarray([...names]), (label, removed) => {
        const less = space.remove(label, removed);
        expect(less.readers).toEqual(label.readers);
        if (space.toValue(less).sources.length === space.toValue(label).sources.length) expect(less).toBe(label);
      }),
      runs,
    );
  });

  it("leaves a label distrusted as long as one untrusted source is left", () => {
    const label = space.of(["web", "spy", "safe"]);
    expect(space.remove(label, ["web"]).isUntrusted).toBe(true);
    expect(space.remove(label, ["web", "spy"]).isUntrusted).toBe(false);
    expect(space.remove(space.of(["unknown", "web"]), ["unknown", "web"]).isUntrusted).toBe(true);
  });
});

describe("a label as plain data", () => {
  it("comes back as the same label, and from outside never with more readers than its names allow", () => {
    fc.assert(
      fc.property(anyLabel, fc.option(fc.subarray(["ana", "bob", "eve"])), (label, readers) => {
        const value = space.toValue(label);
        expect(isSame(space.fromValue(value), label)).toBe(true);
        const foreign = space.fromForeign({ sources: value.sources, readers });
        expect(space.flowsTo(space.of(value.sources), foreign)).toBe(true);
      }),
      runs,
    );
  });

  it("of a name that nobody declared is untrusted, also where the name is one of Object.prototype", () => {
    for (const name of ["nobody", "constructor", "toString", "hasOwnProperty", "__proto__", "valueOf", ""]) {
      expect(space.of([name]).isUntrusted, name).toBe(true);
      expect(space.isTrusted(name), name).toBe(false);
      expect(space.toValue(space.of([name])).sources).toEqual([name]);
    }
  });

  it("cannot make `unknown` trusted by declaring it", () => {
    const sly = createLabelSpace({ unknown: { integrity: "trusted" } }, []);
    expect(sly.of(["unknown"]).isUntrusted).toBe(true);
  });
});

describe("any number of labels", () => {
  it("keeps 100,000 apart, each of them in the label and denied by its own rule", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `source-${i}`);
    const wide = createLabelSpace({}, [{ id: "last", deny: ["source-99999"], to: "*" }]);
    const all = wide.of(many);
    expect(wide.toValue(all).sources).toHaveLength(100_000);
    expect(wide.isDenied(all, 0)).toBe(true);
    const less = wide.remove(all, ["source-99999"]);
    expect(wide.isDenied(less, 0)).toBe(false);
    expect(wide.toValue(less).sources).toHaveLength(99_999);
  });

  it("treats the 33rd, 64th and 65th label like the first", () => {
    const few = Array.from({ length: 70 }, (_, i) => `l${i}`);
    const rules = few.map((name) => ({ id: name, deny: [name], to: "*" }));
    const wide = createLabelSpace({ l64: { integrity: "trusted" } }, rules);
    wide.of(few);
    for (const [i, name] of few.entries()) {
      const label = wide.of([name]);
      expect(wide.toValue(label).sources).toEqual([name]);
      expect(rules.flatMap((_, rule) => (wide.isDenied(label, rule) ? [rule] : []))).toEqual([i]);
      expect(label.isUntrusted).toBe(name !== "l64");
    }
  });

  it("sends what is too much to `unknown`, and forgets none of the declared labels", () => {
    const crowded = createLabelSpace(declared, [{ id: "web", deny: ["web", "of-a-rule"], to: "*" }]);
    for (let i = 0; i < planLabelsMax + 10; i++) crowded.of([`crowd-${i}`]);
    const late = crowded.of(["one-too-many"]);
    expect(crowded.toValue(late).sources).toEqual([unknownName]);
    expect(late.isUntrusted).toBe(true);
    expect(crowded.isDenied(crowded.of(["web"]), 0)).toBe(true);
    expect(crowded.of(["spy"]).readers).toEqual(["dan"]);
    expect(crowded.isDenied(crowded.of(["of-a-rule"]), 0)).toBe(true);
    const top = crowded.fromForeign(topValue);
    expect(crowded.toValue(top).sources).toEqual([everyLabel]);
    expect(crowded.isDenied(top, 0)).toBe(true);
  });
});
