/**
 * While things go on as before, signals are no more frequent than they are said to be.
 */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { beginning, historyOf, numbered, trafficModels } from "../../bench/signals/histories.ts";
import { oneOf, randomOf } from "../../bench/soak/random.ts";
import { dayMs, type Loose, minuteMs, signalsOf } from "./fixture.ts";

// Weeks of records take a while on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const rates = ["call-rate", "denial-burst", "repeated-amendments"] as const;

/** The most of so many rare events that a mean of this gives in 999 of 1,000 cases (normal approximation with a correction for skewness). */
function most(mean: number): number {
  return Math.ceil(mean + 3.1 * Math.sqrt(mean) + 1.5);
}

describe("false signals of rates", () => {
  it.each(trafficModels)("are no more than one in twenty days of each kind, in %s traffic", (model) => {
    const seen = { "call-rate": 0, "denial-burst": 0, "repeated-amendments": 0 };
    let days = 0;
    // Each run is a random number of principals at a random rate; all runs count together.
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 12 }), fc.constantFrom(0.2, 1, 4), (seed, principals, rate) => {
        days += 30;
        for (const { kind } of signalsOf(historyOf({ seed, days: 30, model, principals, rate })))
          for (const each of rates) if (each === kind) seen[each] += 1;
      }),
      { numRuns: 5, seed: 20_260_723 },
    );
    for (const kind of rates) expect(seen[kind], kind).toBeLessThanOrEqual(most(0.05 * days));
  });

  it("follow what was asked for: twenty times as many allowed are more, and still within it", () => {
    const count = (falsePerDay: number): number => {
      let signals = 0;
      for (let seed = 0; seed < 4; seed++)
        signals += signalsOf(historyOf({ seed, days: 40, model: "gamma", principals: 8, rate: 3 }), { falsePerDay }).filter(
          ({ kind }) => kind === "call-rate",
        ).length;
      return signals;
    };
    const [few, many] = [count(0.05), count(1)];
    expect(many).toBeGreaterThan(few);
    expect(many).toBeLessThanOrEqual(most(160));
  });
});

describe("false signals of new things", () => {
  it("come in no more than the stated share of sessions, however the sessions are drawn", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        (seed, many, skew) => {
          const random = randomOf(seed);
          const [count, level] = [1_500, 0.05];
          const loose: Loose[] = [];
          for (let i = 0; i < count; i++) {
            const base = { at: beginning + i * minuteMs, session: `${i}`, plan: "p", facts: {} };
            // Tools of which some are rare: the more, the larger `skew` is.
            for (let n = 0; n < 3; n++)
              loose.push({ ...base, kind: "allow", tool: `t${Math.floor(many * random() ** (1 + skew))}` });
          }
          const found = signalsOf(numbered(loose), { falsePerSession: level }).filter(({ kind }) => kind === "new-sink");
          expect(new Set(found.map(({ at }) => at)).size).toBeLessThanOrEqual(most(level * count));
        },
      ),
      { numRuns: 12, seed: 4_711 },
    );
  });
});

describe("false signals of decisions", () => {
  it("come in no more than the stated share, from people who read as people do", () => {
    const random = randomOf(99);
    const level = 0.05;
    const loose: Loose[] = [];
    const count = 2_000;
    for (let i = 0; i < count; i++) {
      const at = beginning + i * (dayMs / 8);
      // Log-normal speed, by the sum of twelve uniforms.
      const z = Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
      const perMinute = 238 * Math.exp(z * 0.164);
      const facts = { hold: `s.${i}` };
      loose.push({ kind: "hold", at, session: "s", facts });
      const by = oneOf(random, ["ada", "ben"]);
      loose.push({ kind: "approve", at: at + (25 / perMinute) * 60_000, session: "s", facts: { ...facts, by } });
    }
    const found = signalsOf(numbered(loose), { falsePerDecision: level });
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(most(level * count));
  });
});
