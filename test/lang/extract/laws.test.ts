/**
 * Laws of every extractor: deterministic, spans inside the text and apart, stable on their own output, linear.
 * Never tests by timing: the scanners count what they read.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/json/value.ts";
import { compileExtract, type Extract } from "../../../src/lang/extract/extract.ts";
import { extractKinds, extractLocales } from "../../../src/lang/extract/spec.ts";

const specs: readonly Json[] = [
  ...extractKinds,
  { kind: "iban", strict: false },
  { kind: "amount", currency: true },
  ...extractLocales.flatMap((locale) => [
    { kind: "amount", locale },
    { kind: "date", locale },
  ]),
];

function compiled(spec: Json): Extract {
  const result = compileExtract(spec);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Texts made of pieces that look like values, the marks round them, and anything else. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      "DE89370400440532013000",
      "DE89 3704 0044 0532 0130 00",
      "UK12345678901234567890",
      "https://a.example/x(y)",
      "www.b.com",
      "bob@x.com",
      "1,234.56",
    ],
    ...[
      "1.234,56",
      "$5",
      "EUR 7",
      "12 May 2026",
      "2026-05-12T10:00",
      "12.05.2026",
      "May 1st, 2025",
      "10:30",
      "3 p.m.",
      "+49 30 1234567",
      "INV-1",
    ],
    ...[
      "\u201cquoted\u201d",
      "'it's'",
      "Ann van Lee's",
      "#tag",
      "@me",
      "/a/b.txt",
      "IBAN:",
      "Total",
      "\n",
      "\r\n",
      "\t",
      " ",
      "  ",
      ".",
      ",",
      "-",
      "/",
      "(",
      ")",
      "\u200b",
      "\u202e",
      "é",
      "\ud83d\ude00",
    ],
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
const anchors = fc
  .constantFrom({}, { after: "IBAN:" }, { after: "Total" }, { before: "." }, { after: " ", before: "\t" }, { after: "T" })
  .filter((options) => options.after !== " ");

describe("every extractor", () => {
  test.each(specs)("%j gives the same ordered, separate spans inside the text each time", (spec) => {
    fc.assert(
      fc.property(text, anchors, (input, options) => {
        const extract = compiled({ ...(typeof spec === "string" ? { kind: spec } : (spec as object)), ...options });
        const matches = extract.find(input);
        expect(extract.find(input)).toEqual(matches);
        let floor = 0;
        for (const match of matches) {
          expect(match.start).toBeGreaterThanOrEqual(floor);
          expect(match.end).toBeGreaterThan(match.start);
          floor = match.end;
        }
        expect(floor).toBeLessThanOrEqual(input.length);
      }),
      { numRuns: 60 },
    );
  });

  const stable = specs.filter((spec) => !(typeof spec === "object" && spec !== null && "currency" in spec));
  test.each(stable)("%j finds the same value again in what it found", (spec) => {
    const extract = compiled(spec);
    fc.assert(
      fc.property(text, (input) => {
        for (const match of extract.find(input)) {
          const again = extract.find(input.slice(match.start, match.end));
          expect(again.map((each) => each.value)).toEqual([match.value]);
        }
      }),
      { numRuns: 200 },
    );
  });

  // Not for kinds whose value is less than their text: the sign of a tag, the marks of a quotation.
  const own = [
    "iban",
    "uuid",
    "email",
    "url",
    "date",
    "path",
    "id",
    "digits",
    "token",
    "word",
    "line",
    "name",
    { kind: "iban", strict: false },
  ] as const;
  test.each(own)("%j finds a value in the value itself", (spec) => {
    const extract = compiled(spec);
    fc.assert(
      fc.property(text, (input) => {
        for (const match of extract.find(input))
          expect(extract.distinct(String(match.value))).toEqual({ ok: true, value: [match.value] });
      }),
      { numRuns: 200 },
    );
  });

  const floods = [
    "a",
    "1",
    "A1",
    " ",
    "\n",
    "'a ",
    "\u201ca ",
    "@",
    "a@",
    "a.",
    "1 ",
    "1,",
    "1.",
    "(",
    "https://",
    "www.",
    "AA11 ",
    "AA11",
    "May ",
    "12 May ",
    "#",
    "/",
    "Ab ",
    "Ab de ",
    "-",
    "+1 ",
    "DE89 3704 ",
    "Total ",
    "Total\n",
    "IBAN:",
    "\t",
    "0a-",
    "10:",
    "é",
    "http://a.b/(",
    "http://a.b/[(",
  ];
  test.each(specs)("%j reads a flood of any kind a bounded number of times per character", (spec) => {
    for (const options of [{}, { after: "Total" }, { after: "IBAN:", before: "Total" }, { before: "a" }]) {
      const extract = compiled({ ...(typeof spec === "string" ? { kind: spec } : (spec as object)), ...options });
      for (const flood of floods) {
        const steps = (count: number): number => extract.countSteps(flood.repeat(count));
        // Twice the text costs at most a little over twice the steps, and never more than a constant per character.
        expect(steps(2_000), `${flood} doubled`).toBeLessThanOrEqual(2.1 * steps(1_000) + 2_000);
        expect(steps(1_000), flood).toBeLessThanOrEqual(150 * flood.length * 1_000 + 2_000);
      }
    }
  });
});
