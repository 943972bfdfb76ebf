import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is what the planners call it
import { valueOf } from "../../../src/infer/values/value-of.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json, JsonObject } from "../../../src/json/value.ts";
import { paramOf } from "./param.ts";
import { runValueVector, type ValueVector } from "./vectors.ts";

/** A Wednesday. */
const context = { now: "2024-05-15T10:00:00", zone: "UTC" };

const string: JsonObject = { type: "string" };
const choice = (...values: readonly Json[]): JsonObject => ({ enum: values });

const read = readJson(readFileSync(new URL("../../vectors/values.json", import.meta.url), "utf8"));
const vectors = (read.ok ? read.value : []) as unknown as readonly ValueVector[];

describe("valueOf", () => {
  it("has two hundred vectors", () => {
    expect(vectors.length).toBeGreaterThan(200);
  });

  for (const vector of vectors) {
    const { name, argument, schema, value } = vector;
    it(`reads ${name} for \`${argument}\` ${JSON.stringify(schema)} as ${JSON.stringify(value)}`, () => {
      const { expected, got } = runValueVector(vector);
      expect(got).toBe(expected);
    });
  }
});

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
