/**
 * How a call that waits reaches a human: the webhook; and how the request that asked is kept until they have decided.
 */
import { describe, expect, it, vi } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { hexOf, hmacSha256 } from "../../src/plan/digest.ts";
import { ConfigError } from "../../src/result.ts";
import { awaitApproval } from "../../src/surfaces/enforce/call/wait.ts";
import { approvalWebhook } from "../../src/surfaces/approval-webhook.ts";
import { approvalOf, makeWorld, outcome } from "./approval-fixture.ts";

const secret = "a-secret-of-the-webhook";
const payAna = { tool: "pay", args: { to: "ana", amount: 10 } };

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

describe("the webhook of approvals", () => {
  const deliver = async (
    statuses: readonly number[],
  ): Promise<{ sent: Sent[]; waits: number[]; failed: boolean; id: string }> => {
    const sent: Sent[] = [];
    const waits: number[] = [];
    const hook = approvalWebhook({
      url: "https://hooks.example/sluice",
      secret,
      link: "https://sluice.example/host",
      clock: () => 5_000,
      sleep: async (ms) => void waits.push(ms),
      fetch: async (url, init) => {
        sent.push({ url, init });
        return new Response(null, { status: statuses[sent.length - 1] ?? 200 });
      },
    });
    const world = makeWorld();
    const token = await world.open();
    const id = approvalOf(await world.enforcer.check(token, payAna));
    const approval = await world.enforcer.approval(id);
    let failed = false;
    await hook(approval.ok ? approval.value : (undefined as never)).catch(() => {
      failed = true;
    });
    expect(JSON.stringify(sent)).not.toContain(token);
    return { sent, waits, failed, id };
  };

  it("is a signed POST that links to the call, without its values or the session's token", async () => {
    const { sent, id } = await deliver([200]);
    const { url, init } = sent[0] as Sent;
    const body = String(init.body);
    expect(url).toBe("https://hooks.example/sluice");
    expect(init).toMatchObject({ method: "POST", redirect: "error" });
    expect(init.headers).toMatchObject({
      "sluice-timestamp": "5000",
      "sluice-signature": `v1=${hexOf(hmacSha256(secret, `5000.${body}`))}`,
    });
    const read = readJson(body);
    expect(read.ok && read.value).toMatchObject({ id, tool: "bank/pay", link: `https://sluice.example/host/approvals/${id}` });
    expect(body).not.toContain('ana"');
  });

  it("tells of an amendment as well, by names, digests and its direction alone", async () => {
    const sent: Sent[] = [];
    const hook = approvalWebhook({
      url: "https://hooks.example/sluice",
      secret,
      link: "https://sluice.example/host",
      fetch: async (url, init) => {
        sent.push({ url, init });
        return new Response(null);
      },
    });
    const world = makeWorld({ onPendingAmendment: hook });
    await world.enforcer.amend(await world.open(), { nodes: { evil: { tool: "bank/send", args: { to: "eve", body: "x" } } } });
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    const [waiting] = await world.enforcer.waitingAmendments().then((listed) => (listed.ok ? listed.value : []));
    const body = String(sent[0]?.init.body);
    const read = readJson(body);
    expect(read.ok && read.value).toMatchObject({
      type: "amendment.pending",
      id: waiting?.id,
      plan: waiting?.plan,
      relation: "wider",
      link: `https://sluice.example/host/amendments/${waiting?.id}`,
    });
    expect(body).not.toMatch(/eve|evil/);
  });

  it("is tried again after a failure, and not for ever", async () => {
    expect(await deliver([500, 503, 200])).toMatchObject({ waits: [1_000, 4_000], failed: false });
    expect(await deliver([500, 500, 500, 200])).toMatchObject({ failed: true });
    expect((await deliver([500, 500, 500, 200])).sent).toHaveLength(3);
  });

  it.each(["http://hooks.example/", "ftp://x/", "https://user:pw@x/", "file:///etc/passwd", "x"])(
    "does not take the address %s",
    (url) => {
      expect(() => approvalWebhook({ url, secret })).toThrow(ConfigError);
    },
  );
});

describe("a request that is kept until a human has decided", () => {
  it("is answered with the allow when it is approved in time", async () => {
    const world = makeWorld();
    const token = await world.open();
    const first = await world.enforcer.check(token, payAna);
    const waits: number[] = [];
    const last = await awaitApproval(first, {
      waitMs: 10_000,
      sleep: async (ms) => {
        waits.push(ms);
        if (waits.length === 3) await world.enforcer.approve(approvalOf(first), { by: "eve", decision: "approve" });
      },
      release: (id) => world.enforcer.release(token, id),
    });
    expect(outcome(last)).toBe("allow");
    expect(waits).toHaveLength(3);
  });

  it("is denied with the id when the time is over, or at once when a human denies it", async () => {
    const world = makeWorld();
    const token = await world.open();
    const first = await world.enforcer.check(token, payAna);
    const release = (id: string): ReturnType<typeof world.enforcer.release> => world.enforcer.release(token, id);
    const late = await awaitApproval(first, { waitMs: 2_000, sleep: async () => {}, release });
    expect(approvalOf(late)).toBe(approvalOf(first));
    const sleep = async (): Promise<void> =>
      void (await world.enforcer.approve(approvalOf(first), { by: "eve", decision: "deny" }));
    expect(outcome(await awaitApproval(first, { waitMs: 2_000, sleep, release }))).toBe("APPROVAL_DENIED");
  });
});
