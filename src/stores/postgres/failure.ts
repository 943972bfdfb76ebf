/**
 * What a failure of PostgreSQL or of the way to it becomes: a word or number of ours, never a driver's text.
 * Never answers anything but `unavailable` for what it does not know.
 */
import { AssertionError, ConfigError, err, type Result } from "../../result.ts";
import { isolationState } from "./functions.ts";
import type { StoreFailure } from "../store.ts";

/** How often a transaction is tried in all that the server has undone to let another pass. */
const attemptsMax = 4;

/** The server, or the way to it, did not do it. */
type Unavailable = Extract<StoreFailure, { readonly kind: "unavailable" }>;

/** SQLSTATEs of a transaction that was undone whole and may be tried again: serialization failure, deadlock. */
const undone: ReadonlySet<string> = new Set(["40001", "40P01"]);

/**
 * Runs a transaction; whatever it throws is `unavailable`, with the SQLSTATE or the name of the operating system's error. What was undone for
 * the sake of another is tried again. A connection that was lost in the commit is not: nobody knows whether it happened, and only whoever
 * loads the session again finds out.
 */
export async function guarded<T, F = StoreFailure>(run: () => Promise<Result<T, F>>): Promise<Result<T, F | Unavailable>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt < attemptsMax && undone.has(codeOf(error) ?? "")) continue;
      return err({ kind: "unavailable", ...detailOf(error) });
    }
  }
}

/** The error that a store which could not be opened is refused with; one of ours stays as it is. */
export function openingError(error: unknown): Error {
  if (error instanceof ConfigError || error instanceof AssertionError) return error;
  const { detail } = detailOf(error);
  return new ConfigError(`the PostgreSQL database cannot be used (${detail ?? "no connection"})`);
}

function detailOf(error: unknown): { readonly detail?: string } {
  if (error instanceof AssertionError) return { detail: "assertion" };
  const code = codeOf(error);
  if (code === isolationState) return { detail: "isolation" };
  return { detail: code === undefined ? "postgres" : `postgres ${code}` };
}

/** The SQLSTATE or the name of an error of the system. Nothing else of an error is ours to show. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^(?:[0-9A-Z]{5}|E[A-Z]{3,20}|CONNECT(?:ION)?_[A-Z]{3,20})$/.test(code) ? code : undefined;
}
