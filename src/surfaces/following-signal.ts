/**
 * A signal that follows others for as long as something runs, and no longer.
 * Never holds on to a signal after `release`: unlike `AbortSignal.any` and `AbortSignal.timeout` it needs no weak references and no garbage
 * collector to be forgotten, which is most of what those two cost on every call.
 */

/** A signal of its own. */
export interface Following {
  readonly signal: AbortSignal;
  /** Aborts it, and lets go of the others. */
  abort(): void;
  /** Lets go of the others, and of the time: what it was for has ended. */
  release(): void;
}

/** A signal that is aborted with the first of these, or after so many milliseconds. Whoever makes it releases it. */
export function followSignals(signals: readonly AbortSignal[], ms?: number): Following {
  const own = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const release = (): void => {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener("abort", abort);
  };
  function abort(): void {
    release();
    own.abort();
  }
  if (signals.some(({ aborted }) => aborted)) own.abort();
  else {
    for (const signal of signals) signal.addEventListener("abort", abort);
    if (ms !== undefined) timer = setTimeout(abort, ms);
    // Nobody has to stay for the end of a time.
    if (typeof timer === "object") timer.unref();
  }
  return { signal: own.signal, abort, release };
}
