/**
 * What was learned can be saved at any record and read back; nothing else is read.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginning, historyOf } from "../../bench/signals/histories.ts";
import { createSignalDetector } from "../../src/signals/detector.ts";
import { readState, type SavedState, stateLines } from "../../src/signals/state.ts";
import { dayMs, signalsOf } from "./fixture.ts";

function stateText(state: SavedState): string {
  return [...stateLines(state)].join("");
}

const log = "ab".repeat(32);
const history = historyOf({
  seed: 3,
  days: 16,
  model: "sessions",
  principals: 6,
  rate: 3,
  change: ({ add }) => {
    const base = { principal: "s1", plan: "plan-1", session: "x", at: beginning + 15 * dayMs } as const;
    for (let i = 0; i < 60; i++)
      add({ ...base, kind: i % 2 === 0 ? "allow" : "deny", tool: "bank/pay", at: base.at + i * 9_000 });
    add({ ...base, kind: "hold", facts: { hold: "x.0" } });
    add({ ...base, kind: "approve", at: base.at + 900, facts: { hold: "x.0", by: "ben" } });
  },
});
const whole = signalsOf(history);

function textAfter(count: number): string {
  const detector = createSignalDetector();
  for (const record of history.slice(0, count)) detector.take(record);
  return stateText({ log, learned: detector.learned, signals: whole });
}

describe("a saved state", () => {
  it("goes on where it ended: the same signals as in one run, wherever it is cut", async () => {
    expect(whole.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["call-rate", "denial-burst", "fast-approval"]));
    const near = history.findIndex(({ session }) => session === "x");
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(history.length), fc.integer({ min: near, max: near + 60 })), async (cut) => {
        const first = createSignalDetector();
        const before = history.slice(0, cut).flatMap((record) => first.take(record));
        const text = stateText({ log, learned: first.learned, signals: before });
        const read = await readState(text);
        if (!read.ok) throw new Error(read.error);
        expect(stateText(read.value)).toBe(text);
        const second = createSignalDetector({}, read.value.learned);
        expect([...before, ...history.slice(cut).flatMap((record) => second.take(record))]).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  it("is refused with its line where it is none", async () => {
    const text = textAfter(400);
    const lines = text.split("\n");
    const refused: readonly (readonly [string, RegExp])[] = [
      ["", /line 1/],
      ["{}", /line 1/],
      [text.replace('"sluiceSignals":1', '"sluiceSignals":2'), /version 1.*line 1/],
      [text.replace(log, "zz"), /line 1/],
      [[lines[0], "[]"].join("\n"), /line 2/],
      [[lines[0], lines[1], lines[1]?.replace('"at":', '"at":-0.5e400,"b":')].join("\n"), /line 3/],
      [text.slice(0, text.length - 9), new RegExp(`line ${lines.length - 1} `)],
      [text.replace('"weight":', '"weight":-'), /line \d+/],
      [text.replace('"seasons":[', '"seasons":[1,'), /line \d+/],
    ];
    expect((await readState(text)).ok).toBe(true);
    for (const [bad, says] of refused) {
      const read = await readState(bad);
      expect(read.ok ? "read" : read.error).toMatch(says);
    }
  });

  it("with a byte changed is refused or is another state, and never throws", async () => {
    const text = textAfter(300);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom("0", "9", "-", '"', "]", "\n", "x"), async (at, by) => {
        const read = await readState(text.slice(0, at) + by + text.slice(at + 1));
        if (!read.ok) return;
        const detector = createSignalDetector({}, read.value.learned);
        for (const record of history.slice(300, 320)) detector.take(record);
      }),
      { numRuns: 60 },
    );
  });
});
