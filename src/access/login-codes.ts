/**
 * Codes of login URLs: good for one login within five minutes, so that nobody has to paste a secret into a browser.
 * Never good twice, in any process, and never kept: the store has a digest.
 */
import { retentionBatchMax } from "../limits.ts";
import { accessLoginMs } from "./bounds.ts";
import type { Clock, Random } from "../ports.ts";
import { err, ok, type Result } from "../result.ts";
import type { Store } from "../stores/store.ts";
import { equalDigest } from "../surfaces/credential.ts";
import { answered } from "../surfaces/enforce/store/answered.ts";
import type { SecretHolders } from "./secrets.ts";
import type { Login } from "./sessions.ts";
import { mintTimed, readTimed, timedDigest, timedText, timePrefix } from "./timed-secret.ts";
import type { Tokens } from "./tokens.ts";

const codeKind = "access-login";

/** By which scanners of secrets know a code, if one gets into a log. */
export const codePrefix = "sluice_login_";

/** Who a code logs in: the host itself, or whoever has the token of this id. */
export type CodeFor = { readonly host: true } | { readonly token: string };

/** What codes are made of. */
export interface CodesWorld {
  readonly store: Pick<Store, "record" | "writeRecord" | "forgetRecords">;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes a code for somebody who can write to the store, and so could make a token. */
export async function makeLoginCode(
  { store, clock, random }: CodesWorld,
  wanted: CodeFor,
): Promise<Result<string, "unavailable">> {
  const now = clock();
  const made = mintTimed(random, now + accessLoginMs);
  const value = {
    digest: timedDigest(codeKind, made),
    expiresAt: now + accessLoginMs,
    ...("host" in wanted ? { by: "host" } : { by: "token", credential: wanted.token }),
  };
  const written = await answered(() => store.writeRecord({ kind: codeKind, id: made.id, version: 0, value }));
  if (!written.ok) return err("unavailable");
  await answered(() => store.forgetRecords(codeKind, timePrefix(now), retentionBatchMax));
  return ok(`${codePrefix}${timedText(made)}`);
}

/** Uses a code up: whom it logs in; `undefined`: nobody, whatever is wrong with it. */
export async function redeemLoginCode(
  { store, clock }: CodesWorld,
  text: string,
  { holders, tokens }: { readonly holders: SecretHolders; readonly tokens: Pick<Tokens, "standing"> },
): Promise<Result<Login | undefined, "unavailable">> {
  const given = text.startsWith(codePrefix) ? readTimed(text.slice(codePrefix.length)) : undefined;
  if (given === undefined) return ok(undefined);
  const found = await answered(() => store.record(codeKind, given.id));
  if (!found.ok) return err("unavailable");
  const record = found.value;
  if (record === undefined || !equalDigest(timedDigest(codeKind, given), String(record.value.digest))) return ok(undefined);
  const { expiresAt, usedAt, by, credential } = record.value;
  const now = clock();
  if (usedAt !== undefined || typeof expiresAt !== "number" || now >= expiresAt) return ok(undefined);
  // The compare-and-set is what makes it good once: of two who come together, one has another version.
  const used = await answered(() => store.writeRecord({ ...record, value: { ...record.value, usedAt: now } }));
  if (!used.ok) return used.error.kind === "conflict" ? ok(undefined) : err("unavailable");
  if (by === "host") return ok(holders.named("host"));
  if (by !== "token" || typeof credential !== "string") return ok(undefined);
  const token = await tokens.standing(credential);
  if (!token.ok) return err("unavailable");
  if (token.value === undefined) return ok(undefined);
  const { name, role, expiresAt: until } = token.value;
  return ok({ name, role, by, credential, until });
}
