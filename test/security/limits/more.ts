/**
 * Limits of people who approve, of records, receipts and tokens, and of what stands in a plan unless somebody says otherwise.
 */
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { vi } from "vitest";
import { createKeySource } from "../../../src/access/oidc/keys.ts";
import { verifySigned } from "../../../src/access/oidc/verify.ts";
import { pageLimit } from "../../../src/audit/find.ts";
import { readCatalogue } from "../../../src/catalogue/catalogue.ts";
import { approveEvent, type HoldState } from "../../../src/decide/hold.ts";
import { withDefaults } from "../../../src/infer/to-plan/constrain.ts";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { CodeFault } from "../../../src/intent/code/fault.ts";
import { spendWork } from "../../../src/intent/code/state.ts";
import type { ChainLink } from "../../../src/decide/chain.ts";
import { issueReceipt } from "../../../src/receipts/issue.ts";
import { receiptKey } from "../../../src/receipts/key.ts";
import { ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import { pendingRecords } from "../../../src/surfaces/enforce/waiting/pending.ts";
import { createFirewall } from "../../../src/surfaces/hono.ts";
import { createChannel } from "../../../src/surfaces/mcp/http-stream.ts";
import { createClients } from "../../../src/surfaces/mcp/http-clients.ts";
import { watchShop } from "../../observe/fixture.ts";
import { agentKey } from "../../receipts/agents.ts";
import { fakeGateway } from "../../surfaces/mcp-transport/fake-gateway.ts";
import { shop } from "../../surfaces/firewall-fixture.ts";
import { foundIn, type LimitCase } from "./case.ts";

const token = `s_${"0".repeat(32)}.${"1".repeat(64)}`;

function approvers(size: number): string {
  const hold = { id: "h", status: "pending", expires: 9, approvers: [] as string[] };
  const state = { holds: new Map([["h", hold as unknown as HoldState]]), isClosed: false };
  let last = "ok";
  for (let i = 0; i < size; i++) {
    const by = `p${i}`;
    const said = approveEvent({ approval: {} } as never, state as never, { hold: "h", by, at: 1, decision: "approve" } as never);
    if (said.ok) hold.approvers.push(by);
    last = said.ok ? "ok" : said.error;
  }
  return last;
}

async function waiting(size: number): Promise<string> {
  const all = Array.from({ length: size }, () => ({ value: {} }));
  const store = { records: async (_: string, { limit }: { readonly limit: number }) => ok(all.slice(0, limit)) };
  const found = await pendingRecords({ store, clock: () => 0 } as never, "approval");
  return found.ok ? foundIn(found.value.length, size) : found.error;
}

async function tokenAge(seconds: number): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "k" }] };
  const claims = { iss: "https://a.example", aud: "us", sub: "ada", exp: 1_000 };
  const signed = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k" }).sign(privateKey);
  const sources = new Map([["https://a.example", createKeySource(keys, { clock: () => 0, fetch })]]);
  const now = (1_000 + seconds) * 1_000 - 1;
  return (await verifySigned(signed, { sources, audience: "us", now })) === undefined ? "refused" : "ok";
}

/** What a receipt says of so many links, or of so many labels at one. */
async function chain(links: readonly ChainLink[]): Promise<readonly { readonly labels: readonly string[] }[]> {
  const issuer = { key: receiptKey((await agentKey()).jwk), clock: () => 0, random: (length: number) => new Uint8Array(length) };
  const label = { sources: [], readers: null };
  const issued = await issueReceipt(issuer, { value: 1, purpose: "request", audience: "bank", label, context: label, links });
  const [, payload = ""] = issued.receipt.split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly chain: readonly ChainLink[] }).chain;
}

const link = (labels: readonly string[]): ChainLink => ({ kind: "result", labels, tool: "a/b", node: "n", run: 1 }) as never;

async function links(size: number): Promise<string> {
  const told = await chain(Array.from({ length: size }, () => link(["l"])));
  // More than there may be lose those in the middle.
  return told.length === size ? "ok" : "cut";
}

async function linkLabels(size: number): Promise<string> {
  const [told] = await chain([link(Array.from({ length: size }, (_, i) => `l${i}`))]);
  return foundIn(told?.labels.length ?? 0, size);
}

function work(size: number): string {
  const state = { work: 0 } as never;
  try {
    for (let i = 0; i < size; i++) spendWork(state, {});
    return "ok";
  } catch (error) {
    return error instanceof CodeFault ? error.fault.code : String(error);
  }
}

async function answered(size: number): Promise<string> {
  const text = "x".repeat(size);
  const watched = watchShop({ handler: () => new Response(text, { headers: { "content-type": "text/plain" } }) });
  const response = await watched.call("feed", {});
  // It passes in any case.
  if ((await response.text()) !== text) return "changed";
  const said = JSON.stringify(await watched.recorded());
  return said.includes('"type":"result"') ? "ok" : "lost";
}

