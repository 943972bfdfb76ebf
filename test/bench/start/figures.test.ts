import { describe, expect, it } from "vitest";
import { isMet } from "../../../bench/figures.ts";
import { chainTo, foundIn, packageOf, reachOf } from "../../../bench/start/entries.ts";
import { figuresOf } from "../../../bench/start/figures.ts";
import type { EntryRow, StartReport } from "../../../bench/start/report.ts";
import { table } from "../../../bench/start/table.ts";

const measured = { importMs: 100, coldMs: 130, toEmpty: 4.5, toEmptyMost: 5, residentMB: 20 };
const entry = (name: string, forbidden = 0): EntryRow => ({
  name,
  ...measured,
  modules: 10,
  bytes: 20_000,
  bundle: { bytes: 9_000, gzipBytes: 3_000, forbidden },
});
const report = (forbidden: number): StartReport => ({
  machine: { processor: "p", cores: 2, memoryGiB: 1, platform: "linux x64", runtime: "node", load: 0 },
  rounds: 1,
  entries: [entry("sluice"), entry("sluice/worker", forbidden), entry("sluice/learn")],
  runtimes: [
    { runtime: "node", name: "sluice", ...measured },
    { runtime: "deno", name: "sluice", ...measured },
  ],
  commands: [{ name: "sluice hook", cpuMs: 200, toNode: 8, toNodeMost: 9 }],
  workerd: { cpuMs: 90, emptyCpuMs: 20, toEmpty: 4.5 },
});

describe("the figures of starts", () => {
  it("are those of a program, each to the same runtime with nothing to do", () => {
    const figures = figuresOf(report(0));
    expect(figures.map(({ name, floor, ratio }) => [name, floor, ratio])).toEqual([
      ["`sluice` in Node, CPU", "empty module", 4.5],
      ["`sluice` in Deno, CPU", "empty module", 4.5],
      ["`sluice hook`, CPU", "`node -e 0`", 8],
      ["Worker to its first answer, CPU", "empty Worker", 4.5],
      ["bundle of `sluice`, compressed", undefined, undefined],
      ["what may not be in the bundle of `sluice`", undefined, undefined],
      ["bundle of `sluice/worker`, compressed", undefined, undefined],
      ["what may not be in the bundle of `sluice/worker`", undefined, undefined],
    ]);
  });

  it("miss their bar for a bundle with something in it that may not be", () => {
    const missed = (forbidden: number): readonly string[] =>
      figuresOf(report(forbidden)).flatMap((figure) =>
        figure.bars?.every((bar) => isMet(figure, bar)) === false ? [figure.name] : [],
      );
    expect(missed(0)).toEqual([]);
    expect(missed(1)).toEqual(["what may not be in the bundle of `sluice/worker`"]);
  });

  it("stand in a table with a line for every entry point, not only for those of programs", () => {
    expect(table(report(0))).toContain("| `sluice/learn` | 100 | 4.5 (5.0) | 10 | 20 | 20 | 9 (3) |");
  });
});

describe("what an entry point brings", () => {
  const inputs = (edges: { readonly [from: string]: readonly string[] }): Parameters<typeof reachOf>[0] =>
    Object.fromEntries(
      Object.entries(edges).map(([from, to]) => [
        from,
        {
          bytes: 1,
          imports: to.map((path) => ({
            path: path.replace("later ", ""),
            kind: path.startsWith("later ") ? ("dynamic-import" as const) : ("import-statement" as const),
          })),
        },
      ]),
    );

  it("is at once what is imported by statements alone, and later all else", () => {
    const reach = reachOf(inputs({ a: ["b", "later c"], b: ["a"], c: ["b", "d"], d: ["later e"], e: [] }), "a");
    expect([...reach.now.keys()]).toEqual(["a", "b"]);
    expect([...reach.later.keys()].sort()).toEqual(["c", "d", "e"]);
    expect(chainTo(reach, "e")).toEqual(["a", "c", "d", "e"]);
    expect(chainTo(reach, "a")).toEqual(["a"]);
  });

  it("is brought by the shortest chain of imports", () => {
    const reach = reachOf(inputs({ a: ["b", "d"], b: ["c"], c: ["x"], d: ["x"], x: [] }), "a");
    expect(chainTo(reach, "x")).toEqual(["a", "d", "x"]);
  });

  it.each([
    ["node:fs/promises", "node:fs/promises"],
    ["src/index.ts", ""],
    ["kysely", "kysely"],
    ["@opentelemetry/api", "@opentelemetry/api"],
    ["jose/key/import", "jose"],
    ["node_modules/zod/v4/core/core.js", "zod"],
    ["node_modules/@noble/hashes/sha2.js", "@noble/hashes"],
    ["node_modules/a/node_modules/@b/c/index.js", "@b/c"],
  ])("%s is of the package %j", (path, name) => {
    expect(packageOf(path)).toBe(name);
  });

  it.each(['import{x}from"node:fs"', 'from "bun:sqlite"', "new Function(a)", 'require("pg")', "the onnxruntime of"])(
    "%s may not be in a bundle",
    (text) => {
      expect(foundIn(text)).toBe(1);
    },
  );

  it("may be in a bundle, if it only sounds alike", () => {
    expect(foundIn("postgres sqlite redis 'a:b' eval node newFunction() x.require(1)")).toBe(0);
  });
});
