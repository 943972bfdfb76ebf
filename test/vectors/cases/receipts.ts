/**
 * Cases of receipts.json: receipts that are admitted, and receipts that are not, with what must become of each.
 * Data and nothing else. What is refused is said here; what labels an admitted one gets is computed.
 */
import { CompactSign, importJWK } from "jose";
import { canonicalJson } from "../../../src/json/canonical.ts";
import type { Json } from "../../../src/json/value.ts";
import { utf8 } from "../../../src/plan/digest.ts";
import { thumbprintOf } from "../../../src/plan/sign.ts";
import type { Issuer } from "../../../src/policy/policy.ts";
import { issueReceipt, type Outgoing } from "../../../src/receipts/issue.ts";
import { receiptKey } from "../../../src/receipts/key.ts";
import { receiptType, valueDigest } from "../../../src/receipts/receipt.ts";
import type { Arrival } from "../../../src/receipts/verify.ts";
import type { ReceiptVector } from "../outcomes.ts";
import { openedAt } from "./case.ts";
import { keyOf, publicOf, seeded } from "./seeded.ts";

const [reader, desk] = [keyOf("reader"), keyOf("desk")];
const value = { summary: "pay 5 to Ann", account: "DE1" };
const mail = { sources: ["mail"], readers: null, untrusted: ["mail"] };
const clean = { sources: ["user_input"], readers: ["ann", "bob"] };
const id = "0123456789abcdef0123456789abcdef";
const issuers: { readonly [name: string]: Issuer } = {
  reader: {
    key: publicOf(reader),
    labels: { mail: ["mail_content", "strangers"], user_input: "theirs" },
    readers: { bob: "robert" },
  },
};

/** A case: what must become of each arrival, and what differs from an honest one. */
export interface ReceiptCase extends Omit<ReceiptVector, "version"> {
  readonly status: readonly string[];
}

async function issued(more: Partial<Outgoing> = {}, key = reader, seconds?: number): Promise<string> {
  const source = seeded(`${canonicalJson(more as unknown as Json)} ${key.x}`);
  const issuer = {
    key: receiptKey(key),
    clock: () => openedAt,
    random: (count: number) => source.bytes(count),
    ...(seconds === undefined ? {} : { seconds }),
  };
  const outgoing: Outgoing = { value, purpose: "request", audience: "bank", label: mail, context: mail, ...more };
  return (await issueReceipt(issuer, outgoing)).receipt;
}

interface Forgery {
  readonly header?: object;
  readonly payload?: object;
  readonly text?: (whole: string) => string;
}

/** Whatever header and payload one likes, signed by the issuer itself. */
async function forged({ header = {}, payload = {}, text = (whole) => whole }: Forgery): Promise<string> {
  const body = {
    version: 1,
    id,
    purpose: "request",
    audience: "bank",
    issued: openedAt,
    expires: openedAt + 1_000,
    digest: valueDigest(value),
    label: mail,
    context: mail,
    chain: [],
    ...payload,
  };
  const kid = await thumbprintOf(reader.x);
  return new CompactSign(utf8(text(canonicalJson(body as unknown as Json))))
    .setProtectedHeader({ alg: "EdDSA", typ: receiptType, kid, ...header } as never)
    .sign(await importJWK(reader, "EdDSA"));
}

type Arrived = Partial<Arrival> & { readonly at?: number };

function one(
  name: string,
  status: string,
  receipt: string | undefined,
  arrival: Arrived = {},
  more: Partial<ReceiptVector> = {},
): ReceiptCase {
  return many(name, [[status, { receipt, ...arrival }]], more);
}

function many(
  name: string,
  arrivals: readonly (readonly [status: string, arrival: Arrived])[],
  more: Partial<ReceiptVector> = {},
): ReceiptCase {
  return {
    name,
    issuers,
    audience: ["bank"],
    skewSeconds: 60,
    ...more,
    status: arrivals.map(([status]) => status),
    arrivals: arrivals.map(
      ([, { receipt, ...rest }]) =>
        ({ value, purpose: "request" as const, at: openedAt, ...(receipt === undefined ? {} : { receipt }), ...rest }) as never,
    ),
  };
}

async function admitted(): Promise<readonly ReceiptCase[]> {
  const plain = await issued();
  const link = { kind: "result", tool: "mail/read", node: "mail", run: 0, labels: ["mail"] } as const;
  const constants = { reader: { ...issuers.reader, constants: "house" } } as ReceiptVector["issuers"];
  const reply = await issued({ purpose: "response", replyTo: id });
  return [
    one("it holds, and its label is read in the receiver's names", "admitted", plain),
    one("parts and where the data was", "admitted", await issued({ links: [link], parts: { account: clean } })),
    one(
      "of labels that the issuer may not speak about nothing is known",
      "admitted",
      await issued({ label: { sources: ["crm", "mail"], readers: null } }),
    ),
    one(
      "names of JavaScript's own are names of nobody",
      "admitted",
      await issued({ label: { sources: ["__proto__", "constructor"], readers: null } }),
    ),
    one("readers whom nobody lists are somebody else", "admitted", await issued({ label: clean })),
    one("no label is unknown", "admitted", await issued({ label: { sources: [], readers: null } })),
    one(
      "no label is what the policy says it is",
      "admitted",
      await issued({ label: { sources: [], readers: null } }),
      {},
      { issuers: constants },
    ),
    one("the top stays the top", "admitted", await issued({ label: { sources: ["*"], readers: [], untrusted: ["*"] } })),
    one("the answer to the request that was sent", "admitted", reply, { purpose: "response", replyTo: id }),
    one("from the issuer that was expected", "admitted", plain, { from: "reader" }),
    many("it is admitted once", [
      ["admitted", { receipt: plain }],
      ["replayed", { receipt: plain }],
    ]),
    many("what fails before does not use it up", [
      ["other-value", { receipt: plain, value: { ...value, account: "EVIL" } }],
      ["other-purpose", { receipt: plain, purpose: "response" }],
      ["admitted", { receipt: plain }],
    ]),
    many("a minute before and a minute after", [
      ["early", { receipt: plain, at: openedAt - 60_001 }],
      ["expired", { receipt: plain, at: openedAt + 360_001 }],
      ["admitted", { receipt: plain, at: openedAt + 360_000 }],
    ]),
    one("a minute before it was issued", "admitted", plain, { at: openedAt - 60_000 }),
    one("a value that is no object", "admitted", await issued({ value: ["\u20ac", 0.1, 9007199254740993n] }), {
      value: ["\u20ac", 0.1, 9007199254740993n],
    }),
  ];
}

