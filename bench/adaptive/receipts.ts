/**
 * Forged, altered, replayed and re-bound receipts for the parameters of a plan: none may be admitted, and what comes with one carries the top, so
 * that the run shows it in every argument that a parameter fills.
 */
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { utf8 } from "../../src/plan/digest.ts";
import type { Issuer } from "../../src/policy/policy.ts";
import { type Admitted, admitReceipt, type ReceiptReceiver } from "../../src/receipts/admit.ts";
import { issueReceipt, type Outgoing } from "../../src/receipts/issue.ts";
import { receiptKey } from "../../src/receipts/key.ts";
import { type Receipt, receiptType } from "../../src/receipts/receipt.ts";
import type { Arrival } from "../../src/receipts/verify.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { type LabelValue, topValue } from "../../src/taint/label.ts";
import { readJson } from "../../src/json/read.ts";
import { startsAt } from "../../test/spec/generate-plan.ts";
import { type BenignPlan, playBenign } from "./benign.ts";
import { mix } from "./mutant.ts";

/** What became of one receipt. */
export interface Presented {
  readonly what: string;
  /** Whether it is the one that must be admitted. */
  readonly isGenuine: boolean;
  readonly status: string;
  /** What the data carries then. */
  readonly label: LabelValue;
}

/** Places at which a receipt is altered by one character. */
const alterations = 32;
const clean: LabelValue = { sources: ["user_input"], readers: null };
const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));

interface Key {
  readonly jwk: JWK;
  readonly key: { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };
}

async function newKey(): Promise<Key> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk, key: { kty: "OKP", crv: "Ed25519", x: jwk.x ?? "" } };
}

/** Presents every kind of receipt for a value, each to a receiver that has seen none before. */
export async function presented(value: JsonObject, seed: number): Promise<readonly Presented[]> {
  const [own, stranger] = [await newKey(), await newKey()];
  const store = createMemoryStore();
  const fresh = (): ReceiptReceiver => ({
    issuers: { desk: { key: own.key, labels: { user_input: "user_input" } } as Issuer },
    audience: ["bank"],
    store: createMemoryStore(),
    clock: () => startsAt,
  });
  const issued = async (more: Partial<Outgoing> = {}, key: Key = own, at = startsAt): Promise<string> => {
    const issuer = { key: receiptKey(key.jwk), clock: () => at, random };
    const outgoing: Outgoing = { value, purpose: "request", audience: "bank", label: clean, context: clean, ...more };
    return (await issueReceipt(issuer, outgoing)).receipt;
  };
  const found: Presented[] = [];
  const present = async (
    what: string,
    arrival: Partial<Arrival>,
    { isGenuine = false, receiver = fresh() } = {},
  ): Promise<void> => {
    const admitted: Admitted = await admitReceipt(receiver, { receipt: undefined, value, purpose: "request", ...arrival });
    found.push({ what, isGenuine, status: admitted.status, label: admitted.label });
  };
  const genuine = await issued();
  const once = { ...fresh(), store };
  await present("the genuine one", { receipt: genuine }, { isGenuine: true, receiver: once });
  await present("the same again", { receipt: genuine }, { receiver: once });
  await Promise.all(
    ["in another process", "and in a third"].map((what) =>
      present(what, { receipt: genuine }, { receiver: { ...fresh(), store } }),
    ),
  );
  await present("none", {});
  await present("signed by a stranger", { receipt: await issued({}, stranger) });
  for (const [name, other] of rebound(value)) await present(`for another value (${name})`, { receipt: genuine, value: other });
  await present("for another agent", { receipt: await issued({ audience: "desk" }) });
  await present("of an answer", { receipt: await issued({ purpose: "response" }) });
  await present("past its time", { receipt: await issued({}, own, startsAt - 7_200_000) });
  await present("before its time", { receipt: await issued({}, own, startsAt + 7_200_000) });
  for (const [what, receipt] of await forged(genuine, { own, stranger })) await present(what, { receipt });
  for (let i = 0; i < alterations; i++) {
    const at = mix(seed, i) % genuine.length;
    const changed = `${genuine.slice(0, at)}${genuine[at] === "B" ? "C" : "B"}${genuine.slice(at + 1)}`;
    await present(`altered at a character (${i + 1})`, { receipt: changed });
  }
  return found;
}

