/**
 * What each kind of extract finds, and what it leaves alone. Texts are made up for these tests.
 * Never tests by timing.
 */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { compileExtract } from "../../../src/lang/extract/extract.ts";
import { extractCharsMax } from "../../../src/limits.ts";

function valuesOf(spec: Json, text: string): readonly Json[] {
  const compiled = compileExtract(spec);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const values = compiled.value.distinct(text);
  return values.ok ? values.value : [];
}

const cases: readonly (readonly [Json, string, readonly Json[]])[] = [
  // IBAN
  ["iban", "pay DE89370400440532013000 now", ["DE89370400440532013000"]],
  ["iban", "IBAN: GB33 BUKB 2020 1555 5555 55, thanks", ["GB33BUKB20201555555555"]],
  ["iban", "DE89 3704 0044 0532 0130 00 and DE89370400440532013000", ["DE89370400440532013000"]],
  ["iban", "DE88370400440532013000", []],
  ["iban", "XDE89370400440532013000", []],
  ["iban", "DE893704004405320130001", []],
  ["iban", "UK12345678901234567890", []],
  ["iban", "de89370400440532013000", []],
  ["iban", "DE89\u200b370400440532013000", []],
  [{ kind: "iban", strict: false }, "to UK12345678901234567890 (IBAN)", ["UK12345678901234567890"]],
  [{ kind: "iban", strict: false }, "UK12 3456 7890 1234 PLEASE PAY", ["UK12345678901234"]],
  [{ kind: "iban", strict: false }, "GB33 BUKB 2020 1555 5555 55 EUR", ["GB33BUKB20201555555555"]],
  [{ kind: "iban", strict: false }, "AB12345678901", []],
  [{ kind: "iban", prefix: "GB" }, "GB33BUKB20201555555555 DE89370400440532013000", ["GB33BUKB20201555555555"]],
  // URL
  ["url", "see https://a.example/x?y=1#z.", ["https://a.example/x?y=1#z"]],
  ["url", "(www.my-site.com/path)", ["www.my-site.com/path"]],
  ["url", "visit www.secure-systems-252.com, please", ["www.secure-systems-252.com"]],
  ["url", "x.example/a and report.txt and e.g. this", ["x.example/a"]],
  ["url", "https://w.example/A_(b) and [t](https://w.example/c)", ["https://w.example/A_(b)", "https://w.example/c"]],
  ["url", "<a href='https://w.example/c'>w</a>", ["https://w.example/c"]],
  ["url", "mail bob@site.com or bob@site.com/x", []],
  ["url", "https://a.example\u200b.evil.example/", []],
  ["url", "https://ex\u00e4mple.com/x", []],
  ["url", "https://a.example:8080/x!", ["https://a.example:8080/x"]],
  ["url", "javascript:alert(1) s3://bucket/key", []],
  // e-mail
  ["email", "From: Ann <Ann.Lee@Mail.EXAMPLE>, bob@x.com.", ["Ann.Lee@mail.example", "bob@x.com"]],
  ["email", "mailto:bob@x.com|bob@x.com", ["bob@x.com"]],
  ["email", "a..b@x.com .@x.com @x.com bob@x bob@x.c bob@-x.com", []],
  ["email", "bob@x.com@evil.com", []],
  ["email", "b\u043eb@x.com", []],
  ["email", `${"a".repeat(65)}@x.com`, []],
  // amounts and numbers
  ["amount", "Total 1,234.56", [1234.56]],
  [{ kind: "amount", locale: "de" }, "Summe 1.234,56 \u20ac", [1234.56]],
  [{ kind: "amount", locale: "fr" }, "Total 1\u00a0234,50 \u20ac", [1234.5]],
  [{ kind: "amount", locale: "ch" }, "CHF 1'234.50", [1234.5]],
  [{ kind: "amount", currency: true }, "3 nights, $120.00 each, 360.00 USD, fee \u20ac5", [120, 360, 5]],
  ["amount", "12.05.2026 10:30 v1.2.3 1/2 A12 #7 19% 12kg 5-10", []],
  ["amount", "-$5.00 and -12", [-5, -12]],
  ["amount", "1,23 12,34,567 1.2.3", []],
  [{ kind: "amount", after: "Total" }, "Subtotal 5\nTotal: 7.50\nTotals 9", [7.5]],
  ["number", "19% of 2.5", [19, 2.5]],
  ["integer", "12 of 1,200; not 1.5 or 007", [12, 1200]],
  ["digits", "code 004512.", ["004512"]],
  // dates and times
  ["date", "2026-05-12, 12 May 2026 and May 12th, 2026", ["2026-05-12"]],
  ["date", "2026-05-12T10:00:00Z", ["2026-05-12"]],
  ["date", "12. Mai 2026; 1 Jan. 2025; 3-Mar-2024", ["2026-05-12", "2025-01-01", "2024-03-03"]],
  ["date", "2026-02-30 31 April 2026 12.05.2026 05/12/2026 2026-05-123", []],
  [{ kind: "date", locale: "de" }, "am 12.05.2026", ["2026-05-12"]],
  [{ kind: "date", locale: "en-US" }, "on 05/12/2026", ["2026-05-12"]],
  [{ kind: "date", locale: "en-GB" }, "on 12/05/2026", ["2026-05-12"]],
  ["date", "29 February 2024 and 29 February 2025", ["2024-02-29"]],
  [{ kind: "date", as: "written" }, "due May 12, 2026.", ["May 12, 2026"]],
  ["time", "10:30, 3pm, 3:15 p.m., 12 am and 23:59:58", ["10:30", "15:00", "15:15", "00:00", "23:59:58"]],
  ["time", "25:00 10:60 1:2 1:23:4567", []],
  // other tokens
  ["phone", "call +49 (30) 123-4567 or 555-123-4567", ["+49301234567", "5551234567"]],
  ["phone", "2026-05-12 10:30 DE89 3704 0044 0532 0130 00 12345678", []],
  ["id", "INV-2026-0042 A1 42 word _b2_", ["INV-2026-0042", "A1", "b2"]],
  ["uuid", "id 550E8400-e29b-41d4-a716-446655440000!", ["550e8400-e29b-41d4-a716-446655440000"]],
  ["path", "open report.txt, /etc/hosts and ./x/y.md (not 1.5, e.g. this)", ["report.txt", "/etc/hosts", "./x/y.md"]],
  ["hashtag", "in #general and &#35; a#b", ["general"]],
  ["mention", "ask @ann.lee. or bob@x.com", ["ann.lee"]],
  ["quoted", "say 'hi there' or \u201cyou\u2019re in\u201d, it's \"ok\"", ["hi there", "you\u2019re in", "ok"]],
  ["name", "Ludwig van Beethoven met J. R. Smith in Paris's centre", ["Ludwig van Beethoven", "J. R. Smith", "Paris"]],
  ["name", "Ann Lee's's", ["Ann Lee"]],
  ["url", "https://a.example/x(y)'(", ["https://a.example/x(y)"]],
  ["word", "don't stop-it", ["don't", "stop-it"]],
  ["token", "password: s3cr!t#x.", ["password", "s3cr!t#x"]],
  ["line", " a b \r\n\r\nc", ["a b", "c"]],
  // anchors
  [{ kind: "line", after: "Subject:" }, "Subject: Hello there \nBody", ["Hello there"]],
  [{ kind: "iban", after: "IBAN:" }, "old DE89370400440532013000\nIBAN:\n\n GB33BUKB20201555555555", ["GB33BUKB20201555555555"]],
  [{ kind: "amount", after: "Net" }, "Net 1 Net 2\nNet 1\n", [1, 2]],
  [{ kind: "amount", before: "EUR" }, "5 USD 7 EUR\n9 EUR", [7, 9]],
  [{ kind: "line", after: "pay to", before: "(IBAN)" }, "Please pay to ACME (IBAN) x", ["ACME"]],
  [{ kind: "line", after: "pay to", before: "(IBAN)" }, "Please pay to ACME", []],
  [{ kind: "word", after: "to" }, "total tomorrow to Bob", ["Bob"]],
];

