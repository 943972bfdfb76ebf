/**
 * Records for the tests of signals, and what a detector says of them.
 */
import { beginning, numbered } from "../../bench/signals/histories.ts";
import type { AuditRecord } from "../../src/audit/record.ts";
import { createSignalDetector } from "../../src/signals/detector.ts";
import type { Signal, SignalOptions } from "../../src/signals/signal.ts";

/** A record whose number comes later. */
export type Loose = Parameters<typeof numbered>[0][number];

/** Milliseconds. */
export const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000] as const;

/** What a detector says of records, one after the other. */
export function signalsOf(records: readonly AuditRecord[], options: SignalOptions = {}): readonly Signal[] {
  const detector = createSignalDetector(options);
  return records.flatMap((record) => detector.take(record));
}

/**
 * Sessions of one plan, a quarter of an hour apart from `beginning` on, each of three calls at two tools with the labels `user_input`. `more`:
 * what session `i`, which begins at `at`, does besides.
 */
export function sessions(count: number, more: (i: number, base: Loose) => readonly Loose[] = () => []): readonly AuditRecord[] {
  const loose: Loose[] = [];
  for (let i = 0; i < count; i++) {
    const at = beginning + i * 15 * minuteMs;
    const base = { at, kind: "open", session: `session-${i}`, plan: "plan-a", principal: `s${i % 3}`, facts: {} } as const;
    const call = { ...base, kind: "allow", facts: { labels: ["user_input"] } } as const;
    loose.push(base, { ...call, at: at + 1_000, tool: "crm/find" }, { ...call, at: at + 9_000, tool: "crm/find" });
    loose.push({ ...call, at: at + 20_000, tool: "mail/send" }, ...more(i, { ...base, at: at + 30_000 }));
    loose.push({ ...base, kind: "close", at: at + minuteMs });
  }
  return numbered(loose);
}
