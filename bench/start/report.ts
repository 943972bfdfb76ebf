/**
 * What a run of `bench/start` writes to `results/start.json`. Processor times in milliseconds, medians over the rounds.
 * Only forms.
 */
import type { MachineFacts } from "../machine.ts";
import type { Runtime } from "./probe.ts";

/** A start with an import, beside a start of the same runtime with an empty module in the same round. */
interface Measured {
  /** Of the import alone. */
  readonly importMs: number;
  /** Of the process until the import was done. */
  readonly coldMs: number;
  /** `coldMs` to that of the empty module: median, and the most of any round. */
  readonly toEmpty: number;
  readonly toEmptyMost: number;
  /** Resident MB more than with the empty module. */
  readonly residentMB: number;
}

/** One entry point, imported by Node from dist/. */
export interface EntryRow extends Measured {
  readonly name: string;
  /** JavaScript files that Node read for it, and their bytes. */
  readonly modules: number;
  readonly bytes: number;
  /** One minified file of it; packages that its user installs are left out. */
  readonly bundle: { readonly bytes: number; readonly gzipBytes: number; readonly forbidden: number };
}

/** One entry point in one runtime. */
export interface RuntimeRow extends Measured {
  readonly runtime: Runtime;
  readonly name: string;
}

/** One command, from the start of the process to its end, beside `node -e 0`. */
export interface CommandRow {
  readonly name: string;
  readonly cpuMs: number;
  readonly toNode: number;
  readonly toNodeMost: number;
}

/** workerd until its first answer, beside the same with a Worker that does nothing. */
export interface WorkerFacts {
  readonly cpuMs: number;
  readonly emptyCpuMs: number;
  readonly toEmpty: number;
}

/** All of it. */
export interface StartReport {
  readonly machine: MachineFacts;
  readonly rounds: number;
  readonly entries: readonly EntryRow[];
  readonly runtimes: readonly RuntimeRow[];
  readonly commands: readonly CommandRow[];
  readonly workerd?: WorkerFacts;
}
