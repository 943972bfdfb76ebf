/**
 * Issues receipts: signs for a value that leaves, with its labels as this agent's Sluice has them.
 * Never signs more than it is told, and less only towards the top: what does not fit says nothing, which counts as everything.
 */
import { CompactSign } from "jose/jws/compact/sign";
import type { ChainLink } from "../decide/chain.ts";
import { type Json, isObject } from "../json/value.ts";
import { receiptCharsMax, receiptLinkLabelsMax, receiptLinksMax, receiptSecondsDefault, receiptSecondsMax } from "../limits.ts";
import { hexOf, utf8 } from "../plan/digest.ts";
import type { Clock, Random } from "../ports.ts";
import { assert } from "../result.ts";
import { type LabelValue, topValue } from "../taint/label.ts";
import type { ReceiptKey } from "./key.ts";
import { type Purpose, type Receipt, receiptText, receiptType, valueDigest } from "./receipt.ts";

/** Who signs. */
export interface ReceiptIssuer {
  readonly key: ReceiptKey;
  readonly clock: Clock;
  readonly random: Random;
  /** Seconds for which a receipt holds. Default 300, at most an hour. */
  readonly seconds?: number;
}

/** What is signed for. */
export interface Outgoing {
  readonly value: Json;
  readonly purpose: Purpose;
  /** The receiver: the thumbprint of its key, or a name that it goes by. */
  readonly audience: string;
  readonly label: LabelValue;
  /** Labels of members of the value, where it is an object and they are known. */
  readonly parts?: { readonly [member: string]: LabelValue };
  /** What the agent had read. */
  readonly context: LabelValue;
  /** Where the data came from, oldest first. */
  readonly links?: readonly ChainLink[];
  /** Id of the receipt that is answered. */
  readonly replyTo?: string;
  /** Id of the receipt, where it had to be known before: 32 hexadecimal digits, from the same source of randomness. */
  readonly id?: string;
}

/** A receipt, ready to be sent. */
export interface IssuedReceipt {
  /** The compact JWS. */
  readonly receipt: string;
  readonly id: string;
}

/** An id for a receipt: 128 bits. */
export function mintReceiptId(random: Random): string {
  return hexOf(random(16));
}

/** Signs a receipt. Rejects only if the key cannot sign. */
export async function issueReceipt(issuer: ReceiptIssuer, outgoing: Outgoing): Promise<IssuedReceipt> {
  const { key, clock, random, seconds = receiptSecondsDefault } = issuer;
  const issued = clock();
  const { value, purpose, audience, replyTo, id = mintReceiptId(random) } = outgoing;
  const fixed = {
    version: 1 as const,
    id,
    purpose,
    audience,
    issued,
    expires: issued + Math.min(seconds, receiptSecondsMax) * 1_000,
    digest: valueDigest(value),
    ...(replyTo === undefined ? {} : { replyTo }),
  };
  const kid = await key.id();
  const signer = await key.signer();
  for (const shape of shapes(outgoing)) {
    const text = receiptText({ ...fixed, ...shape });
    if (text.length > receiptCharsMax) continue;
    const receipt = await new CompactSign(utf8(text)).setProtectedHeader({ alg: "EdDSA", typ: receiptType, kid }).sign(signer);
    if (receipt.length <= receiptCharsMax) return { receipt, id };
  }
  assert(false, "a receipt that says nothing fits");
}

type Shape = Pick<Receipt, "label" | "context" | "chain" | "parts">;

/** What a receipt may say, the most first. SECURITY: each next one is told less, and its labels are no lower. */
function shapes({ value, label, context, parts, links = [] }: Outgoing): readonly Shape[] {
  const chain = shortened(links, receiptLinksMax);
  const own = isObject(value) && parts !== undefined ? { parts: onlyMembers(parts, value) } : {};
  return [
    { label, context, chain, ...own },
    { label, context, chain: shortened(links, 4), ...own },
    { label, context, chain: [], ...own },
    { label, context, chain: [] },
    { label: topValue, context: topValue, chain: [] },
  ];
}

function onlyMembers(
  parts: { readonly [member: string]: LabelValue },
  value: { readonly [member: string]: Json },
): { readonly [member: string]: LabelValue } {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => Object.hasOwn(value, name)));
}

/** The oldest and the newest links, each with few names. */
function shortened(links: readonly ChainLink[], max: number): readonly ChainLink[] {
  const told = links.filter(({ kind }) => kind !== "argument");
  const half = Math.floor(max / 2);
  const kept = told.length <= max ? told : [...told.slice(0, half), ...told.slice(half - max)];
  return kept.map((link) => ({ ...link, labels: link.labels.slice(0, receiptLinkLabelsMax) }));
}
