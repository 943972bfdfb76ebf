/**
 * The core's only doors to the world. The core is given values of these types and never reaches for the real thing.
 * Pure. No I/O, no clock.
 */

/** Milliseconds since the Unix epoch. */
export type Clock = () => number;

/** Returns `bytes` unpredictable bytes. Used for session ids and the secret of a session's handles, never in a verdict. */
export type Random = (bytes: number) => Uint8Array;

/** SHA-256 of UTF-8 text, as lower-case hexadecimal. Synchronous (FIPS 180-4). */
export type Digest = (text: string) => string;

/** Where facts for the operator go. Never given secrets or values of calls unless the operator asked for them. */
export interface Logger {
  /** One event with its facts; facts are plain JSON. */
  info(event: string, facts: Readonly<Record<string, unknown>>): void;
  /** As `info`, for what an operator should act on. */
  error(event: string, facts: Readonly<Record<string, unknown>>): void;
}
