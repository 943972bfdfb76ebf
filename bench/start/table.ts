/**
 * The figures of starts as tables for people.
 * Never a time without the start of the same runtime beside it.
 */
import { markdown } from "../markdown.ts";
import type { StartReport } from "./report.ts";

const kB = (bytes: number): string =>
  Math.round(bytes / 1_000)
    .toLocaleString("en")
    .replaceAll(",", " ");

/** Markdown: entry points, then runtimes, commands and the Worker. */
export function table({ entries, runtimes, commands, workerd }: StartReport): string {
  const entryTable = markdown(
    ["entry point (Node)", "import CPU ms", "start to empty (most)", "files", "kB read", "resident MB more", "bundle kB (gzip)"],
    entries.map(({ name, importMs, toEmpty, toEmptyMost, modules, bytes, residentMB, bundle }) => [
      `\`${name}\``,
      importMs.toFixed(0),
      `${toEmpty.toFixed(1)} (${toEmptyMost.toFixed(1)})`,
      `${modules}`,
      kB(bytes),
      residentMB.toFixed(0),
      `${kB(bundle.bytes)} (${kB(bundle.gzipBytes)})`,
    ]),
  );
  const runtimeTable = markdown(
    ["entry point", "runtime", "import CPU ms", "start to empty (most)", "resident MB more"],
    runtimes.map(({ runtime, name, importMs, toEmpty, toEmptyMost, residentMB }) => [
      `\`${name}\``,
      runtime,
      importMs.toFixed(0),
      `${toEmpty.toFixed(1)} (${toEmptyMost.toFixed(1)})`,
      residentMB.toFixed(0),
    ]),
  );
  const commandTable = markdown(
    ["command", "CPU ms", "to `node -e 0` (most)"],
    commands.map(({ name, cpuMs, toNode, toNodeMost }) => [
      `\`${name}\``,
      cpuMs.toFixed(0),
      `${toNode.toFixed(1)} (${toNodeMost.toFixed(1)})`,
    ]),
  );
  const worker =
    workerd === undefined
      ? ""
      : `\nworkerd to its first answer: ${workerd.toEmpty.toFixed(1)} times the processor time of a Worker that does nothing (${workerd.cpuMs} and ${workerd.emptyCpuMs} ms, in steps of 10).\n`;
  return `${entryTable}\n${runtimeTable}\n${commandTable}${worker}`;
}
