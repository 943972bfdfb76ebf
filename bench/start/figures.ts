/**
 * Starts as rows of the table of all benchmarks: the entry points that most programs import, the commands, the Worker.
 * Pure.
 */
import type { Figure, FiguresOf } from "../figures.ts";
import type { StartReport } from "./report.ts";

/** Of the many, those that stand for a kind of program; all are in `results/start.json`. */
const shown: readonly string[] = ["sluice", "sluice/hono", "sluice/mcp", "sluice/stores/memory", "sluice/ai-sdk"];
const group = "start";

/** Rows of the table of all benchmarks. */
export const figuresOf: FiguresOf<StartReport> = ({ entries, runtimes, commands, workerd }) => {
  const imports = entries
    .filter(({ name }) => shown.includes(name))
    .map(({ name, coldMs, toEmpty, modules }): Figure => {
      const note = `${modules} files`;
      return {
        group,
        name: `\`${name}\` in Node, CPU`,
        kind: "sluice",
        unit: "ms",
        p50: coldMs,
        floor: "empty module",
        ratio: toEmpty,
        note,
      };
    });
  const elsewhere = runtimes
    .filter(({ runtime, name }) => runtime !== "node" && name === "sluice")
    .map(({ runtime, name, coldMs, toEmpty }): Figure => {
      const where = runtime === "bun" ? "Bun" : "Deno";
      return {
        group,
        name: `\`${name}\` in ${where}, CPU`,
        kind: "sluice",
        unit: "ms",
        p50: coldMs,
        floor: "empty module",
        ratio: toEmpty,
      };
    });
  const started = commands.map(
    ({ name, cpuMs, toNode }): Figure => ({
      group,
      name: `\`${name}\`, CPU`,
      kind: "sluice",
      unit: "ms",
      p50: cpuMs,
      floor: "`node -e 0`",
      ratio: toNode,
    }),
  );
  const worker: readonly Figure[] =
    workerd === undefined
      ? []
      : [
          {
            group,
            name: "Worker to its first answer, CPU",
            kind: "sluice",
            unit: "ms",
            p50: workerd.cpuMs,
            floor: "empty Worker",
            ratio: workerd.toEmpty,
          },
        ];
  return [...imports, ...elsewhere, ...started, ...worker, ...bundles(entries)];
};

/** Bytes of the core's and the Worker's bundle, and that nothing is in them that may not be. */
function bundles(entries: StartReport["entries"]): readonly Figure[] {
  return entries
    .filter(({ name }) => ["sluice", "sluice/worker"].includes(name))
    .flatMap(({ name, bundle }): readonly Figure[] => [
      { group, name: `bundle of \`${name}\`, compressed`, kind: "sluice", unit: "B", p50: bundle.gzipBytes },
      {
        group,
        name: `what may not be in the bundle of \`${name}\``,
        kind: "sluice",
        unit: "count",
        p50: bundle.forbidden,
        bars: [{ of: "p50", atMost: 0 }],
      },
    ]);
}
