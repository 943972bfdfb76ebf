/**
 * What holds for a time, or is tried for a number of times, unless somebody says otherwise: to its end, and no further. A size is a time in the unit
 * of its limit; timers are the tests'.
 */
import { vi } from "vitest";
import { createKeySource } from "../../../src/access/oidc/keys.ts";
import { approvePlan } from "../../../src/approval/plan.ts";
import { createGuard, type Session } from "../../../src/engine.ts";

import { issueReceipt } from "../../../src/receipts/issue.ts";
import { receiptKey } from "../../../src/receipts/key.ts";
import { ok } from "../../../src/result.ts";
import { createMemoryStore } from "../../../src/stores/memory.ts";
import type { Store } from "../../../src/stores/store.ts";
import { approvalWebhook, createFirewall } from "../../../src/surfaces/hono.ts";
import { boundStore } from "../../../src/surfaces/enforce/store/bounded-store.ts";
import { nextAttempt } from "../../../src/surfaces/enforce/point.ts";
import { awaitApproval } from "../../../src/surfaces/enforce/call/wait.ts";
import { Hono } from "hono";
import { addHealthRoutes } from "../../../src/surfaces/hono/health-routes.ts";
import { bankPlan, freeze as freezeBank } from "../../approval/approval-fixture.ts";
import { agentKey } from "../../receipts/agents.ts";
import { shop } from "../../surfaces/firewall-fixture.ts";
import { type LimitCase, outcomeOf } from "./case.ts";

/** Runs with timers that only `vi` moves. */
async function withTimers(run: () => Promise<string>): Promise<string> {
  vi.useFakeTimers();
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}

async function session(seconds: number): Promise<string> {
  const clock = { now: 1_000 };
  const firewall = createFirewall({ plans: [shop], store: createMemoryStore(), clock: () => clock.now });
  const opened = await firewall.open({ plan: shop.digest, principal: "ada" });
  if (!opened.ok) return opened.error.code;
  clock.now += seconds * 1_000;
  const checked = await firewall.check(opened.value.token, { tool: "shop/feed", args: {} });
  return checked.allow ? "ok" : checked.verdict.code;
}

function bank(): { readonly session: Session; readonly clock: { now: number } } {
  const clock = { now: 1_000 };
  const guard = createGuard(freezeBank(bankPlan), { clock: () => clock.now });
  const made = guard.ok ? guard.value.session({ id: "s-1", key: "00112233445566778899aabbccddeeff" }) : guard;
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { session: made.value, clock };
}

function hold(seconds: number): string {
  const { session, clock } = bank();
  session.check({ tool: "bank/pay", args: { to: "ana", amount: 10 } });
  // The last moment at which it can be released is the one before its end.
  clock.now += seconds * 1_000 - 1;
  const approved = session.approve("s-1.0", { by: "eve", decision: "approve" });
  return approved.ok ? "ok" : approved.error;
}

function lease(seconds: number): string {
  const clock = { now: 1_000 };
  const guard = createGuard(shop, { clock: () => clock.now });
  const made = guard.ok ? guard.value.session({ id: "s-1", key: "00112233445566778899aabbccddeeff" }) : guard;
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const verdict = made.value.check({ tool: "shop/feed", args: {} });
  if (verdict.decision !== "allow") return verdict.code;
  clock.now += seconds * 1_000 - 1;
  const settled = made.value.record(verdict.run, { value: "x" });
  return settled.ok ? "ok" : settled.code;
}

async function receipt(seconds: number): Promise<string> {
  const issuer = { key: receiptKey((await agentKey()).jwk), clock: () => 0, random: (length: number) => new Uint8Array(length) };
  const label = { sources: [], readers: null };
  const issued = await issueReceipt(issuer, { value: 1, purpose: "request", audience: "bank", label, context: label });
  const [, payload = ""] = issued.receipt.split(".");
  const { expires } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly expires: number };
  return seconds * 1_000 <= expires ? "ok" : "expired";
}

const jwks = (padding: number): string => {
  const text = '{"keys":[{"kty":"OKP","kid":"a","crv":"Ed25519","x":"AA"}]}';
  return text.padEnd(padding);
};

/** Asks for a key, and after `ms` for `kid`; says whether the address was asked again. */
async function askedAgain(ms: number, kid: string): Promise<string> {
  const clock = { now: 0 };
  let asked = 0;
  const fetch = async (): Promise<Response> => {
    asked += 1;
    return new Response(jwks(0));
  };
  const source = createKeySource({ url: "https://a.example/keys" }, { clock: () => clock.now, fetch });
  await source.keysFor("a");
  clock.now += ms;
  await source.keysFor(kid);
  return asked === 1 ? "ok" : "asked again";
}

async function keySet(bytes: number): Promise<string> {
  const fetch = async (): Promise<Response> => new Response(jwks(bytes));
  const source = createKeySource({ url: "https://a.example/keys" }, { clock: () => 0, fetch });
  return (await source.keysFor("a")) === undefined ? "refused" : "ok";
}