async function recorded(size: number): Promise<string> {
  const store = createMemoryStore({ journal: true });
  const firewall = createFirewall({ plans: [shop], store, clock: () => 1_000, recordCalls: true });
  const opened = await firewall.open({ plan: shop.digest, principal: "ada" });
  if (!opened.ok) return opened.error.code;
  const around = '{"text":""}'.length;
  await firewall.check(opened.value.token, { tool: "shop/say", args: { text: "x".repeat(size - around) } });
  const loaded = await store.load(opened.value.token.split(".")[0] ?? "", 0);
  const facts = loaded.ok ? JSON.stringify(loaded.value.entries.at(-1)?.facts) : "";
  return facts.includes("xxx") ? "ok" : facts.includes('"tool":"shop/say"') ? "verdict alone" : facts;
}

/** Whether a reader of a silent stream has been told nothing just before so long, or has been told. */
async function silent(ms: number): Promise<string> {
  vi.useFakeTimers();
  try {
    let told = "ok";
    const reader = createChannel({ name: "p1" }).read().getReader();
    void reader.read().then(() => {
      told = "told";
    });
    await vi.advanceTimersByTimeAsync(ms - 1);
    return told;
  } finally {
    vi.useRealTimers();
  }
}

function open(clock: () => number) {
  let made = 0;
  const random = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(made++);
  return createClients({ gateway: fakeGateway(), clock, random });
}

async function resumed(ms: number): Promise<string> {
  vi.useFakeTimers();
  try {
    const stream = open(() => 0)
      .open(token)
      .openStream(true);
    if (stream === undefined) return "refused";
    await stream.channel.read().cancel();
    await vi.advanceTimersByTimeAsync(ms - 1);
    return stream.signal.aborted ? "lost" : "ok";
  } finally {
    vi.useRealTimers();
  }
}

function idle(ms: number): string {
  const time = { now: 0 };
  const clients = open(() => time.now);
  const { id } = clients.open(token);
  time.now += ms;
  clients.open(token);
  return clients.find(id, token) === undefined ? "gone" : "ok";
}

/** Milliseconds that the address of a key set is given. */
async function keySetTime(ms: number): Promise<string> {
  let given = 0;
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((time) => {
    given = time;
    return AbortSignal.abort();
  });
  try {
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      init?.signal?.throwIfAborted();
      return new Response('{"keys":[{"kty":"OKP"}]}');
    };
    const source = createKeySource(
      { url: "https://a.example/keys" },
      { clock: () => 0, fetch: fetch as typeof globalThis.fetch },
    );
    if ((await source.keysFor("a")) !== undefined) return "waited for";
    return ms <= given ? "ok" : "over";
  } finally {
    spy.mockRestore();
  }
}

/** How many runs two calls are that nobody has named, with so long between. */
async function runs(seconds: number): Promise<string> {
  const watched = watchShop();
  await watched.call("feed", {});
  watched.time += seconds * 1_000;
  await watched.call("feed", {});
  return (await watched.recorded()).length === 1 ? "ok" : "another run";
}

const list = readCatalogue({
  tools: [
    {
      name: "shop/quote",
      inputSchema: { type: "object", properties: { n: { type: "integer" } } },
      sluice: { effects: ["read"] },
    },
  ],
});

function rows(size: number): string {
  if (!list.ok) return "refused";
  const made = importJavaScript("for (const x of await shop.quote({})) await shop.quote({ n: x });", list.value);
  const max = made.ok ? JSON.stringify(made.value.plan.nodes).match(/"max":(\d+)/)?.[1] : undefined;
  return size <= Number(max) ? "ok" : "never";
}

function bytes(size: number): string {
  if (!list.ok) return "refused";
  const plan = withDefaults({ sluice: 1, name: "p", nodes: { n: { tool: "shop/quote" } } }, list.value);
  return size <= (plan.limits?.maxBytes ?? 0) ? "ok" : "never";
}

/** Each with its limit. */
export const moreCases: readonly LimitCase[] = [
  ["approversMax", "APPROVAL_STALE", approvers],
  ["listedApprovalsMax", "cut", waiting],
  ["accessTokenSkewSeconds", "refused", tokenAge],
  ["receiptLinksMax", "cut", links],
  ["receiptLinkLabelsMax", "cut", linkLabels],
  ["codeWorkMax", "IMPORT_TOO_LARGE", work],
  ["auditFindMax", "cut", (n) => foundIn(pageLimit({ limit: n } as never), n)],
  ["observedBytesMax", "lost", answered],
  ["recordedCallCharsMax", "verdict alone", recorded],
  ["mcpKeepAliveMs", "told", silent],
  ["mcpResumeMs", "lost", resumed],
  ["mcpClientIdleMs", "gone", idle],
  ["keySetMs", "over", keySetTime],
  ["observeIdleSecondsDefault", "another run", runs],
  ["loopRowsDefault", "never", rows],
  ["draftBytesDefault", "never", bytes],
];
