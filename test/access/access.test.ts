/**
 * Who is let through, by which credential, under which name of the server; and that what they do is noted.
 */
import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../../src/access/create-access.ts";
import { ConfigError, err } from "../../src/result.ts";
import { createMemoryStore } from "../../src/stores/memory.ts";
import { systemRandom } from "../../src/surfaces/random.ts";
import { admin, approvers, bearer, makeSite, read, type Site, tokenFor } from "./access-fixture.ts";

let site: Site;
beforeEach(() => {
  site = makeSite();
});

const status = async (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<number> =>
  (await site.ask(path, { method, headers })).status;

describe("a bearer", () => {
  it("has what its role has, and nothing of the next", async () => {
    const viewer = await tokenFor(site, "viewer");
    const approver = await tokenFor(site, "approver");
    const root = await tokenFor(site, "administrator");
    const expected: readonly (readonly [string | undefined, number, number, number])[] = [
      [undefined, 401, 401, 401],
      ["no-such-secret-at-all", 403, 403, 403],
      [read, 200, 403, 403],
      [viewer.token, 200, 403, 403],
      [approvers.eve, 200, 200, 403],
      [approver.token, 200, 200, 403],
      [root.token, 200, 200, 200],
      [admin, 200, 200, 200],
    ];
    for (const [secret, ...codes] of expected) {
      const headers = secret === undefined ? {} : bearer(secret);
      const seen = [await status("", headers), await status("/queue", headers), await status("/people", headers)];
      expect(seen, secret).toEqual(codes);
      expect(await status("/queue", headers, "POST"), secret).toBe(codes[1]);
    }
  });

  it("needs no CSRF token and no cookie, and a cookie beside it changes nothing", async () => {
    const browser = site.browser();
    await browser.login(admin);
    const cookie = browser.cookie ?? "";
    expect(await status("/people", { ...bearer(read), cookie })).toBe(403);
    expect(await status("/people", { ...bearer("no-such-secret-at-all"), cookie })).toBe(403);
    expect(await status("/people", { authorization: "", cookie })).toBe(401);
    expect(await status("/people", { authorization: "Digest x", cookie })).toBe(401);
  });

  it.each(["Bearer a, Bearer b", "Bearer  ", "bearer", "Basic eve", `Bearer ${admin} ${admin}`, `Bearer "${admin}"`])(
    "is not read out of %j",
    async (authorization) => {
      expect([401, 403]).toContain(await status("/queue", { authorization }));
    },
  );

  it("is not taken by name and secret (Basic) where cookies are taken", async () => {
    expect(await status("/queue", { authorization: `Basic ${btoa(`eve:${approvers.eve}`)}` })).toBe(401);
  });

  it("is not taken out of an address, which every log has", async () => {
    const { token } = await tokenFor(site, "administrator");
    for (const query of [`?access_token=${token}`, `?token=${admin}`, `?a=1&token=${admin}`, `?x=${token}`]) {
      expect(await status(`/people${query}`), query).toBe(403);
      expect(await status(`/people${query}`, bearer(admin)), query).toBe(403);
    }
  });
});

describe("a route", () => {
  it("without a row is closed, to administrators as well", async () => {
    expect(await status("/forgotten", bearer(admin))).toBe(403);
    expect(await status("/nothing", bearer(admin))).toBe(403);
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACEX"])
      expect(await status("/queue", bearer(admin), method), method).toBe(403);
  });

  it("is not reached by another spelling of its path", async () => {
    for (const path of ["/queue/", "//queue", "/./queue/", "/people%2f", "/PEOPLE", "/queue/../forgotten", "/queue;x=1"])
      expect(await status(path), path).not.toBe(200);
    // Decoded like every path, and by the same table.
    expect(await status("/%71ueue")).toBe(401);
  });

  it("is answered with headers that keep it out of stores, frames and other sites", async () => {
    for (const path of ["", "/queue", "/forgotten", "/login"]) {
      const { headers } = await site.ask(path, { headers: bearer(admin) });
      expect(headers.get("cache-control"), path).toBe("no-store");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
      expect(headers.get("access-control-allow-origin"), path).toBeNull();
    }
  });
});

describe("the name of the server", () => {
  const asks = async (url: string, headers: Record<string, string> = {}, one = site): Promise<number> =>
    (await one.ask(url, { headers: { ...bearer(admin), ...headers } })).status;

  it("must be this machine's, an address, or one that was given (DNS rebinding)", async () => {
    for (const name of ["localhost", "desk.localhost", "127.0.0.1", "[::1]", "192.0.2.7", "[2001:db8::1]"])
      expect(await asks(`http://${name}:8787/dashboard/people`, { host: `${name}:8787` }), name).toBe(200);
    for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "sluice.example", "localhost."])
      expect(await asks(`http://${name}:8787/dashboard/people`, { host: `${name}:8787` }), name).toBe(403);
    const named = makeSite({ hosts: ["Sluice.example"] });
    expect(await asks("http://sluice.example/dashboard/people", { host: "SLUICE.example" }, named)).toBe(200);
    expect(await asks("http://x.sluice.example/dashboard/people", { host: "x.sluice.example" }, named)).toBe(403);
  });

  it("must be the same in the request line and in the header, and only one", async () => {
    expect(await asks("http://localhost:8787/dashboard/people", { host: "evil.example" })).toBe(403);
    expect(await asks("http://evil.example/dashboard/people", { host: "localhost:8787" })).toBe(403);
    for (const host of ["localhost:8787, evil.example", "user@localhost:8787", "localhost:8787/x", "localhost:99999", ""])
      expect(await asks("http://localhost:8787/dashboard/people", { host }), host).toBe(403);
  });

  it("is not what a proxy's headers say", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": "localhost", forwarded: "host=localhost" };
    expect(await asks("http://evil.example/dashboard/people", headers)).toBe(403);
  });

  it("must be the page's too, where a page asks", async () => {
    const ask = (origin: string): Promise<number> =>
      asks("http://localhost:8787/dashboard/people", { host: "localhost:8787", origin });
    expect(await ask("http://localhost:8787")).toBe(200);
    for (const origin of ["null", "https://evil.example", "http://localhost:8788", "http://127.0.0.1:8787", "file://", ""])
      expect(await ask(origin), origin).toBe(403);
  });

  it("is the public one over TLS alone, where there is one", async () => {
    const behind = makeSite({ publicUrl: "https://sluice.example" });
    const ask = (origin: string): Promise<number> =>
      asks("http://sluice.example/dashboard/people", { host: "sluice.example", origin }, behind);
    expect(await ask("https://sluice.example")).toBe(200);
    expect(await ask("http://sluice.example")).toBe(403);
  });
});

