/**
 * The figures of the signals benchmark as tables for people.
 * Never a share without how many it is of.
 */
import { markdown } from "../markdown.ts";
import type { FalseRow, FoundRow } from "./measure.ts";
import type { AttackRow } from "./plans.ts";

/** What the benchmark writes. */
export interface SignalResults {
  readonly falseSignals: readonly FalseRow[];
  readonly found: readonly FoundRow[];
  readonly attacks: readonly AttackRow[];
}

const ofRates = ["call-rate", "denial-burst", "repeated-amendments"] as const;
const ofNew = ["new-sink", "new-labels", "first-use", "new-denial"] as const;

/** Markdown. */
export function table({ falseSignals, found, attacks }: SignalResults): string {
  return [
    "#### False signals while traffic goes on as before\n",
    markdown(
      [
        "traffic",
        "calls/h of a principal",
        "days",
        "records",
        ...ofRates,
        "at most, of each",
        ...ofNew,
        "at most, of each",
        "CPU µs a record",
      ],
      falseSignals.map(falseCells),
    ),
    "#### Planted changes, after four weeks of 15 principals with 3 calls an hour\n",
    markdown(["change", "traffic", "found", "median seconds", "median planted records"], found.map(foundCells)),
    "#### Attacks of the example plans, after 40 days of their benign traces\n",
    markdown(
      ["plan", "attacks", "sessions in a row", "signalled", "median seconds", "kinds (of how many attacks)", "signals before"],
      groupsOf(attacks),
    ),
  ].join("\n");
}

function falseCells({ model, rate, days, records, sessions, signals, microseconds }: FalseRow): readonly string[] {
  const of = (kind: string): string => `${signals[kind] ?? 0}`;
  return [
    model,
    `${rate}`,
    `${days}`,
    `${records}`,
    ...ofRates.map(of),
    `${0.05 * days}`,
    ...ofNew.map(of),
    (0.01 * sessions).toFixed(0),
    microseconds.toFixed(1),
  ];
}

function foundCells({ change, model, runs, found, seconds, planted }: FoundRow): readonly string[] {
  return [change, model, `${found} of ${runs}`, seconds?.toFixed(0) ?? "–", planted?.toFixed(0) ?? "–"];
}

function groupsOf(attacks: readonly AttackRow[]): readonly (readonly string[])[] {
  const keys = [...new Set(attacks.map(({ plan, tries }) => `${plan} ${tries}`))];
  return keys.map((key) => {
    const rows = attacks.filter(({ plan, tries }) => `${plan} ${tries}` === key);
    const delays = rows.flatMap(({ seconds }) => seconds ?? []).sort((a, b) => a - b);
    const kinds = [...new Set(rows.flatMap((row) => row.kinds))].map(
      (kind) => `${kind} (${rows.filter((row) => row.kinds.includes(kind)).length})`,
    );
    const [plan = "", tries = ""] = key.split(" ");
    return [
      plan,
      `${rows.length}`,
      tries,
      `${delays.length}`,
      delays[Math.floor(delays.length / 2)]?.toFixed(0) ?? "–",
      kinds.join(", "),
      `${Math.max(...rows.map(({ before }) => before))}`,
    ];
  });
}
