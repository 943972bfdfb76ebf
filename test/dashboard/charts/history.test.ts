/**
 * The history of a process: counts as a naive count has them, quantiles within a bucket, a day and no more.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistory } from "../../../src/dashboard/charts/history.ts";
import type { Code } from "../../../src/codes.ts";

const verdicts = ["allow", "deny", "hold"] as const;
const check = fc.record({
  wait: fc.integer({ min: 0, max: 900_000 }),
  verdict: fc.constantFrom(...verdicts),
  tool: fc.constantFrom("a/b", "c/d", undefined),
  seconds: fc.double({ min: 1e-5, max: 90, noNaN: true }),
});

describe("the history", () => {
  it("counts as a naive count does, over any minutes and spans", () => {
    fc.assert(
      fc.property(
        fc.array(check, { maxLength: 120 }),
        fc.integer({ min: 1, max: 1_440 }),
        fc.integer({ min: 1, max: 90 }),
        (checks, minutes, most) => {
          let now = Date.UTC(2026, 10, 23);
          const history = createHistory(() => now);
          const seen = checks.map(({ wait, verdict, tool, seconds }) => {
            now += wait;
            const code: Code = "FLOW_SINK_DENIED";
            history.telemetry({
              kind: "check",
              verdict,
              ...(tool === undefined ? {} : { tool }),
              ...(verdict === "deny" ? { code } : {}),
              labels: () => [],
              seconds,
            });
            return { at: now, verdict, seconds };
          });
          const { spans, codes } = history.read(minutes, most);
          expect(spans.length).toBeLessThanOrEqual(most);
          const [first, last] = [spans[0], spans.at(-1)];
          expect((last?.at ?? 0) + (last?.length ?? 0)).toBe((Math.floor(now / 60_000) + 1) * 60_000);
          for (const span of spans) {
            const inside = seen.filter(({ at }) => at >= span.at && at < span.at + span.length && at > now - 1_439 * 60_000);
            const count = (verdict: string): number => inside.filter((one) => one.verdict === verdict).length;
            if (span.at < now - 1_438 * 60_000) continue;
            expect([span.allowed, span.denied, span.held]).toEqual([count("allow"), count("deny"), count("hold")]);
            const sorted = inside.map(({ seconds }) => seconds).sort((a, b) => a - b);
            for (const [name, part] of [
              ["p50", 0.5],
              ["p95", 0.95],
              ["p99", 0.99],
            ] as const) {
              const exact = sorted[Math.ceil(part * sorted.length) - 1];
              const told = span.seconds?.[name];
              if (exact === undefined) expect(told).toBeUndefined();
              else {
                expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
                expect(told).toBeLessThanOrEqual(exact * 1.13);
              }
            }
          }
          const denied = spans.reduce((sum, span) => sum + span.denied, 0);
          expect(codes.reduce((sum, { count }) => sum + count, 0)).toBe(denied);
          expect(first?.at ?? 0).toBeGreaterThan(now - (minutes + most + 1) * 60_000 * 2);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("forgets what is more than a day old, and keeps no more names than it may", () => {
    let now = 0;
    const history = createHistory(() => now);
    for (let i = 0; i < 3_000; i++) {
      history.telemetry({ kind: "check", verdict: "deny", tool: `made/up-${i}`, labels: () => [], seconds: 0.001 });
      if (i >= 1_500) now += 60_000;
    }
    const { spans, tools } = history.read(5_000, 2_000);
    expect(spans).toHaveLength(1_440);
    expect(spans.reduce((sum, { denied }) => sum + denied, 0)).toBeLessThanOrEqual(1_440);
    expect(tools.length).toBeLessThanOrEqual(1_440);
    now = 0;
    const burst = createHistory(() => 0);
    for (let i = 0; i < 3_000; i++)
      burst.telemetry({ kind: "check", verdict: "deny", tool: `made/up-${i}`, labels: () => [], seconds: Number.NaN });
    expect(burst.read(1, 1).tools).toHaveLength(101);
    expect(burst.read(1, 1).tools[0]).toEqual({ name: "other", count: 2_900 });
    expect(burst.read(1, 1).seconds).toBeUndefined();
  });
});
