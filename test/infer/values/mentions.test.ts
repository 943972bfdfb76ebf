import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mentionCharsMax, mentionsMax } from "../../../src/limits.ts";
import type { MentionKind } from "../../../src/infer/values/mention.ts";
import { mentionsOf } from "../../../src/infer/values/mentions.ts";
import { wantedKinds } from "../../../src/infer/values/wants.ts";
import type { JsonObject } from "../../../src/json/value.ts";
import { hostileTexts, sentence } from "./texts.ts";
import { paramOf } from "./param.ts";

function found(task: string, kind: MentionKind): readonly string[] {
  return mentionsOf(task)
    .filter((mention) => mention.kind === kind)
    .map(({ start, end }) => task.slice(start, end));
}

type Case = readonly [kind: MentionKind, task: string, texts: readonly string[]];

const cases: readonly Case[] = [
  ["date", "from March 3-5", ["March 3", "5"]],
  ["date", "from the 3rd to the 5th of April, please", ["the 3rd", "the 5th of April"]],
  ["date", "leave on 2024-05-01, back next Friday", ["2024-05-01", "next Friday"]],
  ["date", "the day after tomorrow or in two weeks", ["the day after tomorrow", "in two weeks"]],
  ["date", "take the 3rd floor and the first one", []],
  ["date", "I may march on", []],
  ["date", "he sat in the sun", []],
  ["time", "at half past six, or 7:30 pm, or noon", ["half past six", "7:30 pm", "noon"]],
  ["time", "see you at 7.", ["7"]],
  ["time", "evening 6 works", ["evening 6"]],
  ["time", "a table for 7", []],
  ["datetime", "tomorrow at 5pm", ["tomorrow at 5pm"]],
  ["datetime", "2pm on September 12th", ["2pm on September 12th"]],
  ["datetime", "2024-05-01T10:00:00Z", ["2024-05-01T10:00:00"]],
  ["duration", "for two hours and 30 minutes", ["two hours and 30 minutes"]],
  ["duration", "a 30-day trial, half an hour", ["30-day", "half an hour"]],
  ["duration", "over 30 years", ["30 years"]],
  ["number", "two dozen eggs, 1.5k and 2 million", ["two dozen", "1.5k", "2 million"]],
  ["number", "from -10 to 5", ["-10", "5"]],
  ["number", "at 37.7525,-122.4146", ["37.7525", "-122.4146"]],
  ["number", "within 500m", ["500m"]],
  ["number", "a person", []],
  ["amount", "$50, 200 dollars, EUR 30 and €1.5k", ["$50", "200 dollars", "EUR 30", "€1.5k"]],
  ["amount", "US$20 or 20 Canadian dollars", ["US$20", "20 Canadian dollars"]],
  ["percent", "3%, 12.5 percent and 7 per cent", ["3%", "12.5 percent", "7 per cent"]],
  ["email", "write to <jo.s+x@ex-ample.com>, or (a@b.co).", ["jo.s+x@ex-ample.com", "a@b.co"]],
  ["email", "follow @jo or a@b", []],
  ["url", "see https://a.example/b?c=1,2, www.b.de and c.com/d.", ["https://a.example/b?c=1,2", "www.b.de", "c.com/d"]],
  ["url", "etc. and so on.then", []],
  ["phone", "call +1 415-555-0100 or (415) 555-0199", ["+1 415-555-0100", "(415) 555-0199"]],
  ["phone", "on 2024-05-01 for 1000 people", []],
  ["ip", "from 10.0.0.1 and 10.0.0.0/8 to fe80::1", ["10.0.0.1", "10.0.0.0/8", "fe80::1"]],
  ["ip", "version 1.2.3 or 300.1.1.1", []],
  [
    "path",
    "open /tmp/x.txt, ~/notes.md, C:\\a\\b.exe and report.pdf",
    ["/tmp/x.txt", "~/notes.md", "C:\\a\\b.exe", "report.pdf"],
  ],
  ["path", "and/or either", []],
  [
    "identifier",
    "order #W6067464 by user_42 with 550e8400-e29b-41d4-a716-446655440000",
    ["#W6067464", "user_42", "550e8400-e29b-41d4-a716-446655440000"],
  ],
  ["identifier", "flight AA123 and ticket 9624127908", ["AA123", "9624127908"]],
  ["identifier", "the 3rd at 5pm for 10km", []],
  ["quoted", "the book 'Dune' and \"It's me\" and “x y” and `z`", ["Dune", "It's me", "x y", "z"]],
  ["quoted", "it's the boys' room, isn't it", []],
  ["quoted", 'at 7 o"clock by 6" pipes', []],
];

