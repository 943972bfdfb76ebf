/**
 * What one process has decided in the last day, minute by minute: counts by verdict, code and tool, and how long checks took.
 * Never grows with what agents say: a ring of minutes, at most so many names in each, and durations in buckets. It keeps no value.
 */
import type { Clock } from "../../ports.ts";
import type { CheckTold, Telemetry } from "../../telemetry/telemetry.ts";

/** One minute, or several added up. */
export interface Span {
  /** Beginning, in milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds that it covers. */
  readonly length: number;
  readonly allowed: number;
  readonly denied: number;
  readonly held: number;
  /** Seconds that checks took: the median, and what 95 and 99 in a hundred stayed below; absent where there was none. */
  readonly seconds?: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** How often something was counted. */
export interface Tally {
  readonly name: string;
  readonly count: number;
}

/** A part of the history. */
export interface Excerpt {
  readonly spans: readonly Span[];
  /** Denials and holds by code, and denials by tool; the most frequent first. */
  readonly codes: readonly Tally[];
  readonly tools: readonly Tally[];
  /** Since when this process counts. */
  readonly since: number;
  /** Durations over the whole excerpt. */
  readonly seconds?: Span["seconds"];
}

/** The history of a process. */
export interface History {
  /** To be given to the enforcement point. */
  readonly telemetry: Telemetry;
  /** The last `minutes` minutes, the running one with them, as at most `spansMax` spans of equal length. */
  read(minutes: number, spansMax: number): Excerpt;
}

const minuteMs = 60_000;
/** Minutes that are kept: a day. */
const minutesMax = 1_440;
/** Names of codes and of tools in one minute; those beyond are counted as `other`. */
const namesMax = 100;
/** Buckets of durations for each power of ten, from 10 microseconds to 100 seconds: neighbours are 12 % apart. */
const perDecade = 20;
const decades = 7;
const least = 1e-5;

interface Minute {
  at: number;
  allowed: number;
  denied: number;
  held: number;
  readonly codes: Map<string, number>;
  readonly tools: Map<string, number>;
  readonly durations: Uint32Array;
}

/** Begins a history. */
export function createHistory(clock: Clock): History {
  const since = clock();
  const minutes = new Map<number, Minute>();
  const now = (): number => Math.floor(clock() / minuteMs);
  const current = (): Minute => {
    const number = now();
    const known = minutes.get(number);
    if (known !== undefined) return known;
    const made: Minute = {
      at: number * minuteMs,
      allowed: 0,
      denied: 0,
      held: 0,
      codes: new Map(),
      tools: new Map(),
      durations: new Uint32Array(perDecade * decades + 1),
    };
    minutes.set(number, made);
    for (const old of minutes.keys()) if (old <= number - minutesMax || minutes.size > minutesMax) minutes.delete(old);
    return made;
  };
  const onCheck = ({ verdict, code, tool, seconds }: CheckTold): void => {
    const minute = current();
    if (verdict === "allow") minute.allowed += 1;
    else if (verdict === "hold") minute.held += 1;
    else minute.denied += 1;
    if (code !== undefined) count(minute.codes, code);
    if (verdict === "deny") count(minute.tools, tool ?? "no tool of the plan");
    if (seconds >= 0) minute.durations[bucketOf(seconds)] = (minute.durations[bucketOf(seconds)] ?? 0) + 1;
  };
  return {
    telemetry: (told) => void (told.kind === "check" && onCheck(told)),
    read: (wanted, spansMax) => {
      const last = now();
      const size = Math.min(minutesMax, Math.max(1, Math.floor(wanted)));
      const each = Math.max(1, Math.ceil(size / Math.max(1, spansMax)));
      const spans: Span[] = [];
      const all: Minute[] = [];
      // Whole spans that end with the running minute.
      for (let first = last - Math.ceil(size / each) * each + 1; first <= last; first += each) {
        const inside = Array.from({ length: each }, (_, i) => minutes.get(first + i)).filter((one) => one !== undefined);
        all.push(...inside);
        spans.push({ at: first * minuteMs, length: each * minuteMs, ...summed(inside) });
      }
      const seconds = quantiles(all);
      return {
        spans,
        codes: ranked(all.map(({ codes }) => codes)),
        tools: ranked(all.map(({ tools }) => tools)),
        since,
        ...(seconds === undefined ? {} : { seconds }),
      };
    },
  };
}

function count(names: Map<string, number>, name: string): void {
  const key = names.has(name) || names.size < namesMax ? name : "other";
  names.set(key, (names.get(key) ?? 0) + 1);
}

function summed(minutes: readonly Minute[]): Pick<Span, "allowed" | "denied" | "held" | "seconds"> {
  const sum = (of: (minute: Minute) => number): number => minutes.reduce((total, minute) => total + of(minute), 0);
  const seconds = quantiles(minutes);
  return {
    allowed: sum(({ allowed }) => allowed),
    denied: sum(({ denied }) => denied),
    held: sum(({ held }) => held),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** The bucket of a duration in seconds. */
function bucketOf(seconds: number): number {
  const place = Math.ceil(Math.log10(Math.max(seconds, least) / least) * perDecade);
  return Math.min(perDecade * decades, Math.max(0, place));
}

/** The greatest duration of a bucket, in seconds. */
function boundOf(bucket: number): number {
  return least * 10 ** (bucket / perDecade);
}

/** Quantiles by the nearest rank, as the bound of the bucket: never less than the true one, and at most 12 % more. */
function quantiles(minutes: readonly Minute[]): Span["seconds"] | undefined {
  const durations = new Array<number>(perDecade * decades + 1).fill(0);
  let total = 0;
  for (const minute of minutes)
    minute.durations.forEach((found, bucket) => {
      durations[bucket] = (durations[bucket] ?? 0) + found;
      total += found;
    });
  if (total === 0) return undefined;
  const at = (part: number): number => {
    let missing = Math.ceil(part * total);
    let bucket = -1;
    while (missing > 0) {
      bucket += 1;
      missing -= durations[bucket] ?? missing;
    }
    return boundOf(bucket);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function ranked(maps: readonly ReadonlyMap<string, number>[]): readonly Tally[] {
  const all = new Map<string, number>();
  for (const names of maps) for (const [name, found] of names) all.set(name, (all.get(name) ?? 0) + found);
  return [...all]
    .map(([name, found]) => ({ name, count: found }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
