/**
 * Readers of what is signed, sealed or secret, and of rows of stores: what was not signed never holds, and a changed row is refused.
 */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { cookieName, cookieOf, setCookie } from "../../../src/access/cookie.ts";
import { readCredential } from "../../../src/access/credential-text.ts";
import { nextOf } from "../../../src/access/login.ts";
import { isOwnHost, isOwnOrigin, isSentByUs } from "../../../src/access/names.ts";
import { createKeySource } from "../../../src/access/oidc/keys.ts";
import { verifySigned } from "../../../src/access/oidc/verify.ts";
import { readTimed, timedText } from "../../../src/access/timed-secret.ts";
import { createCheckpointSigner, sizeSaid, verifyCheckpoint } from "../../../src/audit/checkpoint.ts";
import { checkProof } from "../../../src/audit/prove.ts";
import { readJson } from "../../../src/json/read.ts";
import type { Json } from "../../../src/json/value.ts";
import type { SigningKey } from "../../../src/plan/sign.ts";
import { issueReceipt } from "../../../src/receipts/issue.ts";
import { receiptKey } from "../../../src/receipts/key.ts";
import { readReceipt, receiptText } from "../../../src/receipts/receipt.ts";
import { verifyReceipt } from "../../../src/receipts/verify.ts";
import { AssertionError, ConfigError } from "../../../src/result.ts";
import { entryOf, orderKey, textOfOrderKey } from "../../../src/stores/columns.ts";
import { entryColumns, readShared } from "../../../src/stores/cloudflare/change.ts";
import { readMessage } from "../../../src/stores/cloudflare/wire.ts";
import { entryOfText, entryText, headerOf, labelOf as redisLabelOf, placeOf, recordOf } from "../../../src/stores/redis/rows.ts";
import { createSealer, readStoreKeys } from "../../../src/stores/seal.ts";
import { lineOf } from "../../../src/stores/sqlite/rows.ts";
import { bearerOf, isSessionId } from "../../../src/surfaces/credential.ts";
import { filesAt } from "../seeds.ts";
import { bytesOf, must, mustBeLine, parts, joined, same, type Target } from "../target.ts";
import { jsonWords } from "../words.ts";
import { urlWords } from "../words-text.ts";

/** What a reader of our own texts may throw: nothing but its assertion that the text is ours. */
export function assertsOnly<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AssertionError || error instanceof ConfigError) return undefined;
    throw error;
  }
}

interface Signed {
  readonly key: SigningKey;
  readonly checkpoint: string;
  readonly receipt: string;
  readonly token: string;
  readonly jwk: SigningKey;
}

const signing: { made?: Promise<Signed> } = {};
const now = 1_800_000_000_000;
const value: Json = { order: 5 };

/** Keys and texts that they signed: other ones in each process, the same in one. */
async function signed(): Promise<Signed> {
  signing.made ??= (async () => {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const key = (await exportJWK(privateKey)) as SigningKey;
    const signer = await createCheckpointSigner(key);
    const checkpoint = await signer.sign({
      v: 1,
      log: "0".repeat(64),
      size: 1,
      root: "0".repeat(64),
      tree: ["0".repeat(64)],
      head: "0".repeat(64),
      at: now,
    } as never);
    const bottom = { sources: [], readers: null };
    const { receipt } = await issueReceipt(
      { key: receiptKey(key), clock: () => now, random: (count: number) => new Uint8Array(count).fill(7) } as never,
      { value, purpose: "request", audience: "us", label: bottom, context: bottom },
    );
    const jwk = (await exportJWK(publicKey)) as SigningKey;
    const token = await new SignJWT({ scope: "x" })
      .setProtectedHeader({ alg: "EdDSA", kid: "k" })
      .setIssuer("https://issuer.example")
      .setAudience("sluice")
      .setSubject("ada")
      .setExpirationTime(now / 1000 + 600)
      .sign(privateKey);
    return { key, checkpoint, receipt, token, jwk };
  })();
  return signing.made;
}

/** The signed text with the input's changes: `CHECKPOINT` and so on stand for what this process signed. */
async function withSigned(input: string): Promise<{ readonly text: string; readonly all: Signed }> {
  const all = await signed();
  const text = input.replaceAll("CHECKPOINT", all.checkpoint).replaceAll("RECEIPT", all.receipt).replaceAll("TOKEN", all.token);
  return { text, all };
}

