/**
 * Sessions of browsers: a cookie that says nothing, and a record of the store that says who it is, until when, and by which credential.
 * Never outlives its credential, and never keeps the cookie's secret: who reads the store cannot make a cookie of it.
 */
import { retentionBatchMax } from "../limits.ts";
import { accessCacheMax, accessCacheMs, accessIdleMs, accessSeenMs, accessSessionMs } from "./bounds.ts";
import type { Clock, Random } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store, StoredRecord } from "../stores/store.ts";
import { equalDigest } from "../surfaces/credential.ts";
import { answered } from "../surfaces/enforce/store/answered.ts";
import { isRole } from "./identity.ts";
import type { Known, SecretHolders } from "./secrets.ts";
import { mintTimed, readTimed, timedDigest, timedText, timePrefix } from "./timed-secret.ts";
import type { Tokens } from "./tokens.ts";

/** Kind of the records of sessions. */
const sessionKind = "access-session";

/** What sessions are made of. */
export interface SessionsWorld {
  readonly store: Pick<Store, "record" | "writeRecord" | "forgetRecords">;
  readonly clock: Clock;
  readonly random: Random;
  readonly holders: SecretHolders;
  readonly tokens: Pick<Tokens, "standing">;
}

/** Who logs in. */
export interface Login extends Known {
  /** Milliseconds since the epoch after which the credential says nothing. */
  readonly until?: number;
}

/** A session that was found. */
export interface FoundSession {
  readonly known: Known;
  /** What its forms carry is made of this. */
  readonly secret: string;
}

/** The sessions of a store. */
export interface Sessions {
  /** Begins one: the text of its cookie, and when it ends. Always a new one: what a browser had before is never made into more. */
  begin(login: Login): Promise<Result<{ readonly cookie: string; readonly expiresAt: number }, "unavailable">>;
  /** Whose a cookie is; `undefined`: nobody's any more. `isPerson`: a person has asked, which keeps it from being idle. */
  find(cookie: string, isPerson: boolean): Promise<Result<FoundSession | undefined, "unavailable">>;
  /** Ends one, here at once and in other processes within a second. */
  end(cookie: string): Promise<Result<undefined, "unavailable">>;
}

/** The sessions of a store. */
export function createSessions(world: SessionsWorld): Sessions {
  const { store, clock } = world;
  const cache = new Map<string, { readonly record: StoredRecord; readonly at: number }>();
  const keep = (record: StoredRecord): void => {
    cache.delete(record.id);
    cache.set(record.id, { record, at: clock() });
    const [oldest] = cache.keys();
    if (cache.size > accessCacheMax && oldest !== undefined) cache.delete(oldest);
  };
  const load = async (id: string): Promise<Result<StoredRecord | undefined, "unavailable">> => {
    const known = cache.get(id);
    if (known !== undefined && Math.abs(clock() - known.at) < accessCacheMs) return ok(known.record);
    const found = await answered(() => store.record(sessionKind, id));
    if (!found.ok) return err("unavailable");
    cache.delete(id);
    if (found.value !== undefined) keep(found.value);
    return ok(found.value);
  };
  return {
    begin: (login) => begin(world, login),
    find: async (cookie, isPerson) => {
      const given = readTimed(cookie);
      if (given === undefined) return ok(undefined);
      const found = await load(given.id);
      if (!found.ok) return found;
      const record = found.value;
      const digest = timedDigest(sessionKind, given);
      if (record === undefined || !equalDigest(digest, String(record.value.digest)) || !isOpen(record, clock()))
        return ok(undefined);
      const known = await whose(world, record, given.secret);
      if (!known.ok || known.value === undefined) return known.ok ? ok(undefined) : known;
      // Only over what is still known: a session that has ended meanwhile must not come back.
      if (isPerson) noteSeen(world, record, (seen) => (cache.has(seen.id) ? keep(seen) : undefined));
      return ok({ known: known.value, secret: given.secret });
    },
    end: async (cookie) => {
      const given = readTimed(cookie);
      if (given === undefined) return ok(undefined);
      const ended = await end(world, given.id, timedDigest(sessionKind, given));
      cache.delete(given.id);
      return ended;
    },
  };
}