/** A store that answers after so long, asked `before` times by then without an answer. */
async function store(ms: number, hung: boolean): Promise<string> {
  return withTimers(async () => {
    let isThere = !hung;
    const slow = {
      record: () =>
        new Promise((resolve) => {
          if (isThere) setTimeout(() => resolve(ok(undefined)), ms);
        }),
    } as unknown as Store;
    const bound = boundStore(slow, 10_000);
    if (hung) {
      const first = bound.record("a", "b");
      await vi.advanceTimersByTimeAsync(10_000);
      await first;
      isThere = true;
    }
    const answer = bound.record("a", "b");
    await vi.advanceTimersByTimeAsync(20_000);
    return (await answer).ok ? "ok" : "unavailable";
  });
}

async function ready(ms: number): Promise<string> {
  return withTimers(async () => {
    const app = new Hono();
    const store = {
      record: () =>
        new Promise((resolve) => {
          setTimeout(() => resolve(ok(undefined)), ms);
        }),
    };
    const enforcer = { store, guards: new Map([["a", {}]]), observer: undefined, work: { isDraining: false }, clock: () => 0 };
    addHealthRoutes(app, { enforcer: enforcer as never });
    const answer = Promise.resolve(app.request("/ready"));
    await vi.advanceTimersByTimeAsync(10_000);
    return (await answer).status === 200 ? "ok" : "unready";
  });
}

async function probed(ms: number): Promise<string> {
  const clock = { now: 0 };
  let asked = 0;
  const store = {
    record: async () => {
      asked += 1;
      return ok(undefined);
    },
  };
  const app = new Hono();
  const enforcer = {
    store,
    guards: new Map([["a", {}]]),
    observer: undefined,
    work: { isDraining: false },
    clock: () => clock.now,
  };
  addHealthRoutes(app, { enforcer: enforcer as never });
  await app.request("/ready");
  clock.now += ms - 1;
  await app.request("/ready");
  return asked === 1 ? "ok" : "asked again";
}

/** The longest wait between two attempts, for a random number that is the greatest. */
async function backoff(ms: number): Promise<string> {
  let longest = 0;
  const point = {
    random: () => Uint8Array.of(255),
    sleep: async (waited: number) => {
      longest = Math.max(longest, waited);
    },
  };
  for (let attempt = 0; attempt < 32; attempt = await nextAttempt(point as never, attempt));
  return ms <= longest ? "ok" : "never";
}

/** Whether an approver's answer is seen within the first look of a waiting call. */
async function polled(ms: number): Promise<string> {
  let longest = 0;
  const held = { allow: false, verdict: { code: "CALL_NEEDS_APPROVAL", remedies: [{ approval: "a" }] } } as never;
  await awaitApproval(held, {
    waitMs: 2_000,
    sleep: async (waited) => {
      longest = Math.max(longest, waited);
    },
    release: async () => held,
  });
  return ms <= longest ? "ok" : "never";
}

/** A receiver that takes a message at the `size`th try. */
async function webhook(size: number): Promise<string> {
  let tries = 0;
  const tell = approvalWebhook({
    url: "https://a.example/hook",
    secret: "0123456789abcdef",
    sleep: async () => {},
    fetch: async () => {
      tries += 1;
      return new Response(null, { status: tries === size ? 200 : 500 });
    },
  });
  const people = { needed: 1, by: null };
  const pending = {
    id: "a",
    plan: "p",
    planName: "p",
    principal: "ada",
    at: 0,
    expires: 1,
    people,
    node: "n",
    tool: "a/b",
    digest: "d",
  };
  return tell(pending as never).then(
    () => "ok",
    () => "given up",
  );
}

async function approvals(size: number): Promise<string> {
  const { jwk } = await agentKey();
  const given = Array.from({ length: size - 1 }, (_, i) => `e30.e30.${i}`);
  const approved = await approvePlan({ ...shop, approvals: given }, { approver: "ada", key: jwk as never, now: 0 });
  return outcomeOf(approved);
}

/** Each with its limit. */
export const timeCases: readonly LimitCase[] = [
  ["sessionSecondsDefault", "SESSION_EXPIRED", session],
  ["holdSecondsDefault", "APPROVAL_EXPIRED", hold],
  ["leaseSecondsDefault", "RUN_SETTLED", lease],
  ["receiptSecondsDefault", "expired", receipt],
  ["keySetKeptMs", "asked again", (n) => askedAgain(n - 1, "a")],
  ["keySetPauseMs", "asked again", (n) => askedAgain(n - 1, "b")],
  ["keySetBytesMax", "refused", keySet],
  ["storeTimeoutMsDefault", "unavailable", (n) => store(n, false)],
  ["hungStoreMs", "unavailable", (n) => store(n, true)],
  ["healthProbeTimeoutMs", "unready", ready],
  ["healthProbeMs", "asked again", probed],
  ["commitWaitMsMax", "never", backoff],
  ["approvalPollMs", "never", polled],
  ["webhookTriesMax", "given up", webhook],
  ["approvalsPerPlanMax", "CONFIG_INVALID", approvals],
];