async function runCheckpoint(input: string): Promise<void> {
  const { text, all } = await withSigned(input);
  sizeSaid(text);
  const verified = await verifyCheckpoint(text, [all.key]);
  must(!verified.ok || text === all.checkpoint, "a text that was not signed is a checkpoint");
  const read = readJson(text);
  if (read.ok) await checkProof(read.value, [all.key]);
}

async function runReceipt(input: string): Promise<void> {
  const { text, all } = await withSigned(input);
  const issuers = { us: { keys: [{ x: all.jwk.x }], labels: {} } };
  for (const about of [value, { order: 6 }]) {
    const arrival = { receipt: text, value: about, purpose: "request" as const };
    const verified = await verifyReceipt(arrival, { issuers: issuers as never, audience: ["us"], now });
    must(!verified.ok || text === all.receipt, "a text that was not signed is a receipt");
    must(!verified.ok || same(about, value), "a receipt for another value");
  }
}

function runReceiptText(input: string): void {
  const receipt = readReceipt(bytesOf(input));
  if (receipt) must(receiptText(receipt) === new TextDecoder().decode(bytesOf(input)), "a receipt that is written otherwise");
}

async function runToken(input: string): Promise<void> {
  const { text, all } = await withSigned(input);
  const clock = (): number => now;
  const source = createKeySource({ keys: [{ ...all.jwk, kid: "k" }] } as never, {
    clock,
    fetch: () => Promise.reject(new Error("no network")),
  });
  const claims = await verifySigned(text, { sources: new Map([["https://issuer.example", source]]), audience: "sluice", now });
  must(!claims || text === all.token, "a text that was not signed is a token");
}

function runCookies(input: string): void {
  const [header = "", next = ""] = parts(input, 2);
  const place = { isSecure: false, port: "8787" } as never;
  const found = cookieOf(header, cookieName(place));
  if (found !== undefined) must(found !== "" && !found.includes(";"), "a cookie with another one in it");
  if (found !== undefined) mustBeLine(setCookie("x", { place, path: "/", seconds: 1 }), "a cookie");
  const to = nextOf(next, "/console/");
  must(
    to.startsWith("/console/") && new URL(to, "http://own.example").origin === "http://own.example",
    `a login leads away: ${to}`,
  );
  mustBeLine(to, "a place to go on");
}

function runCredentials(input: string): void {
  readCredential("sluice_pat_", input);
  const timed = readTimed(input);
  if (timed) must(timedText(timed) === input, "a secret is written otherwise");
  const bearer = bearerOf(input);
  if (bearer !== undefined) must(!/\s/.test(bearer), "a bearer with a blank");
  isSessionId(input);
  const asked = { url: new URL("http://localhost:8787/"), host: input, origin: input, header: () => input } as never;
  for (const read of [isOwnHost, isOwnOrigin, isSentByUs]) assertsOnly(() => read(asked, { hosts: ["a.example"] } as never));
}

/** Rows of every store: what a store's own text is read as, it is written as. */
function runRows(input: string): void {
  const [event = "", settled = "", facts = ""] = parts(input, 3);
  const orNull = (text: string): string | null => (text === "" ? null : text);
  const entry = assertsOnly(() => entryOf({ event, value: orNull(settled), facts: orNull(facts) }));
  const line = { cursor: 1, session: '"s"', number: 0, note: orNull(facts), event, value: orNull(settled), facts: null };
  assertsOnly(() => lineOf(line));
  const redis = assertsOnly(() => entryOfText(input));
  if (redis && isPlain(redis.event))
    must(
      same(
        assertsOnly(() => entryOfText(entryText(redis))),
        redis,
      ),
      "an entry is written otherwise",
    );
  if (entry && isPlain(entry.event)) assertsOnly(() => entryText(entry));
  assertsOnly(() => headerOf("s", input));
  assertsOnly(() => redisLabelOf(input));
  assertsOnly(() => recordOf("k", "i", input));
  assertsOnly(() => readShared(input));
  assertsOnly(() => entryColumns(input));
  readMessage(input);
  placeOf(input);
  must(textOfOrderKey(orderKey(input)) === input, "an order key is another text's");
}

