/**
 * What stands around every step: a fault of ours is a denial, and a host's own code cannot fail a call.
 * Never logs the text of an error that may quote data.
 */
import type { Code } from "../../codes.ts";
import type { Logger } from "../../ports.ts";
import { AssertionError } from "../../result.ts";
import type { Point } from "./point.ts";

/** Tells a host's own code something; what it throws is logged and changes nothing. */
export function tell(say: () => unknown, logger: Logger | undefined): void {
  Promise.resolve()
    .then(say)
    .catch(() => logger?.error("approval-not-delivered", {}))
    .catch(() => undefined);
}

/** Runs a step; whatever it throws is a fault of ours, and a denial. */
export async function guarded<T>(point: Point, failed: (code: Code) => T, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    return failed(faultOf(point, error));
  }
}

/** Logs a fault of ours; its code. */
export function faultOf(point: Point, error: unknown): Code {
  try {
    point.logger?.error("internal", {
      // The text of an assertion is ours; that of any other error may quote data.
      fault: error instanceof AssertionError ? error.message : error instanceof Error ? error.name : "unknown",
    });
  } catch {
    // A logger that fails changes no verdict.
  }
  return "INTERNAL";
}
