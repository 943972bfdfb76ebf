/**
 * Success or failure as data. Core functions return it and never throw on input.
 * Pure. No I/O, no clock.
 */

/** A value, or a typed error. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Wraps a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps a failure. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Thrown by {@link assert}: a bug of ours, which every enforcement point turns into the denial `INTERNAL`. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** States what must hold. Never used to judge input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Thrown at start-up, where the host's own code or configuration is wrong; never while a call is decided. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Stable. */
  readonly code = "CONFIG_INVALID";
  /** What is wrong, each with its place as a JSON pointer; empty where the message says it all. */
  readonly findings: readonly { readonly pointer: string; readonly message: string }[];
  constructor(what: string, findings: readonly { readonly pointer: string; readonly message: string }[] = []) {
    super([what, ...findings.map(({ pointer, message }) => `${pointer || "/"}: ${message}`)].join("\n  "));
    this.findings = findings;
  }
}
