import { describe, expect, it } from "vitest";
import { contenders } from "../../../bench/peers/contenders.ts";
import { figuresOf } from "../../../bench/peers/figures.ts";
import { type Found, type PeersReport, type Round, rowOf } from "../../../bench/peers/report.ts";
import { table } from "../../../bench/peers/table.ts";

const [floor, , sluice, peer] = contenders as [
  (typeof contenders)[number],
  (typeof contenders)[number],
  (typeof contenders)[number],
  (typeof contenders)[number],
];
const calls: Found["calls"] = [
  { expect: "allow", reason: null },
  { expect: "deny", reason: "host" },
];

function round(p50: number, over: Partial<Round> = {}): Round {
  return { verdicts: [true, false], isSteady: true, p50, p99: p50 * 4, cpu: p50, largeMs: 1, samples: 10, coldMs: 50, ...over };
}

const floors = [round(1), round(2), round(4)];

function found(rounds: readonly Round[], over: Partial<Found> = {}): Found {
  return { rounds, floors, calls, problem: undefined, ...over };
}

function reportOf(...rows: PeersReport["rows"]): PeersReport {
  const machine = { processor: "p", cores: 1, memoryGiB: 1, platform: "p", runtime: "r", load: 0 };
  return { machine, calls: calls.length, rounds: 3, milliseconds: 1, rows };
}

describe("the report on the peers", () => {
  it("takes every ratio from times of one round", () => {
    // The machine gets slower from round to round; what stays is three, three, six times.
    const { times } = rowOf(sluice, found([round(3), round(6), round(24)]));
    expect(times).toMatchObject({ p50: 6, ratio: 3, ratios: [3, 6] });
  });

  it("gives a contender that was not run no figures but a row, and says why", () => {
    const row = rowOf(peer, found([], { problem: "there is no such package" }));
    const report = reportOf(rowOf(floor, found(floors)), row);
    expect(row.times).toBeUndefined();
    expect(table(report)).toContain("**no figures**: there is no such package");
    const figure = figuresOf(report).find(({ name }) => name === peer.name);
    expect(figure).toMatchObject({ p50: Number.NaN, note: "there is no such package" });
    expect(figure?.isPlotted).toBeUndefined();
  });

  it("says so if answers are others after the measuring, or in another round", () => {
    const changed = [
      [round(3), round(3, { isSteady: false })],
      [round(3), round(3, { verdicts: [true, true] })],
    ];
    for (const rounds of changed) expect(rowOf(peer, found(rounds)).problem).toBe("its answers were not the same each time");
  });

  it("puts what was answered wrongly beside the figure", () => {
    const row = rowOf(peer, found([round(3, { verdicts: [true, true] })]));
    const [, figure, claim] = figuresOf(reportOf(rowOf(floor, found(floors)), row));
    expect(figure?.note).toBe("1 of 2 right, 1 wrongly allowed, 0 wrongly denied");
    expect(table(reportOf(row))).toContain("wrong: host 1");
    expect(claim).toMatchObject({ kind: "claim", p50: 4_200, ratio: 2_100 });
  });

  it("never judges a floor", () => {
    expect(rowOf(floor, found(floors)).right).toBeUndefined();
  });
});
