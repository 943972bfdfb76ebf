/**
 * Processor time a check, out of what the other benchmarks have measured, and what a million of them cost.
 * Pure. Never fills in a figure that was not measured: what is missing is named.
 */
import type { Row as CheckRow } from "../check/table.ts";
import type { Row as HonoRow } from "../hono/table.ts";
import type { PeersReport } from "../peers/report.ts";
import type { Row as SurfaceRow } from "../surfaces/measure.ts";
import { dollarsPerMillion, type Price } from "./prices.ts";

/** The reports in `bench/results/`, as far as they are there. */
export interface Inputs {
  readonly check?: { readonly rows: readonly CheckRow[] };
  readonly hono?: { readonly rows: readonly HonoRow[] };
  readonly surfaces?: { readonly rows: readonly SurfaceRow[] };
  readonly peers?: PeersReport;
}

/** What one kind of check costs. */
export interface CostRow {
  readonly name: string;
  readonly kind: "sluice" | "floor" | "peer";
  /** Microseconds of one processor a check. */
  readonly cpuMicroseconds: number;
  /** The report that it was read from. */
  readonly from: keyof Inputs;
  /** Name of a price → dollars for a million. */
  readonly dollars: { readonly [price: string]: number };
}

/** All of it, and what was not measured. */
export interface CostReport {
  readonly prices: readonly Price[];
  readonly rows: readonly CostRow[];
  readonly missing: readonly string[];
}

interface Taken {
  readonly name: string;
  readonly kind: CostRow["kind"];
  readonly from: keyof Inputs;
  /** Not a number where the report, or the row in it, is missing. */
  readonly cpuMicroseconds: number | undefined;
}

/** The smallest plan of the benchmark of checks: the ordinary call of 300 bytes. */
function ordinary({ check }: Inputs): CheckRow["times"] | undefined {
  return check?.rows.find(({ group, name }) => group === "plan nodes" && name === "10")?.times;
}

function middleware({ hono }: Inputs, kind: HonoRow["kind"]): number | undefined {
  return hono?.rows.find((row) => row.runtime === "node" && row.way === "loopback" && row.store === "memory" && row.kind === kind)
    ?.cpuMicroseconds;
}

/** Of the process that stands between, a call. */
function gateway({ surfaces }: Inputs, surface: string): number | undefined {
  const row = surfaces?.rows.find((each) => each.surface === surface && each.contender === "sluice");
  return row?.cpu === undefined ? undefined : row.cpu * 1_000;
}

function peer({ peers }: Inputs, kind: "sluice" | "peer"): number | undefined {
  const times = (peers?.rows ?? []).flatMap((row) => (row.kind === kind && row.times !== undefined ? [row.times.cpu] : []));
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

function taken(inputs: Inputs): readonly Taken[] {
  const { check, parse } = ordinary(inputs) ?? {};
  return [
    { name: "`JSON.parse` of an ordinary call", kind: "floor", from: "check", cpuMicroseconds: parse?.p50 },
    { name: "check of an ordinary call, from its bytes", kind: "sluice", from: "check", cpuMicroseconds: check?.p50 },
    { name: "check of the calls of `peers/`", kind: "sluice", from: "peers", cpuMicroseconds: peer(inputs, "sluice") },
    { name: "the same, by the median of the peers", kind: "peer", from: "peers", cpuMicroseconds: peer(inputs, "peer") },
    {
      name: "request to an application without Sluice",
      kind: "floor",
      from: "hono",
      cpuMicroseconds: middleware(inputs, "bare"),
    },
    {
      name: "request through the middleware, all of it",
      kind: "sluice",
      from: "hono",
      cpuMicroseconds: middleware(inputs, "sluice"),
    },
    {
      name: "call through the MCP gateway, over HTTP",
      kind: "sluice",
      from: "surfaces",
      cpuMicroseconds: gateway(inputs, "MCP gateway, Streamable HTTP"),
    },
    {
      name: "call through the model proxy, in two requests",
      kind: "sluice",
      from: "surfaces",
      cpuMicroseconds: gateway(inputs, "model API, a call in two requests"),
    },
  ];
}

/** What is there, at every price. */
export function costOf(inputs: Inputs, prices: readonly Price[]): CostReport {
  const all = taken(inputs);
  return {
    prices,
    rows: all.flatMap(({ cpuMicroseconds, ...row }) =>
      cpuMicroseconds === undefined || !Number.isFinite(cpuMicroseconds)
        ? []
        : [
            {
              ...row,
              cpuMicroseconds,
              dollars: Object.fromEntries(prices.map((price) => [price.name, dollarsPerMillion(cpuMicroseconds, price)])),
            },
          ],
    ),
    missing: all.flatMap(({ name, cpuMicroseconds }) => (Number.isFinite(cpuMicroseconds) ? [] : [name])),
  };
}
