/**
 * Waiting for a human within the time that a client gives its call: the held request is answered when it is approved.
 * Never releases anything itself: it asks again, at most so often.
 */
import { approvalPollMs } from "../../../limits.ts";
import type { Checked } from "../permit.ts";

/** How a held call is waited for. */
export interface Waiting {
  /** Milliseconds in all; 0: not at all. */
  readonly waitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether this process is about to end: then the answer is given at once, and the hold stays in the store. */
  readonly isEnding?: () => boolean;
  /** Asks for the held call. */
  readonly release: (approval: string) => Promise<Checked>;
}

/** Waits so many milliseconds. */
export function timer(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The answer to a call: at once, or for one that needs approval when people have decided, or when the time is over. */
export async function awaitApproval(checked: Checked, { waitMs, sleep, isEnding, release }: Waiting): Promise<Checked> {
  let last = checked;
  for (let left = waitMs; left > 0; left -= approvalPollMs) {
    const approval = approvalIn(last);
    if (approval === undefined || isEnding?.() === true) return last;
    await sleep(Math.min(left, approvalPollMs));
    last = await release(approval);
  }
  return last;
}

function approvalIn(checked: Checked): string | undefined {
  if (checked.allow || checked.verdict.code !== "CALL_NEEDS_APPROVAL") return undefined;
  return checked.verdict.remedies.find(({ approval }) => approval !== undefined)?.approval;
}
