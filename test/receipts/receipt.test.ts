/**
 * Receipts by themselves: what is admitted, what is not, and that what is not is the top.
 */
import { CompactSign, importJWK } from "jose";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { utf8 } from "../../src/plan/digest.ts";
import { thumbprintOf } from "../../src/plan/sign.ts";
import type { Issuer } from "../../src/policy/policy.ts";
import { admitReceipt, type Admitted, type ReceiptReceiver } from "../../src/receipts/admit.ts";
import { issueReceipt, type Outgoing, type ReceiptIssuer } from "../../src/receipts/issue.ts";
import { receiptKey } from "../../src/receipts/key.ts";
import { receiptType, valueDigest } from "../../src/receipts/receipt.ts";
import type { Arrival } from "../../src/receipts/verify.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import type { LabelValue } from "../../src/taint/label.ts";
import { topValue } from "../../src/taint/label.ts";
import { type AgentKey, agentKey } from "./agents.ts";

const start = 1_700_000_000_000;
let now = start;
let [one, two]: AgentKey[] = [];
let counter = 0;
const random = (bytes: number): Uint8Array => {
  counter++;
  return Uint8Array.from({ length: bytes }, (_, i) => (counter >> (8 * (i % 4))) & 255);
};
const value = { summary: "pay 5 to Ann", account: "DE1" };
const mail: LabelValue = { sources: ["mail"], readers: null, untrusted: ["mail"] };
const clean: LabelValue = { sources: ["user_input"], readers: null };

beforeAll(async () => {
  [one, two] = [await agentKey(), await agentKey()];
});

const issuerOf = (key: AgentKey | undefined, seconds?: number): ReceiptIssuer => ({
  key: receiptKey((key as AgentKey).jwk),
  clock: () => now,
  random,
  ...(seconds === undefined ? {} : { seconds }),
});
const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  value,
  purpose: "request",
  audience: "bank",
  label: mail,
  context: mail,
  ...more,
});
const receiverOf = (terms: Partial<Issuer & { readonly key: object }> = {}): ReceiptReceiver => ({
  issuers: { reader: { key: (one as AgentKey).key, labels: { mail: "mail", user_input: "theirs" }, ...terms } as Issuer },
  audience: ["bank"],
  store: createMemoryStore(),
  clock: () => now,
});
const arrivalOf = (receipt: string | undefined, more: Partial<Arrival> = {}): Arrival => ({
  receipt,
  value,
  purpose: "request",
  ...more,
});
const sent = async (more: Partial<Outgoing> = {}): Promise<string> => (await issueReceipt(issuerOf(one), outgoing(more))).receipt;

/** Whatever is wrong: the label of everything, nothing to answer to. */
const isTop = (admitted: Admitted): boolean =>
  admitted.label === topValue && admitted.from === undefined && Object.keys(admitted.parts).length === 0;

describe("a receipt that holds", () => {
  it("gives the data its labels, in the names of the receiver, and says where it was", async () => {
    const link = { kind: "result", tool: "mail/read", node: "mail", run: 0, labels: ["mail"] } as const;
    const receipt = await sent({ links: [link], parts: { account: clean } });
    const admitted = await admitReceipt(receiverOf({ labels: { mail: "mail_content" } }), arrivalOf(receipt));
    expect(admitted.status).toBe("admitted");
    expect(admitted.label).toEqual({ sources: ["mail_content"], readers: null, untrusted: ["mail_content"] });
    // What the issuer may not speak about is nobody's label, whatever it calls it.
    expect(admitted.parts).toEqual({ account: { sources: ["unknown"], readers: null } });
    expect(admitted.links.map(({ kind, issuer, tool, status }) => ({ kind, issuer, tool, status }))).toEqual([
      { kind: "result", issuer: "reader", tool: "mail/read", status: undefined },
      { kind: "receipt", issuer: "reader", tool: undefined, status: "admitted" },
    ]);
  });

  it("is admitted once, however often it comes", async () => {
    const receiver = receiverOf();
    const arrival = arrivalOf(await sent());
    expect((await admitReceipt(receiver, arrival)).status).toBe("admitted");
    const again = await admitReceipt(receiver, arrival);
    expect(again.status).toBe("replayed");
    expect(isTop(again)).toBe(true);
  });

  it("is not used up by a presentation with another value, by another audience, or at another door", async () => {
    const receiver = receiverOf();
    const receipt = await sent();
    await admitReceipt(receiver, arrivalOf(receipt, { value: { ...value, account: "EVIL" } }));
    await admitReceipt({ ...receiver, audience: ["desk"] }, arrivalOf(receipt));
    await admitReceipt(receiver, arrivalOf(receipt, { purpose: "response" }));
    expect((await admitReceipt(receiver, arrivalOf(receipt))).status).toBe("admitted");
  });
});

