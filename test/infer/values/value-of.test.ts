import { describe, expect, it } from "vitest";
import type { ValueContext } from "../../../src/infer/values/mention.ts";
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it
import { valueOf } from "../../../src/infer/values/value-of.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { paramOf } from "./param.ts";

/** A Wednesday. */
const context: ValueContext = { now: "2024-05-15T10:00:00", zone: "UTC" };

const string: JsonObject = { type: "string" };
const number: JsonObject = { type: "number" };
const integer: JsonObject = { type: "integer" };
const boolean: JsonObject = { type: "boolean" };
const list = (items: JsonObject): JsonObject => ({ type: "array", items });
const said = (description: string, schema: JsonObject = string): JsonObject => ({ ...schema, description });
const choice = (...values: readonly Json[]): JsonObject => ({ enum: values });

type Case = readonly [name: string, schema: JsonObject, text: string, value: Json | undefined];

function table(title: string, cases: readonly Case[], given: ValueContext = context): void {
  describe(title, () => {
    for (const [name, schema, text, value] of cases) {
      const { description, enum: values, format, type } = schema;
      const about = description ?? values ?? format ?? type;
      it(`reads ${JSON.stringify(text)} for \`${name}\` (${JSON.stringify(about)}) as ${JSON.stringify(value)}`, () => {
        expect(valueOf(text, paramOf(name, schema), given)).toEqual(value);
      });
    }
  });
}

table("days seen from a Wednesday", [
  ["date", string, "today", "2024-05-15"],
  ["date", string, "tomorrow", "2024-05-16"],
  ["date", string, "yesterday", "2024-05-14"],
  ["date", string, "later today", "2024-05-15"],
  ["date", string, "tonight", "2024-05-15"],
  ["date", string, "the day after tomorrow", "2024-05-17"],
  ["date", string, "day before yesterday", "2024-05-13"],
  ["date", string, "the 3rd", "2024-06-03"],
  ["date", string, "the 20th", "2024-05-20"],
  ["date", string, "12th of this month", "2024-05-12"],
  ["date", string, "2nd of next month", "2024-06-02"],
  ["date", string, "the 31st of next month", "the 31st of next month"],
  ["date", string, "Friday", "2024-05-17"],
  ["date", string, "Wednesday", "2024-05-22"],
  ["date", string, "this Sunday", "2024-05-19"],
  ["date", string, "this coming Sunday", "2024-05-19"],
  ["date", string, "next Friday", "2024-05-24"],
  ["date", string, "Thursday next week", "2024-05-23"],
  ["date", string, "next week on Thursday", "2024-05-23"],
  ["date", string, "Saturday this week", "2024-05-18"],
  ["date", string, "last Monday", "2024-05-13"],
  ["date", string, "last Wednesday", "2024-05-08"],
  ["date", string, "in two weeks", "2024-05-29"],
  ["date", string, "in a month", "2024-06-15"],
  ["date", string, "3 days ago", "2024-05-12"],
  ["date", string, "a week from now", "2024-05-22"],
  ["date", string, "a week from tomorrow", "2024-05-23"],
  ["date", string, "within 3 days", "2024-05-18"],
  ["date", string, "the end of the month", "2024-05-31"],
  ["date", string, "end of next month", "2024-06-30"],
  ["date", string, "next month", "2024-06-01"],
  ["date", string, "this weekend", "2024-05-18"],
  ["date", string, "Christmas Eve", "2024-12-24"],
  ["date", string, "two Fridays from now", "two Fridays from now"],
  ["date", string, "in a few days", "in a few days"],
  ["date", string, "mid-March", "mid-March"],
  ["date", string, "some other time", "some other time"],
]);

table("days on the calendar", [
  ["date", string, "2024-05-01", "2024-05-01"],
  ["date", string, "2024/5/1", "2024-05-01"],
  ["date", string, "March 3rd, 2024", "2024-03-03"],
  ["date", string, "march 3", "2024-03-03"],
  ["date", string, "Mar. 3, 2025", "2025-03-03"],
  ["date", string, "3rd of March", "2024-03-03"],
  ["date", string, "3 March 2025", "2025-03-03"],
  ["date", string, "12-Aug-2024", "2024-08-12"],
  ["date", string, "Friday, June 7th", "2024-06-07"],
  ["date", string, "January 5", "2025-01-05"],
  ["date", string, "12/05/2026", "2026-12-05"],
  ["date", string, "25/12/2024", "2024-12-25"],
  ["date", string, "1.5.2024", "2024-05-01"],
  ["date", string, "Feb 29, 2024", "2024-02-29"],
  ["date", string, "Feb 29, 2023", "Feb 29, 2023"],
  ["date", string, "June 31", "June 31"],
  ["date", { type: "string", format: "date" }, "June 31", undefined],
  ["date", { type: "string", format: "date" }, "soon", undefined],
  ["date", string, "May 2025", "2025-05"],
  ["start_date", string, "March 3rd to 5th", "2024-03-03"],
  ["end_date", string, "March 3rd to 5th", "2024-03-05"],
  ["start_date", string, "3rd to 5th of June", "2024-06-03"],
  ["end_date", string, "3rd to 5th of June", "2024-06-05"],
  ["return_date", string, "from June 3 until June 10, 2025", "2025-06-10"],
  ["dates", list(string), "June 3 and June 5", ["2024-06-03", "2024-06-05"]],
]);

