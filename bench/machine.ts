/**
 * What a benchmark ran on, to stand beside its figures.
 * Never names the host or its user.
 */
import { cpus, loadavg, totalmem } from "node:os";

/** A machine, as far as it matters to a time. */
export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly runtime: string;
  /** Average load over the last minute when the benchmark began: above the number of cores, times are of a busy machine. */
  readonly load: number;
}

/** The machine that this process runs on. */
export function machineFacts(): MachineFacts {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    runtime: `node ${process.version}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