describe("a receipt that does not hold is the top, and says only why (threat 22)", () => {
  const unchanged = (): Partial<ReceiptReceiver> => ({});
  type Case = readonly [string, string, () => Promise<Arrival>, () => Partial<ReceiptReceiver>];
  const given: readonly (readonly [string, string, () => Promise<Arrival>, changed?: () => Partial<ReceiptReceiver>])[] = [
    ["none came", "missing", async () => arrivalOf(undefined)],
    ["it is some text", "malformed", async () => arrivalOf("a.b.c")],
    ["it is larger than any receipt (threat 11)", "malformed", async () => arrivalOf(`${"A".repeat(9_000)}.AA.AA`)],
    ["nobody knows the key", "unknown-issuer", async () => arrivalOf((await issueReceipt(issuerOf(two), outgoing())).receipt)],
    [
      "the issuer is revoked",
      "unknown-issuer",
      async () => arrivalOf(await sent()),
      () => ({ issuers: { reader: { revoked: true } } }),
    ],
    ["it is for another agent (threat 18)", "other-audience", async () => arrivalOf(await sent({ audience: "desk" }))],
    ["it is one for a response", "other-purpose", async () => arrivalOf(await sent({ purpose: "response" }))],
    ["the value is another", "other-value", async () => arrivalOf(await sent(), { value: { ...value, account: "EVIL" } })],
    ["another issuer was expected", "unknown-issuer", async () => arrivalOf(await sent(), { from: "desk" })],
    [
      "it answers another request",
      "other-request",
      async () =>
        arrivalOf(await sent({ purpose: "response", replyTo: "00".repeat(16) }), {
          purpose: "response",
          replyTo: "11".repeat(16),
        }),
    ],
    [
      "it answers no request",
      "other-request",
      async () => arrivalOf(await sent({ purpose: "response" }), { purpose: "response", replyTo: "11".repeat(16) }),
    ],
    [
      "the store cannot say whether it was used",
      "unavailable",
      async () => arrivalOf(await sent()),
      () => ({ store: { writeRecord: async () => ({ ok: false, error: { kind: "unavailable" } }) } }),
    ],
    [
      "the store is broken",
      "unavailable",
      async () => arrivalOf(await sent()),
      () => ({ store: { writeRecord: () => Promise.reject(new Error("down")) } }),
    ],
  ];
  const cases = given.map(([name, status, arrival, changed = unchanged]): Case => [name, status, arrival, changed]);
  it.each(cases)("%s: %s", async (_name, status, arrival, changed) => {
    now = start;
    const admitted = await admitReceipt({ ...receiverOf(), ...changed() }, await arrival());
    expect(admitted.status).toBe(status);
    expect(isTop(admitted)).toBe(true);
    expect(admitted.links).toMatchObject([{ kind: "receipt", status, labels: ["*"] }]);
  });

  it("any character of it changed", async () => {
    now = start;
    const receipt = await sent();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    await fc.assert(
      fc.asyncProperty(fc.nat(receipt.length - 1), fc.nat(alphabet.length - 1), async (at, to) => {
        const changed = receipt.slice(0, at) + alphabet[to] + receipt.slice(at + 1);
        fc.pre(changed !== receipt);
        const admitted = await admitReceipt(receiverOf(), arrivalOf(changed));
        expect(admitted.status).not.toBe("admitted");
        expect(isTop(admitted)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("any part of the value changed (threat 9)", async () => {
    now = start;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), async (a, b) => {
        const [left, right] = [a, b] as [Json, Json];
        fc.pre(canonicalJson(left) !== canonicalJson(right));
        const receipt = await sent({ value: left });
        expect((await admitReceipt(receiverOf(), arrivalOf(receipt, { value: right }))).status).toBe("other-value");
        expect((await admitReceipt(receiverOf(), arrivalOf(receipt, { value: left }))).status).toBe("admitted");
      }),
      { numRuns: 60 },
    );
  });
});

describe("time", () => {
  const statusAt = async (at: number, seconds?: number): Promise<string> => {
    now = start;
    const { receipt } = await issueReceipt(issuerOf(one, seconds), outgoing());
    now = start + at;
    return (await admitReceipt({ ...receiverOf(), skewSeconds: 60 }, arrivalOf(receipt))).status;
  };

  it("a receipt holds from a minute before it was issued until a minute after it expires, and no longer", async () => {
    expect(await statusAt(-60_000)).toBe("admitted");
    expect(await statusAt(-60_001)).toBe("early");
    expect(await statusAt(360_000)).toBe("admitted");
    expect(await statusAt(360_001)).toBe("expired");
    expect(await statusAt(70_001, 10)).toBe("expired");
  });

  it("a receipt that says to hold for longer than its number is remembered does not hold", async () => {
    now = start;
    const signed = await forged({ expires: start + 3_600_001 });
    expect((await admitReceipt(receiverOf(), arrivalOf(signed))).status).toBe("expired");
    expect((await admitReceipt(receiverOf(), arrivalOf(await forged({ expires: start })))).status).toBe("expired");
    expect((await admitReceipt(receiverOf(), arrivalOf(await forged({})))).status).toBe("admitted");
  });
});

/** Whatever payload and header one likes, signed by the issuer itself. */
async function forged(
  changes: { readonly [name: string]: unknown },
  { header = {}, text }: { readonly header?: object; readonly text?: (whole: string) => string } = {},
): Promise<string> {
  const { jwk } = one as AgentKey;
  const payload = canonicalJson({
    version: 1,
    id: "0123456789abcdef0123456789abcdef",
    purpose: "request",
    audience: "bank",
    issued: start,
    expires: start + 1_000,
    digest: valueDigest(value),
    label: mail as unknown as Json,
    context: mail as unknown as Json,
    chain: [],
    ...(changes as { readonly [name: string]: Json }),
  });
  const key = await importJWK(jwk, "EdDSA");
  const kid = await thumbprintOf(jwk.x as string);
  return new CompactSign(utf8(text === undefined ? payload : text(payload)))
    .setProtectedHeader({ alg: "EdDSA", typ: receiptType, kid, ...header } as never)
    .sign(key);
}

describe("what the issuer's own key has signed, and is no receipt", () => {
  const payloads: readonly (readonly [string, { readonly [name: string]: unknown }])[] = [
    ["another version", { version: 2 }],
    ["a member that nobody knows", { role: "admin" }],
    ["no digest", { digest: "" }],
    ["a label that is none", { label: { sources: ["a b"], readers: null } }],
    ["a label that is untrusted by a name that it does not have", { label: { sources: [], readers: null, untrusted: ["mail"] } }],
    ["a number for the readers", { label: { sources: [], readers: 5 } }],
    ["a link that is a sink", { chain: [{ kind: "argument", tool: "x", labels: [] }] }],
    ["a link with a line break for the operator's log", { chain: [{ kind: "result", tool: "x\ny", labels: [] }] }],
    ["an id of another length", { id: "00" }],
  ];
  it.each(payloads)("%s", async (_name, changes) => {
    now = start;
    expect((await admitReceipt(receiverOf(), arrivalOf(await forged(changes)))).status).toBe("malformed");
  });

  const texts: readonly (readonly [string, (text: string) => string])[] = [
    ["a member twice", (text) => text.replace('"version":1', '"version":1,"version":1')],
    ["blanks", (text) => ` ${text}`],
    ["members in another order", (text) => `{"version":1,${text.slice(1).replace(',"version":1', "")}`],
    ["an escape where none is needed", (text) => text.replace('"bank"', '"\\u0062ank"')],
    ["a number in another form", (text) => text.replace('"version":1', '"version":1.0')],
  ];
  it.each(texts)("a payload with %s (threats 1, 2, 12)", async (_name, text) => {
    now = start;
    expect((await admitReceipt(receiverOf(), arrivalOf(await forged({}, { text })))).status).toBe("malformed");
  });

  const headers: readonly (readonly [string, object])[] = [
    ["another type", { typ: "sluice-plan+jws" }],
    ["no type", { typ: undefined }],
    ["a key of its own", { jwk: { kty: "OKP" } }],
    ["a critical extension", { crit: ["b64"], b64: true }],
  ];
  it.each(headers)("a header with %s", async (_name, header) => {
    now = start;
    expect((await admitReceipt(receiverOf(), arrivalOf(await forged({}, { header })))).status).toBe("malformed");
  });

  it("an unsigned one", async () => {
    const [head = "", payload = ""] = (await forged({})).split(".");
    const none = btoa(JSON.stringify({ ...JSON.parse(atob(head)), alg: "none" })).replaceAll("=", "");
    expect((await admitReceipt(receiverOf(), arrivalOf(`${none}.${payload}.`))).status).toBe("malformed");
    expect((await admitReceipt(receiverOf(), arrivalOf(`${none}.${payload}.AAAA`))).status).toBe("malformed");
  });
});

describe("labels", () => {
  const admittedAs = async (label: LabelValue, terms: object): Promise<LabelValue> => {
    now = start;
    const admitted = await admitReceipt(receiverOf(terms), arrivalOf(await sent({ label })));
    expect(admitted.status).toBe("admitted");
    return admitted.label;
  };

  it("that an issuer may not speak about are unknown (threat 15); what has none is unknown too, unless the policy says what it is", async () => {
    const terms = { labels: { mail: ["mail", "strangers"] } };
    expect(await admittedAs({ sources: ["mail", "crm"], readers: null }, terms)).toEqual({
      sources: ["mail", "strangers", "unknown"],
      readers: null,
    });
    expect((await admittedAs({ sources: [], readers: null }, terms)).sources).toEqual(["unknown"]);
    expect((await admittedAs({ sources: [], readers: null }, { ...terms, constants: "theirs" })).sources).toEqual(["theirs"]);
    expect((await admittedAs({ sources: ["__proto__", "constructor"], readers: null }, terms)).sources).toEqual(["unknown"]);
  });

  it("of restricted readers are read only by those whom the policy knows by name", async () => {
    const label = { sources: ["mail"], readers: ["ann", "bob"] };
    expect((await admittedAs(label, {})).readers).toEqual([]);
    expect((await admittedAs(label, { readers: { bob: "robert", eve: "eve" } })).readers).toEqual(["robert"]);
    expect((await admittedAs({ ...label, readers: null }, {})).readers).toBeNull();
  });

  it("the top stays the top, whatever the policy maps", async () => {
    expect((await admittedAs(topValue, { labels: { "*": "mail" } })).sources).toEqual(["*"]);
  });

  it("that do not fit into a receipt become the top (threat 14)", async () => {
    const many = { sources: Array.from({ length: 70_000 }, (_, i) => `label-${i}`), readers: null };
    const admitted = await admitReceipt(receiverOf(), arrivalOf(await sent({ label: many, context: many })));
    expect(admitted).toMatchObject({ status: "admitted", label: { sources: ["*"], readers: [] }, context: { sources: ["*"] } });
  });

  it("stay, hop by hop: after any number of hops a label is no less than before", async () => {
    now = start;
    const names = ["mail", "crm", "web", "user_input"];
    const label = fc.record({
      sources: fc.uniqueArray(fc.constantFrom(...names, "other", "*")),
      readers: fc.option(fc.uniqueArray(fc.constantFrom("ann", "bob", "cem"))),
    });
    // Each hop lists some names, under names of its own or the same, and the rest is unknown there.
    const hop = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...names, "unknown"));
    await fc.assert(
      fc.asyncProperty(label, fc.array(hop, { minLength: 1, maxLength: 4 }), async (first, hops) => {
        let current: LabelValue = first;
        let followed = new Map(first.sources.map((name) => [name, name]));
        for (const labels of hops) {
          const same = { ann: "ann", bob: "bob", cem: "cem" };
          const { receipt } = await issueReceipt(issuerOf(one), outgoing({ label: current }));
          const admitted = await admitReceipt(receiverOf({ labels, readers: same }), arrivalOf(receipt));
          expect(admitted.status).toBe("admitted");
          const next = (name: string): string =>
            name === "*" ? "*" : Object.hasOwn(labels, name) ? (labels[name] as string) : "unknown";
          followed = new Map([...followed].map(([from, name]) => [from, next(name)]));
          for (const name of followed.values()) expect(admitted.label.sources).toContain(name);
          if (current.readers !== null)
            expect(admitted.label.readers?.every((reader) => current.readers?.includes(reader))).toBe(true);
          current = admitted.label;
        }
        expect(current.sources.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
