import { formatDate, isDate, isDateTime, parseDate, parseDateTime, readDateTime, writeDateTime } from "../../../src/lang/date.ts";
import { linksIn } from "../../../src/lang/host/links.ts";
import { hostMatches, readHost } from "../../../src/lang/host/read.ts";
import { readSql } from "../../../src/lang/template/sql.ts";
import { compileTemplate, type TemplateKind } from "../../../src/lang/template/template.ts";
import { joined, must, mustBeLine, parts, same, type Target, resultOf } from "../target.ts";
import { shellWords, sqlWords, urlWords, valueWords } from "../words-text.ts";

import { jsonOr } from "./lang.ts";

const kinds: readonly TemplateKind[] = ["sql", "url", "path", "argv", "header", "text"];

function runTemplate(input: string): void {
  const [kind = "", text = "", valueText = ""] = parts(input, 3);
  const chosen = kinds.find((one) => one === kind) ?? "text";
  const template = resultOf(compileTemplate(chosen, text));
  if (!template) return;
  const value = jsonOr(valueText, valueText);
  const values = Object.fromEntries(template.holes.map((hole) => [hole, value]));
  const filled = resultOf(template.fill(values));
  if (filled === undefined) return;
  must(same(filled, resultOf(template.fill(values))), "filled otherwise the second time");
  if (chosen === "header") mustBeLine(String(filled), "a header");
  if (chosen === "argv") must(Array.isArray(filled) && filled.every((word) => typeof word === "string"), "no list of words");
  if (chosen === "sql") must(readSql(String(filled)).ok, "a filled statement that is none");
  if (chosen === "url" && /^https?:\/\/[a-z]/.test(text)) sameOrigin(text, String(filled));
}

/** The part of a URL before its first hole cannot be changed by what fills the holes. */
function sameOrigin(text: string, filled: string): void {
  const origin = /^https?:\/\/[^/{}?#]*\//.exec(text)?.[0];
  if (origin === undefined) return;
  must(new URL(filled).origin === new URL(origin).origin, `a value moved the host: ${filled}`);
}

function runDates(input: string): void {
  const [text = "", format = ""] = parts(input, 2);
  const date = parseDate(text);
  must(isDate(text) === (date !== undefined), "isDate and parseDate differ");
  const time = parseDateTime(text);
  must(isDateTime(text) === (time !== undefined), "isDateTime and parseDateTime differ");
  const instant = readDateTime(text);
  if (date) must(new Date(`${text}T00:00:00Z`).toISOString().startsWith(text), "a day that does not exist");
  if (instant !== undefined) must(readDateTime(writeDateTime(instant)) === instant, "an instant is written otherwise");
  resultOf(formatDate(text, format));
}

function runHost(input: string): void {
  for (const options of [{}, { punycode: true }]) {
    const reading = resultOf(readHost(input, options));
    if (!reading) continue;
    must(/^[a-z0-9.:_[\]-]+$/i.test(reading.host), `a host with odd characters: ${reading.host}`);
    const again = readHost(input.toUpperCase(), options);
    must(!again.ok || again.value.host === reading.host || /[^\0-\x7f]/.test(input), "case makes another host");
  }
  must(typeof hostMatches(input, ["*.example.com", "example.com"]) === "boolean", "no answer");
}

function runLinks(input: string): void {
  const links = linksIn(input);
  for (const { text, host } of links) must(text.length <= 200 && !/[\s\0]/.test(host), "a link that is none");
  // SECURITY: what the platform reads as an absolute web address must be among the links.
  const url = /^https?:\/\/[a-z0-9.-]+\.[a-z]{2,}(?:[/?#][!-~]*)?$/i.test(input) && URL.canParse(input);
  must(!url || links.length > 0, "an address that is no link");
}

/** Templates, dates, hosts and links. */
export const textTargets: readonly Target[] = [
  {
    name: "template",
    seeds: [
      joined("sql", "SELECT * FROM t WHERE a = {x} AND b IN ({y})", '"O\'Neil"'),
      joined("url", "https://api.example/users/{id}?q={query}#{f}", '"../a b&c=d"'),
      joined("path", "/srv/data/{name}.csv", '"../../etc/passwd"'),
      joined("argv", 'git log --author={who} "a b" {n}', '["--exec=x"]'),
      joined("header", 'Bearer {token}; a="{b}"', '"x\\r\\nSet-Cookie: a"'),
      joined("text", "Dear {name}, {{not}} {x}", "5"),
    ],
    dictionary: [...sqlWords, ...urlWords, ...shellWords, "{x}", "{{", "}}", "\n%%\n"],
    run: runTemplate,
  },
  {
    name: "date",
    seeds: [
      "2031-02-28",
      "2031-01-02T10:00:00.123+02:00",
      joined("2000-02-29", "dddd, D MMMM YYYY"),
      "9999-12-31T23:59:60Z",
      "0000-01-01T00:00:00+02:00",
    ],
    dictionary: valueWords,
    run: runDates,
  },
  {
    name: "host",
    seeds: ["example.com", "[::1]:80", "127.0.0.1", "xn--bcher-kva.example", "0x7f.1", "a.b.example.com.", "bücher.example"],
    dictionary: urlWords,
    run: runHost,
  },
  {
    name: "links",
    seeds: [
      "see https://a.example/x and www.b.example, or [c](http://d.example) <e@f.example> javascript:alert(1)",
      "https://a.example",
      "a．example/x report.txt",
    ],
    dictionary: [...urlWords, "](", "![", "<a href="],
    run: runLinks,
  },
];
