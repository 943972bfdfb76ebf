/** Paths: whatever is under a prefix stays under it on every system. */
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUnder, type PathReading, readPath, readPrefix } from "../../src/constraints/path.ts";

function prefix(text: string): PathReading {
  const read = readPrefix(text);
  if (read === undefined) throw new Error(text);
  return read;
}

const piece = fc.constantFrom(
  "a",
  "b.txt",
  "..",
  ".",
  "...",
  "",
  " ",
  "/",
  "\\",
  "%2e",
  "~",
  ":",
  "C:",
  "in",
  "data",
  "\u0000",
  "\u2024",
  ";",
  "-",
  "nul",
  "é",
  "*",
);

describe("a path under a prefix", () => {
  it("is there after POSIX and Windows have normalised it", () => {
    const data = prefix("/data/in");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = `/data/in/${pieces.join("")}`;
        if (!isUnder(text, [data])) return;
        expect(posix.normalize(text)).toBe(text);
        expect(win32.normalize(text)).toBe(text.replaceAll("/", "\\"));
        expect(posix.relative("/data/in", text)).not.toMatch(/^\.\.(?:\/|$)/);
      }),
      { numRuns: 500 },
    );
  });

  it("is told from its neighbours, and from the same names elsewhere", () => {
    const under = (text: string): boolean => isUnder(text, [prefix("/data/in"), prefix("notes")]);
    expect(["/data/in", "/data/in/a", "notes", "notes/a"].map(under)).toEqual([true, true, true, true]);
    expect(["/data/inn", "/data", "data/in", "/notes", "note", "notes2/a", ""].map(under)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(isUnder("/any/where", [prefix("/")])).toBe(true);
    expect(isUnder("any/where", [prefix("/")])).toBe(false);
  });

  it("is a sequence of names that are read back as they were", () => {
    const name = fc.stringMatching(/^[a-z0-9_]{1,8}$/).filter((text) => readPath(text).ok);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), fc.boolean(), (segments, isAbsolute) => {
        const read = readPath(`${isAbsolute ? "/" : ""}${segments.join("/")}`);
        expect(read).toEqual({ ok: true, value: { isAbsolute, segments } });
      }),
      { numRuns: 200 },
    );
  });

  it.each(["", ".", "./a", "..", "/a/../b", "a//b", "C:\\a", "~", "a*", "https://a.example"])("%j is no prefix", (text) => {
    expect(readPrefix(text)).toBeUndefined();
  });
});
