import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameValue } from "../../../src/infer/values/same-value.ts";
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it
import { valueOf } from "../../../src/infer/values/value-of.ts";
import { isArray, type Json, type JsonObject, member } from "../../../src/json/value.ts";
import { paramOf } from "./param.ts";
import { hostileTexts, sentence } from "./texts.ts";

const names = [
  "date",
  "start_date",
  "end",
  "time",
  "timestamp",
  "amount",
  "number_of_guests",
  "duration",
  "email",
  "url",
  "country_code",
  "currency",
  "language",
  "is_open",
  "title",
  "order_id",
  "file_path",
  "longitude",
  "rate",
];
const descriptions = [
  "",
  "YYYY-MM-DD HH:MM:SS",
  "MM/DD/YYYY",
  "Duration in minutes",
  "ISO code",
  "e.g. 'en', 'fr'",
  "Unix timestamp",
  "%",
];
const schemas: readonly JsonObject[] = [
  { type: "string" },
  { type: "string", format: "date" },
  { type: "string", format: "date-time" },
  { type: "string", pattern: "^[a-z]+$" },
  { type: "string", maxLength: 5 },
  { type: "number" },
  { type: "number", minimum: 0, maximum: 1 },
  { type: "integer" },
  { type: "boolean" },
  { type: "object" },
  { enum: ["one", "two", "three"] },
  { enum: [1, 2, 3] },
  { type: "array", items: { type: "string" } },
  { type: "array", items: { type: "integer" } },
  { type: "array", items: { enum: ["red", "blue"] } },
];

const schema = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...descriptions), fc.constantFrom(...schemas))
  .map(([name, description, of]) => ({ name, of: { ...of, description } }));
const context = fc.constantFrom(
  {},
  { now: "2024-05-15T10:00:00", zone: "Europe/Berlin" },
  { now: "2024-02-29T23:59:59Z" },
  { now: "x", zone: "y" },
);
const text = fc.oneof(
  sentence,
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(...hostileTexts(500).map(([, hostile]) => hostile)),
);

function hasType(value: Json, of: JsonObject): boolean {
  const listed = member(of, "enum");
  if (isArray(listed)) return listed.some((one) => one === value);
  switch (member(of, "type")) {
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array": {
      const items = member(of, "items");
      return isArray(value) && value.length > 0 && value.every((item) => hasType(item, items as JsonObject));
    }
    default:
      return typeof value === member(of, "type");
  }
}

describe("valueOf", () => {
  it("gives a value of the schema's type and within its bounds, or none, and never throws", () => {
    fc.assert(
      fc.property(text, schema, context, (said, { name, of }, given) => {
        const value = valueOf(said, paramOf(name, of), given);
        if (value === undefined) return;
        expect(hasType(value, of)).toBe(true);
        if (typeof value === "number") {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeLessThanOrEqual(Number(member(of, "maximum") ?? Number.POSITIVE_INFINITY));
        }
        if (member(of, "format") === "date") expect(value).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        if (member(of, "pattern") !== undefined) expect(value).toMatch(/^[a-z]+$/);
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same value twice", () => {
    fc.assert(
      fc.property(text, schema, context, (said, { name, of }, given) => {
        const param = paramOf(name, of);
        expect(valueOf(said, param, given)).toEqual(valueOf(said, param, given));
      }),
      { numRuns: 100 },
    );
  });

  it("leaves days in ISO 8601 as they are", () => {
    const date = paramOf("date", { type: "string", format: "date" });
    fc.assert(
      fc.property(fc.date({ min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (day) => {
        const iso = day.toISOString().slice(0, 10);
        expect(valueOf(iso, date, {})).toBe(iso);
      }),
      { numRuns: 200 },
    );
  });

  it("leaves times on the clock of 24 hours as they are", () => {
    const time = paramOf("time", { type: "string" });
    fc.assert(
      fc.property(fc.nat(23), fc.nat(59), (hour, minute) => {
        const clock = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
        expect(valueOf(clock, time, {})).toBe(clock);
      }),
      { numRuns: 200 },
    );
  });

  it("reads a number that it is given in digits", () => {
    const number = paramOf("n", { type: "number" });
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (value) => {
        expect(valueOf(String(value), number, {})).toBe(value);
        expect(valueOf(value.toLocaleString("en-US"), number, {})).toBe(value);
      }),
      { numRuns: 200 },
    );
  });

  it("reads a listed value that is written out as that value", () => {
    const listed = ["Economy", "Business class", "first_class", "PremiumEconomy"];
    const param = paramOf("class", { enum: listed });
    for (const value of listed) {
      expect(valueOf(value, param, {})).toBe(value);
      expect(valueOf(value.toUpperCase(), param, {})).toBe(value);
      expect(valueOf(value.replace(/[ _]/g, "-"), param, {})).toBe(value);
    }
  });

  const slow = [
    paramOf("date", { type: "string" }),
    paramOf("start", { type: "string", description: "YYYY-MM-DD HH:MM:SS" }),
    paramOf("tags", { type: "array", items: { type: "string" } }),
    paramOf("n", { type: "number" }),
    paramOf("duration", { type: "integer", description: "in minutes" }),
    paramOf("email", { type: "string" }),
    paramOf("class", { enum: ["one", "two or three"] }),
    paramOf("is_open", { type: "boolean" }),
  ];
  for (const [name, hostile] of hostileTexts(10_000)) {
    it(`reads ${hostile.length} characters of ${name} within a second and a half`, () => {
      const before = performance.now();
      for (const param of slow) valueOf(hostile, param, { now: "2024-05-15T10:00:00", task: hostile });
      expect(performance.now() - before).toBeLessThan(1_500);
    });
  }
});

const same: readonly (readonly [a: Json, b: Json])[] = [
  [true, "True"],
  [3, "3.0"],
  ["$1,200", 1200],
  [" New  York ", "new york"],
  ["Hi there.", "hi there"],
  [
    ["A", 1],
    ["a", 1],
  ],
  [
    { a: 1, b: "X" },
    { b: "x", a: 1 },
  ],
  [10n, "10"],
];
const different: readonly (readonly [a: Json, b: Json])[] = [
  [true, false],
  [3, "4"],
  ["New York", "York"],
  [
    ["a", "b"],
    ["b", "a"],
  ],
  [{ a: 1 }, { a: 2 }],
  ["", "0"],
  [null, "x"],
];

describe("sameValue", () => {
  for (const [a, b] of same) {
    it(`takes ${typeof a === "bigint" ? a : JSON.stringify(a)} and ${JSON.stringify(b)} for the same`, () => {
      expect(sameValue(a, b)).toBe(true);
      expect(sameValue(b, a)).toBe(true);
    });
  }
  for (const [a, b] of different) {
    it(`tells ${JSON.stringify(a)} and ${JSON.stringify(b)} apart`, () => {
      expect(sameValue(a, b)).toBe(false);
      expect(sameValue(b, a)).toBe(false);
    });
  }

  it("takes every value for the same as itself", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => sameValue(value as Json, value as Json)),
      { numRuns: 200 },
    );
  });
});
