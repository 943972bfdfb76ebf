/**
 * Watches an audit log while it grows and keeps the last signals, for a dashboard and for metrics.
 * Never in the path of a call: it reads what is written, a page at a time, and whatever goes wrong with it changes nothing else.
 */
import type { AuditLog } from "../audit/log.ts";
import { readRecord, recordDigest } from "../audit/record.ts";
import { signalPageRecords, signalPollMs, signalSavedMs, signalsKeptMax } from "./bounds.ts";
import type { Clock } from "../ports.ts";
import { createSignalDetector, lossesOf, nothingLearned, type SignalDetector } from "./detector.ts";
import type { Signal, SignalLosses, SignalOptions } from "./signal.ts";
import type { SavedState } from "./state.ts";

/** How a log is watched. */
export interface SignalWatchOptions {
  readonly log: Pick<AuditLog, "read">;
  readonly clock: Clock;
  readonly options?: SignalOptions;
  /** Milliseconds between two looks at a log that has nothing new. Default 5 s. */
  readonly pollMs?: number;
  /** Signals that are kept. Default 200. */
  readonly keep?: number;
  /** Told of each signal about records from the start of the watch on, as they are read. What it throws changes nothing. */
  readonly onSignal?: (signal: Signal) => void;
  /** Keeps what was learned, and the last signals, so that the next watch need not read the whole log: loaded once, saved now and then and at the end. */
  readonly saved?: SignalStateFile;
}

/** Where what was learned is kept. What fails is as if there were nothing. */
export interface SignalStateFile {
  load(): Promise<SavedState | undefined>;
  save(state: SavedState): Promise<void>;
}

/** How a watch is doing. */
export interface SignalWatchStatus {
  /** Records that were read. */
  readonly read: number;
  /** Why it does not go on: the log does not answer, or a record is none. It tries again. */
  readonly failing?: "unavailable" | "unreadable";
  readonly losses: SignalLosses;
}

/** A watch. */
export interface SignalWatch {
  /** The last signals, the newest first. */
  recent(): readonly Signal[];
  status(): SignalWatchStatus;
  /** Ends it, and saves what was learned. */
  close(): Promise<void>;
}

/** Begins to watch. Never throws or rejects for reasons of the world. */
export function createSignalWatch(given: SignalWatchOptions): SignalWatch {
  const { clock, pollMs = signalPollMs } = given;
  const startedAt = clock();
  const watching: Watching = { kept: [], startedAt, savedAt: startedAt };
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    const more = await step(given, watching).catch(() => {
      watching.failing = "unavailable";
      return false;
    });
    if (clock() - watching.savedAt >= signalSavedMs) await save(given, watching);
    if (isClosed) return;
    timer = setTimeout(go, more ? 0 : pollMs);
    // Node: a watch alone keeps no process alive.
    if (!more && typeof timer === "object") timer.unref?.();
  };
  let running = Promise.resolve();
  const go = (): void => {
    running = run();
  };
  go();
  return {
    recent: () => [...watching.kept],
    status: () => ({
      read: watching.detector?.learned.next ?? 0,
      ...(watching.failing === undefined ? {} : { failing: watching.failing }),
      losses: lossesOf(watching.detector?.learned ?? nothingLearned()),
    }),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      await running;
      await save(given, watching);
    },
  };
}

/** A watch while it runs. */
interface Watching {
  /** The newest first. */
  readonly kept: Signal[];
  readonly startedAt: number;
  savedAt: number;
  detector?: SignalDetector;
  /** Digest of the log's first record. */
  first?: string;
  failing?: SignalWatchStatus["failing"] | undefined;
}

/** One page. Returns whether there may be more at once. */
async function step(given: SignalWatchOptions, watching: Watching): Promise<boolean> {
  if (watching.first === undefined) {
    const head = await given.log.read(0, 1);
    watching.failing = head.ok ? undefined : "unavailable";
    const [text] = head.ok ? head.value : [];
    if (text === undefined) return false;
    watching.first = recordDigest(text);
  }
  const detector = watching.detector ?? (await begin(given, watching, watching.first));
  watching.detector = detector;
  const page = await given.log.read(detector.learned.next, signalPageRecords);
  watching.failing = page.ok ? undefined : "unavailable";
  if (!page.ok) return false;
  for (const text of page.value) {
    const record = readRecord(text);
    // INVARIANT: a record is taken once, in its place; what cannot be read is not passed over in silence.
    if (record === undefined || record.seq !== detector.learned.next) {
      watching.failing = "unreadable";
      return false;
    }
    for (const signal of detector.take(record)) keep(given, watching, signal);
  }
  return page.value.length > 0;
}

function keep(
  { keep: most = signalsKeptMax, onSignal }: SignalWatchOptions,
  { kept, startedAt }: Watching,
  signal: Signal,
): void {
  kept.unshift(signal);
  kept.length = Math.min(kept.length, most);
  if (signal.at < startedAt) return;
  try {
    onSignal?.(signal);
  } catch {
    // Who listens cannot stop the watch.
  }
}

async function save({ clock, saved }: SignalWatchOptions, watching: Watching): Promise<void> {
  const { detector, first, kept } = watching;
  watching.savedAt = clock();
  if (detector === undefined || first === undefined || detector.learned.next === 0) return;
  await saved?.save({ log: first, learned: detector.learned, signals: kept }).catch(() => undefined);
}

/** Goes on from what was saved of this log, or begins anew. */
async function begin({ options, saved }: SignalWatchOptions, { kept }: Watching, log: string): Promise<SignalDetector> {
  const state = await saved?.load().catch(() => undefined);
  if (state?.log !== log) return createSignalDetector(options);
  kept.push(...state.signals);
  return createSignalDetector(options, state.learned);
}
