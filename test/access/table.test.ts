/**
 * The tables of routes: every route of the host and of the dashboard has a row, and each row is tried with each kind of credential.
 */
import type { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import type { Access } from "../../src/access/access.ts";
import { createAccess } from "../../src/access/create-access.ts";
import { includes, type Role } from "../../src/access/identity.ts";
import type { RouteRow } from "../../src/access/table.ts";
import { dashboardRoutes, dashboardRows } from "../../src/dashboard.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { createFirewall, type Firewall } from "../../src/surfaces/hono.ts";
import { hostRoutes } from "../../src/surfaces/hono/host-routes.ts";
import { hostTable } from "../../src/surfaces/hono/host-table.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { shop } from "../surfaces/firewall-fixture.ts";
import { admin, approvers, read } from "./access-fixture.ts";

const store = createMemoryStore({ journal: true });
const clock = (): number => 1_800_000_000_000;
const firewall: Firewall = createFirewall({ plans: [shop], store, clock });
const access: Access = createAccess({ store, clock, random: systemRandom, admin, read, approvers });
const metrics = { expose: () => ({ type: "text/plain", text: "" }) };
const host = hostRoutes({
  enforcer: firewall,
  access,
  metrics,
  drafter: async () => ({ ok: true, value: {} }),
  reload: async () => ({ ok: true, value: [] }),
});

const apps: readonly (readonly [string, Hono, readonly RouteRow[]])[] = [
  ["the host", host, hostTable],
  ["the dashboard", dashboardRoutes({ enforcer: firewall, access }) as unknown as Hono, dashboardRows],
];

/** Who there is: header, and the role behind it. */
let people: readonly (readonly [string, string | undefined, Role | undefined])[];
beforeAll(async () => {
  const tokenOf = async (role: Role): Promise<string> => {
    const made = await access.tokens.make({ name: role, role, by: "test" });
    return made.ok ? made.value.token : "";
  };
  const revoked = await access.tokens.make({ name: "gone", role: "administrator", by: "test" });
  if (revoked.ok) await access.tokens.revoke(revoked.value.info.id, "test");
  const opened = await firewall.open({ plan: shop.digest, principal: "ada", params: {} });
  people = [
    ["nobody", undefined, undefined],
    ["a stranger", "no-such-secret-at-all", undefined],
    ["an agent", opened.ok ? opened.value.token : "", undefined],
    ["who had a token", revoked.ok ? revoked.value.token : "", undefined],
    ["the host's reader", read, "viewer"],
    ["a viewer", await tokenOf("viewer"), "viewer"],
    ["who approves by a secret", approvers.eve, "approver"],
    ["an approver", await tokenOf("approver"), "approver"],
    ["an administrator", await tokenOf("administrator"), "administrator"],
    ["the host", admin, "administrator"],
  ];
});

const refusals: ReadonlySet<unknown> = new Set(["AUTH_REQUIRED", "AUTH_DENIED"]);

/** Whether the table has let a request through: what a handler answers itself is something else. */
async function isLetThrough(app: Hono, { method, path }: RouteRow, secret: string | undefined): Promise<boolean> {
  const headers = { accept: "application/json", ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) };
  const init = method === "GET" ? { method, headers } : { method, headers, body: "" };
  const response = await app.request(path.replaceAll(/:\w+(?:\{[^}]*\})?/g, "x"), init);
  if (response.headers.get("content-type")?.includes("event-stream") === true) await response.body?.cancel();
  if (response.status !== 401 && response.status !== 403) return true;
  const said = JSON.parse(await response.text().catch(() => "{}")) as { code?: unknown; message?: string };
  // These are handlers' own words: whoever reads them has been let through.
  const isOwn = /the host's own|no such token|as many tokens/.test(said.message ?? "");
  return isOwn || !refusals.has(said.code);
}

describe.each(apps)("the routes of %s", (_, app, rows) => {
  it("have a row each, and each row is a route", () => {
    const handlers = app.routes.filter(({ method, path }) => method !== "ALL" && !path.endsWith("*"));
    const named = new Set(rows.map(({ method, path }) => `${method} ${path}`));
    const without = handlers.map(({ method, path }) => `${method} ${path}`).filter((route) => !named.has(route));
    expect(without).toEqual([]);
    // Rows put their own middleware there: a row that is no route has nothing but that.
    for (const route of named)
      expect(handlers.filter(({ method, path }) => `${method} ${path}` === route).length, route).toBeGreaterThan(1);
    expect(named.size).toBe(rows.length);
  });

  it("say why where nobody has to say who they are", () => {
    const open = rows.filter(({ needs }) => needs === "public");
    for (const row of open) expect("why" in row ? row.why.length : 0, row.path).toBeGreaterThan(20);
    expect(open.length).toBeLessThanOrEqual(6);
  });

  it("let in who has the role and nobody else, row by row", async () => {
    for (const row of rows) {
      for (const [name, secret, role] of people) {
        const isRight = row.needs === "public" || (role !== undefined && includes(role, row.needs));
        const where = `${name}: ${row.method} ${row.path}`;
        if (row.path.startsWith("/log")) continue;
        expect(await isLetThrough(app, row, secret), where).toBe(isRight);
      }
    }
  });
});

it("the host's routes know no cookie: a browser's session opens none of them", async () => {
  const dashboard = apps[1]?.[1] as Hono;
  const login = await dashboard.request("http://localhost/login", {
    method: "POST",
    body: new URLSearchParams({ credential: admin }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", origin: "http://localhost", "sec-fetch-site": "same-origin" },
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  expect(cookie).toMatch(/^sluice-80=/);
  for (const { method, path, needs } of hostTable) {
    if (needs === "public") continue;
    const response = await host.request(`http://localhost${path}`, { method, headers: { cookie, accept: "application/json" } });
    expect(response.status, path).toBe(401);
  }
});
