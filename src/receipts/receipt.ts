/**
 * What a receipt says, and its one form: canonical JSON (RFC 8785), the payload of a compact JWS.
 * Pure. Reads nothing that it would not write; proves nothing by itself.
 */
import type { ChainLink } from "../decide/chain.ts";
import { canonicalJson } from "../json/canonical.ts";
import { readJsonBytes } from "../json/read.ts";
import { isArray, isObject, type Json, type JsonObject, member } from "../json/value.ts";
import { nameCharsMax, receiptCharsMax, receiptLinkLabelsMax, receiptLinksMax } from "../limits.ts";
import { domainDigest, utf8 } from "../plan/digest.ts";
import { everyLabel, type LabelValue } from "../taint/label.ts";

/** The header that carries a receipt over HTTP. */
export const receiptHeader = "sluice-receipt";

/** The member of `_meta` (MCP) and of `metadata` (A2A) that carries a receipt. */
export const receiptMeta = "sluice/receipt";

/** The type in the header of the JWS, so that no other JWS of the same key passes for a receipt (RFC 8725 §3.11). */
export const receiptType = "sluice-receipt+jws";

/** What a message is to its receiver. A receipt for one is none for the other. */
export type Purpose = "request" | "response";

/** What is signed. The issuer is the key, by the header's `kid`. */
export interface Receipt {
  readonly version: 1;
  /** 128 random bits, hexadecimal; counts once. */
  readonly id: string;
  readonly purpose: Purpose;
  /** The receiver: the thumbprint of its key, or a name that it goes by. */
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly issued: number;
  readonly expires: number;
  /** {@link valueDigest} of the value that it is about. */
  readonly digest: string;
  /** Of the whole value, in the issuer's names. */
  readonly label: LabelValue;
  /** Of members of the value, where it is an object. None of them says more than `label` does. */
  readonly parts?: { readonly [member: string]: LabelValue };
  /** What the issuer's agent had read when it sent this. */
  readonly context: LabelValue;
  /** Id of the receipt of the request that a response answers. */
  readonly replyTo?: string;
  /** Where the data was before, oldest first: told, for people. */
  readonly chain: readonly ChainLink[];
}

/** Digest of a value by its canonical bytes: what a receipt is about. */
export function valueDigest(value: Json): string {
  return domainDigest("receipt-value", canonicalJson(value));
}

/** The payload of a receipt. */
export function receiptText(receipt: Receipt): string {
  return canonicalJson(receipt as unknown as Json);
}

/** Reads a payload: only what {@link receiptText} writes, byte for byte. */
export function readReceipt(payload: Uint8Array): Receipt | undefined {
  const read = readJsonBytes(payload, { maxBytes: receiptCharsMax });
  if (!read.ok || !isObject(read.value) || !isReceipt(read.value)) return undefined;
  const text = utf8(canonicalJson(read.value));
  const isCanonical = text.length === payload.length && text.every((byte, i) => byte === payload[i]);
  return isCanonical ? (read.value as unknown as Receipt) : undefined;
}

type Check = (value: Json | undefined) => boolean;

const isId: Check = (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
const isTime: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isPhrase: Check = (value) => typeof value === "string" && /^[\x20-\x7e]{1,260}$/.test(value);
const isDigest: Check = (value) => typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
const isCount: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isReader: Check = (value) => typeof value === "string" && value.length >= 1 && value.length <= 260;
const isPartName: Check = (value) => typeof value === "string" && value.length <= 260;

/** Whether a text is the name of a label, or the top. */
const isLabelName: Check = (value) =>
  typeof value === "string" && (value === everyLabel || (/^[A-Za-z0-9_.-]+$/.test(value) && value.length <= nameCharsMax));

function isListOf(element: Check, max = Number.POSITIVE_INFINITY): Check {
  return (value) => isArray(value) && value.length <= max && value.every(element);
}

/** An object with exactly the members of `needed`, and perhaps those of `optional`. */
function isShaped(
  value: Json | undefined,
  needed: { readonly [name: string]: Check },
  optional: { readonly [name: string]: Check } = {},
): value is JsonObject {
  if (!isObject(value)) return false;
  const isKnown = Object.keys(value).every((name) => Object.hasOwn(needed, name) || Object.hasOwn(optional, name));
  const isWhole = Object.entries(needed).every(([name, check]) => check(member(value, name)));
  return (
    isKnown && isWhole && Object.entries(optional).every(([name, check]) => !Object.hasOwn(value, name) || check(value[name]))
  );
}

const isLabel: Check = (value) => {
  const isForm = isShaped(
    value,
    { sources: isListOf(isLabelName), readers: (readers) => readers === null || isListOf(isReader)(readers) },
    { untrusted: isListOf(isLabelName) },
  );
  if (!isForm) return false;
  const { sources, untrusted = [] } = value as unknown as LabelValue;
  return untrusted.every((name) => sources.includes(name));
};

const isLink: Check = (value) =>
  isShaped(
    value,
    {
      kind: (kind) => kind === "result" || kind === "receipt" || kind === "context",
      labels: isListOf(isLabelName, receiptLinkLabelsMax),
    },
    { tool: isPhrase, node: isPhrase, run: isCount, issuer: isPhrase, key: isPhrase, receipt: isId, status: isPhrase },
  );

const isParts: Check = (value) =>
  isObject(value) && Object.entries(value).every(([name, label]) => isPartName(name) && isLabel(label));

function isReceipt(value: JsonObject): boolean {
  return isShaped(
    value,
    {
      version: (version) => version === 1,
      id: isId,
      purpose: (purpose) => purpose === "request" || purpose === "response",
      audience: isPhrase,
      issued: isTime,
      expires: isTime,
      digest: isDigest,
      label: isLabel,
      context: isLabel,
      chain: isListOf(isLink, receiptLinksMax),
    },
    { parts: isParts, replyTo: isId },
  );
}
