/**
 * What the engine makes of a vector of canonical.json, digests.json, labels.json and receipts.json: the same on every runtime.
 * Never asserts and never reads a file. What is expected is not looked at here.
 */
import { commitmentOf } from "../../src/audit/record.ts";
import { handleOf } from "../../src/decide/handle.ts";
import type { SessionState } from "../../src/decide/state.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { domainDigest, hexOf, sha256Hex, utf8 } from "../../src/plan/digest.ts";
import { thawPlan } from "../../src/plan/freeze.ts";
import type { FlowRule, LabelSpec } from "../../src/plan/plan.ts";
import { thumbprintOf, verifyPlan } from "../../src/plan/sign.ts";
import type { Issuer } from "../../src/policy/policy.ts";
import { admitReceipt } from "../../src/receipts/admit.ts";
import type { Arrival } from "../../src/receipts/verify.ts";
import { createLabelSpace, joinValues, type Label, type LabelSpace, type LabelValue } from "../../src/taint/label.ts";

/** What every vector of these files has. */
export interface Vector {
  readonly name: string;
  readonly version: 1;
}

/** A text, or the 64 bits of a double in hexadecimal. */
export interface CanonicalVector extends Vector {
  readonly text?: string;
  readonly bits?: string;
}

/** The canonical text, its UTF-8 bytes and their SHA-256; or that there is none. */
export function canonicalOutcome({ text, bits }: CanonicalVector): Json {
  const value = bits === undefined ? valueOf(text ?? "") : doubleOf(bits);
  if (value === undefined) return { refused: true };
  const canonical = canonicalJson(value);
  return bits === undefined ? { canonical, utf8: hexOf(utf8(canonical)), sha256: sha256Hex(canonical) } : { canonical };
}

function valueOf(text: string): Json | undefined {
  const read = readJson(text);
  return read.ok ? read.value : undefined;
}

function doubleOf(bits: string): number | undefined {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  const double = view.getFloat64(0);
  return Number.isFinite(double) ? double : undefined;
}

/** What is digested. */
export type DigestVector = Vector &
  (
    | { readonly kind: "plan"; readonly frozen: Json }
    | { readonly kind: "signature"; readonly frozen: Json; readonly keys: readonly JsonObject[]; readonly now: number }
    | { readonly kind: "domain"; readonly domain: string; readonly value: Json }
    | { readonly kind: "commitment"; readonly salt: string; readonly value: Json }
    | { readonly kind: "thumbprint"; readonly x: string }
    | {
        readonly kind: "handle";
        readonly key: string;
        readonly session: string;
        readonly node: string;
        readonly run: number;
        readonly path: readonly (string | number)[];
      }
  );

/** The digest, or the code of what is wrong. */
export async function digestOutcome(vector: DigestVector): Promise<Json> {
  switch (vector.kind) {
    case "plan": {
      const thawed = thawPlan(vector.frozen);
      return thawed.ok ? { digest: thawed.value.digest } : { refused: thawed.error[0]?.code ?? "" };
    }
    case "signature": {
      const thawed = thawPlan(vector.frozen);
      if (!thawed.ok) return { refused: thawed.error[0]?.code ?? "" };
      const verified = await verifyPlan(thawed.value, { keys: vector.keys }, { now: vector.now });
      return verified.ok ? { key: verified.value.keyId } : { refused: verified.error[0]?.code ?? "" };
    }
    case "domain":
      return { digest: domainDigest(vector.domain, canonicalJson(vector.value)) };
    case "commitment":
      return { commit: commitmentOf(vector) };
    case "thumbprint":
      return { key: await thumbprintOf(vector.x) };
    case "handle":
      return { handle: handleOf({ key: vector.key, session: vector.session } as SessionState, vector) };
  }
}

/** An operation on labels of a space. Labels are plain data: sorted sources, sorted readers or `null` for everyone. */
export interface LabelVector extends Vector {
  readonly labels: { readonly [name: string]: LabelSpec };
  readonly flows: readonly FlowRule[];
  readonly operation:
    | "of"
    | "join"
    | "joinValues"
    | "flowsTo"
    | "remove"
    | "widen"
    | "denied"
    | "isTrusted"
    | "isRestrictionOf"
    | "toForeign"
    | "fromForeign";
  readonly a?: LabelValue;
  readonly b?: LabelValue;
  readonly names?: readonly string[];
  readonly readers?: readonly string[] | "public";
}

/** A label, or whether something holds; of `denied` the ids of the rules that deny. */
export function labelOutcome(vector: LabelVector): Json {
  const space = createLabelSpace(vector.labels, vector.flows);
  const { a = noLabel, b = noLabel, names = [], readers = [] } = vector;
  const shown = (label: Label): Json => ({ ...space.toValue(label), isUntrusted: label.isUntrusted }) as unknown as Json;
  switch (vector.operation) {
    case "of":
      return shown(space.of(names));
    case "join":
      return shown(space.join(space.fromValue(a), space.fromValue(b)));
    case "joinValues":
      return joinValues(a, b) as unknown as Json;
    case "flowsTo":
      return space.flowsTo(space.fromValue(a), space.fromValue(b));
    case "remove":
      return shown(space.remove(space.fromValue(a), names));
    case "widen":
      return shown(space.widen(space.fromValue(a), readers));
    case "denied":
      return vector.flows.flatMap(({ id }, rule) => (space.isDenied(space.fromValue(a), rule) ? [id] : []));
    case "isTrusted":
      return names.map((name) => space.isTrusted(name));
    case "isRestrictionOf":
      return space.isRestrictionOf(space.fromValue(a), names);
    case "toForeign":
      return space.toForeign(space.fromValue(a)) as unknown as Json;
    case "fromForeign":
      return foreign(space, a);
  }
}

const noLabel: LabelValue = { sources: [], readers: null };

function foreign(space: LabelSpace, value: LabelValue): Json {
  const label = space.fromForeign(value);
  return { ...space.toValue(label), isUntrusted: label.isUntrusted } as unknown as Json;
}

/** A receiver, and what comes in, one after the other. */
export interface ReceiptVector extends Vector {
  readonly issuers: { readonly [name: string]: Issuer };
  /** The names that the receiver goes by. */
  readonly audience: readonly string[];
  readonly skewSeconds: number;
  readonly arrivals: readonly (Arrival & { readonly at: number })[];
}

/** One for each arrival: whether it is admitted, and the labels that the data gets. */
export async function receiptOutcome({ issuers, audience, skewSeconds, arrivals }: ReceiptVector): Promise<Json> {
  const used = new Set<string>();
  let now = 0;
  const store = {
    writeRecord: async ({ kind, id }: { readonly kind: string; readonly id: string }) => {
      const isNew = !used.has(`${kind}/${id}`);
      used.add(`${kind}/${id}`);
      return isNew ? { ok: true as const, value: 1 } : { ok: false as const, error: { kind: "conflict" as const } };
    },
  };
  const receiver = { issuers, audience, skewSeconds, store, clock: () => now };
  const outcomes: Json[] = [];
  for (const { at, ...arrival } of arrivals) {
    now = at;
    const { status, label, parts, context, from } = await admitReceipt(receiver, arrival as Arrival);
    outcomes.push({ status, label, parts, context: context ?? null, from: from ?? null } as unknown as Json);
  }
  return outcomes;
}
