/**
 * What a command that listens does besides answering: reloads, sweeps, and ends in order: no new calls, those in flight settled, then the store.
 * Never leaves a store open behind itself, and never waits longer than it was told to.
 */
import { stat } from "node:fs/promises";
import { err, ok, type Result } from "../../result.ts";
import { type Retention, sweep } from "../../stores/retention.ts";
import type { Store } from "../../stores/store.ts";
import type { Enforcer } from "../../surfaces/enforce.ts";
import { InputError } from "../read/input.ts";
import type { Terminal } from "../show/terminal.ts";
import type { Gate } from "./gate.ts";
import { untilAsked } from "./runtime.ts";

/** What runs. */
export interface Operated {
  readonly terminal: Terminal;
  readonly gate: Gate;
  readonly work: Enforcer["work"];
  /** `before`: no call is decided any more once the end has begun (default). `after`: requests that are open still make calls. */
  readonly drain?: "before" | "after";
  /** Milliseconds that calls in flight have. */
  readonly graceMs: number;
  /** What is ended when no call is in flight any more, in this order; `left`: milliseconds of the grace that are left. */
  readonly closers: readonly ((left: number) => Promise<unknown> | unknown)[];
  readonly reloading?: Reloading;
  /** Sweeps the store until the end. */
  readonly sweeping?: { readonly store: Store; readonly retention: Retention };
}

/** How plans and policies are read again. */
export interface Reloading {
  readonly reload: () => Promise<Result<readonly string[], string>>;
  /** The files that they stand in; empty: nobody looks at them. */
  readonly watched: () => readonly string[];
}

/** Milliseconds between two looks at the files, and at what is in flight. */
const watchMs = 2_000;
const lookMs = 25;
/** Milliseconds between two sweeps: five minutes, and up to one more, so that processes do not sweep in step. */
const sweepMs = 300_000;
const sweepSpreadMs = 60_000;

/** Runs until the process is asked to end, and ends it. `false`: calls were still in flight when the grace was over. */
export async function operate(operated: Operated): Promise<boolean> {
  const { terminal, reloading, sweeping } = operated;
  const stops = [
    ...(reloading === undefined ? [] : [onHangup(reloading, terminal), watch(reloading, terminal)]),
    ...(sweeping === undefined ? [] : [sweepNowAndThen(sweeping, terminal)]),
  ];
  await untilAsked();
  for (const stop of stops) stop();
  return end(operated);
}

/** No new calls; those in flight settle; then streams, the server and the store are closed. */
async function end({ terminal, gate, work, drain = "before", graceMs, closers }: Operated): Promise<boolean> {
  const until = performance.now() + graceMs;
  terminal.say("closing: open calls may end");
  gate.close();
  if (drain === "before") work.drain();
  const inFlight = (): number => Math.max(gate.open, drain === "before" ? work.outstanding : 0);
  await untilQuiet(inFlight, graceMs);
  const left = inFlight();
  work.drain();
  if (left > 0)
    terminal.say(`${left} calls had not ended after ${graceMs / 1_000} s: they count as failed when their leases are over`);
  for (const close of closers) await close(Math.max(0, until - performance.now()));
  return left === 0;
}

/** Waits until nothing is in flight, for so many milliseconds at most. Twice in a row: what has just been settled is still being answered. */
export async function untilQuiet(inFlight: () => number, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  for (let quiet = 0; quiet < 2 && performance.now() < until; quiet = inFlight() === 0 ? quiet + 1 : 0) await pause(lookMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** One reload at a time, each with what the files say when it begins. */
export function oneAtATime(reload: () => Promise<readonly string[]>): Reloading["reload"] {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(async (): Promise<Result<readonly string[], string>> => {
      try {
        return ok(await reload());
      } catch (error) {
        if (error instanceof InputError) return err(error.message);
        throw error;
      }
    });
    last = next.catch(() => undefined);
    return next;
  };
}

async function reloadAndSay({ reload }: Reloading, { say, paint }: Terminal): Promise<void> {
  const done = await reload().catch(() => err("internal fault"));
  say(done.ok ? `reloaded: ${done.value.length} plans` : paint.red(`not reloaded, all stays as it was: ${done.error}`));
}

function onHangup(reloading: Reloading, terminal: Terminal): () => void {
  // There it says that the terminal is gone, and ends the process.
  if (process.stdin.isTTY) return () => undefined;
  const listener = (): void => void reloadAndSay(reloading, terminal);
  process.on("SIGHUP", listener);
  return () => void process.off("SIGHUP", listener);
}

/** Looks at the files every other second: that finds links that are swapped and files on other machines too, where a watcher of the system does not. */
function watch(reloading: Reloading, terminal: Terminal): () => void {
  const { watched } = reloading;
  let before: string | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking || watched().length === 0) return;
    isLooking = true;
    const now = (await Promise.all(watched().map(fingerprint))).join("\n");
    if (before !== undefined && now !== before) await reloadAndSay(reloading, terminal);
    before = now;
    isLooking = false;
  };
  void look();
  const timer = setInterval(() => void look(), watchMs);
  return () => clearInterval(timer);
}

async function fingerprint(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? `${path} -` : `${path} ${found.ino} ${found.size} ${found.mtimeMs}`;
}

function sweepNowAndThen({ store, retention }: NonNullable<Operated["sweeping"]>, { say }: Terminal): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const next = (ms: number): void => {
    if (isOver) return;
    timer = setTimeout(() => void run(), ms);
    timer.unref();
  };
  const run = async (): Promise<void> => {
    const swept = await sweep(store, retention, { now: Date.now() }).catch(() => undefined);
    if (swept?.ok !== true) say("the store could not be swept; it is tried again");
    next(swept?.ok === true && !swept.value.isDone ? watchMs : sweepMs + Math.floor(Math.random() * sweepSpreadMs));
  };
  next(Math.floor(Math.random() * sweepSpreadMs));
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
