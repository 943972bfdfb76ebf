/**
 * What a check takes on a small computer: `node bench/pi/run.ts [--json] [--seconds=N]`
 * Prints the figures to hold against the 4.2 ms a check that are claimed elsewhere for such a machine, with the floor measured beside
 * them on the same bytes. Never hides that the machine was hot or held back: then its figures are worse than it is.
 */
import { measure } from "../check/measure.ts";
import { prepare } from "../check/scenario.ts";
import { scenariosOf } from "../check/scenarios.ts";
import { type Board, readBoard } from "./machine.ts";

const seconds = Number(process.argv.find((arg) => arg.startsWith("--seconds="))?.slice("--seconds=".length) ?? 3);
/** Milliseconds a check, as claimed. */
const claimedMs = 4.2;

const before = readBoard();
const rows = scenariosOf(true)
  .filter(({ group }) => group === "argument class")
  .map((scenario) => {
    const subject = prepare(scenario);
    const { parse, check } = measure(subject, { milliseconds: seconds * 1_000 });
    return { name: scenario.name, bytes: subject.bytes.length, parse, check, timesFaster: (claimedMs * 1_000) / check.p50 };
  });
const after = readBoard();

function facts({ celsius, megahertz, megahertzMax, wasThrottled }: Board): string {
  return [
    celsius === undefined ? "no temperature" : `${celsius} °C`,
    megahertz === undefined ? "no frequency" : `${megahertz} of ${megahertzMax ?? "?"} MHz`,
    wasThrottled === undefined ? "throttling unknown" : wasThrottled ? "was THROTTLED since it started" : "not throttled",
  ].join(", ");
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ runtime: process.version, arch: process.arch, before, after, claimedMs, rows }));
} else {
  const microseconds = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
  console.log(`${before.model}, ${before.cores} cores, ${before.memoryMB} MB, ${process.arch}, node ${process.version}`);
  console.log(`before: ${facts(before)}\nafter:  ${facts(after)}\n`);
  console.log(
    "| argument | bytes | JSON.parse µs | check µs, median | p99 | of JSON.parse | 4.2 ms are |\n|---|--:|--:|--:|--:|--:|--:|",
  );
  for (const { name, bytes, parse, check, timesFaster } of rows)
    console.log(
      `| ${name} | ${bytes} | ${microseconds(parse.p50)} | ${microseconds(check.p50)} | ${microseconds(check.p99)} | ${(check.p50 / parse.p50).toFixed(1)}× | ${timesFaster.toFixed(0)} times as long |`,
    );
}