describe("mentionsOf", () => {
  for (const [kind, task, texts] of cases) {
    it(`finds as ${kind} in ${JSON.stringify(task)}: ${texts.join(" | ") || "nothing"}`, () => {
      expect(found(task, kind)).toEqual(texts);
    });
  }

  it("gives places inside the task, in order, each once", () => {
    fc.assert(
      fc.property(fc.oneof(sentence, fc.string({ unit: "binary", maxLength: 300 })), (task) => {
        const mentions = mentionsOf(task);
        let behind = 0;
        for (const { start, end } of mentions) {
          expect(start).toBeGreaterThanOrEqual(behind);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(task.length);
          behind = start;
        }
        expect(new Set(mentions.map(({ kind, start, end }) => `${kind} ${start} ${end}`)).size).toBe(mentions.length);
      }),
      { numRuns: 300 },
    );
  });

  it("gives things of one kind that are written in words without overlap", () => {
    fc.assert(
      fc.property(sentence, (task) => {
        for (const kind of ["date", "time", "number", "amount", "percent", "duration"] as const) {
          const places = mentionsOf(task).filter((mention) => mention.kind === kind);
          for (const [at, { start }] of places.entries()) expect(start).toBeGreaterThanOrEqual(places[at - 1]?.end ?? 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  for (const [name, text] of hostileTexts(mentionCharsMax / 2)) {
    it(`reads ${text.length} characters of ${name} within a second and a half`, () => {
      const before = performance.now();
      expect(mentionsOf(text).length).toBeLessThanOrEqual(mentionsMax);
      expect(performance.now() - before).toBeLessThan(1_500);
    });
  }

  it("finds nothing behind what it reads", () => {
    const task = `${" ".repeat(mentionCharsMax)}5 dollars`;
    expect(mentionsOf(task)).toEqual([]);
  });
});

const wants: readonly (readonly [name: string, schema: JsonObject, kinds: readonly MentionKind[]])[] = [
  ["start_date", { type: "string" }, ["date", "datetime"]],
  ["departure_time", { type: "string" }, ["time", "datetime"]],
  ["timestamp", { type: "string" }, ["datetime", "date", "time"]],
  ["when", { type: "string", format: "date-time" }, ["datetime", "date", "time"]],
  ["from", { type: "string", description: "Start date (YYYY-MM-DD)" }, ["date", "datetime"]],
  ["from", { type: "string", description: "Where you start" }, []],
  ["timezone", { type: "string" }, []],
  ["update", { type: "string" }, []],
  ["time_period", { type: "string" }, []],
  ["travel_time", { type: "string", description: "Length of the trip in minutes" }, []],
  ["amount", { type: "number" }, ["number", "amount", "percent"]],
  ["discount_percentage", { type: "number" }, ["percent", "number"]],
  ["duration", { type: "integer" }, ["duration", "number"]],
  ["recipients", { type: "array", items: { type: "string", format: "email" } }, ["email"]],
  ["email_subject", { type: "string" }, []],
  ["website", { type: "string" }, ["url"]],
  ["ip_address", { type: "string" }, ["ip"]],
  ["phone", { type: "string" }, ["phone"]],
  ["file_path", { type: "string" }, ["path", "url"]],
  ["file_format", { type: "string" }, []],
  ["order_id", { type: "string" }, ["identifier", "number"]],
  ["number_of_seats", { type: "string" }, ["number", "amount", "percent"]],
  ["number_of_seats", { type: "string", enum: ["1", "2"] }, ["number"]],
  ["title", { type: "string" }, []],
  ["is_open", { type: "boolean" }, []],
  ["class", { enum: ["a", "b"] }, []],
  ["size", { type: "object" }, []],
];

describe("wantedKinds", () => {
  for (const [name, schema, kinds] of wants) {
    it(`of \`${name}\` ${JSON.stringify(schema)} is ${kinds.join(", ") || "nothing"}`, () => {
      expect(wantedKinds(paramOf(name, schema))).toEqual(kinds);
    });
  }
});
