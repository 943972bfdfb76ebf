/**
 * A record of the audit log: what happened, as canonical JSON that holds no personal value, and the digests that it is chained by.
 * Pure. Never holds a value of a call, a result or a parameter: of those it has salted commitments, whose openings are kept apart.
 */
import { canonicalJson } from "../json/canonical.ts";
import { readJson } from "../json/read.ts";
import { isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { domainText, hexOf, sha256Bytes, utf8 } from "../plan/digest.ts";

/** Kinds that a note to the journal can have (its `type`). */
export const noteKinds = [
  "plan-frozen",
  "config",
  "admin",
  "grant",
  "revoke",
  "receipt",
  "declassify",
  "disclose",
  "erase",
] as const;

/**
 * Every kind of record. From events of sessions: `open` to `close`; a `release` is the allow of an approved hold, a `hold` the denial that
 * began to wait for a human, an `error` the settle of a call that failed, `refuse` a human's no. From notes: `plan-frozen` to `disclose`.
 * The log's own: `begin` (its first record), `plan-loaded` (a plan whose text is kept in the log from here on), `erase`.
 */
export const auditKinds = [
  "open",
  "allow",
  "release",
  "deny",
  "hold",
  "settle",
  "error",
  "context",
  "ask-amend",
  "amend",
  "judge-amend",
  "approve",
  "refuse",
  "close",
  ...noteKinds,
  "begin",
  "plan-loaded",
] as const;

/** A kind of record. */
export type AuditKind = (typeof auditKinds)[number];

/** What a record says of a value that is kept apart. */
export interface Commitment {
  /** {@link commitmentOf} the opening. */
  readonly commit: string;
  /** Pseudonym of the person whose key the opening is sealed with; absent: it is sealed with nobody's. */
  readonly subject?: string;
}

/** The opening of a commitment. */
export interface Opening {
  /** 16 random bytes or more, base64url. */
  readonly salt: string;
  readonly value: Json;
}

/** A record. */
export interface AuditRecord {
  readonly v: 1;
  /** Its place in the log, from 0. */
  readonly seq: number;
  /** Milliseconds since the epoch, as whoever recorded it had it. */
  readonly at: number;
  readonly kind: AuditKind;
  readonly session?: string;
  /** Number of the event in its session, from 0. */
  readonly number?: number;
  /** Digest of the plan that the session ran under when it happened. */
  readonly plan?: string;
  /** Pseudonym of the session's principal: the name is kept with the subject's key, and goes with it. */
  readonly principal?: string;
  readonly node?: string;
  /** Qualified name of the tool; absent where the plan has none of that name, since it is the agent's own word then. */
  readonly tool?: string;
  /** Code of a denial. */
  readonly code?: string;
  /** Names, codes, numbers and digests, by kind; see `parts.ts`. Nothing personal. */
  readonly facts: JsonObject;
  /** Commitments to what is kept apart, by name: `event`, `params`, `call`, `result`, `details`. */
  readonly values: { readonly [name: string]: Commitment };
  /** The line of a store's journal that it was made of: the store's id, a colon and the line's cursor; absent: it was made of none. */
  readonly cursor?: string;
  /** Digest of the record before ({@link recordDigest}); 64 zeros for the first. */
  readonly prev: string;
}

/** `prev` of the first record. */
export const noDigest = "0".repeat(64);

/** The text of a record: what is kept, hashed, and a leaf of the tree. */
export function recordText(record: AuditRecord): string {
  return canonicalJson(record as unknown as Json);
}

/** The record of a text; `undefined` for what is none. */
export function readRecord(text: string): AuditRecord | undefined {
  const read = readJson(text);
  return read.ok && isRecord(read.value) ? (read.value as unknown as AuditRecord) : undefined;
}

function isRecord(value: Json): boolean {
  if (!isObject(value)) return false;
  const { v, seq, at, kind, facts, values, prev } = value;
  const texts = ["session", "plan", "principal", "node", "tool", "code", "cursor"];
  return (
    v === 1 &&
    typeof seq === "number" &&
    typeof at === "number" &&
    (auditKinds as readonly (Json | undefined)[]).includes(kind) &&
    isObject(facts) &&
    isObject(values) &&
    Object.values(values).every(isCommitment) &&
    typeof prev === "string" &&
    texts.every((name) => !Object.hasOwn(value, name) || typeof value[name] === "string") &&
    (!Object.hasOwn(value, "number") || typeof value.number === "number")
  );
}

function isCommitment(value: Json): boolean {
  const subject = member(value, "subject");
  return typeof member(value, "commit") === "string" && (subject === undefined || typeof subject === "string");
}

/**
 * Digest of a record: SHA-256 of a zero byte and the UTF-8 form of its text, 64 hexadecimal digits. The zero byte makes it the leaf hash of
 * RFC 6962 §2.1 as well, so that chain and tree are made of one hash.
 */
export function recordDigest(text: string): string {
  return hexOf(leafHash(text));
}

/** SHA-256 of the UTF-8 form of a text, 32 bytes: a runtime's own is faster than the one that is the same everywhere. */
export type TextDigest = (text: string) => Uint8Array;

/** The digest that is the same on every runtime. */
export const ownDigest: TextDigest = (text) => sha256Bytes(utf8(text));

/** The same, as bytes. */
export function leafHash(text: string): Uint8Array {
  return leafHashBy(ownDigest, text);
}

/** The same, by a given SHA-256. */
export function leafHashBy(sha256: TextDigest, text: string): Uint8Array {
  return sha256(`\0${text}`);
}

/** The commitment to an opening: binding, and hiding as long as its salt is not known. */
export function commitmentOf(opening: Opening): string {
  return commitmentOfText(openingText(opening));
}

/** An opening as text: what is hashed, and what is sealed. */
export function openingText({ salt, value }: Opening): string {
  return `${salt}\n${canonicalJson(value)}`;
}

/** The commitment to an opening that is text already. */
export function commitmentOfText(text: string, sha256: TextDigest = ownDigest): string {
  return `sha256:${hexOf(sha256(domainText("audit-value", text)))}`;
}
