/**
 * The benchmark of the surfaces: what of a run stands in the table of all benchmarks, and that rounds are compared with their own.
 */
import { describe, expect, it } from "vitest";
import { figuresOf } from "../../../bench/surfaces/figures.ts";
import { type Contender, type ContenderName, measure, type Row } from "../../../bench/surfaces/measure.ts";

const row = (surface: string, contender: ContenderName, more: Partial<Row> = {}): Row => ({
  surface,
  contender,
  calls: 10,
  p50: 2,
  p99: 4,
  toDirect: 6,
  toDirectP99: 8,
  ...more,
});

const figures = (rows: readonly Row[]): ReturnType<typeof figuresOf> =>
  figuresOf({ rows } as unknown as Parameters<typeof figuresOf>[0]);

describe("figures of the surfaces", () => {
  it("compare Sluice with the bare proxy that reads, and processor time only where the system says it", () => {
    const rows = [
      row("a", "reader", { cpu: 1 }),
      row("a", "sluice", { cpu: 3, toReader: 1.5, toReaderP99: 1.25, cpuToReader: 3 }),
      row("b", "sluice", { toReader: 1.75, toReaderP99: 1.5 }),
    ];
    expect(figures(rows).map(({ name, p50, ratio, ratioP99 }) => [name, p50, ratio, ratioP99])).toEqual([
      ["a: a call, one at a time", 2, 1.5, 1.25],
      ["b: a call, one at a time", 2, 1.75, 1.5],
      ["a: a call, CPU", 3, 3, undefined],
    ]);
  });

  it("compare the hook with a Node that does nothing, and leave out what has no floor", () => {
    const names = figures([row("hook, built, from start to end", "sluice"), row("adapter: x", "sluice")]);
    expect(names.map(({ name, ratio, ratioP99 }) => [name, ratio, ratioP99])).toEqual([["hook, built, from start to end", 6, 8]]);
  });
});

describe("measuring", () => {
  it("warms up before it counts, prepares each round, and takes processor time of what was counted alone", async () => {
    const cost: { readonly [name: string]: number } = { reader: 2, sluice: 6 };
    const prepared: number[] = [];
    const contender = (name: ContenderName): Contender => {
      let cpu = 0;
      return {
        name,
        prepare: async (calls) => {
          prepared.push(calls);
          // What a preparation takes is no part of a call.
          cpu += 1_000;
        },
        call: async () => {
          cpu += cost[name] ?? 0;
        },
        cpuMs: () => cpu,
      };
    };
    const rows = await measure("a", [contender("reader"), contender("sluice")], { rounds: 4, callsPerRound: 3 });
    expect(rows.map(({ contender, calls, cpu, cpuToReader }) => [contender, calls, cpu, cpuToReader])).toEqual([
      ["reader", 12, 2, 1],
      ["sluice", 12, 6, 3],
    ]);
    // Two rounds of warming up, four that count, for two contenders.
    expect(prepared).toEqual(Array.from({ length: 12 }, () => 3));
  });
});
