/**
 * The check as rows of the table of all benchmarks: the ordinary call with its floors and parts, each argument class, and what it must not depend on.
 * Pure.
 */
import type { Bar, Figure, FiguresOf } from "../figures.ts";
import { grouped } from "../figures-text.ts";
import type { Contender } from "./measure.ts";
import type { Memory } from "./memory.ts";
import type { Row } from "./table.ts";

/** What `results/check.json` holds, as far as it is needed here. */
interface CheckReport {
  readonly rows: readonly Row[];
  readonly memory?: Memory;
}

const floor = "JSON.parse";
/** The hot path: from bytes to the verdict and the new state. */
const checkBars: readonly Bar[] = [
  { of: "ratio", atMost: 3 },
  { of: "ratioP99", atMost: 8 },
];
const readerBars: readonly Bar[] = [{ of: "ratio", atMost: 2 }];
/** What the check may add to the strict reader, in microseconds. */
const ownBars: readonly Bar[] = [{ of: "p50", atMost: 1 }];
/** Flat: what is left is noise of the machine. */
const flatBars: readonly Bar[] = [{ of: "ratio", atMost: 1.25 }];

const ordinary = { group: "argument bytes, text", name: "300 B" };
/** Classes that the hot path's bars are about; the others have their own cost, which is only stated. */
const hotClasses = [
  "5 constants, sent",
  "5 constants, omitted",
  "5 parameters",
  "5 references",
  "5 choices (enum)",
  "5 choices (number)",
  "free text, 300 B, 3 flow rules",
];
const ownCostClasses = [
  "1 expression (CEL)",
  "5 patterns (re2)",
  "1 extract (IBAN)",
  "1 template (SQL)",
  "1 template (URL)",
  "free text with 3 links",
];
/** What a check must not depend on: groups whose names are sizes, and what is so many. */
const flat = [
  { group: "plan nodes", what: "nodes" },
  { group: "labels in the session", what: "labels" },
  { group: "labels in an argument", what: "labels of an argument" },
  { group: "calls before", what: "events" },
];

/** The rows of `bench/results/check.json`; a scenario that was not measured is one without figures. */
export const figuresOf: FiguresOf<CheckReport> = ({ rows, memory }) => {
  const rowOf = (group: string, name: string): Row | undefined => rows.find((row) => row.group === group && row.name === name);
  const call = rowOf(ordinary.group, ordinary.name);
  const parts: readonly Figure[] = [
    of(call, "parse", { name: "JSON.parse, an ordinary call of 300 bytes", kind: "floor" }),
    of(call, "hash", { name: "JSON.parse and SHA-256", kind: "floor" }),
    of(call, "zod", { name: "JSON.parse and a zod schema", kind: "peer" }),
    of(call, "read", { name: "strict reader", kind: "sluice", bars: readerBars, isPlotted: true }),
    own(call),
    of(call, "check", { name: "whole check, ordinary call", kind: "sluice", bars: checkBars, isPlotted: true }),
  ];
  const classOf = (name: string, bars?: readonly Bar[]): Figure =>
    of(rowOf("argument class", name), "check", { name, kind: "sluice", ...(bars === undefined ? {} : { bars }) });
  return [
    ...parts.map((figure) => ({ ...figure, group: "check, from bytes to state" })),
    ...hotClasses.map((name) => ({ ...classOf(name, checkBars), group: "check, by argument class" })),
    ...ownCostClasses.map((name) => ({ ...classOf(name), group: "check, classes with a cost of their own" })),
    ...flat.map(({ group, what }) =>
      flatOf(
        rows.filter((row) => row.group === group),
        what,
      ),
    ),
    ...memoryOf(memory),
  ];
};

type Said = Pick<Figure, "name" | "kind" | "bars" | "isPlotted">;

function of(row: Row | undefined, contender: Contender, said: Said): Figure {
  const base = { group: "check", unit: "µs", ...said } as const;
  if (row === undefined) return { ...base, p50: Number.NaN, note: "not measured" };
  const { [contender]: own, parse } = row.times;
  return { ...base, p50: own.p50, p99: own.p99, floor, ratio: own.p50 / parse.p50, ratioP99: own.p99 / parse.p99 };
}

/** What the check adds to the reader: the difference of two medians of one run. */
function own(row: Row | undefined): Figure {
  const p50 = row === undefined ? Number.NaN : row.times.check.p50 - row.times.read.p50;
  return { group: "check", name: "what the check adds to the reader", kind: "sluice", unit: "µs", p50, bars: ownBars };
}

/** The largest size that was measured, to the smallest. */
function flatOf(rows: readonly Row[], what: string): Figure {
  const bySize = [...rows].sort((a, b) => Number(a.name) - Number(b.name));
  const [small, large] = [bySize[0], bySize.at(-1)];
  const figure = { group: "check, what it must not depend on", kind: "sluice", unit: "µs", bars: flatBars } as const;
  if (small === undefined || large === undefined || small === large)
    return { ...figure, name: what, p50: Number.NaN, note: "not measured" };
  const [own, base] = [large.times.check, small.times.check];
  return {
    ...figure,
    name: `${grouped(Number(large.name))} ${what}`,
    p50: own.p50,
    p99: own.p99,
    floor: `the same with ${small.name}`,
    ratio: own.p50 / base.p50,
    ratioP99: own.p99 / base.p99,
  };
}

/** What a session keeps, bounded by the calls that it may see; none in a report of times alone. */
function memoryOf(memory: Memory | undefined): readonly Figure[] {
  if (memory === undefined) return [];
  const figure = { group: "check, memory", kind: "sluice", unit: "B" } as const;
  const note = `at most ${grouped(memory.callsMax)} calls a session`;
  return [
    { ...figure, name: "an open session", p50: memory.session },
    { ...figure, name: "each call that it has seen", p50: memory.call, note },
  ];
}
