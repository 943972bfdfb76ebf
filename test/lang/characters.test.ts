/**
 * Which characters a reader is not shown, held to Unicode's own property in the runtime at hand; and emoji, which are texts as any other.
 */
import { describe, expect, it } from "vitest";
import { isHidden, isPlain, isPlainProse } from "../../src/lang/template/characters.ts";
import { suspicionsOf } from "../../src/catalogue/texts.ts";
import { linksIn } from "../../src/lang/host.ts";
import { isAllowedText } from "../spec/lang.ts";

const points = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);
const named = (code: number): string => `U+${code.toString(16)}`;
/** What surrounds a character in a text that a person reads. */
const around = (code: number): string => `a${String.fromCodePoint(code)}b`;

describe("a hidden character", () => {
  it("is one that Unicode lets a reader ignore, or that marks annotations between lines", () => {
    const ignorable = /^[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]$/u;
    const differ = points.filter((code) => isHidden(code) !== ignorable.test(String.fromCodePoint(code)));
    expect(differ.map(named)).toEqual([]);
    expect(points.filter(isHidden).length).toBeGreaterThan(4_000);
  });

  it.each([
    ["a format of shorthand", 0x1bca0, 0x1bca3],
    ["a format of music", 0x1d173, 0x1d17a],
    ["a variation selector", 0xfe00, 0xfe0f],
    ["a variation selector of ideographs", 0xe0100, 0xe01ef],
    ["a tag", 0xe0020, 0xe007f],
  ])("%s stands in no plain text between letters", (_, first, last) => {
    for (let code = first; code <= last; code++)
      expect([isPlain(around(code)), isPlainProse(around(code))], named(code)).toEqual([false, false]);
  });
});

describe("a selector of an emoji's style", () => {
  const styled = [
    "❤\ufe0f",
    "✔\ufe0e done",
    "☎\ufe0f call ©\ufe0f, ℹ\ufe0f",
    "🌧\ufe0f",
    "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3",
    "a ‼\ufe0f b",
  ];
  it.each(styled)("is plain behind the symbol that has styles: %j", (text) => {
    expect([isPlain(text), isPlainProse(text), isAllowedText(text, [])]).toEqual([true, true, true]);
  });

  it("is plain behind each symbol that has no emoji's style by itself", () => {
    const symbols = points
      .map((code) => String.fromCodePoint(code))
      .filter((char) => /^(?!\p{Emoji_Presentation}|[#*0-9])\p{Emoji}$/u.test(char));
    expect(symbols.length).toBeGreaterThan(150);
    expect(symbols.filter((char) => !isPlainProse(`${char}\ufe0f`) || !isAllowedText(`${char}\ufe0f`, []))).toEqual([]);
  });

  it.each([
    ["a second one", "❤\ufe0f\ufe0f"],
    ["another selector", "❤\ufe00"],
    ["one at the start", "\ufe0f❤"],
    ["one behind a letter", "e\ufe0f"],
    ["one behind an ideograph", "葛\ufe00"],
    ["one behind a number that is no key", "1\ufe0f"],
    ["one behind a blank", "❤ \ufe0f"],
    ["one behind a line's end", "❤\n\ufe0f"],
    ["bits in a row of them", "😀\ufe00\ufe01\ufe0f\ufe0e"],
  ])("hides nothing: %s is refused", (_, text) => {
    expect([isPlain(text), isPlainProse(text), isAllowedText(text, [])]).toEqual([false, false, false]);
  });

  it("is no way round a rule about links: the host is read as IDNA reads it", () => {
    expect(linksIn("see https://ev\ufe0fil.example/x").map(({ host }) => host)).toContain("evil.example");
  });

  it("is told of a tool's description where it is none of an emoji", () => {
    const kinds = (text: string) => suspicionsOf({ description: text }).map(({ kind }) => kind);
    expect(kinds("Pays ❤\ufe0f 1\ufe0f\u20e3")).toEqual([]);
    expect(kinds("Pays 😀\ufe01\ufe05")).toEqual(["hidden"]);
    expect(kinds("Pays e\ufe0f")).toEqual(["hidden"]);
  });
});
