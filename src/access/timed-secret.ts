/**
 * Secrets that are over at a time: cookies of sessions, and codes of login URLs. The store keeps a digest under an id that begins with that time.
 * Pure but for its randomness. Never keeps a secret, and never finds one in a time that depends on it.
 */
import { domainDigest, hexOf } from "../plan/digest.ts";
import type { Random } from "../ports.ts";

/** A secret, taken apart. */
export interface TimedSecret {
  /** Id of its record: sweepers go by the time in front. Public. */
  readonly id: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
}

/** A text, before which a prefix may stand. */
const pattern = /^([0-9]{16}\.[0-9a-f]{32})\.([0-9a-f]{64})$/;

/** Makes a secret that is over at `expiresAt` (milliseconds since the epoch). */
export function mintTimed(random: Random, expiresAt: number): TimedSecret {
  return { id: `${timePrefix(expiresAt)}.${hexOf(random(16))}`, secret: hexOf(random(32)) };
}

/** A secret as one text. */
export function timedText({ id, secret }: TimedSecret): string {
  return `${id}.${secret}`;
}

/** Takes a text apart; `undefined`: it is none. */
export function readTimed(text: string): TimedSecret | undefined {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** A time as ids begin with it. */
export function timePrefix(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(16, "0");
}

/** What a store keeps of a secret; `kind` keeps a code from being taken for a cookie. */
export function timedDigest(kind: "access-session" | "access-login", { id, secret }: TimedSecret): string {
  return domainDigest(kind, `${id}.${secret}`);
}
