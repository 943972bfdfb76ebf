/**
 * Local tokens: who has one is a person or a program with a role, until it expires or is revoked. The store keeps a digest.
 * Never shows a token but once, when it is made, and never lets a revoked one through for longer than a second, in any process.
 */
import { isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { commitAttemptsMax } from "../limits.ts";
import { accessCacheMax, accessCacheMs, accessTokenDaysMax, accessTokensMax, accessUsedMs } from "./bounds.ts";
import { domainDigest } from "../plan/digest.ts";
import type { Clock, Random } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store, StoredRecord } from "../stores/store.ts";
import { answered } from "../surfaces/enforce/store/answered.ts";
import { equalDigest } from "../surfaces/credential.ts";
import { mintCredential, readCredential } from "./credential-text.ts";
import { isRole, type Role } from "./identity.ts";

/** Kind of the records of tokens. */
export const accessTokenKind = "access-token";

/** By which scanners of secrets know a token: `sluice_pat_[0-9A-Za-z]{60}`. */
export const tokenPrefix = "sluice_pat_";

/** What a name may be made of. No colon: names of other origins have one. */
const namePattern = /^[A-Za-z0-9_.-]{1,64}$/;

/** Days that a token holds where nobody says otherwise. */
export const tokenDaysDefault = 90;

const dayMs = 86_400_000;

/** A token as it may be shown. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  /** Who made it. */
  readonly createdBy: string;
  readonly expiresAt: number;
  /** When it was last used, to the hour; absent: never. */
  readonly usedAt?: number;
  readonly revokedAt?: number;
  readonly revokedBy?: string;
}

/** What a new token is to be. */
export interface NewToken {
  readonly name: string;
  readonly role: Role;
  /** Default {@link tokenDaysDefault}; at most {@link accessTokenDaysMax}. */
  readonly days?: number;
  /** Who makes it. */
  readonly by: string;
}

/** Why nothing was done. */
export type TokenProblem =
  /** With what is wrong. */
  | { readonly kind: "invalid"; readonly member: "name" | "role" | "days"; readonly message: string }
  | { readonly kind: "unknown" }
  /** There are as many as may be. */
  | { readonly kind: "full" }
  | { readonly kind: "unavailable" };

/**
 * Notes an act that is about to be done: asked once nothing but the store can keep it from being done, so that no note tells of what was
 * refused. `false`: it cannot be noted, and nothing is done.
 */
export type Noting = () => Promise<boolean>;

/** The tokens of a store. */
export interface Tokens {
  /** Makes one; `token` is shown to nobody again. */
  make(wanted: NewToken, noting?: Noting): Promise<Result<{ readonly token: string; readonly info: TokenInfo }, TokenProblem>>;
  /** All, by name and then the newest first; expired and revoked ones too. */
  list(): Promise<Result<readonly TokenInfo[], TokenProblem>>;
  /** From the next request on, here; within a second in other processes. Twice is once: the first time stays. */
  revoke(id: string, by: string, noting?: Noting): Promise<Result<TokenInfo, TokenProblem>>;
  /** Whose token a text is; `undefined`: nobody's. Failure: only `unavailable`. */
  verify(text: string): Promise<Result<TokenInfo | undefined, TokenProblem>>;
  /** The token of an id, if it still holds. Failure: only `unavailable`. */
  standing(id: string): Promise<Result<TokenInfo | undefined, TokenProblem>>;
}

interface World {
  readonly store: Pick<Store, "record" | "records" | "writeRecord">;
  readonly clock: Clock;
  readonly random: Random;
}

interface Kept {
  readonly record: StoredRecord | undefined;
  readonly at: number;
}

/** The tokens of a store. */
export function createTokens(world: World): Tokens {
  const { store, clock } = world;
  const cache = new Map<string, Kept>();
  const find = async (id: string): Promise<Result<StoredRecord | undefined, TokenProblem>> => {
    const known = cache.get(id);
    const now = clock();
    if (known !== undefined && Math.abs(now - known.at) < accessCacheMs) return ok(known.record);
    const found = await answered(() => store.record(accessTokenKind, id));
    if (!found.ok) return err({ kind: "unavailable" });
    cache.delete(id);
    // Ids that nobody has are not kept: they could be made up without end.
    if (found.value !== undefined) cache.set(id, { record: found.value, at: now });
    const [oldest] = cache.keys();
    if (cache.size > accessCacheMax && oldest !== undefined) cache.delete(oldest);
    return ok(found.value);
  };
  const standing = async (id: string): Promise<Result<{ info: TokenInfo; record: StoredRecord } | undefined, TokenProblem>> => {
    const found = await find(id);
    if (!found.ok) return found;
    const info = found.value === undefined ? undefined : infoOf(found.value);
    if (info === undefined || found.value === undefined || !holds(info, clock())) return ok(undefined);
    return ok({ info, record: found.value });
  };
  return {
    make: async (wanted, noting) => make(world, wanted, noting),
    list: async () => list(store),
    revoke: async (id, by, noting) => {
      const revoked = await revoke(world, id, { by, noting });
      cache.delete(id);
      return revoked;
    },
    verify: async (text) => {
      const credential = readCredential(tokenPrefix, text);
      if (credential === undefined) return ok(undefined);
      const digest = digestOf(credential.text);
      const found = await standing(credential.id);
      if (!found.ok) return found;
      if (found.value === undefined || !equalDigest(digest, String(found.value.record.value.digest))) return ok(undefined);
      const { info, record } = found.value;
      // Only over what is still known: a token that was revoked meanwhile must not come back.
      noteUse(world, record, (used) => (cache.has(used.id) ? cache.set(used.id, { record: used, at: clock() }) : undefined));
      return ok(info);
    },
    standing: async (id) => {
      const found = await standing(id);
      return found.ok ? ok(found.value?.info) : found;
    },
  };
}