table("the forms that schemas ask for", [
  ["date", said("The date (MM/DD/YYYY)"), "June 3rd, 2024", "06/03/2024"],
  ["date", said("in DD-MM-YYYY"), "June 3rd, 2024", "03-06-2024"],
  ["date", said("Format: %Y-%m-%d."), "June 3rd, 2024", "2024-06-03"],
  ["date", said("for example '2023/01/31'"), "June 3rd, 2024", "2024/06/03"],
  ["date", said("yyyyMMdd"), "June 3rd, 2024", "20240603"],
  ["date", said("The date, e.g. January 1, 2022"), "June 3rd, 2024", "June 3rd, 2024"],
  ["month", said("The month as YYYY-MM"), "June 2024", "2024-06"],
  ["date", { type: "string", pattern: "^\\d{2}/\\d{2}/\\d{4}$" }, "June 3rd, 2024", "06/03/2024"],
  ["start", said("Start, YYYY-MM-DD HH:MM:SS"), "tomorrow at half past six in the evening", "2024-05-16 18:30:00"],
  ["time", said("Format: %Y-%m-%d %H:%M:%S"), "2pm on September 12th", "2024-09-12 14:00:00"],
  ["start", { type: "string", format: "date-time" }, "June 3 at 5pm", "2024-06-03T17:00:00Z"],
  ["start", { type: "string", format: "date-time" }, "2024-06-03T17:00:00", "2024-06-03T17:00:00Z"],
  ["timestamp", said("Unix timestamp", integer), "2024-01-01", 1_704_067_200],
  ["time", said("HH:MM:SS"), "5pm", "17:00:00"],
  ["time", said("e.g. 09:00 AM"), "half past six in the evening", "06:30 PM"],
  ["alarm_time", { type: "string", format: "time" }, "7:15 am", "07:15:00"],
]);

table("times of day", [
  ["time", string, "half past six", "06:30"],
  ["time", string, "half past 11 in the morning", "11:30"],
  ["time", string, "evening 6", "18:00"],
  ["time", string, "afternoon 12:30", "12:30"],
  ["time", string, "night 8:15", "20:15"],
  ["time", string, "quarter to 8 in the evening", "19:45"],
  ["time", string, "quarter past one pm", "13:15"],
  ["time", string, "quarter to 1 pm", "12:45"],
  ["time", string, "ten past nine", "09:10"],
  ["time", string, "ten minutes to 12", "11:50"],
  ["time", string, "noon", "12:00"],
  ["time", string, "midnight", "00:00"],
  ["time", string, "12 am", "00:00"],
  ["time", string, "12 pm", "12:00"],
  ["time", string, "7 o'clock at night", "19:00"],
  ["time", string, '3 o"clock in the afternoon', "15:00"],
  ["time", string, "six thirty pm", "18:30"],
  ["time", string, "5.30 p.m.", "17:30"],
  ["time", string, "18:30:05", "18:30"],
  ["time", string, "at 7", "07:00"],
  ["time", string, "25:00", "25:00"],
  ["time", string, "dinner", "dinner"],
  ["timezone", string, "Europe/Berlin", "Europe/Berlin"],
]);

