/**
 * How reading a code plan stops: at the first part that no plan says exactly.
 * Pure. Thrown within `intent/code` and the front ends only; whoever exports catches it and returns an error.
 */
import type { ImportError, Place } from "../intent.ts";

/** Stops reading or compiling a code plan. */
export class CodeFault extends Error {
  override readonly name = "CodeFault";
  readonly fault: ImportError;
  constructor(fault: ImportError) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Stops with `IMPORT_CODE_OUTSIDE`: the code says what a plan cannot. The message says what would be right. */
export function failOutside(message: string, place: Place): never {
  throw new CodeFault({ code: "IMPORT_CODE_OUTSIDE", place, message });
}

/** Stops with `IMPORT_TOO_LARGE`. */
export function failTooLarge(message: string, place: Place): never {
  throw new CodeFault({ code: "IMPORT_TOO_LARGE", place, message });
}
