import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { occurs, readTask } from "../../src/learn/task-words.ts";

describe("readTask", () => {
  it.each([
    ["Refund 10.00 to Ada", 10],
    ["Refund 10.00 to Ada", "ada"],
    ["Pay $1,250.50 today", 1250.5],
    ["two seats, please", 2],
    ["On May 15th, 2031 at 3pm", "2031-05-15 15:00"],
    ["On May 15th, 2031", "2031-05-15"],
    ["On the 15th of May", "2031-05-15"],
    ["At noon on 2031-05-15", "2031-05-15T12:00:00"],
    ["See https://docs.example/a/ please", "docs.example/a"],
    ["See docs.example/a please", "https://docs.example/a/"],
    ["From DE89 3704 0044 0532 0130 00", "DE89370400440532013000"],
    ["invite ada@x.example and bob@x.example", ["ada@x.example", "bob@x.example"]],
  ])("finds in %j the value %j", (text, value) => {
    expect(readTask(text).find(value)).toBeDefined();
  });

  it.each([
    ["Refund 100.00", 10],
    ["Refund 10.50", "10"],
    ["Adam came", "Ada"],
    ["On May 15th, 2031", "2031-05-16"],
    ["On May 15th, 2031 at 3pm", "2031-05-15 16:00"],
    ["invite ada@x.example", ["ada@x.example", "eve@x.example"]],
    ["", ""],
    ["whatever", true],
  ])("does not find in %j the value %j", (text, value) => {
    expect(readTask(text).find(value)).toBeUndefined();
  });

  it("reads percentages as fractions", () => {
    expect(readTask("19.5 % more and 10% less").fractions).toEqual([0.195, 0.1]);
  });
});

describe("occurs", () => {
  it("finds a word between other words and never within one", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(word, word, word, (before, part, after) => {
        expect(occurs(`${before} ${part} ${after}`, part)).toBe(true);
        expect(occurs(`x${part}x`, part)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
