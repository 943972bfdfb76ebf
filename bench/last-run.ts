/**
 * What a benchmark's last full run wrote: `bench/results/NAME.json`.
 * Only reads; the caller says which type its own benchmark writes.
 */
import { existsSync, readFileSync } from "node:fs";

function fileOf(name: string): URL {
  return new URL(`results/${name}.json`, import.meta.url);
}

/** The report of a benchmark that has been run. */
export function lastRun<Report>(name: string): Report {
  return JSON.parse(readFileSync(fileOf(name), "utf8")) as Report;
}

/** The report of a benchmark, if it has been run. */
export function lastRunIfAny<Report>(name: string): Report | undefined {
  return existsSync(fileOf(name)) ? lastRun<Report>(name) : undefined;
}
