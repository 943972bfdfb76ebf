/** The dashboard as an app: its headers, who is let in, pages and the same as JSON, parts of pages, problems. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { dashboardRows } from "../../src/dashboard.ts";
import { acts, downloads, pageGroups } from "../../src/dashboard/pages.ts";
import { readJson } from "../../src/json/read.ts";
import { must } from "../audit/fixture.ts";
import { askAmendment, attackRun, type Desk, goodRun, makeDesk } from "./fixture.ts";

let desk: Desk;

beforeAll(async () => {
  desk = await makeDesk();
  const { token } = await goodRun(desk);
  await askAmendment(desk, token);
  await attackRun(desk);
  await desk.drain();
});
afterAll(() => desk.close());

type Who = keyof Desk["tokens"] | "host" | "nobody";

function credential(who: Who): Record<string, string> {
  if (who === "nobody") return {};
  return { authorization: `Bearer ${who === "host" ? desk.admin : desk.tokens[who]}` };
}

async function get(path: string, who: Who, headers: Record<string, string> = { accept: "text/html" }): Promise<Response> {
  return fetch(`${desk.url}${path}`, { headers: { ...credential(who), ...headers }, redirect: "manual" });
}

async function post(path: string, who: Who, body: Json): Promise<{ readonly status: number; readonly body: Json }> {
  const headers = { ...credential(who), "content-type": "application/json", accept: "application/json" };
  const response = await fetch(`${desk.url}${path}`, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
  return { status: response.status, body: must(readJson(await response.text())) };
}

const policy = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self'",
];

describe("every answer", () => {
  it("has the policy under which nothing foreign is loaded, run or framed", async () => {
    for (const [path, who] of [
      ["/approvals", "vera"],
      ["/login", "nobody"],
      ["/nothing", "vera"],
      ["/plans", "nobody"],
      ["/approvals/unknown", "vera"],
    ] as const) {
      const { headers } = await get(path, who);
      const said = (headers.get("content-security-policy") ?? "").split("; ").sort();
      expect([path, said]).toEqual([path, policy]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toMatch(/same-origin|no-referrer/);
    }
  });

  it("has no inline script, style or handler, and names no other place", async () => {
    for (const { pages } of pageGroups)
      for (const { path } of pages.filter((page) => !page.path.includes(":"))) {
        const text = await (await get(path, "root")).text();
        expect([path, /<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/i.test(text)]).toEqual([path, false]);
        const foreign = [...text.matchAll(/(?:href|src|action)="([^"]*)"/g)]
          .map(([, address = ""]) => address)
          .filter((address) => !/^(\/dashboard|#)/.test(address));
        expect([path, foreign]).toEqual([path, []]);
      }
  });
});

describe("who is let in", () => {
  it("is said for each page, act and download by one table", () => {
    const rows = dashboardRows.map(({ method, path, needs }) => `${method} ${path} ${needs}`);
    for (const { path, role } of pageGroups.flatMap(({ pages }) => pages)) expect(rows).toContain(`GET ${path} ${role}`);
    for (const { path, role } of acts) expect(rows).toContain(`POST ${path} ${role}`);
    for (const { path, role } of downloads) expect(rows).toContain(`GET ${path} ${role}`);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it("is nobody without a credential, on any route but the assets and the login", async () => {
    for (const { method, path, needs } of dashboardRows) {
      if (needs === "public") continue;
      const response = await fetch(`${desk.url}${path === "/" ? "" : path}`, {
        method,
        headers: { accept: "application/json" },
        redirect: "manual",
      });
      expect([path, response.status]).toEqual([path, 401]);
      await response.body?.cancel();
    }
  });

  it("goes by role: a viewer decides nothing and makes no token", async () => {
    expect((await get("/approvals", "vera")).status).toBe(200);
    expect((await get("/access", "vera")).status).toBe(403);
    expect((await get("/access", "ada")).status).toBe(403);
    expect((await get("/access", "root")).status).toBe(200);
    const [call] = must(await desk.firewall.approvals());
    expect((await post(`/approvals/${call?.id}`, "vera", { decision: "approve" })).status).toBe(403);
    expect((await post("/access/tokens", "ada", { name: "x", role: "administrator" })).status).toBe(403);
    expect(must(await desk.firewall.approvals())).toHaveLength(1);
  });

  it("goes by role: a viewer sees what waits without its values, and what an approver has read is noted", async () => {
    const [call] = must(await desk.firewall.approvals());
    const [amendment] = must(await desk.firewall.waitingAmendments());
    expect(amendment?.written?.length).toBeGreaterThan(0);
    const values = ["NL91ABNA0417164300", call?.digest ?? "none", "What the agent wrote", '"written"'];
    for (const path of ["/approvals", `/approvals/${call?.id}`, `/amendments/${amendment?.id}`])
      for (const accept of ["text/html", "application/json"]) {
        const response = await get(path, "vera", { accept });
        const text = await response.text();
        expect([path, response.status]).toEqual([path, 200]);
        expect([path, values.filter((value) => text.includes(value))]).toEqual([path, []]);
      }
    expect(await (await get(`/amendments/${amendment?.id}`, "bob")).text()).toContain("What the agent wrote");
    expect(await (await get(`/approvals/${call?.id}`, "bob")).text()).toContain("NL91ABNA0417164300");
    await desk.drain();
    const read = must(await desk.log.find({ by: "bob", kind: ["admin"], limit: 10 })).records.map(
      ({ record }) => record.facts.act,
    );
    expect(read.sort()).toEqual(["amendment-read", "approval-read"]);
  });

  it("does not let the host's own credential decide", async () => {
    const [call] = must(await desk.firewall.approvals());
    const [amendment] = must(await desk.firewall.waitingAmendments());
    expect(await post(`/approvals/${call?.id}`, "host", { decision: "approve" })).toMatchObject({ status: 403 });
    expect(
      await post(`/amendments/${amendment?.id}`, "host", { decision: "approve", plan: amendment?.plan ?? "" }),
    ).toMatchObject({ status: 403 });
    const page = await (await get(`/approvals/${call?.id}`, "host")).text();
    expect(page).not.toContain('name="decision"');
    expect(page).toContain("decides nothing");
  });

  it("sends a browser to the login page, and tells it nothing of what there is", async () => {
    for (const path of ["/plans", "/nothing"]) {
      const response = await get(path, "nobody");
      expect([path, response.status]).toEqual([path, 303]);
      expect(response.headers.get("location")).toContain("/dashboard/login");
    }
  });
});

describe("a page", () => {
  it("is its model for who asks for JSON", async () => {
    const response = await get("/approvals", "ada", { accept: "application/json" });
    expect(response.headers.get("content-type")).toBe("application/json");
    const model = must(readJson(await response.text())) as {
      readonly calls: readonly { readonly tool: string; readonly args: Json }[];
    };
    expect(model.calls.map(({ tool, args }) => [tool, args])).toEqual([
      ["pay/refund", { account: "NL91ABNA0417164300", amount: 40 }],
    ]);
  });

  it("is its main region alone for the script that brings it up to date", async () => {
    const response = await get("/approvals", "vera", { accept: "text/html", "sluice-fragment": "main" });
    expect(response.headers.get("sluice-waiting")).toBe("2");
    const text = await response.text();
    expect(text).toMatch(/^<main id="main"[^>]* data-refresh="approval amendment plan">/);
    expect(text).toMatch(/<\/main>$/);
  });

  it("that is not there is said so, as a page and as JSON", async () => {
    const page = await get("/nothing", "vera");
    expect(page.status).toBe(404);
    expect(await page.text()).toContain("<h1><bdi>Not found</bdi></h1>");
    const json = await get("/approvals/s_0.1", "vera", { accept: "application/json" });
    expect([json.status, json.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(must(readJson(await json.text()))).toMatchObject({ status: 404, code: "APPROVAL_UNKNOWN" });
    expect((await get("/plans/sha256:00", "vera")).status).toBe(404);
    expect((await get("/drafts/x", "vera")).status).toBe(404);
  });

  it("shows what a held call would send, why it waits, and what the plan lets happen", async () => {
    const [call] = must(await desk.firewall.approvals());
    const text = await (await get(`/approvals/${call?.id}`, "ada")).text();
    expect(text).toContain("<bdi>NL91ABNA0417164300</bdi>");
    expect(text).toContain("that a person approves each call");
    expect(text).toContain("Approve exactly this");
    expect(text).toContain("up to 3 times, each time after a human has approved");
  });
});

describe("the root", () => {
  it("is one page, with and without the slash, and keeps what was asked", async () => {
    const response = await get("/?only=denials", "vera");
    expect([response.status, response.headers.get("location")]).toEqual([308, "/dashboard?only=denials"]);
    expect((await get("", "vera")).status).toBe(200);
  });
});

describe("a decision", () => {
  it("names what was seen: another digest is refused", async () => {
    const [call] = must(await desk.firewall.approvals());
    const [amendment] = must(await desk.firewall.waitingAmendments());
    expect(await post(`/approvals/${call?.id}`, "ada", { decision: "approve", digest: "sha256:00" })).toMatchObject({
      status: 409,
      body: { code: "APPROVAL_STALE" },
    });
    expect(await post(`/amendments/${amendment?.id}`, "ada", { decision: "approve", plan: "sha256:00" })).toMatchObject({
      status: 409,
      body: { code: "AMEND_STALE" },
    });
    expect(await post(`/amendments/${amendment?.id}`, "ada", { decision: "approve" })).toMatchObject({ status: 400 });
    expect(await post(`/approvals/${call?.id}`, "ada", { decision: "maybe" })).toMatchObject({ status: 400 });
    expect(await post(`/approvals/${call?.id}`, "ada", { decision: "deny", reason: "x".repeat(1_001) })).toMatchObject({
      status: 400,
    });
  });

  it("is kept with who and why", async () => {
    const [call] = must(await desk.firewall.approvals());
    const said = { decision: "approve", digest: call?.digest ?? "", reason: "seen the lamp" };
    expect(await post(`/approvals/${call?.id}`, "ada", said)).toMatchObject({
      status: 200,
      body: { status: "approved", approvers: ["ada"] },
    });
    const text = await (await get(`/approvals/${call?.id}`, "ada")).text();
    expect(text).toContain("<strong><bdi>ada</bdi></strong>");
    expect(text).toContain("<bdi>seen the lamp</bdi>");
    const [amendment] = must(await desk.firewall.waitingAmendments());
    const denied = { decision: "deny", plan: amendment?.plan ?? "", reason: "no new recipients" };
    expect(await post(`/amendments/${amendment?.id}`, "bob", denied)).toMatchObject({ status: 200, body: { status: "denied" } });
    expect(await (await get(`/amendments/${amendment?.id}`, "vera")).text()).toContain("<bdi>no new recipients</bdi>");
  });
});

describe("access", () => {
  it("shows a new token once, which then has its role until it is revoked", async () => {
    const made = await post("/access/tokens", "root", { name: "eve", role: "viewer", days: 7 });
    expect(made.status).toBe(201);
    const { token, id } = made.body as { readonly token: string; readonly id: string };
    const asEve = (): Promise<Response> =>
      fetch(`${desk.url}/approvals`, { headers: { authorization: `Bearer ${token}`, accept: "application/json" } });
    expect((await asEve()).status).toBe(200);
    const listed = await (await get("/access", "root")).text();
    expect(listed).toContain("<bdi>eve</bdi>");
    expect(listed).not.toContain(token);
    expect((await post(`/access/tokens/${id}/revoke`, "root", {})).status).toBe(200);
    expect((await asEve()).status).toBe(403);
    for (const wrong of [
      { name: "a b", role: "viewer" },
      { name: "x", role: "king" },
      { name: "x", role: "viewer", days: "soon" },
      { name: "x", role: "viewer", days: 9_999 },
    ])
      expect([wrong, (await post("/access/tokens", "root", wrong)).status]).toEqual([wrong, 400]);
    expect((await post("/access/tokens/none/revoke", "root", {})).status).toBe(404);
  });

  it("notes who made and revoked tokens, in the journal of the store", async () => {
    const lines = must(await desk.store.journal({ limit: 1_000 }));
    await desk.drain();
    const notes = lines.flatMap(({ note }) => (note === undefined ? [] : [note]));
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ act: "token-made", by: "root" }),
        expect.objectContaining({ act: "token-revoked", by: "root" }),
      ]),
    );
  });
});
