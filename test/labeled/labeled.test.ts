/**
 * Labelled values: what compiles, what does not, and what is refused when it runs all the same. Each `@ts-expect-error` is a test of the
 * compiler: `tsc` fails where the line beneath it would compile.
 */
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  combine,
  concat,
  label,
  type Labeled,
  labeled,
  LabelError,
  labelOf,
  map,
  narrow,
  sanitizer,
  sink,
  unwrap,
} from "../../src/labeled.ts";

const page = label("see https://evil.example/", "external_api");
const own = label("Kim", "user_input");
const row = label(5, "database_record", "hr");
const send = sink("external_api", "web")((body: string) => `sent ${body}`);
const sourcesOf = (value: Labeled<unknown, string>): readonly string[] => labelOf(value).sources;

describe("labels in types", () => {
  it("are those that were given, `unknown` where none were", () => {
    expectTypeOf(page).toEqualTypeOf<Labeled<string, "external_api">>();
    expectTypeOf(row).toEqualTypeOf<Labeled<number, "database_record" | "hr">>();
    expectTypeOf(label(1)).toEqualTypeOf<Labeled<number, "unknown">>();
    expect(sourcesOf(label(1))).toEqual(["unknown"]);
  });

  it("go with a value through maps, texts and objects", () => {
    expectTypeOf(map(row, (n) => n > 1)).toEqualTypeOf<Labeled<boolean, "database_record" | "hr">>();
    expectTypeOf(map(own, () => page)).toEqualTypeOf<Labeled<string, "user_input" | "external_api">>();
    expectTypeOf(concat("a", own, row)).toEqualTypeOf<Labeled<string, "user_input" | "database_record" | "hr">>();
    expectTypeOf(labeled`Dear ${own}: ${page} ${5}`).toEqualTypeOf<Labeled<string, "user_input" | "external_api">>();
    expectTypeOf(labeled`plain`).toEqualTypeOf<Labeled<string, never>>();
    expectTypeOf(combine({ to: own, n: row, x: 1 as number })).toEqualTypeOf<
      Labeled<{ readonly to: string; readonly n: number; readonly x: number }, "user_input" | "database_record" | "hr">
    >();
    expect(sourcesOf(map(own, () => page))).toEqual(["external_api", "user_input"]);
    expect(sourcesOf(combine({ own, row }))).toEqual(["database_record", "hr", "user_input"]);
  });

  it("keep a value from a sink that forbids one of them", () => {
    expect(send(own)).toBe("sent Kim");
    expect(send(labeled`plain`)).toBe("sent plain");
    // @ts-expect-error: the label is forbidden
    expect(() => send(page)).toThrow(LabelError);
    // @ts-expect-error: one of the labels is forbidden
    expect(() => send(labeled`Dear ${own}: ${page}`)).toThrow(LabelError);
    // @ts-expect-error: a plain value is no labelled one
    expect(() => send("plain")).toThrow(TypeError);
    // @ts-expect-error: the value is of another type
    expect(send(label(5, "user_input"))).toBe("sent 5");
  });

  it("cannot be made forbidden-free by a wider type", () => {
    const wide: Labeled<string, string> = page;
    // @ts-expect-error: any label may be the forbidden one
    expect(() => send(wide)).toThrow(LabelError);
    const either: Labeled<string, "user_input" | "external_api"> = own;
    // @ts-expect-error: it may carry the forbidden label
    expect(send(either)).toBe("sent Kim");
    const patterned: Labeled<string, `external_${string}`> = page;
    // @ts-expect-error: the pattern covers the forbidden label
    expect(() => send(patterned)).toThrow(LabelError);
    // @ts-expect-error: labels are not dropped by assignment
    const fewer: Labeled<string, "user_input"> = either;
    expect(fewer).toBe(either);
    const names: string[] = ["user_input"];
    // @ts-expect-error: names that are not known name anything
    expect(send(label("x", ...(names as [string])))).toBe("sent x");
  });

  it("are taken away by a sanitizer that names them, but for `unknown`", () => {
    const digits = sanitizer("external_api", "unknown")((text: string) => text.replace(/\D/g, ""));
    const clean = digits(map(page, (text) => `${text}42`));
    expectTypeOf(clean).toEqualTypeOf<Labeled<string, never>>();
    expect(send(clean)).toBe("sent 42");
    expect(sourcesOf(digits(label("a1")))).toEqual(["unknown"]);
    expectTypeOf(digits(label("a1"))).toEqualTypeOf<Labeled<string, "unknown">>();
    expectTypeOf(digits(labeled`${own}${page}`)).toEqualTypeOf<Labeled<string, "user_input">>();
    const vague = sanitizer(...(["web"] as string[]))((text: string) => text);
    // @ts-expect-error: a sanitizer of nobody knows what takes nothing away
    expect(() => send(vague(page))).toThrow(LabelError);
  });

  it("say what may be unwrapped", () => {
    expect(unwrap(own, "user_input")).toBe("Kim");
    expect(unwrap(own, "user_input", "external_api")).toBe("Kim");
    expect(unwrap(labeled`plain`)).toBe("plain");
    expectTypeOf(unwrap(row, "hr", "database_record")).toEqualTypeOf<number>();
    // @ts-expect-error: a label that is not permitted
    expect(() => unwrap(page, "user_input")).toThrow(LabelError);
    // @ts-expect-error: one of the labels is not permitted
    expect(() => unwrap(row, "hr")).toThrow(LabelError);
    // @ts-expect-error: nothing is permitted
    expect(() => unwrap(page)).toThrow(LabelError);
    const any: string[] = ["user_input"];
    // @ts-expect-error: names that are not known permit nothing
    expect(unwrap(own, ...any)).toBe("Kim");
  });

  it("can be narrowed to what they are, and to nothing else", () => {
    const wide: Labeled<string, string> = own;
    expect(send(narrow(wide, "user_input"))).toBe("sent Kim");
    expect(() => narrow(wide, "external_api")).toThrow(LabelError);
  });
});

describe("a labelled value", () => {
  it("is no text, no JSON, and cannot be forged out of one", () => {
    expect(() => `${page as unknown as string}`).toThrow(TypeError);
    expect(() => JSON.stringify({ page })).toThrow(TypeError);
    expect(Object.keys(page)).toEqual([]);
    expect(() => Object.assign(page, { value: 1 })).toThrow(TypeError);
    for (const forged of [{}, Object.create(page as object), { ...page }, structuredClone({}), "Kim", null, undefined]) {
      expect(() => send(forged as never)).toThrow(TypeError);
      expect(() => labelOf(forged as never)).toThrow(TypeError);
    }
  });

  it("says in its error which labels stood in the way, and nothing of the value", () => {
    try {
      send(labeled`${own}${page}` as never);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "FLOW_SINK_DENIED", labels: ["external_api"] });
      expect(String(error)).not.toContain("evil");
    }
  });

  it("carries the labels of every part of a text, whatever the parts", () => {
    const part = fc.oneof(
      fc.string(),
      fc.record({ text: fc.string(), names: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }) }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const made = parts.map((one) => (typeof one === "string" ? one : label(one.text, ...(one.names as [string]))));
        const names = parts.flatMap((one) => (typeof one === "string" ? [] : one.names));
        const joined = concat(...made);
        expect(sourcesOf(joined)).toEqual([...new Set(names)].sort());
        const text = parts.map((one) => (typeof one === "string" ? one : one.text)).join("");
        expect(sink()((value: unknown) => value)(joined as never)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});
