/**
 * Long reading in small steps: a log whose pages are short, with a rest before each, so that calls are decided meanwhile.
 * Never reads what the log would not give, and never goes on once it was told to stop.
 */
import type { AuditLog } from "../../audit/log.ts";
import { stepRecordsMax } from "./bounds.ts";
import { err } from "../../result.ts";

/** Lets everything that waits go first. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What is told of a long reading, and how it is stopped. */
export interface Pace {
  /** Told how many records from the beginning were read. */
  readonly onRead?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** The same log in short pages; once the signal is aborted, nothing can be read any more. */
export function pacedLog(log: AuditLog, { onRead, signal }: Pace): AuditLog {
  return {
    ...log,
    read: async (from, limit) => {
      await breathe();
      if (signal?.aborted === true) return err({ kind: "unavailable", detail: "stopped" });
      const page = await log.read(from, Math.min(limit, stepRecordsMax));
      if (page.ok) onRead?.(from + page.value.length);
      return page;
    },
  };
}