table("numbers", [
  ["n", number, "7", 7],
  ["n", number, "two hundred and five", 205],
  ["n", number, "one thousand one hundred and sixty", 1160],
  ["n", number, "twenty-one", 21],
  ["n", number, "1.5k", 1500],
  ["n", number, "1,234,567.89", 1_234_567.89],
  ["n", number, ".5", 0.5],
  ["n", number, "2 million", 2_000_000],
  ["n", number, "$1.5M", 1_500_000],
  ["n", number, "a dozen", 12],
  ["n", number, "half a dozen", 6],
  ["n", number, "a couple of", 2],
  ["n", number, "a hundred", 100],
  ["n", number, "-5", -5],
  ["n", number, "minus 5", -5],
  ["n", number, "10 degrees below zero", -10],
  ["n", number, "several", undefined],
  ["n", integer, "2.5", undefined],
  ["page", integer, "the third page", 3],
  ["times", integer, "twice", 2],
  ["n", { type: "integer", minimum: 1, maximum: 5 }, "9", undefined],
  ["longitude", number, "74.006 W", -74.006],
  ["latitude", number, "40.7 N", 40.7],
  ["max_price", number, "between 100 and 200 dollars", 200],
  ["min_price", number, "between 100 and 200 dollars", 100],
  ["number_of_guests", string, "two", "2"],
  ["zip_code", string, "01234", "01234"],
]);

table("quantities", [
  ["amount", number, "$200", 200],
  ["amount", number, "200 dollars", 200],
  ["amount", number, "€1,200.50", 1200.5],
  ["amount", string, "600 bucks", "600"],
  ["rate", number, "3%", 3],
  ["rate", number, "3.5 percent", 3.5],
  ["rate", said("as a decimal", number), "3%", 0.03],
  ["rate", { type: "number", maximum: 1 }, "3 percent", 0.03],
  ["duration_minutes", integer, "two hours", 120],
  ["duration", said("Duration in minutes", integer), "an hour and a half", 90],
  ["duration", said("How long, in hours", number), "30 minutes", 0.5],
  ["days", integer, "two weeks", 14],
  ["years", integer, "30 years", 30],
  ["term", said("Term in months", integer), "2 years", 24],
  ["distance", number, "5 km", 5],
]);

table("yes and no", [
  ["flag", boolean, "yes", true],
  ["flag", boolean, "no", false],
  ["flag", boolean, "blue", undefined],
  ["is_refundable", boolean, "refundable", true],
  ["is_refundable", boolean, "not refundable", false],
  ["with_breakfast", boolean, "without breakfast", false],
  ["pets_allowed", boolean, "allow pets", true],
  ["pets_allowed", boolean, "don't allow pets", false],
  ["no_smoking", boolean, "no smoking", true],
]);

table("listed values", [
  ["class", choice("Economy", "Business", "First Class"), "first class", "First Class"],
  ["trip", choice("one_way", "round_trip"), "Round trip", "round_trip"],
  ["type", choice("roundTrip", "oneWay"), "round-trip", "roundTrip"],
  ["kind", choice("Museum", "Park"), "museums", "Museum"],
  ["price", choice("LOW", "MEDIUM", "HIGH"), "cheap", "LOW"],
  ["price", choice("inexpensive", "moderate", "expensive"), "pricey", "expensive"],
  ["unit", choice("metric", "imperial"), "Celsius", "metric"],
  ["unit", choice("minutes", "hours"), "min", "minutes"],
  ["order", choice("asc", "desc"), "newest first", "desc"],
  ["seats", choice("1", "2", "3"), "three", "3"],
  ["level", choice(1, 2, 3), "two", 2],
  ["flag", choice("True", "False"), "yes", "True"],
  ["size", choice("small", "medium", "large"), "the big one", "large"],
  ["c", choice("a", "b"), "z", undefined],
  ["to", choice("en", "fr", "de"), "French", "fr"],
  ["currency", choice("USD", "EUR"), "euros", "EUR"],
  ["tags", list(choice("Red", "Blue")), "red and blue", ["Red", "Blue"]],
  ["tags", list(choice("Red", "Blue")), "red and green", undefined],
]);

table("codes", [
  ["currency", said("ISO currency code"), "euros", "EUR"],
  ["currency", string, "$", "USD"],
  ["currency", string, "USD", "USD"],
  ["currency", string, "Canadian dollars", "CAD"],
  ["country", said("Country code"), "Germany", "DE"],
  ["country", said("ISO alpha-3 country code"), "the United States", "USA"],
  ["country", said("e.g. us, gb"), "United Kingdom", "gb"],
  ["country", string, "Germany", "Germany"],
  ["country_code", string, "South Korea", "KR"],
  ["country_code", string, "fr", "fr"],
  ["language", said("Language code, e.g. 'en'"), "French", "fr"],
  ["language", said("ISO 639-2 code"), "Spanish", "spa"],
  ["language", string, "French", "French"],
]);