async function begin({ store, clock, random, holders }: SessionsWorld, login: Login): ReturnType<Sessions["begin"]> {
  const now = clock();
  const expiresAt = Math.min(now + accessSessionMs, login.until ?? Number.POSITIVE_INFINITY);
  const made = mintTimed(random, expiresAt);
  const { name, role, by, credential } = login;
  const binding = by === "host" || by === "secret" ? holders.binding(name, made.secret) : undefined;
  const value = {
    ...{ name, role, by, createdAt: now, seenAt: now, expiresAt, digest: timedDigest(sessionKind, made) },
    ...(credential === undefined ? {} : { credential }),
    ...(binding === undefined ? {} : { binding }),
  };
  const written = await answered(() => store.writeRecord({ kind: sessionKind, id: made.id, version: 0, value }));
  if (!written.ok) return err("unavailable");
  // Those that are over go with the next that begins: nothing else counts them.
  await answered(() => store.forgetRecords(sessionKind, timePrefix(now), retentionBatchMax));
  return ok({ cookie: timedText(made), expiresAt });
}

function isOpen({ value }: StoredRecord, now: number): boolean {
  const { expiresAt, seenAt, endedAt } = value;
  if (typeof expiresAt !== "number" || typeof seenAt !== "number" || endedAt !== undefined) return false;
  return now < expiresAt && Math.abs(now - seenAt) < accessIdleMs;
}

/** Who it is now, by the credential that was logged in with: its role may have changed, and it may be gone. */
async function whose(
  { holders, tokens }: SessionsWorld,
  { value }: StoredRecord,
  secret: string,
): Promise<Result<Known | undefined, "unavailable">> {
  const { name, role, by, credential, binding } = value;
  if (typeof name !== "string" || !isRole(role)) return ok(undefined);
  if (by === "oidc") return ok({ name, role, by });
  if (by === "host" || by === "secret") {
    const now = holders.binding(name, secret);
    return ok(now !== undefined && equalDigest(now, String(binding)) ? holders.named(name) : undefined);
  }
  if (by !== "token" || typeof credential !== "string") return ok(undefined);
  const token = await tokens.standing(credential);
  if (!token.ok) return err("unavailable");
  return ok(token.value === undefined ? undefined : { name: token.value.name, role: token.value.role, by, credential });
}

/** Keeps when a person was last seen, to the minute, beside the request. Who lost a race wrote nothing over what another has written. */
function noteSeen({ store, clock }: SessionsWorld, record: StoredRecord, keep: (record: StoredRecord) => unknown): void {
  const now = clock();
  if (Math.abs(now - Number(record.value.seenAt)) < accessSeenMs) return;
  const seen: StoredRecord = { ...record, value: { ...record.value, seenAt: now } };
  void answered(() => store.writeRecord(seen)).then((written) => {
    if (written.ok) keep({ ...seen, version: written.value });
  });
}

/** Attempts to end a session that other requests write the time of. */
const attemptsMax = 8;

async function end({ store, clock }: SessionsWorld, id: string, digest: string): Promise<Result<undefined, "unavailable">> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const found = await answered(() => store.record(sessionKind, id));
    if (!found.ok) return err("unavailable");
    const record = found.value;
    if (record === undefined || !equalDigest(digest, String(record.value.digest)) || record.value.endedAt !== undefined)
      return ok(undefined);
    const ended = { ...record, value: { ...record.value, endedAt: clock() } };
    const written = await answered(() => store.writeRecord(ended));
    if (written.ok) return ok(undefined);
    if (written.error.kind !== "conflict") return err("unavailable");
  }
  return err("unavailable");
}