async function refused(): Promise<readonly ReceiptCase[]> {
  const plain = await issued();
  const [head = "", payload = "", signature = ""] = plain.split(".");
  const bend = (text: string, at: number): string => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  const other = (await issued({ audience: "desk" })).split(".");
  const cases: readonly (readonly [
    name: string,
    status: string,
    receipt: string | undefined,
    arrival?: Arrived,
    more?: Partial<ReceiptVector>,
  ])[] = [
    ["none came", "missing", undefined],
    ["some text", "malformed", "a.b.c"],
    ["two parts", "malformed", `${head}.${payload}`],
    ["larger than any", "malformed", `${"A".repeat(8_000)}.AAAA.AAAA`],
    ["padding", "malformed", `${plain}==`],
    [
      "unused bits that are not zero",
      "malformed",
      plain.slice(0, -1) + (plain.endsWith("A") ? "B" : plain.endsWith("Q") ? "R" : plain.endsWith("g") ? "h" : "x"),
    ],
    ["the signature is bent", "forged", `${head}.${payload}.${bend(signature, 20)}`],
    ["the signature of another receipt", "forged", `${head}.${payload}.${other[2]}`],
    ["the payload of another receipt", "forged", `${head}.${other[1]}.${signature}`],
    ["nobody knows the key", "unknown-issuer", await issued({}, desk)],
    ["the issuer is revoked", "unknown-issuer", plain, {}, { issuers: { reader: { revoked: true } } }],
    ["another issuer was expected", "unknown-issuer", plain, { from: "desk" }],
    ["for another agent", "other-audience", await issued({ audience: "desk" })],
    ["for a response", "other-purpose", await issued({ purpose: "response" })],
    ["of another value", "other-value", plain, { value: { ...value, account: "EVIL" } }],
    ["of a value with a member more", "other-value", plain, { value: { ...value, more: null } }],
    [
      "the answer to another request",
      "other-request",
      await issued({ purpose: "response", replyTo: "00".repeat(16) }),
      { purpose: "response", replyTo: id },
    ],
    ["an answer to no request", "other-request", await issued({ purpose: "response" }), { purpose: "response", replyTo: id }],
    ["it says to hold for too long", "expired", await forged({ payload: { expires: openedAt + 3_600_001 } })],
    ["it ends when it begins", "expired", await forged({ payload: { expires: openedAt } })],
    ["another version", "malformed", await forged({ payload: { version: 2 } })],
    ["a member that nobody knows", "malformed", await forged({ payload: { role: "admin" } })],
    ["a name that is none", "malformed", await forged({ payload: { label: { sources: ["a b"], readers: null } } })],
    [
      "untrusted by a name that it does not have",
      "malformed",
      await forged({ payload: { label: { sources: [], readers: null, untrusted: ["mail"] } } }),
    ],
    ["a link that is a sink", "malformed", await forged({ payload: { chain: [{ kind: "argument", tool: "x", labels: [] }] } })],
    ["a line break in a link", "malformed", await forged({ payload: { chain: [{ kind: "result", tool: "x\ny", labels: [] }] } })],
    ["an id of another length", "malformed", await forged({ payload: { id: "00" } })],
    ["a member twice", "malformed", await forged({ text: (text) => text.replace('"version":1', '"version":1,"version":1') })],
    ["blanks", "malformed", await forged({ text: (text) => ` ${text}` })],
    [
      "members in another order",
      "malformed",
      await forged({ text: (text) => `{"version":1,${text.slice(1).replace(',"version":1', "")}` }),
    ],
    ["an escape where none is needed", "malformed", await forged({ text: (text) => text.replace('"bank"', '"\\u0062ank"') })],
    ["a number in another form", "malformed", await forged({ text: (text) => text.replace('"version":1', '"version":1.0') })],
    ["another type", "malformed", await forged({ header: { typ: "sluice-plan+jws" } })],
    ["no type", "malformed", await forged({ header: { typ: undefined } })],
    ["a key of its own", "malformed", await forged({ header: { jwk: publicOf(reader) } })],
    ["no algorithm, and no signature", "malformed", `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`],
    ["no algorithm, and some signature", "malformed", `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.AAAA`],
  ];
  return cases.map(([name, status, receipt, arrival, more]) => one(`refused: ${name}`, status, receipt, arrival, more));
}

/** The cases. */
export async function receiptCases(): Promise<readonly ReceiptCase[]> {
  return [...(await admitted()), ...(await refused())];
}