describe("extract", () => {
  test.each(cases)("finds with %j in %j exactly %j", (spec, text, wanted) => {
    expect(valuesOf(spec, text)).toEqual(wanted);
  });

  test.each<readonly [Json, string]>([
    ["nothing", ""],
    [7, ""],
    [null, ""],
    [{}, "/kind"],
    [{ kind: "__proto__" }, "/kind"],
    [{ kind: "iban", after: "" }, "/after"],
    [{ kind: "iban", after: "a\nb" }, "/after"],
    [{ kind: "iban", after: "x".repeat(201) }, "/after"],
    [{ kind: "iban", locale: "de" }, "/locale"],
    [{ kind: "amount", locale: "xx" }, "/locale"],
    [{ kind: "url", strict: true }, "/strict"],
    [{ kind: "iban", strict: "no" }, "/strict"],
    [{ kind: "iban", "a/b": 1 }, "/a~1b"],
    [{ kind: "iban", constructor: 1 }, "/constructor"],
    [{ kind: "iban", as: "text" }, "/as"],
  ])("refuses the spec %j at %j", (spec, pointer) => {
    const compiled = compileExtract(spec);
    expect(compiled).toMatchObject({ ok: false, error: { code: "EXTRACT_INVALID", pointer } });
  });

  test("denies a text that is too long instead of reading its beginning", () => {
    const compiled = compileExtract("iban");
    const text = `DE89370400440532013000 ${" ".repeat(extractCharsMax)}`;
    expect(compiled.ok && compiled.value.distinct(text)).toMatchObject({ ok: false, error: { code: "EXTRACT_TEXT_TOO_LONG" } });
    expect(compiled.ok && compiled.value.find(text)).toEqual([]);
  });

  test("keeps the digits of an integer that a double cannot hold", () => {
    expect(valuesOf("integer", "9007199254740993")[0]).toBe(9007199254740993n);
    expect(valuesOf("amount", "1,234,567,890,123,456.78")).toEqual([]);
  });

  test("gives spans that cover the numeral and not the currency", () => {
    const compiled = compileExtract({ kind: "amount", currency: true });
    expect(compiled.ok && compiled.value.find("pay 1,234.50 EUR")).toEqual([{ value: 1234.5, start: 4, end: 12 }]);
  });
});
