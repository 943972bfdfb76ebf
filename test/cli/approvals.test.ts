/**
 * `sluice approvals` and `sluice amendments` at a real host: what a person sees and decides, and that two people are two people.
 */
import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFrozen } from "../../src/plan/freeze.ts";
import type { Policy, PublicKey } from "../../src/policy/policy.ts";
import { bankPlan, freeze } from "../approval/approval-fixture.ts";
import { begin, finished, type Finished, firstMatch, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
const admin = "an-admin-token-for-tests";
const secrets = { eve: "the-secret-of-eve-alone", joe: "the-secret-of-joe-alone" };
const publicKey = (): PublicKey => {
  const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", x };
};
const twoPeople: Policy = {
  sluicePolicy: 1,
  name: "two",
  approvers: { eve: { key: publicKey() }, joe: { key: publicKey() } },
  approval: { calls: { by: ["eve", "joe"], people: 2 } },
};
const received: { readonly path: string | undefined; readonly body: string }[] = [];
const upstream = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    received.push({ path: request.url, body });
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"id":7}');
  });
});
const running: ChildProcess[] = [];
let url = "";
let token = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const tools = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const frozen = folder.write("bank.json", writeFrozen(freeze(bankPlan, twoPeople)));
  const host = begin(
    ["serve", "--plan", frozen, "--port", "0", "--store", "memory", "--upstream", tools, "--approval-webhook", `${tools}/hook`],
    {
      env: {
        SLUICE_ADMIN_TOKEN: admin,
        SLUICE_APPROVERS: `eve=${secrets.eve},joe=${secrets.joe}`,
        SLUICE_WEBHOOK_SECRET: "a-secret-of-the-webhook",
      },
    },
  );
  running.push(host);
  url = await firstMatch(host, "stderr", /http:\/\/\S+/);
  const opened = await post("/sluice/sessions", { authorization: `Bearer ${admin}` }, { plan: "bank", principal: "ana" });
  token = ((await opened.json()) as { token: string }).token;
}, 60_000);
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.close();
  folder.remove();
});

function post(path: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

interface Problem {
  readonly code?: string;
  readonly remedies?: readonly { readonly approval?: string }[];
}
async function callPay(args: unknown): Promise<Problem & { readonly status: number }> {
  const answer = await post("/tools/bank/pay", { "sluice-session": token }, args);
  return { status: answer.status, ...((await answer.json()) as Problem) };
}

/** Runs a command of a person. */
function as(name: keyof typeof secrets, ...args: readonly string[]): Promise<Finished> {
  return sluice([...args, "--url", `${url}/sluice`], { env: { SLUICE_APPROVER_TOKEN: secrets[name] } });
}

const paid = (): number => received.filter(({ path }) => path === "/bank/pay").length;

describe("two people over HTTP", () => {
  it("release a call once, and only together", async () => {
    const held = await callPay({ to: "ana", amount: 10 });
    const id = held.remedies?.[0]?.approval ?? "";
    expect(held).toMatchObject({ status: 403, code: "CALL_NEEDS_APPROVAL" });
    const first = await as("eve", "approvals", "approve", id);
    expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(/status: pending\n[\s\S]*approved by: 1 of 2\n/)]);
    // The same person twice is one person.
    const again = await as("eve", "approvals", "approve", id);
    expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/^sluice: APPROVAL_STALE: /)]);
    expect((await callPay({ to: "ana", amount: 10 })).code).toBe("CALL_NEEDS_APPROVAL");
    expect(paid()).toBe(0);
    const second = await as("joe", "approvals", "approve", id);
    expect([second.status, second.stdout]).toEqual([0, expect.stringMatching(/status: approved\n[\s\S]*approved by: 2 of 2\n/)]);
    expect((await callPay({ to: "bob", amount: 90 })).status).toBe(200);
    expect(received.filter(({ path }) => path === "/bank/pay")).toEqual([
      { path: "/bank/pay", body: '{"amount":10,"to":"ana"}' },
    ]);
    expect((await callPay({ to: "ana", amount: 10 })).code).toBe("CALL_NEEDS_APPROVAL");
    expect(paid()).toBe(1);
  }, 120_000);
});

describe("sluice approvals", () => {
  it("shows where values come from", async () => {
    const inbox = await post("/tools/bank/inbox", { "sluice-session": token }, {});
    expect(inbox.status).toBe(200);
    const held = (await (await post("/tools/bank/send", { "sluice-session": token }, { body: "Hi" })).json()) as Problem;
    const { stdout } = await as("joe", "approvals", "show", held.remedies?.[0]?.approval ?? "");
    expect(stdout).toMatch(/ {2}body = "Hi"\n[\s\S]*where it comes from:\n[\s\S]*external_api/);
  }, 60_000);

  it("prints each waiting call once while it watches, and ends when it is asked to", async () => {
    const child = begin(["approvals", "list", "--watch", "--url", `${url}/sluice`], {
      env: { SLUICE_APPROVER_TOKEN: secrets.eve },
    });
    running.push(child);
    const end = finished(child);
    await firstMatch(child, "stdout", /bank\/send/);
    const before = (await callPay({ to: "bob", amount: 3 })).remedies?.[0]?.approval ?? "";
    await firstMatch(child, "stdout", new RegExp(before.replaceAll(".", "\\.")));
    child.kill("SIGINT");
    const { status, stdout, stderr } = await end;
    expect([status, stderr, stdout.split(before).length]).toEqual([0, "", 2]);
  }, 60_000);
});

describe("sluice amendments", () => {
  it("lists, shows and decides what an agent asks for, and the webhook has told of it without a value", async () => {
    const asked = await post(
      "/amendments",
      { "sluice-session": token },
      { nodes: { gift: { tool: "bank/send", args: { to: "eve", body: "gift" } } } },
    );
    expect([asked.status, await asked.json()]).toMatchObject([202, { status: "waiting" }]);
    const { stdout: list } = await as("eve", "amendments", "list");
    const id = /^(s_[0-9a-f]{32}\.a0) {2}(?:wider|incomparable) {2}bank {2}ana\n$/.exec(list)?.[1] ?? "";
    expect(id).not.toBe("");
    const { stdout: shown } = await as("eve", "amendments", "show", id);
    expect(shown).toMatch(/\n {2}wider \/nodes\/gift/);
    expect(shown).toContain('the agent wrote /nodes/gift/args/body = "gift"');
    const stale = await as("eve", "amendments", "approve", id, "--plan", "sha256:other");
    expect([stale.status, stale.stderr]).toEqual([1, expect.stringMatching(/^sluice: AMEND_STALE: /)]);
    expect((await as("eve", "amendments", "approve", id)).stdout).toMatch(
      /status: waiting\n[\s\S]*approved by: 1 of 2 \(eve\)\n/,
    );
    expect((await as("joe", "amendments", "approve", id)).stdout).toMatch(/status: applied\n/);
    expect((await as("joe", "amendments", "list")).stdout).toBe("no amendment waits\n");
    const told = received.filter(({ path, body }) => path === "/hook" && body.includes("amendment.pending"));
    expect(told).toHaveLength(1);
    expect(told[0]?.body).not.toMatch(/gift|eve/);
  }, 120_000);

  it("decides nothing with a secret that is none", async () => {
    const { status, stderr } = await sluice(["amendments", "list", "--url", `${url}/sluice`], {
      env: { SLUICE_APPROVER_TOKEN: "nobody-secret-0123456789" },
    });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^sluice: AUTH_DENIED: /)]);
  }, 60_000);
});