describe("what is noted", () => {
  it("is who did it, by what, and what; before it is done", async () => {
    const { token, id } = await tokenFor(site, "approver", { name: "ada" });
    await site.ask("/queue", { method: "POST", headers: bearer(token) });
    expect(await site.notes()).toEqual([
      { type: "admin", act: "queue-changed", at: site.now(), by: "ada", credential: `token:${id}`, via: "bearer" },
    ]);
    const browser = site.browser();
    await browser.login(approvers.eve);
    await browser.post("/queue", { csrf: await browser.csrf() });
    await browser.post("/logout", { csrf: await browser.csrf() });
    expect((await site.notes()).slice(1)).toMatchObject([
      { act: "login", by: "eve", credential: "secret", via: "cookie" },
      { act: "queue-changed", by: "eve", via: "cookie" },
      { act: "logout", by: "eve", via: "cookie" },
    ]);
  });

  it("is not done if it cannot be noted", async () => {
    const store = createMemoryStore({ journal: true });
    const deaf = makeSite({ store: { ...store, note: async () => err({ kind: "unavailable" }) } });
    const response = await deaf.ask("/queue", { method: "POST", headers: bearer(admin) });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("changed");
    expect((await deaf.browser().login(admin)).status).toBe(503);
  });

  it("is a refused credential too, without a part of it, and not each of a flood", async () => {
    for (let i = 0; i < 200; i++) await status("", bearer(`guess-number-${i}-of-many`));
    const notes = await site.notes();
    expect(notes.length).toBe(20);
    expect(notes[0]).toEqual({ type: "admin", act: "credential-refused", at: site.now(), via: "bearer" });
    site.wait(10_000);
    await status("", bearer("guess-number-201-of-many"));
    expect((await site.notes()).at(-1)).toMatchObject({ act: "credential-refused", unsaid: 180 });
    expect(JSON.stringify(await site.notes())).not.toContain("guess");
  });

  it("holds no secret, whatever was sent", async () => {
    const { token } = await tokenFor(site, "approver");
    const browser = site.browser();
    await browser.login(token);
    await browser.login("wrong-secret-that-nobody-has");
    await browser.post("/queue", { csrf: await browser.csrf() });
    const text = JSON.stringify(await site.notes());
    for (const secret of [token, token.slice(-20), admin, "wrong-secret", browser.cookie ?? "x"])
      expect(text).not.toContain(secret);
  });
});

describe("access is refused at set-up", () => {
  const options = { store: createMemoryStore(), clock: () => 0, random: systemRandom, admin };
  it.each([
    { admin: "short" },
    { read: admin },
    { approvers: { eve: admin } },
    { approvers: { host: "a-secret-of-somebody" } },
    { approvers: { "e v e": "a-secret-of-somebody" } },
    { hosts: ["http://sluice.example"] },
    { hosts: ["*"] },
    { publicUrl: "sluice.example" },
    { publicUrl: "https://sluice.example/path" },
    { publicUrl: "https://user@sluice.example" },
    { path: "dashboard" },
    { path: "/" },
  ])("with %j", (over) => {
    expect(() => createAccess({ ...options, ...over })).toThrow(ConfigError);
  });
});

it("compares no secret with an operator that stops at the first difference", () => {
  // The comparisons of what is secret go through `equalSecret` and `equalDigest`; this finds the ones that would not.
  const folder = new URL("../../src/access/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), "utf8");
    expect(text, name).not.toMatch(
      /\b(?:secret|digest|csrf|binding|cookie|password)\b(?: as \w+)? ?[!=]== (?!undefined|"string"|"")/,
    );
  }
});
