/**
 * Sessions of browsers and their forms: when a session ends, whose a cookie is, and what other sites try with both.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { err } from "../../src/result.ts";
import { admin, approvers, type Browser, makeSite, type Site, tokenFor, who } from "./access-fixture.ts";

let site: Site;
let browser: Browser;
beforeEach(() => {
  site = makeSite();
  browser = site.browser();
});

const hour = 3_600_000;

describe("a session", () => {
  it("is another after each login, and what a stranger has put into the browser is nobody's", async () => {
    browser.cookie = `sluice-8787=${"0".repeat(16)}.${"a".repeat(32)}.${"b".repeat(64)}`;
    const planted = browser.cookie;
    await browser.login(admin);
    expect(browser.cookie).not.toBe(planted);
    const thief = site.browser();
    thief.cookie = planted;
    expect(await who(thief)).toBe(303);
    const first = browser.cookie;
    await browser.login(approvers.eve);
    expect(browser.cookie).not.toBe(first);
    thief.cookie = first;
    expect(await who(thief)).toBe(303);
  });

  it("is nobody's where a browser has two cookies of its name: one of them is another server's", async () => {
    await browser.login(admin);
    const own = browser.cookie ?? "";
    browser.cookie = `${own}; ${own.slice(0, -1)}0`;
    expect(await who(browser)).toBe(303);
    browser.cookie = `other=1; ${own}`;
    expect(await who(browser)).toMatchObject({ name: "host" });
  });

  it("ends after an hour without a person, though a page asks by itself all the time", async () => {
    await browser.login(admin);
    for (let minutes = 0; minutes < 60; minutes += 10) {
      expect((await browser.get("", { "sluice-fragment": "main" })).status).toBe(200);
      expect((await browser.get("", { accept: "text/event-stream" })).status).toBe(200);
      site.wait(10 * 60_000);
    }
    expect(await who(browser)).toBe(303);
  });

  it("goes on while a person is there, and ends after twelve hours all the same", async () => {
    await browser.login(admin);
    for (let minutes = 0; minutes < 12 * 60; minutes += 30) {
      expect(await who(browser), String(minutes)).toMatchObject({ name: "host" });
      await new Promise((resolve) => setTimeout(resolve, 1));
      site.wait(30 * 60_000);
    }
    expect(await who(browser)).toBe(303);
  });

  it("ends with its token, in every process, and has the token's role of now", async () => {
    const { token, id } = await tokenFor(site, "approver");
    await browser.login(token);
    const elsewhere = site.another().browser();
    elsewhere.cookie = browser.cookie;
    expect(await who(elsewhere)).toMatchObject({ name: "ada", role: "approver" });
    await site.access.tokens.revoke(id, "host");
    expect(await who(browser)).toBe(303);
    site.wait(1_000);
    expect(await who(elsewhere)).toBe(303);
  });

  it("ends with its token's time", async () => {
    const { token } = await tokenFor(site, "viewer", { days: 1 });
    site.wait(20 * hour);
    await browser.login(token);
    for (let half = 0; half < 8; half++) {
      expect(await who(browser)).toMatchObject({ name: "ada" });
      await new Promise((resolve) => setTimeout(resolve, 1));
      site.wait(hour / 2);
    }
    expect(await who(browser)).toBe(303);
  });

  it("ends when the secret that it was made with is another", async () => {
    await browser.login(admin);
    const eves = site.browser();
    await eves.login(approvers.eve);
    const later = makeSite({
      store: site.store,
      clock: site.now,
      admin: "another-secret-of-the-host",
      approvers: { eve: "another-secret-of-eve" },
    });
    for (const cookie of [browser.cookie, eves.cookie]) {
      const one = later.browser();
      one.cookie = cookie;
      expect(await who(one)).toBe(303);
    }
  });

  it("ends by logging out, here and elsewhere, and with nobody else's form", async () => {
    await browser.login(admin);
    const cookie = browser.cookie;
    const elsewhere = site.another().browser();
    elsewhere.cookie = cookie;
    expect(await who(elsewhere)).toMatchObject({ name: "host" });
    expect((await browser.post("/logout", {})).status).toBe(403);
    const response = await browser.post("/logout", { csrf: await browser.csrf() });
    expect(response.status).toBe(303);
    expect(response.headers.get("set-cookie")).toContain("Max-Age=0");
    browser.cookie = cookie;
    expect(await who(browser)).toBe(303);
    site.wait(1_000);
    expect(await who(elsewhere)).toBe(303);
  });

  it("is forgotten by the store when it is over", async () => {
    await browser.login(admin);
    site.wait(13 * hour);
    await browser.login(admin);
    const records = await site.store.records("access-session", { limit: 10 });
    expect(records.ok && records.value.length).toBe(1);
  });

  it("is refused while the store does not answer", async () => {
    await browser.login(admin);
    const down = makeSite({ store: { ...site.store, record: async () => err({ kind: "unavailable" }) }, clock: site.now });
    const one = down.browser();
    one.cookie = browser.cookie;
    const response = await one.get("");
    expect(response.status).toBe(503);
  });
});

describe("forms", () => {
  beforeEach(async () => {
    await browser.login(approvers.eve);
  });

  it("are taken from our own pages: with the token of this session, in two tabs as well", async () => {
    const [one, other] = [await browser.csrf(), await browser.csrf()];
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect((await browser.post("/queue", { csrf: one })).status).toBe(200);
    expect((await browser.post("/queue", { csrf: other })).status).toBe(200);
    expect((await browser.post("/queue", {}, { "sluice-csrf": one })).status).toBe(200);
  });

  it("are taken as uploads too", async () => {
    const form = new FormData();
    form.set("csrf", await browser.csrf());
    form.set("plan", new Blob(["{}"]), "plan.json");
    const headers = { cookie: browser.cookie ?? "", origin: "http://localhost:8787", host: "localhost:8787" };
    expect((await site.ask("/queue", { method: "POST", body: form, headers })).status).toBe(200);
    form.set("csrf", "0".repeat(64));
    expect((await site.ask("/queue", { method: "POST", body: form, headers })).status).toBe(403);
  });

  it("are refused from another origin, from none, and from one that hides", async () => {
    const csrf = await browser.csrf();
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:8788" },
      { origin: "http://localhost.evil.example:8787" },
      { origin: "https://localhost:8787.evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ])
      expect((await browser.post("/queue", { csrf }, headers)).status, JSON.stringify(headers)).toBe(403);
    const init = { method: "POST", body: `csrf=${csrf}` };
    const headers = { cookie: browser.cookie ?? "", "content-type": "application/x-www-form-urlencoded" };
    expect((await site.ask("/queue", { ...init, headers })).status).toBe(403);
  });

  it("are refused without the token, with another session's, with two, and as anything but a form", async () => {
    const csrf = await browser.csrf();
    const joe = site.browser();
    await joe.login(approvers.joe);
    expect((await browser.post("/queue", {})).status).toBe(403);
    expect((await browser.post("/queue", { csrf: await joe.csrf() })).status).toBe(403);
    expect((await browser.post("/queue", { csrf: "" })).status).toBe(403);
    expect((await browser.post("/queue", {}, { "sluice-csrf": "" })).status).toBe(403);
    const headers = { cookie: browser.cookie ?? "", origin: "http://localhost:8787", host: "localhost:8787" };
    const asForm = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const twice = { method: "POST", body: `csrf=${csrf}&csrf=${csrf}`, headers: asForm };
    expect((await site.ask("/queue", twice)).status).toBe(403);
    for (const type of ["application/json", "text/plain"]) {
      const body = JSON.stringify({ csrf });
      expect((await site.ask("/queue", { method: "POST", body, headers: { ...headers, "content-type": type } })).status).toBe(
        403,
      );
    }
  });

  it("need the role, whatever the form says", async () => {
    const { token } = await tokenFor(site, "viewer", { name: "vera" });
    const vera = site.browser();
    await vera.login(token);
    expect((await vera.post("/queue", { csrf: await vera.csrf(), role: "administrator" })).status).toBe(403);
    expect((await vera.get("/people")).status).toBe(403);
    expect((await browser.get("/people")).status).toBe(403);
  });
});