/** Other values that a receipt may be bound to. */
function rebound(value: JsonObject): readonly (readonly [string, JsonObject])[] {
  const [first] = Object.keys(value);
  const others: readonly (readonly [string, JsonObject])[] = [
    ["one member more", { ...value, extra: "mallory@evil.example" }],
    ["nothing", {}],
  ];
  return first === undefined ? others.slice(0, 1) : [["another value", { ...value, [first]: "mallory@evil.example" }], ...others];
}

/** Receipts that nobody issued: without a signature, with another algorithm or type, with the labels that the attacker wants. */
async function forged(
  genuine: string,
  { own, stranger }: { readonly own: Key; readonly stranger: Key },
): Promise<readonly (readonly [string, string])[]> {
  const [header = "", payload = "", signature = ""] = genuine.split(".");
  const text = Buffer.from(payload, "base64url").toString("utf8");
  const read = readJson(text);
  const claims = (read.ok ? read.value : {}) as unknown as Receipt;
  const cleaner = encode({
    ...claims,
    label: { sources: [], readers: null },
    context: { sources: [], readers: null },
  } as unknown as Json);
  const kid = ownKid(header);
  const ownSigner = await importJWK(own.jwk, "EdDSA");
  const strangersSigner = await importJWK(stranger.jwk, "EdDSA");
  const sign = (head: { readonly [name: string]: string }, signer: typeof ownSigner): Promise<string> =>
    new CompactSign(utf8(text)).setProtectedHeader({ alg: "EdDSA", ...head }).sign(signer);
  return [
    ["without a signature", `${header}.${payload}.`],
    ["with cleaner labels", `${header}.${cleaner}.${signature}`],
    ["of the algorithm none", `${encode({ alg: "none", typ: receiptType, kid })}.${payload}.`],
    ["of another algorithm", `${encode({ alg: "HS256", typ: receiptType, kid })}.${payload}.${signature}`],
    ["of another type, by the right key", await sign({ typ: "JWT", kid }, ownSigner)],
    ["without a type, by the right key", await sign({ kid }, ownSigner)],
    ["by a stranger in the issuer's name", await sign({ typ: receiptType, kid }, strangersSigner)],
    ["two in one", `${genuine}.${genuine}`],
    ["with a space", ` ${genuine}`],
    ["cut short", genuine.slice(0, -4)],
  ];
}

function ownKid(header: string): string {
  const read = readJson(Buffer.from(header, "base64url").toString("utf8"));
  const kid = read.ok ? (read.value as { readonly kid?: string }).kid : undefined;
  return kid ?? "";
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}

/** Plays the run with parameters that came with a receipt which was not admitted: the argument that a parameter fills and that lost the top. */
export function lostTop(plan: BenignPlan): string | undefined {
  const params = Object.keys(plan.frozen.plan.params ?? {});
  const benign = playBenign({ ...plan, received: [{ params, label: topValue, links: [] }] });
  if (typeof benign === "string") return undefined;
  if (benign.difference !== undefined) return `difference: ${benign.difference}`;
  const filled = benign.calls.flatMap(({ allowed }) =>
    Object.entries(plan.frozen.plan.nodes[allowed.node]?.args ?? {}).flatMap(([arg, rule]) =>
      typeof rule === "object" && rule !== null && "param" in rule && Object.hasOwn(allowed.final, arg) ? [{ allowed, arg }] : [],
    ),
  );
  const lost = filled.find(({ allowed, arg }) => allowed.labels[arg]?.sources.includes("*") !== true);
  return lost === undefined ? undefined : `${lost.allowed.node}.${lost.arg}: the top is lost`;
}

/** Whether a label is the top: what nobody vouches for. */
export function isTop(label: LabelValue): boolean {
  return label.sources.includes("*") && label.readers?.length === 0 && topValue.sources.includes("*");
}
