/**
 * The figures of the surfaces as a table for people.
 * Never a ratio without the noise of the same run beside it.
 */
import { markdown } from "../markdown.ts";
import type { Row } from "./measure.ts";

/** Markdown: a line for each surface. */
export function table(rows: readonly Row[]): string {
  const headings = [
    "surface",
    "direct p50 ms",
    "noise p50 (p99)",
    "relay to direct p50 (p99)",
    "reader to direct p50 (p99)",
    "sluice to direct p50 (p99)",
    "sluice to reader p50 (p99)",
    "CPU ms a call: reader",
    "sluice",
    "to reader",
    "added p50 ms",
    "added p99 ms",
    "calls",
  ];
  const lines = [...new Set(rows.map(({ surface }) => surface))].map((surface) => {
    const of = (name: Row["contender"]): Row | undefined => rows.find((row) => row.surface === surface && row.contender === name);
    const [direct, again, relay, reader, sluice] = [of("direct"), of("again"), of("relay"), of("reader"), of("sluice")];
    const plain = (value: number | undefined): string => value?.toFixed(2) ?? "–";
    const ratio = (row: Row | undefined): string =>
      row === undefined ? "–" : `${row.toDirect.toFixed(2)} (${row.toDirectP99.toFixed(2)})`;
    const added = (name: "p50" | "p99"): string => ((sluice?.[name] ?? Number.NaN) - (direct?.[name] ?? Number.NaN)).toFixed(2);
    const toReader = reader === undefined ? "–" : `${plain(sluice?.toReader)} (${plain(sluice?.toReaderP99)})`;
    return [
      surface,
      direct?.p50.toFixed(3) ?? "–",
      ratio(again),
      ratio(relay),
      ratio(reader),
      ratio(sluice),
      toReader,
      plain(reader?.cpu),
      plain(sluice?.cpu),
      plain(sluice?.cpuToReader),
      added("p50"),
      added("p99"),
      `${sluice?.calls ?? 0}`,
    ];
  });
  return markdown(headings, lines);
}
