/**
 * Tells a fixed address of every call and amendment that waits for a human: a signed POST, a bounded number of tries.
 * Never sends a value of the call or the amendment, or a secret, follows no redirect, and takes no part in a verdict.
 */
import { hmacSha256, hexOf } from "../plan/digest.ts";
import { canonicalJson } from "../json/canonical.ts";
import { webhookTriesMax } from "../limits.ts";
import type { Clock } from "../ports.ts";
import { ConfigError } from "../result.ts";
import type { Json } from "../json/value.ts";
import { timer } from "./enforce/call/wait.ts";
import type { Amendment, Approval } from "./enforce.ts";

/** Where and how to tell. */
export interface WebhookOptions {
  /** `https:`; `http:` only to this machine. Fixed: nothing of a call or an amendment enters it. */
  readonly url: string;
  /** Secret of at least 16 characters that signs each request. */
  readonly secret: string;
  /** Address of the routes of approvers: the message links to the call or the amendment there. */
  readonly link?: string;
  readonly clock?: Clock;
  /** Default: the global `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Waits so many milliseconds. Default: a timer. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Milliseconds that the receiver has to answer. */
const webhookMs = 10_000;

/**
 * Makes an `onPending`, which is an `onPendingAmendment` as well, that posts to a webhook. The header `sluice-timestamp` is milliseconds since the epoch, `sluice-signature` is `v1=` and the
 * HMAC-SHA-256 of the timestamp, a full stop and the body, in hexadecimal: the receiver checks both, and that the time is recent. Rejects
 * after the last try. Throws {@link ConfigError} at set-up if the address or the secret cannot be used.
 *
 * @example createFirewall({ …, onPending: approvalWebhook({ url, secret }) })
 */
export function approvalWebhook(options: WebhookOptions): (pending: Approval | Amendment) => Promise<void> {
  const { url, secret, link, clock = Date.now, fetch: send = fetch, sleep = timer } = options;
  if (!isSafeAddress(url))
    throw new ConfigError("`url` must be an `https:` URL without credentials (`http:` only to this machine)");
  if (typeof secret !== "string" || secret.length < 16) throw new ConfigError("`secret` must have at least 16 characters");
  if (link !== undefined && !URL.canParse(link)) throw new ConfigError("`link` must be a URL");
  return async (pending) => {
    const place = "amendment" in pending ? "amendments" : "approvals";
    const page = link === undefined ? {} : { link: `${link.replace(/\/$/, "")}/${place}/${encodeURIComponent(pending.id)}` };
    const body = canonicalJson({ ...messageOf(pending), ...page });
    for (let attempt = 0; attempt < webhookTriesMax; attempt++) {
      if (attempt > 0) await sleep(1_000 * 4 ** (attempt - 1));
      if (await post(send, url, { body, secret, at: clock() })) return;
    }
    throw new Error("the webhook did not take it");
  };
}

/** What is told: names, digests and times. Nodes of an amendment are named by the agent, so they are not. */
function messageOf(pending: Approval | Amendment): { readonly [name: string]: Json } {
  const { id, plan, planName, principal, at, expires, people } = pending;
  const common = { id, plan, planName, principal, at, expires, people };
  if ("amendment" in pending) {
    const { session, parent, diff } = pending;
    return { type: "amendment.pending", ...common, session, parent, relation: diff?.relation ?? null };
  }
  const { node, tool, digest } = pending;
  return { type: "approval.pending", ...common, node, tool, digest };
}

async function post(
  send: NonNullable<WebhookOptions["fetch"]>,
  url: string,
  { body, secret, at }: { readonly body: string; readonly secret: string; readonly at: number },
): Promise<boolean> {
  try {
    const response = await send(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "sluice-timestamp": String(at),
        "sluice-signature": `v1=${hexOf(hmacSha256(secret, `${at}.${body}`))}`,
      },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(webhookMs),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function isSafeAddress(text: string): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}
