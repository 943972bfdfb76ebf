/**
 * Credentials: the agent's token of one session, and the host's own.
 * Pure. A secret is never kept, logged or compared in a time that depends on it.
 */
import { domainDigest, hexOf } from "../plan/digest.ts";
import type { Random } from "../ports.ts";

/** A session's token, taken apart. */
export interface SessionToken {
  readonly session: string;
  readonly secret: string;
}

/** What a new session is made of. */
export interface MintedSession extends SessionToken {
  /** What the agent is given: session id and secret in one text. */
  readonly token: string;
  /** Secret of the session's handles. */
  readonly key: string;
}

const sessionIdPattern = /^s_[0-9a-f]{32}$/;
const tokenPattern = /^(s_[0-9a-f]{32})\.([0-9a-f]{64})$/;

/** Mints a session: id of 128 bits (public), token secret and handle key of 256 bits each. */
export function mintSession(random: Random): MintedSession {
  const session = `s_${hexOf(random(16))}`;
  const secret = hexOf(random(32));
  return { session, secret, token: `${session}.${secret}`, key: hexOf(random(32)) };
}

/** Takes a token apart, or `undefined` if the text has not the form of one. */
export function readToken(text: string): SessionToken | undefined {
  const [, session, secret] = tokenPattern.exec(text) ?? [];
  return session === undefined || secret === undefined ? undefined : { session, secret };
}

/** Whether a text has the form of a session id. */
export function isSessionId(text: string): boolean {
  return sessionIdPattern.test(text);
}

/** What a store keeps of a token's secret. */
export function tokenDigest(secret: string): string {
  return domainDigest("session-token", secret);
}

/** Whether a secret is the one of a digest. */
export function isSecretOf(digest: string, secret: string): boolean {
  return equalDigest(digest, tokenDigest(secret));
}

/** Whether two secrets are equal. Their digests are compared, so that neither length nor place of a difference shows in the time. */
export function equalSecret(a: string, b: string): boolean {
  return equalDigest(domainDigest("credential", a), domainDigest("credential", b));
}

function equalDigest(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The credential of `Authorization: Bearer …` (RFC 6750 §2.1), or `undefined`. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1];
}