table("lists", [
  ["names", list(string), "Anna, Bob and Carl", ["Anna", "Bob", "Carl"]],
  ["names", list(string), "Anna, Bob, and Carl", ["Anna", "Bob", "Carl"]],
  ["names", list(string), "'Anna, B.', 'Bob' and 'Carl & Co'", ["Anna, B.", "Bob", "Carl & Co"]],
  ["names", list(string), '"rock and roll"', ["rock and roll"]],
  ["names", list(string), "- Anna\n- Bob", ["Anna", "Bob"]],
  ["names", list(string), "[Anna, Bob]", ["Anna", "Bob"]],
  ["numbers", list(number), "1,200, 3 and four", [1200, 3, 4]],
  ["numbers", list(integer), "[1, 2, 3]", [1, 2, 3]],
  ["numbers", list(integer), "one, two, blue", undefined],
  ["emails", list(string), "a@b.co and c@d.co", ["a@b.co", "c@d.co"]],
  ["names", list(string), " , ", undefined],
]);

table("texts", [
  ["title", string, '"The Book"', "The Book"],
  ["title", string, "“Dune: Part Two”,", "Dune: Part Two"],
  ["title", string, "Harry's Bar", "Harry's Bar"],
  ["title", string, "  two words ", "two words"],
  ["title", string, "", undefined],
  ["drive", string, "C:", "C:"],
  ["email", string, "my mail a@b.co.", "a@b.co"],
  ["email", { type: "string", format: "email" }, "my mail", undefined],
  ["url", string, "see https://a.example/b?c=1.", "https://a.example/b?c=1"],
  ["order_id", string, "#W6067464", "#W6067464"],
  ["code", { type: "string", pattern: "^[A-Z]{3}$" }, "AB", undefined],
  ["code", { type: "string", maxLength: 2 }, "ABC", undefined],
  ["options", { type: "object" }, "anything", undefined],
]);

table(
  "a task without a now",
  [
    ["date", string, "tomorrow", "tomorrow"],
    ["date", string, "March 3rd", "March 3rd"],
    ["date", string, "March 3rd, 2024", "2024-03-03"],
    ["time", string, "6 pm", "18:00"],
    ["date", { type: "string", format: "date" }, "tomorrow", undefined],
  ],
  {},
);

table(
  "a task that says the day elsewhere",
  [
    ["start", said("YYYY-MM-DD HH:MM:SS"), "3 PM", "2024-06-07 15:00:00"],
    ["end", said("YYYY-MM-DD HH:MM:SS"), "4 PM", "2024-06-07 16:00:00"],
  ],
  { ...context, task: "Book the room on June 7th from 3 PM to 4 PM." },
);

describe("now", () => {
  const date = paramOf("date", string);

  it("is the day in the user's zone, not in UTC", () => {
    expect(valueOf("today", date, { now: "2024-05-15T23:30:00Z", zone: "Europe/Berlin" })).toBe("2024-05-16");
    expect(valueOf("today", date, { now: "2024-05-15T23:30:00-05:00" })).toBe("2024-05-15");
  });

  it("may be said in words", () => {
    expect(valueOf("tomorrow", date, { now: "The current time is June 05, 2022, Sunday." })).toBe("2022-06-06");
    expect(valueOf("tomorrow", date, { now: "Today is 2023-12-14, Thursday." })).toBe("2023-12-15");
  });

  it("that names no day leaves words as they are", () => {
    expect(valueOf("tomorrow", date, { now: "soon" })).toBe("tomorrow");
    expect(valueOf("tomorrow", date, { now: "2024-05-15T10:00:00Z", zone: "No/Where" })).toBe("tomorrow");
  });

  it("writes a form that ends in Z in UTC", () => {
    const start = paramOf("start", { type: "string", format: "date-time" });
    expect(valueOf("June 3 at 5pm", start, { ...context, zone: "America/New_York" })).toBe("2024-06-03T21:00:00Z");
  });
});

describe("other names", () => {
  const aliases = new Map([
    ["philly", "Philadelphia"],
    ["genre:suspense", "Thriller"],
  ]);

  it("stand for the value where the argument is a place", () => {
    expect(valueOf("Philly", paramOf("city", string), { aliases })).toBe("Philadelphia");
    expect(valueOf("Philly", paramOf("message", string), { aliases })).toBe("Philly");
  });

  it("of one argument stand for nothing in another", () => {
    expect(valueOf("suspense", paramOf("genre", string), { aliases })).toBe("Thriller");
    expect(valueOf("suspense", paramOf("city", string), { aliases })).toBe("suspense");
  });

  it("reach a listed value", () => {
    expect(valueOf("philly", paramOf("city", choice("Philadelphia", "Boston")), { aliases })).toBe("Philadelphia");
  });
});
