/**
 * The routes of approvers and of the host that revokes and grants: who may do what, and what a browser is shown.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { Hono } from "hono";
import { readJson } from "../../src/json/read.ts";
import { type Json, member } from "../../src/json/value.ts";
import { hostRoutes } from "../../src/surfaces/hono.ts";
import { ConfigError } from "../../src/result.ts";
import { approvalOf, bank, bankPlan, freeze, makeWorld, outcome, type World } from "./approval-fixture.ts";

const admin = "admin-secret-of-the-host";
const secrets = { eve: "secret-of-eve-alone", joe: "secret-of-joe-alone" };
let world: World;
let app: Hono;
let token: string;
let id: string;

beforeEach(async () => {
  world = makeWorld();
  app = hostRoutes({ enforcer: world.enforcer, credentials: { admin, read: "read-secret-of-host", approvers: secrets } });
  token = await world.open();
  id = approvalOf(await world.enforcer.check(token, { tool: "pay", args: { to: "ana", amount: 10 } }));
});

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly value: Json;
  readonly headers: Headers;
}
async function send(path: string, secret?: string, init: RequestInit = {}): Promise<Reply> {
  const headers = { ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }), ...(init.headers as object) };
  const response = await app.request(path, { ...init, headers });
  const text = await response.text();
  const read = readJson(text);
  return { status: response.status, text, value: read.ok ? read.value : null, headers: response.headers };
}
const post = (path: string, secret: string | undefined, body: unknown): Promise<Reply> =>
  send(path, secret, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
const basic = (name: string, secret: string): string => `Basic ${btoa(`${name}:${secret}`)}`;

describe("the routes of approvers", () => {
  it("list what waits, show one call with its bytes, and take the decision of whose secret is given", async () => {
    const list = await send("/approvals", secrets.eve);
    expect(list.value).toMatchObject({ approvals: [{ id, args: { to: "ana", amount: 10 } }] });
    const one = await send(`/approvals/${id}`, secrets.eve);
    const digest = member(one.value, "digest");
    expect((await post(`/approvals/${id}`, secrets.eve, { decision: "approve", digest })).value).toMatchObject({
      status: "approved",
      approvers: ["eve"],
    });
    expect(await world.enforcer.check(token, { tool: "pay", args: {} })).toMatchObject({
      allow: true,
      permit: { args: { to: "ana" } },
    });
  });

  it("take nothing of an agent, of the host, of a reader, of nobody, or in another's name", async () => {
    const approve = { decision: "approve" };
    const expected: readonly (readonly [string | undefined, unknown, number])[] = [
      [undefined, approve, 401],
      [token, approve, 403],
      ["read-secret-of-host", approve, 403],
      [admin, approve, 403],
      ["not-a-secret-at-all", approve, 403],
      [secrets.eve, { decision: "approve", by: "joe" }, 403],
      [secrets.eve, { decision: "maybe" }, 400],
      [secrets.eve, [], 400],
      [secrets.eve, { decision: "approve", digest: "sha256:other" }, 409],
    ];
    for (const [secret, body, status] of expected)
      expect((await post(`/approvals/${id}`, secret, body)).status, String(secret)).toBe(status);
    expect((await send("/approvals", token)).status).toBe(403);
    expect((await send("/approvals", "read-secret-of-host")).status).toBe(403);
    expect(outcome(await world.enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
  });

  it("let the host look and decide nothing, and an approver look at sessions and open none", async () => {
    expect((await send(`/approvals/${id}`, admin)).status).toBe(200);
    expect((await post("/sessions", secrets.eve, { plan: "bank", principal: "ada" })).status).toBe(403);
    expect((await send("/sessions", secrets.eve)).status).toBe(200);
  });

  it("do not tell an unknown id from one that was never asked for", async () => {
    for (const other of [`s_${"0".repeat(32)}.0`, `${id.slice(0, -1)}7`, "x"])
      expect(await send(`/approvals/${other}`, secrets.eve)).toMatchObject({ status: 404, value: { code: "APPROVAL_UNKNOWN" } });
  });
});

describe("the page of a held call", () => {
  const page = (path: string, over: RequestInit = {}): Promise<Reply> =>
    send(path, undefined, {
      ...over,
      headers: { accept: "text/html", authorization: basic("eve", secrets.eve), ...(over.headers as object) },
    });
  const csrfIn = (text: string): string => /name="csrf" value="([0-9a-f]+)"/.exec(text)?.[1] ?? "";
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });

  it("asks a browser for name and secret, and runs no script", async () => {
    const stranger = await send("/approvals", undefined, { headers: { accept: "text/html" } });
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    const seen = await page(`/approvals/${id}`);
    expect(seen.headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
    expect(seen.text).not.toMatch(/<script/i);
    expect((await page("/approvals")).text).toContain(`/approvals/${id}`);
  });

  it("approves with its own form only", async () => {
    const csrf = csrfIn((await page(`/approvals/${id}`)).text);
    expect(csrf).not.toBe("");
    const approve = { decision: "approve" };
    expect((await page(`/approvals/${id}`, form(approve))).status).toBe(403);
    expect((await page(`/approvals/${id}`, form({ ...approve, csrf: "0".repeat(64) }))).status).toBe(403);
    expect((await page(`/approvals/${id}`, form({ ...approve, csrf }, { "sec-fetch-site": "cross-site" }))).status).toBe(403);
    const joes = { authorization: basic("joe", secrets.joe) };
    expect((await page(`/approvals/${id}`, form({ ...approve, csrf }, joes))).status).toBe(403);
    expect(outcome(await world.enforcer.release(token, id))).toBe("CALL_NEEDS_APPROVAL");
    expect((await page(`/approvals/${id}`, form({ ...approve, csrf }))).status).toBe(200);
    expect(outcome(await world.enforcer.release(token, id))).toBe("allow");
  });

  it("takes the secret of the person who is named, and no other's", async () => {
    const headers = { authorization: basic("joe", secrets.eve) };
    expect((await page("/approvals", { headers })).status).toBe(403);
  });

  it("escapes markup and writes out what cannot be seen (threat 23)", async () => {
    const frozen = freeze({
      ...bankPlan,
      nodes: {
        pay: {
          tool: "pay",
          args: { to: "<img src=x onerror=alert(1)>", amount: { choose: { type: "number" } } },
          constraints: { approve: "human" },
        },
        send: { tool: "send", optional: true, args: { to: "a\u200bb", body: "x" }, constraints: { approve: "human" } },
      },
      flows: [],
    });
    world = makeWorld({ frozen });
    app = hostRoutes({ enforcer: world.enforcer, credentials: { admin, approvers: secrets } });
    const session = await world.open();
    const first = await page(
      `/approvals/${approvalOf(await world.enforcer.check(session, { tool: "pay", args: { amount: 1 } }))}`,
    );
    expect(first.text).toContain("&lt;img src=x");
    expect(first.text).not.toContain("<img");
    const second = await page(`/approvals/${approvalOf(await world.enforcer.check(session, { tool: "send", args: {} }))}`);
    expect(second.text).toContain("a<mark>U+200B</mark>b");
  });
});

describe("revocations and grants", () => {
  it("are written by the host alone and read by readers, and work at the next check", async () => {
    for (const secret of [secrets.eve, "read-secret-of-host", token])
      expect((await post("/revocations", secret, { principal: "ada" })).status).toBe(403);
    expect((await post("/revocations", admin, { principal: "ada" })).status).toBe(200);
    expect(outcome(await world.enforcer.check(token, { tool: "inbox", args: {} }))).toBe("PRINCIPAL_REVOKED");
    expect((await send("/revocations", "read-secret-of-host")).value).toMatchObject({
      revocations: [{ id: "principal:ada", lifted: false }],
    });
    await post("/revocations", admin, { principal: "ada", lifted: true });
    expect(outcome(await world.enforcer.check(token, { tool: "inbox", args: {} }))).toBe("allow");
  });

  it("grant a plan by name or digest", async () => {
    world = makeWorld({ grants: "required" });
    app = hostRoutes({ enforcer: world.enforcer, credentials: { admin } });
    expect((await post("/sessions", admin, { plan: "bank", principal: "ada" })).value).toMatchObject({ code: "GRANT_MISSING" });
    expect((await post("/grants", admin, { principal: "*", plan: bank.digest })).status).toBe(200);
    expect((await post("/sessions", admin, { plan: "bank", principal: "ada" })).status).toBe(201);
  });

  it.each([
    ["/revocations", {}],
    ["/revocations", { plan: "a", session: "b" }],
    ["/revocations", { plan: "a", lifted: "no" }],
    ["/revocations", { plan: 5 }],
    ["/grants", { principal: "a" }],
    ["/grants", { principal: "a", plan: "b", more: 1 }],
    ["/grants", []],
  ])("refuse %s %j", async (path, body) => {
    expect((await post(path, admin, body)).status).toBe(400);
  });
});

describe("credentials of approvers", () => {
  it.each([
    { eve: "short" },
    { eve: admin },
    { "e v e": "secret-of-eve-alone" },
    { eve: "secret-of-eve-alone", joe: "secret-of-eve-alone" },
  ])("%j are refused when the routes are set up", (approvers) => {
    expect(() => hostRoutes({ enforcer: world.enforcer, credentials: { admin, approvers } })).toThrow(ConfigError);
  });
});
