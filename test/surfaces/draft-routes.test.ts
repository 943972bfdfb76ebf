/**
 * POST /draft: off unless a drafter is passed in, for the host only, bounded, one at a time.
 */
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { type Drafter, hostRoutes } from "../../src/surfaces/hono.ts";
import { err, ok } from "../../src/result.ts";
import { makeShop, type Reply, replyOf } from "./firewall-fixture.ts";

const admin = "admin-secret-0123456789";
const read = "read-secret-0123456789";

type Ask = (body: unknown, options?: { readonly secret?: string; readonly type?: string }) => Promise<Reply>;

function host(drafter: Drafter | undefined): Ask {
  const app = new Hono();
  const routes = { enforcer: makeShop().firewall, credentials: { admin, read } };
  app.route("/", hostRoutes(drafter === undefined ? routes : { ...routes, drafter }));
  return async (body, { secret = admin, type = "application/json" } = {}) =>
    replyOf(
      await app.request("/draft", {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": type },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
}

describe("POST /draft", () => {
  it("is no route unless the host passes a drafter in", async () => {
    expect(await host(undefined)({ task: "x" })).toMatchObject({ status: 404 });
  });

  it("passes on what was asked and answers what was drafted, not to be stored", async () => {
    const seen: unknown[] = [];
    const ask = host(async (request) => {
      seen.push(request);
      return ok({ plan: null, abstained: true });
    });
    const request = { task: "Find Ada", tools: [], now: "2026-03-01", zone: "UTC" };
    const reply = await ask(request);
    expect(reply).toMatchObject({ status: 200, body: { plan: null, abstained: true } });
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(seen).toEqual([request]);
  });

  it.each([
    ["no-such-secret-0123456", "AUTH_DENIED"],
    [read, "AUTH_DENIED"],
  ])("is closed to the credential %s", async (secret, code) => {
    const ask = host(async () => ok({}));
    expect(await ask({ task: "x" }, { secret })).toMatchObject({ status: 403, body: { code } });
  });

  it.each([
    ["{", {}, 400, "DRAFT_MALFORMED"],
    ['{"task":1}', {}, 400, "DRAFT_MALFORMED"],
    ['{"task":"x","task":"y"}', {}, 400, "DRAFT_MALFORMED"],
    ['{"task":"x","plan":{}}', {}, 400, "DRAFT_MALFORMED"],
    ['{"task":"x","now":7}', {}, 400, "DRAFT_MALFORMED"],
    ['{"task":"x","zone":7}', {}, 400, "DRAFT_MALFORMED"],
    ['{"task":"x"}', { type: "text/plain" }, 400, "DRAFT_MALFORMED"],
    [`{"task":"${"x".repeat(4 * 1024 * 1024)}"}`, {}, 413, "DRAFT_TOO_LARGE"],
  ])("refuses a body that it cannot use: %#", async (body, options, status, code) => {
    const ask = host(async () => ok({}));
    expect(await ask(body, options)).toMatchObject({ status, body: { code } });
  });

  it("says which part of a request the drafter cannot use, and that a planner cannot work", async () => {
    const malformed = host(async () => err({ kind: "malformed", message: "no such zone", pointer: "/zone" }));
    expect(await malformed({ task: "x" })).toMatchObject({
      status: 400,
      body: { code: "DRAFT_MALFORMED", pointer: "/zone", message: "no such zone" },
    });
    const unable = host(async () => err({ kind: "unable", message: "there is no model" }));
    expect(await unable({ task: "x" })).toMatchObject({ status: 503, body: { code: "DRAFT_UNAVAILABLE" } });
    const faulty = host(() => Promise.reject(new Error("secret detail")));
    const reply = await faulty({ task: "x" });
    expect(reply).toMatchObject({ status: 500, body: { code: "INTERNAL" } });
    expect(reply.text).not.toContain("secret detail");
  });

  it("drafts one task at a time, lets eight wait, turns the rest away, and goes on after a failure", async () => {
    let [open, most, drafted] = [0, 0, 0];
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ask = host(async () => {
      open += 1;
      most = Math.max(most, open);
      await gate;
      open -= 1;
      drafted += 1;
      if (drafted === 2) throw new Error("the second one fails");
      return ok({});
    });
    const replies = Array.from({ length: 12 }, () => ask({ task: "x" }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    const settled = await Promise.all(replies);
    const statuses = settled.map(({ status }) => status);
    expect([most, drafted]).toEqual([1, 9]);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
    expect(settled.find(({ status }) => status === 429)).toMatchObject({ body: { code: "DRAFT_BUSY" } });
    expect(statuses.filter((status) => status === 500)).toHaveLength(1);
    expect(await ask({ task: "x" })).toMatchObject({ status: 200 });
  });
});
