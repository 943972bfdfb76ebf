/**
 * Logging in: by which credential, from where, by a login URL; and what others try with it.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { makeLoginCode } from "../../src/access/login-codes.ts";
import { nextOf } from "../../src/access/login.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { admin, approvers, type Browser, makeSite, read, type Site, tokenFor, who } from "./access-fixture.ts";

let site: Site;
let browser: Browser;
beforeEach(() => {
  site = makeSite();
  browser = site.browser();
});

describe("logging in", () => {
  it("takes each kind of credential and makes a session of whose it is", async () => {
    const { token, id } = await tokenFor(site, "viewer", { name: "vera" });
    for (const [credential, expected] of [
      [admin, { name: "host", role: "administrator", by: "host", via: "cookie" }],
      [read, { name: "host:read", role: "viewer", by: "host", via: "cookie" }],
      [approvers.eve, { name: "eve", role: "approver", by: "secret", via: "cookie" }],
      [token, { name: "vera", role: "viewer", by: "token", credential: id, via: "cookie" }],
    ] as const) {
      const one = site.browser();
      expect((await one.login(credential)).status).toBe(303);
      expect(await who(one)).toEqual(expected);
    }
  });

  it("gives a cookie that scripts, other sites and other servers do not see, and that says nothing", async () => {
    const response = await browser.login(admin);
    const set = response.headers.get("set-cookie") ?? "";
    expect(set).toMatch(
      /^sluice-8787=\d{16}\.[0-9a-f]{32}\.[0-9a-f]{64}; Path=\/dashboard; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    const records = await site.store.records("access-session", { limit: 10 });
    expect(JSON.stringify(records)).not.toContain(set.slice(60, 120));
    expect(JSON.stringify(records)).not.toContain(admin);
  });

  it("gives a cookie for TLS alone where TLS ends before the server", async () => {
    const behind = makeSite({ publicUrl: "https://sluice.example" });
    const response = await behind.ask("http://sluice.example/dashboard/login", {
      method: "POST",
      body: new URLSearchParams({ credential: admin }).toString(),
      headers: {
        host: "sluice.example",
        origin: "https://sluice.example",
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-sluice=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict; /);
  });

  it("takes nothing over an open connection from another machine, a right credential neither", async () => {
    const open = makeSite({ hosts: ["desk.example"] });
    for (const host of ["desk.example", "192.0.2.7:8787"]) {
      const response = await open.ask(`http://${host}/dashboard/login`, {
        method: "POST",
        body: new URLSearchParams({ credential: admin }).toString(),
        headers: { host, origin: `http://${host}`, "content-type": "application/x-www-form-urlencoded" },
      });
      expect(response.status, host).toBe(403);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).toContain("access.publicUrl");
    }
  });

  it.each(["", "x", admin.slice(0, -1), `${admin} x`, "sluice_pat_", "a.b.c", "x".repeat(20_000)])(
    "refuses %j without saying why",
    async (credential) => {
      const response = await browser.login(credential);
      expect(response.status).toBe(401);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).toContain("This is no credential of Sluice, or it does not hold any more.");
    },
  );

  it("is not open to a form of another site: it could log a person in as somebody else", async () => {
    for (const headers of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "null" },
      { origin: "http://localhost:9999", "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ])
      expect((await browser.post("/login", { credential: admin }, headers)).status, JSON.stringify(headers)).toBe(403);
    const silent = await site.ask("/login", {
      method: "POST",
      body: `credential=${admin}`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(silent.status).toBe(403);
  });

  it("makes who guesses wait, and nobody else", async () => {
    const guess = (address: string, credential: string): Promise<Response> =>
      site.ask("/login", {
        method: "POST",
        body: new URLSearchParams({ credential }).toString(),
        headers: { origin: "http://localhost:8787", "content-type": "application/x-www-form-urlencoded" },
        address,
      });
    const statuses: number[] = [];
    // Dots alone make no token of an identity provider.
    for (let i = 0; i < 12; i++) statuses.push((await guess("192.0.2.1", `guess.number-${i}.of-many`)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    // The right one neither: else the answer would tell a guesser that goes on.
    expect((await guess("192.0.2.1", admin)).status).toBe(429);
    expect((await guess("192.0.2.2", admin)).status).toBe(303);
    // What has 256 bits cannot be guessed, and its holder is not kept out by who guesses.
    const { token } = await tokenFor(site, "viewer");
    expect((await guess("192.0.2.1", token)).status).toBe(303);
    site.wait(6_000);
    expect((await guess("192.0.2.1", admin)).status).toBe(303);
  });

  it("leads to the page that was asked for, and to no other server", async () => {
    const asked = await browser.get("/queue?code=DENY");
    expect(asked.status).toBe(303);
    expect(asked.headers.get("location")).toBe("/dashboard/login?next=%2Fdashboard%2Fqueue%3Fcode%3DDENY");
    const page = await (await browser.get("/login?next=%2Fdashboard%2Fqueue%3Fcode%3DDENY")).text();
    expect(page).toContain('name="next" value="/dashboard/queue?code=DENY"');
    const done = await browser.post("/login", { credential: admin, next: "/dashboard/queue?code=DENY" });
    expect(done.headers.get("location")).toBe("/dashboard/queue?code=DENY");
  });

  it.each([
    "https://evil.example/",
    "//evil.example/dashboard",
    "/\\evil.example",
    "/dashboard/../../evil",
    "/dashboard\\..\\x",
    "/dashboardx",
    "/dashboard/%0d%0aset-cookie:x=y\r\nx:y",
    "javascript:alert(1)",
    "/dashboard/login",
    "/dashboard/a/../logout",
    "",
    undefined,
    5,
  ])("goes to the first page for %j", (next) => {
    expect(nextOf(next, "/dashboard")).toBe("/dashboard");
  });

  it("shows a page that loads nothing of others and echoes nothing of the request", async () => {
    const response = await browser.get(`/login?next=${encodeURIComponent('/dashboard/"><script>alert(1)</script>')}`);
    const text = await response.text();
    expect(text).not.toContain("<script>");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'.*frame-ancestors 'none'$/,
    );
    for (const [name, value] of [
      ["cache-control", "no-store"],
      ["x-content-type-options", "nosniff"],
      ["x-frame-options", "DENY"],
      ["referrer-policy", "same-origin"],
      ["cross-origin-opener-policy", "same-origin"],
    ] as const)
      expect(response.headers.get(name), name).toBe(value);
  });
});

describe("a login URL", () => {
  const code = async (wanted: Parameters<typeof makeLoginCode>[1]): Promise<string> => {
    const made = await makeLoginCode({ store: site.store, clock: site.now, random: systemRandom }, wanted);
    if (!made.ok) throw new Error("no code");
    return made.value;
  };

  it("logs in once, and not again, here or elsewhere, one after the other or at once", async () => {
    const text = await code({ host: true });
    expect((await browser.login(text)).status).toBe(303);
    expect(await who(browser)).toMatchObject({ name: "host", role: "administrator" });
    expect((await site.browser().login(text)).status).toBe(401);
    expect((await site.another().browser().login(text)).status).toBe(401);
    const second = await code({ host: true });
    const both = await Promise.all([site.browser().login(second), site.another().browser().login(second)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 401]);
  });

  it("is over after five minutes", async () => {
    const text = await code({ host: true });
    site.wait(300_000);
    expect((await browser.login(text)).status).toBe(401);
  });

  it("logs in as the holder of a token, and as nobody once that is revoked", async () => {
    const { id } = await tokenFor(site, "approver", { name: "ada" });
    await browser.login(await code({ token: id }));
    expect(await who(browser)).toMatchObject({ name: "ada", by: "token", credential: id });
    const late = await code({ token: id });
    await site.access.tokens.revoke(id, "host");
    expect((await site.browser().login(late)).status).toBe(401);
    expect(await who(browser)).toBe(303);
  });

  it("has its code in the fragment, which a script takes out; a code in a query is refused and logs nobody in", async () => {
    const script = await browser.get("/login.js");
    expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
    expect(await script.text()).toContain("location.hash");
    const text = await code({ host: true });
    expect((await browser.get(`?code=${text}`)).status).toBe(403);
    expect((await browser.get(`/login?code=${text}`)).headers.get("set-cookie")).toBeNull();
    expect((await browser.login(text)).status).toBe(303);
  });
});

it("a link of another site comes without our cookie: the browser is asked to come again from our own page, once", async () => {
  const response = await browser.get("/queue", { "sec-fetch-site": "cross-site" });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<meta http-equiv="refresh" content="0">');
  expect((await browser.get("/queue", { "sec-fetch-site": "same-origin" })).status).toBe(303);
});
