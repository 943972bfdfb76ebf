/**
 * What a compliance report is made with.
 * Types alone.
 */
import type { Verification, VerifyOptions } from "../verify.ts";
import type { Framework } from "./form.ts";
import type { Mapping } from "./mapping.ts";

/** What a report is made with. */
export interface ReportOptions {
  readonly framework: Framework;
  /** Milliseconds since the epoch: of records from then on, and before then. Absent: from the first, to the last. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** One person: the name, as sessions name the principal (asks for `verify.subjects`), or the pseudonym in records. */
  readonly subject?: string | undefined;
  readonly mapping?: Mapping | undefined;
  /** Milliseconds since the epoch: when it is made. */
  readonly now: number;
  /** What the log is verified with first. */
  readonly verify: VerifyOptions;
  /** A verification of this very log that was made just now, so that it is not verified again. */
  readonly verified?: Verification | undefined;
  /** Told after each page of records: how many were read, of how many. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}
