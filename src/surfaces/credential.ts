/**
 * Credentials: the agent's token of one session, and the host's own.
 * Pure. A secret is never kept, logged or compared in a time that depends on it.
 */
import { domainDigest, domainText, hexOf } from "../plan/digest.ts";
import type { Random } from "../ports.ts";
import { sha256AtOnce } from "./runtime-hash.ts";

/** A session's token, taken apart. */
export interface SessionToken {
  readonly session: string;
  readonly secret: string;
  /** What a store keeps of the secret: worked out once, when it is first asked for. */
  readonly digest: string;
}

/** A credential as an agent shows it: the text, or what {@link readToken} made of it, so that one request's is read and digested once. */
export type Credential = string | SessionToken;

/** What a new session is made of. */
export interface MintedSession {
  readonly session: string;
  readonly secret: string;
  /** What the agent is given: session id and secret in one text. */
  readonly token: string;
  /** Secret of the session's handles. */
  readonly key: string;
}

const sessionIdPattern = /^s_[0-9a-f]{32}$/;
const tokenPattern = /^s_[0-9a-f]{32}\.[0-9a-f]{64}$/;
const sessionIdChars = 34;

/** Mints a session: id of 128 bits (public), token secret and handle key of 256 bits each. */
export function mintSession(random: Random): MintedSession {
  const session = `s_${hexOf(random(16))}`;
  const secret = hexOf(random(32));
  return { session, secret, token: `${session}.${secret}`, key: hexOf(random(32)) };
}

/** Takes a token apart, or `undefined` if the text has not the form of one. */
export function readToken(credential: Credential): SessionToken | undefined {
  if (typeof credential !== "string") return credential;
  if (!tokenPattern.test(credential)) return undefined;
  const secret = credential.slice(sessionIdChars + 1);
  return new ReadToken(credential.slice(0, sessionIdChars), secret);
}

/** Not a literal with a getter: that is a shape of its own each time it is made, and thirty times as dear. */
class ReadToken implements SessionToken {
  readonly session: string;
  readonly secret: string;
  #known: string | undefined;

  constructor(session: string, secret: string) {
    this.session = session;
    this.secret = secret;
  }

  get digest(): string {
    this.#known ??= tokenDigest(this.secret);
    return this.#known;
  }
}

/** Whether a text has the form of a session id. */
export function isSessionId(text: string): boolean {
  return sessionIdPattern.test(text);
}

/** What a store keeps of a token's secret. */
export function tokenDigest(secret: string): string {
  return `sha256:${sha256AtOnce(domainText("session-token", secret))}`;
}

/** Whether a token is the one whose secret has a digest. */
export function isTokenOf(digest: string, token: SessionToken): boolean {
  return equalDigest(digest, token.digest);
}

/** Whether a secret is the one of a digest. */
export function isSecretOf(digest: string, secret: string): boolean {
  return equalDigest(digest, tokenDigest(secret));
}

/** Whether two secrets are equal. Their digests are compared, so that neither length nor place of a difference shows in the time. */
export function equalSecret(a: string, b: string): boolean {
  return equalDigest(domainDigest("credential", a), domainDigest("credential", b));
}

/** Whether two digests are equal, in a time that does not tell where they differ. */
export function equalDigest(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The credential of `Authorization: Bearer …` (RFC 6750 §2.1), or `undefined`. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1];
}
