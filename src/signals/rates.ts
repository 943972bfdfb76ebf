/**
 * Calls, denials and amendments by principal, plan, tool and over all: which window has more of them than chance brings.
 * Pure. Never says that there are fewer than usual, and never calls anything unusual before there are days to compare it with.
 */
import type { AuditRecord } from "../audit/record.ts";
import { signalEntitiesMax, signalIdleDays, signalSeqsMax } from "./bounds.ts";
import { createRecent, type Recent } from "./recent.ts";
import { advance, beginSeries, count, forecast, type Forecast, type Series, type SeriesShape, windowOf } from "./series.ts";
import type { SignalKind } from "./signal.ts";
import type { Raised } from "./raised.ts";
import { upperTail } from "./tail.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

interface Measure extends SeriesShape {
  readonly name: string;
  readonly kind: SignalKind & ("call-rate" | "denial-burst" | "repeated-amendments");
  readonly unit: string;
  /** Whole windows before anything of it can be unusual. */
  readonly closedMin: number;
  counts(record: AuditRecord): boolean;
}

function isCall({ kind }: AuditRecord): boolean {
  // A release is the call of a hold, which was counted.
  return kind === "allow" || kind === "deny" || kind === "hold";
}

/** An agent asks for an amendment, or amends by itself; what a human grants was asked for before. */
function isAmendment({ kind, facts }: AuditRecord): boolean {
  return kind === "ask-amend" || (kind === "amend" && facts.ask === undefined);
}

/** What is counted. The names are part of saved states. */
export const measures: readonly Measure[] = [
  {
    name: "calls-hour",
    kind: "call-rate",
    unit: "calls an hour",
    windowMs: hourMs,
    season: "hour",
    closedMin: 72,
    counts: isCall,
  },
  { name: "calls-day", kind: "call-rate", unit: "calls a day", windowMs: dayMs, season: "day", closedMin: 14, counts: isCall },
  {
    name: "denials",
    kind: "denial-burst",
    unit: "denials in ten minutes",
    windowMs: 10 * minuteMs,
    season: "hour",
    closedMin: 432,
    counts: ({ kind }) => kind === "deny",
  },
  {
    name: "amendments",
    kind: "repeated-amendments",
    unit: "amendments an hour",
    windowMs: hourMs,
    season: "hour",
    closedMin: 72,
    counts: isAmendment,
  },
];

/** Windows with calls, by decayed count, before anything of a principal, a plan or a tool can be unusual. */
const activeMin = 6;
/** How long after a signal another one of its kind about the same is the same one. */
const sameMs = dayMs;

/** What is known of one principal, plan or tool. Plain JSON, mutable. */
export interface Entity {
  /** Time of its last record. */
  at: number;
  /** In the order of {@link measures}. */
  readonly series: Series[];
  /** When there was last something unusual, by kind. */
  readonly raised: { [Kind in SignalKind]?: number };
}

/** Counts, by `principal …`, `plan …`, `tool …` and `all `. */
export type Entities = Recent<Entity>;

/** Makes them, empty. */
export function createEntities(): Entities {
  return createRecent(signalEntitiesMax);
}

/** Takes a record, and says what is unusual since. `falsePerDay`: how many signals of a kind chance may bring. */
export function takeRates(entities: Entities, record: AuditRecord, falsePerDay: number): readonly Raised[] {
  if (!isCall(record) && !isAmendment(record)) return [];
  const watched: readonly (readonly [Raised["by"], string | undefined])[] = [
    ["all", ""],
    ["principal", record.principal],
    ["plan", record.plan],
    ["tool", record.tool],
  ];
  return watched.flatMap(([by, id]) => {
    if (id === undefined) return [];
    const entity = entityOf(entities, `${by} ${id}`, record.at);
    return measures.flatMap((measure, i) => {
      const series = entity.series[i];
      if (series === undefined || !measure.counts(record)) return [];
      advance(series, windowOf(record.at, measure), measure);
      count(series, record.seq);
      const found = lookAt(series, measure, { entity, entities: entities.size, falsePerDay });
      return found === undefined ? [] : (tell(found, { entity, measure, series, record, by, id }) ?? []);
    });
  });
}

function entityOf(entities: Entities, key: string, at: number): Entity {
  const found = entities.get(key);
  // After a long silence, or where a clock went back, what was usual says nothing.
  if (found !== undefined && at - found.at < signalIdleDays * dayMs && found.at - at < dayMs) {
    found.at = Math.max(found.at, at);
    return found;
  }
  const entity: Entity = { at, series: measures.map((measure) => beginSeries(windowOf(at, measure), measure)), raised: {} };
  entities.set(key, entity);
  return entity;
}

interface Unusual extends Forecast {
  readonly p: number;
  readonly watched: number;
}

/** Whether the window at hand has too many. Counts only grow within a window: looking often is looking once, at its end. */
function lookAt(
  series: Series,
  measure: Measure,
  { entity, entities, falsePerDay }: { readonly entity: Entity; readonly entities: number; readonly falsePerDay: number },
): Unusual | undefined {
  if (series.closed < measure.closedMin || series.cap !== undefined) return undefined;
  if ((entity.series[0]?.active ?? 0) < activeMin) return undefined;
  if (series.next !== undefined && series.count < series.next) return undefined;
  const expected = forecast(series, measure);
  if (expected === undefined) return undefined;
  const deviation = Math.sqrt(expected.variance);
  // What chance brings once in many looks lies far beyond; and not every count beyond is looked at.
  const first = Math.floor(expected.mean + 2 * deviation) + 1;
  if (series.count < first) {
    series.next = first;
    return undefined;
  }
  const watched = entities * looksPerDay(measure.kind);
  const p = upperTail(series.count, expected);
  if (p * watched <= falsePerDay) {
    series.cap = series.count - 1;
    return { ...expected, p, watched };
  }
  series.next = series.count + Math.max(1, Math.ceil(deviation / 20));
  return undefined;
}

/** Windows of one principal, plan or tool that are looked at in a day, for one kind of signal. */
function looksPerDay(kind: SignalKind): number {
  return measures.filter((each) => each.kind === kind).reduce((sum, { windowMs }) => sum + dayMs / windowMs, 0);
}

function tell(
  { mean, p, watched }: Unusual,
  found: {
    readonly entity: Entity;
    readonly measure: Measure;
    readonly series: Series;
    readonly record: AuditRecord;
    readonly by: Raised["by"];
    readonly id: string;
  },
): Raised | undefined {
  const { entity, measure, series, record, by, id } = found;
  const { kind, windowMs, unit } = measure;
  const before = entity.raised[kind];
  entity.raised[kind] = record.at;
  if (before !== undefined && record.at - before <= sameMs + windowMs) return undefined;
  const usual = mean < 10 ? Number(mean.toPrecision(2)) : Math.round(mean);
  return {
    kind,
    by,
    id,
    says: `${series.count} ${unit} so far, where about ${usual} are usual`,
    since: Math.min(series.window * windowMs, record.at),
    at: record.at,
    baseline: { value: mean, unit, history: series.closed },
    observed: { value: series.count, unit },
    p,
    watched,
    seqs: series.seqs.slice(-signalSeqsMax),
    seqCount: series.count,
  };
}