function isPlain(event: unknown): boolean {
  return typeof event === "object" && event !== null && "type" in event;
}

const sealer = createSealer([{ id: "k", secret: new Uint8Array(32).fill(3) }]);
const place = { scope: ["s"], at: ["a", 1] };
const sealedText: { made?: Promise<string> } = {};

async function runSealed(input: string): Promise<void> {
  assertsOnly(() => readStoreKeys(input));
  sealedText.made ??= sealer.seal("secret", place);
  const original = await sealedText.made;
  const text = input.replaceAll("SEALED", original);
  const opened = await sealer.open(text, place);
  must(!opened.ok || (text === original && opened.value === "secret"), "what was not sealed opens");
  must(!(await sealer.open(original, { ...place, at: [input] })).ok, "sealed for one place, opened at another");
}

const rowSeeds = [
  joined('{"type":"open","plan":"sha256:00","at":1}', "", '{"a":1}'),
  '{"at":1,"run":0,"type":"settle"}\n{"x":1}\n{"f":2}',
  "plan principal conversation digest 1 2",
  "web desk \n\n=ann bob ",
  '7 {"a":1}',
  "12-1800000000000000",
];

/** What is signed, sealed or secret, and rows of stores. */
export const signedTargets: readonly Target[] = [
  {
    name: "checkpoint",
    seeds: [
      "CHECKPOINT",
      '{"type":"inclusion","seq":0,"record":"{}","path":[],"checkpoint":"CHECKPOINT"}',
      '{"type":"consistency","from":"CHECKPOINT","to":"CHECKPOINT","path":[]}',
    ],
    dictionary: ["CHECKPOINT", "A", "=", ".", "-", "_", ...jsonWords],
    lengthMax: 2_000,
    run: runCheckpoint,
  },
  {
    name: "receipt",
    seeds: ["RECEIPT", "RECEIPT.", "a.b.c"],
    dictionary: ["RECEIPT", "A", "=", ".", "eyJhbGciOiJub25lIn0", "-", "_", "\n"],
    lengthMax: 2_000,
    run: runReceipt,
  },
  {
    name: "receipt-text",
    seeds: [
      ...filesAt(["test/fuzz/programs/*.receipt"]),
      `{"audience":"us","chain":[],"context":{"readers":null,"sources":[]},"digest":"sha256:${"0".repeat(64)}","expires":2,"id":"${"0".repeat(32)}","issued":1,"label":{"readers":null,"sources":["web"]},"purpose":"request","version":1}`,
    ],
    dictionary: jsonWords,
    isBytes: true,
    run: runReceiptText,
  },
  {
    name: "oidc-token",
    seeds: ["TOKEN", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.", "TOKEN.x"],
    dictionary: ["TOKEN", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9", ".", "=", "A", "-"],
    lengthMax: 2_000,
    run: runToken,
  },
  {
    name: "cookie",
    seeds: [
      joined("sluice-8787=abc; other=1", "/console/plans?x=1"),
      joined("sluice-8787=a; sluice-8787=b", "//evil.example"),
      joined("", "/console/../x"),
    ],
    dictionary: [...urlWords, "sluice-8787=", ";", "=", "/console/", "\n%%\n"],
    run: runCookies,
  },
  {
    name: "credential",
    seeds: [
      `sluice_pat_${"0".repeat(60)}`,
      `${"1".repeat(16)}.${"a".repeat(32)}.${"b".repeat(64)}`,
      `Bearer s_${"a".repeat(32)}.${"1".repeat(64)}`,
      "localhost:8787",
      "http://[::1]:8787",
    ],
    dictionary: [...urlWords, "Bearer ", "sluice_pat_", "s_"],
    run: runCredentials,
  },
  { name: "store-rows", seeds: rowSeeds, dictionary: [...jsonWords, '"type":"settle"', '"value":', "\n%%\n"], run: runRows },
  {
    name: "sealed",
    seeds: ["SEALED", `k=${"A".repeat(43)}`, "a=x,b=y"],
    dictionary: ["SEALED", "k=", ",", ".", "A", "_", "-", "="],
    lengthMax: 1_000,
    run: runSealed,
  },
];