/** Whether a token still holds. */
export function holds({ expiresAt, revokedAt }: TokenInfo, now: number): boolean {
  return revokedAt === undefined && now < expiresAt;
}

/** What is wrong with a name, or with days; nothing if they can be taken. */
function checkNew({ name, role, days = tokenDaysDefault }: NewToken): TokenProblem | undefined {
  const invalid = (part: "name" | "role" | "days", message: string): TokenProblem => ({ kind: "invalid", member: part, message });
  if (!namePattern.test(name)) return invalid("name", "1 to 64 of the characters `A-Z a-z 0-9 _ . -`");
  // Who is called like the host could not be told from it in the log.
  if (/^host$/i.test(name)) return invalid("name", "`host` is the host's own");
  if (!isRole(role)) return invalid("role", "one of viewer, approver, administrator");
  if (!Number.isInteger(days) || days < 1 || days > accessTokenDaysMax)
    return invalid("days", `a whole number of days from 1 to ${accessTokenDaysMax}`);
  return undefined;
}

const unnoted: Noting = async () => true;

async function make({ store, clock, random }: World, wanted: NewToken, noting: Noting = unnoted): ReturnType<Tokens["make"]> {
  const problem = checkNew(wanted);
  if (problem !== undefined) return err(problem);
  const known = await answered(() => store.records(accessTokenKind, { limit: accessTokensMax }));
  if (!known.ok) return err({ kind: "unavailable" });
  if (known.value.length >= accessTokensMax) return err({ kind: "full" });
  if (!(await noting())) return err({ kind: "unavailable" });
  const { name, role, days = tokenDaysDefault, by } = wanted;
  const { id, text } = mintCredential(tokenPrefix, random);
  const createdAt = clock();
  const info: TokenInfo = { id, name, role, createdAt, createdBy: by, expiresAt: createdAt + days * dayMs };
  const { id: _, ...value } = info;
  const written = await answered(() =>
    store.writeRecord({ kind: accessTokenKind, id, version: 0, value: { ...value, digest: digestOf(text) } }),
  );
  return written.ok ? ok({ token: text, info }) : err({ kind: "unavailable" });
}

async function list(store: World["store"]): Promise<Result<readonly TokenInfo[], TokenProblem>> {
  const found = await answered(() => store.records(accessTokenKind, { limit: accessTokensMax }));
  if (!found.ok) return err({ kind: "unavailable" });
  const all = found.value.flatMap((record) => infoOf(record) ?? []);
  return ok(all.sort((a, b) => (a.name === b.name ? b.createdAt - a.createdAt : a.name < b.name ? -1 : 1)));
}

async function revoke(
  { store, clock }: World,
  id: string,
  { by, noting = unnoted }: { readonly by: string; readonly noting: Noting | undefined },
): Promise<Result<TokenInfo, TokenProblem>> {
  let isNoted = false;
  for (let attempt = 0; attempt < commitAttemptsMax; attempt++) {
    const found = await answered(() => store.record(accessTokenKind, id));
    if (!found.ok) return err({ kind: "unavailable" });
    const info = found.value === undefined ? undefined : infoOf(found.value);
    if (found.value === undefined || info === undefined) return err({ kind: "unknown" });
    if (info.revokedAt !== undefined) return ok(info);
    isNoted ||= await noting();
    if (!isNoted) return err({ kind: "unavailable" });
    const revoked = { revokedAt: clock(), revokedBy: by };
    const write = { ...found.value, value: { ...found.value.value, ...revoked } };
    const written = await answered(() => store.writeRecord(write));
    if (written.ok) return ok({ ...info, ...revoked });
    if (written.error.kind !== "conflict") return err({ kind: "unavailable" });
  }
  return err({ kind: "unavailable" });
}

/** Keeps when a token was used, once in an hour and beside the request: who lost a race wrote nothing over what the other has written. */
function noteUse({ store, clock }: World, record: StoredRecord, kept: (record: StoredRecord) => unknown): void {
  const now = clock();
  const { usedAt } = record.value;
  if (typeof usedAt === "number" && Math.abs(now - usedAt) < accessUsedMs) return;
  const used: StoredRecord = { ...record, value: { ...record.value, usedAt: now - (now % accessUsedMs) } };
  void answered(() => store.writeRecord(used)).then((written) => {
    if (written.ok) kept({ ...used, version: written.value });
  });
}

function digestOf(text: string): string {
  return domainDigest("access-token", text);
}

/** What a record says; `undefined` for one that is none of ours. */
function infoOf({ id, value }: StoredRecord): TokenInfo | undefined {
  const { name, role, createdAt, createdBy, expiresAt, digest } = value;
  const isWhole = [createdAt, expiresAt].every((time) => typeof time === "number") && typeof digest === "string";
  if (!isWhole || typeof name !== "string" || !isRole(role) || typeof createdBy !== "string") return undefined;
  return {
    ...{ id, name, role, createdBy, createdAt: Number(createdAt), expiresAt: Number(expiresAt) },
    ...numberAt(value, "usedAt"),
    ...numberAt(value, "revokedAt"),
    ...(typeof value.revokedBy === "string" ? { revokedBy: value.revokedBy } : {}),
  };
}

function numberAt<const K extends string>(value: JsonObject, name: K): { readonly [name in K]?: number } {
  const found: Json | undefined = isObject(value) ? member(value, name) : undefined;
  return (typeof found === "number" ? { [name]: found } : {}) as { readonly [name in K]?: number };
}
