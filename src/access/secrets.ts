/**
 * The secrets of the configuration: the host's own, and those of people who approve.
 * Never tells by its time which secret was nearly right: all are looked at, whichever was given.
 */
import { hexOf, hmacSha256 } from "../plan/digest.ts";
import { ConfigError } from "../result.ts";
import { equalSecret } from "../surfaces/credential.ts";
import type { Identity } from "./identity.ts";

/** Secrets as they are configured. */
export interface Secrets {
  /** The host's own. At least 16 characters. */
  readonly admin: string;
  /** The host's, that only looks. At least 16 characters, and not the other one. */
  readonly read?: string | undefined;
  /** People who approve: name → secret of at least 16 characters, of each person alone. */
  readonly approvers?: { readonly [name: string]: string } | undefined;
}

/** Who somebody is, whichever way the credential came. */
export type Known = Omit<Identity, "via">;

/** Those who have a secret of the configuration. */
export interface SecretHolders {
  /** Whose secret a text is; `undefined`: nobody's. */
  find(secret: string): Known | undefined;
  /** What a session of the holder of this name is bound with, so that it ends with the secret; `undefined`: there is no such holder. */
  binding(name: string, key: string): string | undefined;
  /** The holder of this name. */
  named(name: string): Known | undefined;
}

/** Names of the host's own credentials: no person is called so. */
const hostNames = { admin: "host", read: "host:read" } as const;

/** Reads the secrets. Throws `ConfigError` for what is unusable, without the secret. */
export function createSecretHolders(secrets: Secrets): SecretHolders {
  checkSecrets(secrets);
  const { admin, read, approvers = {} } = secrets;
  const holders: readonly (readonly [Known, string])[] = [
    [{ name: hostNames.admin, role: "administrator", by: "host" }, admin],
    ...(read === undefined ? [] : [[{ name: hostNames.read, role: "viewer", by: "host" }, read] as const]),
    ...Object.entries(approvers).map(([name, secret]) => [{ name, role: "approver", by: "secret" }, secret] as const),
  ];
  const of = (name: string): (typeof holders)[number] | undefined => holders.find(([known]) => known.name === name);
  return {
    find: (secret) => {
      let found: Known | undefined;
      for (const [known, own] of holders) if (equalSecret(secret, own)) found = known;
      return found;
    },
    binding: (name, key) => {
      const own = of(name)?.[1];
      // Keyed with what only the browser has: who reads the store cannot try secrets against it.
      return own === undefined ? undefined : hexOf(hmacSha256(key, `sluice/session-of/v1\n${own}`));
    },
    named: (name) => of(name)?.[0],
  };
}

const secretForm = /^[\x21-\x7e]{16,512}$/;
const secretRule = "must be a secret of 16 to 512 printable ASCII characters without spaces";

function checkSecrets({ admin, read, approvers = {} }: Secrets): void {
  if (typeof admin !== "string" || !secretForm.test(admin)) throw new ConfigError(`\`credentials.admin\` ${secretRule}`);
  if (read !== undefined && (typeof read !== "string" || !secretForm.test(read)))
    throw new ConfigError(`\`credentials.read\` ${secretRule}`);
  if (admin === read) throw new ConfigError("`credentials.read` must not be the same secret as `credentials.admin`");
  const taken = new Set([admin, ...(read === undefined ? [] : [read])]);
  for (const [name, secret] of Object.entries(approvers)) {
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name))
      throw new ConfigError("`credentials.approvers` must name people by 1 to 128 of the characters `A-Z a-z 0-9 _ . -`");
    if (name.toLowerCase() === "host") throw new ConfigError("`credentials.approvers` must not call anybody `host`");
    if (typeof secret !== "string" || !secretForm.test(secret))
      throw new ConfigError(`\`credentials.approvers.${name}\` ${secretRule}`);
    if (taken.has(secret)) throw new ConfigError(`\`credentials.approvers.${name}\` must be a secret of this person alone`);
    taken.add(secret);
  }
}
