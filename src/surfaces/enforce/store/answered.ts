/**
 * What a store answers, where a rejection is an answer too.
 * Never lets a driver's error through.
 */
import { err, type Result } from "../../../result.ts";
import type { StoreFailure } from "../../../stores/store.ts";

/** What a store answers; a rejection is `unavailable`. */
export async function answered<T>(ask: () => Promise<Result<T, StoreFailure>>): Promise<Result<T, StoreFailure>> {
  try {
    return await ask();
  } catch {
    return err({ kind: "unavailable", detail: "rejected" });
  }
}
