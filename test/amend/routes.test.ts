/**
 * Amendments over HTTP: an agent asks with its session's token, people decide with secrets of their own.
 */
import { Hono } from "hono";
import { expect, it } from "vitest";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { amendmentRoutes, hostRoutes } from "../../src/surfaces/hono.ts";
import { createFirewall } from "../../src/surfaces/options.ts";
import { catalogue, frozenPlan } from "./world.ts";

const admin = "admin-secret-0123456789";
const grace = "grace-secret-0123456789";

async function world(): Promise<{ app: Hono; token: string; session: string }> {
  const plan = frozenPlan({ read: { tool: "inbox/read", args: { id: "m1" } } });
  const enforcer = createFirewall({ plans: [plan], store: createMemoryStore(), amendments: { catalogue } });
  const opened = await enforcer.open({ plan: plan.digest, principal: "ada" });
  if (!opened.ok) throw new Error(opened.error.code);
  const app = new Hono();
  app.route("/amendments", amendmentRoutes({ enforcer }));
  app.route("/host", hostRoutes({ enforcer, credentials: { admin, approvers: { grace } } }));
  return { app, token: opened.value.token, session: opened.value.session };
}

const post = (app: Hono, path: string, secret: string | undefined, body: unknown): Promise<Response> =>
  Promise.resolve(
    app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) },
      body: JSON.stringify(body),
    }),
  );

const wide = { nodes: { pay: { tool: "bank/pay", args: { iban: "DE1", amount: 5 } } } };

it("answers 200 for what goes through, 202 for what waits, and a problem for what is none", async () => {
  const { app, token } = await world();
  expect((await post(app, "/amendments", token, { limits: { calls: 3 } })).status).toBe(200);
  const waiting = await post(app, "/amendments", token, wide);
  expect(waiting.status).toBe(202);
  expect(await waiting.json()).toMatchObject({ status: "waiting", amendment: 0 });
  const bad = await post(app, "/amendments", token, { nodes: { x: { tool: "evil/run" } } });
  expect(bad.status).toBe(422);
  expect(await bad.json()).toMatchObject({
    code: "AMEND_INVALID",
    findings: [{ code: "TOOL_UNKNOWN", pointer: "/nodes/x/tool" }],
  });
});

it("lets a person decide what the person has seen", async () => {
  const { app, token, session } = await world();
  await post(app, "/amendments", token, wide);
  const listed = await app.request(`/host/sessions/${session}/amendments`, { headers: { authorization: `Bearer ${admin}` } });
  const { amendments } = (await listed.json()) as { amendments: { plan: string; diff: { relation: string } }[] };
  expect(amendments[0]?.diff.relation).toBe("wider");
  const decided = await post(app, `/host/sessions/${session}/amendments/0`, grace, {
    decision: "approve",
    plan: amendments[0]?.plan,
  });
  expect(decided.status).toBe(200);
  expect(await decided.json()).toMatchObject({ status: "applied", approvers: ["grace"] });
});

it.each<readonly [string, (token: string) => string | undefined, number]>([
  ["the agent's token", (token) => token, 403],
  ["the host's secret, which only looks", () => admin, 403],
  ["nobody's secret", () => "nobody-secret-0123456789", 403],
  ["no secret", () => undefined, 401],
])("lets nobody decide with %s", async (_, secretOf, status) => {
  const { app, token, session } = await world();
  const asked = (await (await post(app, "/amendments", token, wide)).json()) as { plan: string };
  const decided = await post(app, `/host/sessions/${session}/amendments/0`, secretOf(token), {
    decision: "approve",
    plan: asked.plan,
  });
  expect(decided.status).toBe(status);
});

it("asks for a session before it reads a body", async () => {
  const { app } = await world();
  expect((await post(app, "/amendments", undefined, wide)).status).toBe(400);
  expect((await post(app, "/amendments", `s_${"0".repeat(32)}.${"0".repeat(64)}`, wide)).status).toBe(404);
});

const basic = (name: string, secret: string): string => `Basic ${btoa(`${name}:${secret}`)}`;

async function askedFor(): Promise<{ app: Hono; token: string; id: string; path: string }> {
  const { app, token } = await world();
  await post(app, "/amendments", token, wide);
  const listed = await app.request("/host/amendments", { headers: { authorization: `Bearer ${grace}` } });
  const { amendments } = (await listed.json()) as { amendments: { id: string }[] };
  const id = amendments[0]?.id ?? "";
  return { app, token, id, path: `/host/amendments/${id}` };
}

it("lists what waits over all sessions, for people and the host, and for no agent", async () => {
  const { app, token, path } = await askedFor();
  const seen = await app.request(path, { headers: { authorization: `Bearer ${admin}` } });
  expect(await seen.json()).toMatchObject({ status: "waiting", diff: { relation: "wider" } });
  for (const secret of [token, "nobody-secret-0123456789"])
    for (const place of ["/host/amendments", path])
      expect((await app.request(place, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(403);
  expect((await app.request(`${path}1`, { headers: { authorization: `Bearer ${grace}` } })).status).toBe(404);
  const decided = await post(app, path, grace, { decision: "deny" });
  expect([decided.status, ((await decided.json()) as { code: string }).code]).toEqual([400, "CALL_MALFORMED"]);
  expect((await post(app, path, grace, { decision: "deny", plan: "sha256:other" })).status).toBe(409);
});

it("shows a browser the difference and what the agent wrote, and takes only its own form of the person it was made for", async () => {
  const { app, path } = await askedFor();
  const headers = { accept: "text/html", authorization: basic("grace", grace) };
  const list = await (await app.request("/host/approvals", { headers })).text();
  expect(list).toContain(`href="${path}"`);
  const page = await (await app.request(path, { headers })).text();
  expect(page).toContain("<strong>wider</strong>");
  expect(page).toMatch(/\/nodes\/pay\/args\/iban<\/th><td><pre class="agent">DE1</);
  const [csrf = "", plan = ""] = ["csrf", "plan"].map((name) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1]);
  const submit = (fields: Record<string, string>, more: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(
      app.request(path, {
        method: "POST",
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded", ...more },
        body: new URLSearchParams(fields).toString(),
      }),
    );
  const approve = { decision: "approve", plan };
  expect((await submit(approve)).status).toBe(403);
  expect((await submit({ ...approve, csrf: "0".repeat(64) })).status).toBe(403);
  expect((await submit({ ...approve, csrf }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  const approved = await submit({ ...approve, csrf });
  expect([approved.status, (await approved.text()).includes("applied")]).toEqual([200, true]);
  expect((await submit({ ...approve, csrf })).status).toBe(409);
  expect(await (await app.request("/host/amendments", { headers })).text()).toContain("No amendment of a plan waits");
});

it("writes out and escapes what an agent would hide in an amendment", async () => {
  const { app, token } = await world();
  const hidden = "DE1\u200b\u202e<b>x</b>";
  await post(app, "/amendments", token, { nodes: { pay: { tool: "bank/pay", args: { iban: hidden, amount: 5 } } } });
  const headers = { accept: "text/html", authorization: basic("grace", grace) };
  const list = await (await app.request("/host/amendments", { headers })).text();
  const href = /href="(\/host\/amendments\/[^"]+)"/.exec(list)?.[1] ?? "";
  const page = await (await app.request(href, { headers })).text();
  expect(page).toContain("<mark>U+200B</mark><mark>U+202E</mark>&lt;b&gt;");
  expect(page).not.toMatch(/[\u200b\u202e]|<b>x/);
});
