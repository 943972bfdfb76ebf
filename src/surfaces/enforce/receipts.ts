/**
 * How this Sluice signs and receives receipts: its key, its names, and who judges what arrives.
 * Never shows a key.
 */
import type { Guard } from "../../engine.ts";
import type { SigningKey } from "../../plan/sign.ts";
import type { Clock, Random } from "../../ports.ts";
import { admitReceipt, type Admitted } from "../../receipts/admit.ts";
import type { ReceiptIssuer } from "../../receipts/issue.ts";
import { receiptKey } from "../../receipts/key.ts";
import type { Arrival } from "../../receipts/verify.ts";
import { ConfigError } from "../../result.ts";
import type { Store } from "../../stores/store.ts";

/** How this Sluice signs and receives receipts. */
export interface ReceiptOptions {
  /** Private Ed25519 key. Without one nothing is signed, and receipts are taken only for names in `audience`. */
  readonly key?: SigningKey;
  /** Names that this Sluice goes by, beside the thumbprint of its key. */
  readonly audience?: readonly string[];
  /** Seconds for which its receipts hold. Default 300, at most 3,600. */
  readonly seconds?: number;
  /** Seconds by which the clocks of other agents may differ. Default 60. */
  readonly skewSeconds?: number;
}

/** Receipts at work. */
export interface Receipts {
  readonly issuer: ReceiptIssuer | undefined;
  /** Judges what arrived at a session of a plan. */
  admit(guard: Guard, arrival: Arrival): Promise<Admitted>;
}

/** Prepares the receipts of an enforcement point. Throws `ConfigError`. */
export function createReceipts(
  options: ReceiptOptions,
  world: { readonly store: Store; readonly clock: Clock; readonly random: Random },
): Receipts {
  const { key: jwk, audience = [], seconds, skewSeconds } = options;
  if (!Array.isArray(audience) || !audience.every((name) => typeof name === "string" && /^[\x20-\x7e]{1,260}$/.test(name)))
    throw new ConfigError("`receipts.audience` must be a list of names in printable ASCII");
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3_600))
    throw new ConfigError("`receipts.seconds` must be an integer from 1 to 3600");
  if (skewSeconds !== undefined && !(Number.isInteger(skewSeconds) && skewSeconds >= 0 && skewSeconds <= 600))
    throw new ConfigError("`receipts.skewSeconds` must be an integer from 0 to 600");
  const { store, clock, random } = world;
  const key = jwk === undefined ? undefined : receiptKey(jwk);
  return {
    issuer: key === undefined ? undefined : { key, clock, random, ...(seconds === undefined ? {} : { seconds }) },
    admit: async (guard, arrival) => {
      const own = key === undefined ? [] : [await key.id()];
      const skew = skewSeconds === undefined ? {} : { skewSeconds };
      const receiver = { issuers: guard.policy?.issuers ?? {}, audience: [...own, ...audience], store, clock, ...skew };
      return admitReceipt(receiver, arrival);
    },
  };
}
