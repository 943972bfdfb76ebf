/**
 * Ends a run that hangs: a thread looks at the input that is being run, writes it down when it takes too long, and ends the process.
 * Runs as the watcher when it is started as a thread. Never touches the run before the time is up.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const unitsMax = 1 << 17;

interface Shared {
  /** `[sequence, length, isRunning]`. */
  readonly state: SharedArrayBuffer;
  readonly units: SharedArrayBuffer;
  readonly file: string;
  readonly secondsMax: number;
}

/** Watches this process; the function that it returns is told each input before it runs, and `undefined` after. */
export function startWatchdog(file: string, secondsMax: number): { readonly watch: (input: string | undefined) => void } {
  const state = new SharedArrayBuffer(12);
  const units = new SharedArrayBuffer(unitsMax * 2);
  const numbers = new Int32Array(state);
  const text = new Uint16Array(units);
  const worker = new Worker(new URL(import.meta.url), { workerData: { state, units, file, secondsMax } satisfies Shared });
  worker.unref();
  return {
    watch: (input) => {
      if (input !== undefined) {
        const length = Math.min(input.length, unitsMax);
        for (let i = 0; i < length; i++) text[i] = input.charCodeAt(i);
        Atomics.store(numbers, 1, length);
        Atomics.add(numbers, 0, 1);
      }
      Atomics.store(numbers, 2, input === undefined ? 0 : 1);
    },
  };
}

function watchOver({ state, units, file, secondsMax }: Shared): void {
  const numbers = new Int32Array(state);
  let sequence = -1;
  let since = Date.now();
  setInterval(() => {
    const now = Atomics.load(numbers, 0);
    if (now !== sequence || Atomics.load(numbers, 2) === 0) {
      sequence = now;
      since = Date.now();
    } else if (Date.now() - since > secondsMax * 1_000) {
      const input = String.fromCharCode(...new Uint16Array(units).subarray(0, Atomics.load(numbers, 1)));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ kind: "hang", input }));
      process.kill(process.pid, "SIGKILL");
    }
  }, 500);
}

if (!isMainThread && workerData && "units" in (workerData as object)) watchOver(workerData as Shared);
