/** Names of resources: whatever two spellings some server may take for one find each other, and other names do not. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHidden } from "../../src/lang/template/characters.ts";
import { isTouched, resourceKey, resourceQuery, serverKey } from "../../src/lang/resource.ts";

const meets = (a: string, b: string): boolean => isTouched(a, resourceQuery([b]));
const file = (name: string): string => resourceKey("disk", "file", name);
const segment = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "A", "é", "ﬁ", "-", "1", ".") });
const path = fc
  .tuple(fc.constantFrom("/", "", "./"), fc.array(segment, { maxLength: 4 }))
  .map(([root, segments]) => root + segments.join("/"));

describe("the key of a resource", () => {
  it("is one of the server's, or the whole server", () => {
    fc.assert(
      fc.property(fc.constantFrom("file", "url", "row"), fc.string({ unit: "binary", maxLength: 40 }), (kind, name) => {
        const key = resourceKey("disk", kind, name);
        expect(key === serverKey("disk") || key.startsWith(`disk|${kind}:`)).toBe(true);
        expect(isTouched(key, resourceQuery([key]))).toBe(true);
        expect(isTouched(key, resourceQuery([serverKey("disk")]))).toBe(true);
        expect(isTouched(serverKey("disk"), resourceQuery([key]))).toBe(true);
        expect(isTouched(key, resourceQuery([serverKey("dis")]))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("does not change by case, Unicode form, slashes and empty segments", () => {
    const spellings: ((name: string) => string)[] = [
      (name) => name.toUpperCase(),
      (name) => name.toLowerCase(),
      (name) => name.normalize("NFD"),
      (name) => name.normalize("NFKC"),
      (name) => name.replaceAll("/", "\\"),
      (name) => name.replaceAll("/", "//"),
      (name) => name.replaceAll("/", "/./"),
      (name) => (name === "" ? name : `${name}/`),
    ];
    fc.assert(
      fc.property(path, fc.constantFrom(...spellings), (name, spell) => {
        expect(meets(file(spell(name)), file(name))).toBe(true);
        expect(meets(file(name), file(spell(name)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("is the whole server for a name with blanks at an end or characters that nobody sees, of any kind", () => {
    for (const name of ["5 ", " 5", "t/5 ", "t /5", "5\u200b", "5\u0000", "5\u00ad", "\ufeff5"])
      expect(resourceKey("db", "row", name), JSON.stringify(name)).toBe(serverKey("db"));
    expect(resourceKey("db", "row", "t/a b")).toBe("db|row:t/a b");
  });

  it("is the whole server for every character that no reader is shown, in a file's name as in another's", () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      if (!isHidden(code)) continue;
      const name = `t/5${String.fromCodePoint(code)}`;
      for (const kind of ["row", "file"])
        if (resourceKey("db", kind, name) !== serverKey("db")) expect.fail(`${kind} U+${code.toString(16)}`);
    }
  });

  it("is the same whether a symbol is written as text or as an emoji", () => {
    const twins = [
      ["t/\u2764", "t/\u2764\ufe0f"],
      ["t/\u2764", "t/\u2764\ufe0e"],
      ["t/\u2122 x", "t/\u2122\ufe0f x"],
      ["t/1\u20e3", "t/1\ufe0f\u20e3"],
    ] as const;
    for (const kind of ["row", "file"])
      for (const [plain, styled] of twins) {
        expect(resourceKey("db", kind, styled), JSON.stringify(styled)).toBe(resourceKey("db", kind, plain));
        expect(resourceKey("db", kind, plain)).not.toBe(serverKey("db"));
      }
  });

  it("is touched by a read of what is above it and below it, and by a relative read of an absolute one", () => {
    fc.assert(
      fc.property(path, segment, (name, below) => {
        const inner = `${name}${name === "" || name.endsWith("/") ? "" : "/"}${below}`;
        expect(meets(file(inner), file(name))).toBe(true);
        expect(meets(file(name), file(inner))).toBe(true);
        const other = file(name.startsWith("/") ? "a/b" : "/a/b");
        expect(meets(file(name), other) && meets(other, file(name))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("tells resources apart that nothing but a mistake makes one", () => {
    const apart = [
      [file("/a/b"), file("/a/c")],
      [file("/a/b"), file("/a/bc")],
      [file("/a/b"), file("/ab")],
      [resourceKey("disk", "row", "t/1"), resourceKey("disk", "row", "t/2")],
      [resourceKey("disk", "row", "t/1"), resourceKey("disk", "file", "/t/1")],
      [resourceKey("web", "url", "https://a.example/x"), resourceKey("web", "url", "https://b.example/x")],
      [resourceKey("a", "row", "1"), resourceKey("b", "row", "1")],
    ] as const;
    for (const [one, other] of apart) expect([meets(one, other), meets(other, one)]).toEqual([false, false]);
  });

  it("of a URL is its host", () => {
    const key = resourceKey("web", "url", "https://A.example:443/x?y#z");
    expect(key).toBe("web|url:a.example");
    expect(resourceKey("web", "url", "http://a.example/")).toBe(key);
    for (const odd of ["https://u:p@a.example/", "https://a.example\\@b.example/", "//", "https://а.example/"])
      expect(resourceKey("web", "url", odd)).toBe("web|*");
  });

  it("of what is too long or too deep is the whole server", () => {
    expect(file(`/${"a".repeat(2_000)}`)).toBe("disk|*");
    expect(file("/a".repeat(65))).toBe("disk|*");
    expect(file("/a".repeat(64))).not.toBe("disk|*");
  });
});
