/**
 * Admits what came from another agent: its labels if its receipt holds and is used for the first time, else the top.
 * Never refuses the data and never throws: what is not vouched for may come in, and may go nowhere.
 */
import type { ChainLink } from "../decide/chain.ts";
import type { Received } from "../decide/received.ts";
import { isObject } from "../json/value.ts";
import type { Clock } from "../ports.ts";
import type { Store } from "../stores/store.ts";
import { type LabelValue, topValue } from "../taint/label.ts";
import { verifyingKey } from "./key.ts";
import { translateLabel } from "./translate.ts";
import { type Arrival, type ReceiptFault, type Verified, verifyReceipt, type VerifyOptions } from "./verify.ts";

/** Who receives. */
export interface ReceiptReceiver extends Omit<VerifyOptions, "now"> {
  /** Remembers the receipts that were used. */
  readonly store: Pick<Store, "writeRecord">;
  readonly clock: Clock;
}

/** What was made of data from another agent. */
export interface Admitted extends Received {
  readonly status: "admitted" | ReceiptFault;
  /** Labels of members of the value; a member that is not among them has `label`. */
  readonly parts: { readonly [member: string]: LabelValue };
}

/** Kind of the records of receipts that were used. Their ids begin with the time at which they expire. */
const usedKind = "receipt";

/** Judges what arrived. Of a thousand presentations of one receipt, in any number of processes over one store, one is admitted. Never rejects. */
export async function admitReceipt(receiver: ReceiptReceiver, arrival: Arrival): Promise<Admitted> {
  try {
    const verified = await verifyReceipt(arrival, { ...receiver, now: receiver.clock() });
    if (!verified.ok) return topOf(verified.error);
    // Last: what fails before leaves the receipt to whom it was meant for.
    const fault = await use(receiver, verified.value);
    return fault === undefined ? await admitted(verified.value, arrival, receiver.issuers) : topOf(fault, verified.value);
  } catch {
    return topOf("unavailable");
  }
}

/** Data that nobody vouches for. */
function topOf(status: ReceiptFault, verified?: Verified): Admitted {
  const of = verified === undefined ? {} : { issuer: verified.issuer, key: verified.key, receipt: verified.receipt.id };
  const link: ChainLink = { kind: "receipt", ...of, status, labels: topValue.sources };
  return { status, label: topValue, parts: {}, links: [link] };
}

/** Marks a receipt as used: the store writes the record once. */
async function use({ store }: ReceiptReceiver, { receipt, key }: Verified): Promise<ReceiptFault | undefined> {
  const { id, expires, issued, audience } = receipt;
  const written = await store.writeRecord({
    kind: usedKind,
    id: `${String(expires).padStart(16, "0")}.${key}.${id}`,
    version: 0,
    value: { issued, audience },
  });
  if (written.ok) return undefined;
  return written.error.kind === "conflict" ? "replayed" : "unavailable";
}

async function admitted(
  { receipt, issuer, key, terms }: Verified,
  { value }: Arrival,
  issuers: VerifyOptions["issuers"],
): Promise<Admitted> {
  const { id, label, parts = {}, context, chain } = receipt;
  const own = translateLabel(terms, label);
  const names = await namesByKey(issuers);
  const told = chain.map((link): ChainLink => named(link, { issuer, key, names }));
  const ofParts = isObject(value) ? Object.entries(parts).map(([name, part]) => [name, translateLabel(terms, part)]) : [];
  return {
    status: "admitted",
    label: own,
    parts: Object.fromEntries(ofParts) as Admitted["parts"],
    context: translateLabel(terms, context),
    links: [...told, { kind: "receipt", issuer, key, receipt: id, status: "admitted", labels: own.sources }],
    from: { key, receipt: id },
  };
}

/** The issuers of the policy by the thumbprints of their keys. */
async function namesByKey(issuers: VerifyOptions["issuers"]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const [name, terms] of Object.entries(issuers)) if ("key" in terms) names.set((await verifyingKey(terms.key.x)).id, name);
  return names;
}

/** A link that another agent tells of: its own, unless it has it from a third. */
function named(
  link: ChainLink,
  { issuer, key, names }: { readonly issuer: string; readonly key: string; readonly names: ReadonlyMap<string, string> },
): ChainLink {
  if (link.key === undefined) return { ...link, issuer, key };
  const known = names.get(link.key);
  if (known !== undefined) return { ...link, issuer: known };
  // A name of ours in the mouth of another would be taken for whom our policy calls so.
  const isOurs = link.issuer !== undefined && [...names.values()].includes(link.issuer);
  return isOurs ? { ...link, issuer: `${link.issuer} (so ${issuer} says)` } : link;
}
