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

/** Time zones of the IANA database, as the host knows them. Asked when a session opens, to read its parameters; never in a verdict. */
export interface Zones {
  /** The wall-clock time (`2026-11-25T09:30:00`) in a zone at an instant (milliseconds since the epoch). `undefined`: no such zone. */
  localAt(instant: number, zone: string): string | undefined;
  /**
   * The instants that a wall-clock time (`2026-11-25T09:30:00`) names in a zone, ascending: one, none where the clock is put forward, two
   * where it is put back. `undefined`: no such zone.
   */
  instantsOf(local: string, zone: string): readonly number[] | undefined;
}
