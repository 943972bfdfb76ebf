/**
 * A store that always answers: what hangs is unavailable.
 * Never takes a late answer: whoever asked has been told, and has denied.
 */
import { hungStoreMs } from "../../../limits.ts";
import { err, type Result } from "../../../result.ts";
import type { Store, StoreFailure } from "../../../stores/store.ts";
import { answersAtOnce } from "../../../stores/at-once.ts";
import { eachMethod } from "../../../stores/each-method.ts";
import { answered } from "./answered.ts";

/**
 * Bounds every method of a store in time. A change that was given up may still happen; it is then an event that the next load finds, so that
 * an operation counts as spent and nothing of it was forwarded. A store that has let all of the time go by is hung until it answers
 * anything, however late: whoever asks meanwhile waits a moment only, so that calls that queue for one session are not denied one
 * time-out after another. A store that has nothing to wait for is left as it is: two timers a call would bound nothing.
 */
export function boundStore(store: Store, timeoutMs: number): Store {
  if (answersAtOnce(store)) return store;
  const patience: Patience = { timeoutMs, isHung: false };
  return eachMethod(
    store,
    (_, method) =>
      (...args) =>
        inTime(
          answered(() => method(...args)),
          patience,
        ),
  );
}

/** How long a store is waited for. */
interface Patience {
  readonly timeoutMs: number;
  isHung: boolean;
}

function inTime<T>(answer: Promise<Result<T, StoreFailure>>, patience: Patience): Promise<Result<T, StoreFailure>> {
  const isHasty = patience.isHung;
  return new Promise((resolve) => {
    const giveUp = (): void => {
      // Who waited a moment only has not seen it hang.
      if (!isHasty) patience.isHung = true;
      resolve(err({ kind: "unavailable", detail: "timeout" }));
    };
    const timer = setTimeout(giveUp, isHasty ? Math.min(hungStoreMs, patience.timeoutMs) : patience.timeoutMs);
    void answer.then((result) => {
      patience.isHung = false;
      clearTimeout(timer);
      resolve(result);
    });
  });
}
