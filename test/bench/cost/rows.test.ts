import { describe, expect, it } from "vitest";
import { figuresOf } from "../../../bench/cost/figures.ts";
import { claimedDollarsPerMillion, dollarsPerMillion, type Price, prices } from "../../../bench/cost/prices.ts";
import { costOf, type Inputs } from "../../../bench/cost/rows.ts";
import { table } from "../../../bench/cost/table.ts";

const price: Price = { name: "a cent", dollarsPerCpuSecond: 0.01, terms: "a cent a second", source: "here", asOf: "2026-11" };

const time = (p50: number) => ({ p50, p99: 99, noise: 0 });
const times = { parse: time(1), hash: time(2), zod: time(3), read: time(2), decide: time(3), check: time(5) };
const measured = { bytes: 300, freezeMs: 1, compileMs: 1 };
const check = {
  rows: [
    { group: "argument bytes, text", name: "10", ...measured, times: { ...times, check: time(70) } },
    { group: "plan nodes", name: "10", ...measured, times },
    { group: "plan nodes", name: "1000", ...measured, times: { ...times, check: time(80) } },
  ],
} as unknown as NonNullable<Inputs["check"]>;
const hono = {
  rows: [
    { runtime: "node", way: "in process", store: "memory", kind: "sluice", cpuMicroseconds: 9 },
    { runtime: "node", way: "loopback", store: "sqlite", kind: "sluice", cpuMicroseconds: 90 },
    { runtime: "node", way: "loopback", store: "memory", kind: "bare", cpuMicroseconds: 20 },
    { runtime: "node", way: "loopback", store: "memory", kind: "sluice", cpuMicroseconds: 40 },
  ],
} as unknown as NonNullable<Inputs["hono"]>;
const surfaces = {
  rows: [
    { surface: "MCP gateway, Streamable HTTP", contender: "relay", cpu: 0.1 },
    { surface: "MCP gateway, Streamable HTTP", contender: "sluice", cpu: 0.25 },
  ],
} as unknown as NonNullable<Inputs["surfaces"]>;
const peers = {
  rows: [
    { kind: "floor", times: { cpu: 1 } },
    { kind: "sluice", times: { cpu: 4 } },
    { kind: "peer", times: { cpu: 500 } },
    { kind: "peer", times: { cpu: 20 } },
    { kind: "peer", times: { cpu: 100 } },
    { kind: "peer", problem: "not installed" },
  ],
} as unknown as NonNullable<Inputs["peers"]>;

const dollarsOf = (inputs: Inputs): { readonly [name: string]: number | undefined } =>
  Object.fromEntries(costOf(inputs, [price]).rows.map(({ name, dollars }) => [name, dollars["a cent"]]));

describe("the cost of a million checks", () => {
  it("is as many seconds of a processor as one takes microseconds, at the price of a second", () => {
    expect(dollarsPerMillion(5, price)).toBeCloseTo(0.05, 12);
    expect(dollarsPerMillion(0, price)).toBe(0);
  });

  it("is reckoned at prices a second that fit what the lists say", () => {
    const of = (name: string): number => prices.find((each) => each.name === name)?.dollarsPerCpuSecond ?? Number.NaN;
    expect(of("AWS Fargate") * 3_600).toBeCloseTo(0.04048, 10);
    expect(of("AWS Lambda") / 0.0000133334).toBeCloseTo(1_769 / 1_024, 10);
    // A million CPU-milliseconds are a thousand seconds, for two cents.
    expect(of("Cloudflare Workers") * 1_000).toBeCloseTo(0.02, 10);
  });

  it("is read from the row of the ordinary call, the store in memory, and the process between", () => {
    expect(dollarsOf({ check, hono, surfaces, peers })).toEqual({
      "`JSON.parse` of an ordinary call": 0.01,
      "check of an ordinary call, from its bytes": 0.05,
      "check of the calls of `peers/`": 0.04,
      "the same, by the median of the peers": 1,
      "request to an application without Sluice": 0.2,
      "request through the middleware, all of it": 0.4,
      "call through the MCP gateway, over HTTP": 2.5,
    });
  });

  it("names what was not measured, and shows no figure for it", () => {
    const report = costOf({ hono }, [price]);
    expect(report.rows.map(({ from }) => from)).toEqual(["hono", "hono"]);
    expect(report.missing).toContain("check of an ordinary call, from its bytes");
    expect(report.missing).toHaveLength(6);
    expect(table(report)).toContain("Not measured yet: ");
    expect(costOf({ peers: { ...peers, rows: [] } }, [price]).rows).toEqual([]);
  });

  it("stands beside the claim in the table of all benchmarks, as a ratio to it", () => {
    const [claim, ...rows] = figuresOf(costOf({ check, hono }, [price, ...prices]));
    expect(claim).toMatchObject({ kind: "claim", p50: claimedDollarsPerMillion });
    expect(rows.map(({ kind }) => kind)).toEqual(["sluice", "sluice"]);
    expect(rows[0]?.p50).toBeCloseTo(0.05, 12);
    expect(rows[0]?.ratio).toBeCloseTo(2.5, 12);
    expect(figuresOf({ prices: [], rows: [], missing: [] })).toEqual([]);
  });

  it("is written with two digits that count, and never in powers of ten", () => {
    const written = table(costOf({ check, hono }, prices));
    expect(written).not.toMatch(/\de[+-]\d/);
    expect(written).toContain(
      "| check of an ordinary call, from its bytes | 5.00 | `check/` | 0.000056 | 0.00012 | 0.00010 | 356 × |",
    );
  });
});
