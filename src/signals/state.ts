/**
 * What a detector has learned, as lines of JSON: saved, and read back by the next run so that it goes on where the last one ended.
 * Never takes a state of another version, nor numbers that no run could have left; never shows zod's own text.
 */
import * as z from "zod";
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import type { Json } from "../json/value.ts";
import { signalSeqsMax, signalSessionMarksMax, signalValuesMax } from "./bounds.ts";
import { err, ok, type Result } from "../result.ts";
import { type Learned, nothingLearned } from "./detector.ts";
import { measures } from "./rates.ts";
import { seasonsOf } from "./series.ts";
import { type Signal, signalKinds, watchedBy } from "./signal.ts";

/** A state, and the log that it is of: the digest of the first record. */
export interface SavedState {
  readonly log: string;
  readonly learned: Learned;
  /** The last signals that a watch keeps to show them, the newest first. */
  readonly signals: readonly Signal[];
}

const version = 1;

const whole = z.int().min(0);
const time = z.int();
const amount = z.number().min(0);
const name = z.string().max(20_000);
const seqs = z.array(whole).max(2 * signalSeqsMax);
const looks = z.strictObject({ day: time, now: whole, before: whole });
const lost = z.strictObject({
  entities: whole,
  scopes: whole,
  sessions: whole,
  waiting: whole,
  asks: whole,
  approvers: whole,
});

/** The first line. */
const head = z.strictObject({
  sluiceSignals: z.literal(version),
  log: z.string().regex(/^[0-9a-f]{64}$/),
  next: whole,
  lost,
  noveltyLooks: looks,
  readingLooks: looks,
});

const series = z.strictObject({
  window: time,
  count: whole,
  seqs,
  closed: z.int().min(-1),
  weight: amount,
  sum: amount,
  seasons: z.array(amount),
  errors: amount,
  expected: amount,
  active: amount,
  next: z.exactOptional(whole),
  cap: z.exactOptional(whole),
});

const entity = z.strictObject({
  at: time,
  series: z
    .array(series)
    .length(measures.length)
    .refine((all) => all.every(({ seasons }, i) => seasons.length === seasonsOf(measures[i]))),
  raised: z.partialRecord(z.enum(signalKinds), time),
});

const scope = z.strictObject({
  sessions: whole,
  values: z.array(z.tuple([name, z.union([z.literal(1), z.literal(2)])])).max(signalValuesMax),
  lost: whole,
});

const approver = z.strictObject({
  recent: z.array(z.strictObject({ at: time, seqs })).max(100),
  raised: z.union([time, z.null()]),
});

const measure = z.strictObject({ value: z.number(), unit: name });
const share = z.number().min(0).max(1);

const signal = z.strictObject({
  v: z.literal(1),
  id: name,
  kind: z.enum(signalKinds),
  subject: z.strictObject({ by: z.enum(watchedBy), id: name }),
  what: name,
  since: time,
  at: time,
  baseline: measure.extend({ history: whole }),
  observed: measure,
  p: share,
  watched: whole,
  corrected: share,
  seqs: z.array(whole).max(signalSeqsMax),
  seqCount: whole,
});

/** Every other line: which map, the key, the value. Those of a map come in its order. */
const entry = z.union([
  z.tuple([z.literal("entity"), name, entity]),
  z.tuple([z.literal("scope"), name, scope]),
  z.tuple([z.literal("session"), name, z.array(name).max(signalSessionMarksMax + 2)]),
  z.tuple([z.literal("waiting"), name, z.strictObject({ at: time, seq: whole })]),
  z.tuple([z.literal("asks"), name, whole]),
  z.tuple([z.literal("approver"), name, approver]),
  z.tuple([z.literal("signal"), name, signal]),
]);

/** A state as lines of JSON, each with its end. What was learned must stay as it is until the last one. */
export function* stateLines({ log, learned, signals }: SavedState): Generator<string> {
  const { next, entities, novelty, reading } = learned;
  const first: z.infer<typeof head> = {
    sluiceSignals: version,
    log,
    next,
    lost: {
      entities: entities.lost,
      scopes: novelty.scopes.lost,
      sessions: novelty.sessions.lost,
      waiting: reading.waiting.lost,
      asks: reading.asks.lost,
      approvers: reading.approvers.lost,
    },
    noveltyLooks: novelty.looks,
    readingLooks: reading.looks,
  };
  yield lineOf(first);
  for (const [key, value] of entities.entries()) yield lineOf(["entity", key, value]);
  for (const [key, value] of novelty.scopes.entries()) yield lineOf(["scope", key, { ...value, values: [...value.values] }]);
  for (const [key, { marks }] of novelty.sessions.entries()) yield lineOf(["session", key, [...marks]]);
  for (const [key, value] of reading.waiting.entries()) yield lineOf(["waiting", key, value]);
  for (const [key, value] of reading.asks.entries()) yield lineOf(["asks", key, value]);
  for (const [key, value] of reading.approvers.entries()) yield lineOf(["approver", key, value]);
  for (const each of signals) yield lineOf(["signal", each.id, each]);
}

function lineOf(value: unknown): string {
  return `${canonicalJson(value as Json)}\n`;
}

/** Lines between two pauses. */
const linesAtOnce = 64;

/**
 * Reads a state. `pause`: asked for after every few lines, since a large state takes a while. Error: one line that says what is wrong and where.
 */
export async function readState(text: string, pause?: () => Promise<void>): Promise<Result<SavedState, string>> {
  const expected = `expected a state of signals, version ${version}, as \`sluice audit signals --state\` writes it`;
  const [first = "", ...rest] = text.replace(/\n$/, "").split("\n");
  const begun = head.safeParse(valueIn(first));
  if (!begun.success) return err(`${expected}: line 1 is not its beginning`);
  const { log, next, noveltyLooks, readingLooks } = begun.data;
  const learned: Learned = { ...nothingLearned(), next };
  const signals: Signal[] = [];
  const { entities, novelty, reading } = learned;
  for (const [i, each] of rest.entries()) {
    const read = entry.safeParse(valueIn(each));
    if (!read.success) return err(`${expected}: line ${i + 2} is no part of one`);
    restore({ learned, signals }, read.data);
    if (i % linesAtOnce === 0) await pause?.();
  }
  Object.assign(novelty.looks, noveltyLooks);
  Object.assign(reading.looks, readingLooks);
  const losses = begun.data.lost;
  entities.lost = losses.entities;
  novelty.scopes.lost = losses.scopes;
  novelty.sessions.lost = losses.sessions;
  reading.waiting.lost = losses.waiting;
  reading.asks.lost = losses.asks;
  reading.approvers.lost = losses.approvers;
  return ok({ log, learned, signals });
}

function valueIn(text: string): Json | undefined {
  const read = readJson(text);
  return read.ok ? read.value : undefined;
}

function restore(
  { learned, signals }: { readonly learned: Learned; readonly signals: Signal[] },
  [kind, key, value]: z.infer<typeof entry>,
): void {
  const { entities, novelty, reading } = learned;
  if (kind === "entity") entities.set(key, value);
  else if (kind === "scope") novelty.scopes.set(key, { ...value, values: new Map(value.values) });
  else if (kind === "session") novelty.sessions.set(key, { marks: new Set(value) });
  else if (kind === "waiting") reading.waiting.set(key, value);
  else if (kind === "asks") reading.asks.set(key, value);
  else if (kind === "approver") reading.approvers.set(key, value);
  else signals.push(value);
}
