/**
 * Reads an audit log's records in order and raises signals: one pass, bounded memory, the same signals for the same records.
 * Pure. No I/O, no clock. Never decides anything: it is above the audit log, and nothing that decides imports it.
 */
import type { AuditRecord } from "../audit/record.ts";
import { createNovelty, type Novelty, takeNovelty } from "./novelty.ts";
import type { Raised } from "./raised.ts";
import { createEntities, type Entities, takeRates } from "./rates.ts";
import { createReading, type Reading, takeReading } from "./reading.ts";
import type { Signal, SignalLosses, SignalOptions } from "./signal.ts";

/** What has been learned from the records so far. Mutable; `state.ts` saves it. */
export interface Learned {
  /** Number of the record that comes next. */
  next: number;
  readonly entities: Entities;
  readonly novelty: Novelty;
  readonly reading: Reading;
}

/** Raises signals. */
export interface SignalDetector {
  /** Takes the next record. One that was taken before is left out. */
  take(record: AuditRecord): readonly Signal[];
  readonly learned: Learned;
}

/** Nothing so far. */
export function nothingLearned(): Learned {
  return { next: 0, entities: createEntities(), novelty: createNovelty(), reading: createReading() };
}

/** Makes it. `learned`: goes on where another one ended. */
export function createSignalDetector(options: SignalOptions = {}, learned: Learned = nothingLearned()): SignalDetector {
  const { falsePerDay = 0.05, falsePerSession = 0.01, falsePerDecision = 0.001, wordsToRead = 25 } = options;
  return {
    learned,
    take: (record) => {
      if (record.seq < learned.next) return [];
      learned.next = record.seq + 1;
      return [
        ...takeRates(learned.entities, record, falsePerDay),
        ...takeNovelty(learned.novelty, record, falsePerSession),
        ...takeReading(learned.reading, record, { falsePerDecision, wordsToRead }),
      ].map((raised, i) => signalOf(raised, `${record.seq}.${i}`));
    },
  };
}

function signalOf({ by, id, says, kind, ...raised }: Raised, number: string): Signal {
  return {
    v: 1,
    id: `${kind}.${number}`,
    kind,
    subject: { by, id },
    what: `${by === "all" ? "all sessions" : `${by} ${id}`}: ${says}`,
    ...raised,
    corrected: Math.min(1, raised.p * raised.watched),
  };
}

/** What was dropped so far. */
export function lossesOf({ entities, novelty, reading }: Learned): SignalLosses {
  let values = 0;
  for (const [, scope] of novelty.scopes.entries()) values += scope.lost;
  return {
    series: entities.lost,
    scopes: novelty.scopes.lost + reading.approvers.lost,
    values,
    sessions: novelty.sessions.lost + reading.asks.lost,
    waiting: reading.waiting.lost,
  };
}
