/**
 * The host's credential and people's tokens as an operator meets them: real processes, a real store, real ports.
 */
import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { begin, catalogue, finished, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const running: ChildProcess[] = [];
/** No credential of the environment of these tests. */
const env = { SLUICE_ADMIN_TOKEN: "", SLUICE_STORE: "" };

beforeAll(async () => {
  const given = [folder.write("plan.yaml", plan), "--catalog", folder.write("catalogue.json", catalogue)];
  expect((await sluice(["freeze", ...given, "-o", frozen])).status).toBe(0);
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  folder.remove();
});

interface Served {
  readonly said: string;
  /** Addresses in the order in which they were said: the first listener's, then that of the host's routes. */
  readonly urls: readonly string[];
  stop(): Promise<string>;
}

/** Starts a server on a store and waits until it has said what it is. */
async function serve(store: string, ...args: readonly string[]): Promise<Served> {
  const child = begin(["serve", "--plan", frozen, "--port", "0", "--store", store, ...args], { env });
  running.push(child);
  const end = finished(child);
  const said = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      // The last line of the announcement.
      if (text.includes("no --upstream")) resolve(text);
    });
    child.on("close", () => reject(new Error(text)));
  });
  return {
    said,
    urls: [...new Set([...said.matchAll(/http:\/\/[\w.:[\]]+/g)].map(([url]) => url))],
    stop: async () => {
      child.kill("SIGTERM");
      return (await end).stderr;
    },
  };
}

const status = async (url: string, secret?: string, init: RequestInit = {}): Promise<number> => {
  const headers = { ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }), ...init.headers };
  return (await fetch(url, { ...init, headers })).status;
};

describe("the host's credential", () => {
  it("is made at the first start, printed once, kept for this user alone, and the same afterwards", async () => {
    const store = join(folder.path, "first.db");
    const first = await serve(store);
    const token = /it is (\S{32}), and it is in/.exec(first.said)?.[1] ?? "";
    expect(token).not.toBe("");
    expect(readFileSync(`${store}.token`, "utf8")).toBe(`${token}\n`);
    expect(statSync(`${store}.token`).mode & 0o777).toBe(0o600);
    expect(await status(`${first.urls[0]}/sluice/plans`)).toBe(401);
    expect(await status(`${first.urls[0]}/sluice/plans`, token)).toBe(200);
    await first.stop();
    const second = await serve(store);
    expect(second.said).toContain("first.db.token");
    expect(second.said).not.toContain(token);
    expect(await status(`${second.urls[0]}/sluice/plans`, token)).toBe(200);
    expect(await second.stop()).not.toContain(token);
  });

  it("is one of two processes that begin at once", async () => {
    const store = join(folder.path, "race.db");
    const both = await Promise.all([serve(store), serve(store)]);
    const token = readFileSync(`${store}.token`, "utf8").trim();
    for (const { urls, stop } of both) {
      expect(await status(`${urls[0]}/sluice/plans`, token)).toBe(200);
      await stop();
    }
  });

  it("is made for each run of a store in memory, and kept nowhere", async () => {
    const { said, stop } = await serve("memory");
    expect(said).toMatch(/for this run it is \S{32}/);
    await stop();
    expect(existsSync("memory.token")).toBe(false);
  });

  it.each([
    ["readable by others", "a-credential-of-the-host", 0o644, "others of this machine may read or write it"],
    ["readable by the group", "a-credential-of-the-host", 0o640, "others of this machine may read or write it"],
    ["empty", "", 0o600, "it holds no credential"],
    ["too short", "short", 0o600, "it holds no credential"],
  ])("stops the start where its file is %s", async (name, text, mode, why) => {
    const store = join(folder.path, `${name.replaceAll(" ", "-")}.db`);
    writeFileSync(`${store}.token`, text);
    chmodSync(`${store}.token`, mode);
    const done = await sluice(["serve", "--plan", frozen, "--port", "0", "--store", store], { env });
    expect(done.status).toBe(2);
    expect(done.stderr).toContain(why);
    expect(done.stderr).not.toContain("a-credential-of-the-host");
  });

  it("is not made by who only tries a configuration", async () => {
    const config = folder.write("sluice.json", JSON.stringify({ plans: ["frozen.json"], store: "tried.db" }));
    expect((await sluice(["config", "check", config], { env })).status).toBe(0);
    expect(existsSync(join(folder.path, "tried.db.token"))).toBe(false);
  });
});

describe("sluice token", () => {
  it("makes a token that a running host takes, and revokes it there within a second", async () => {
    const store = join(folder.path, "tokens.db");
    const { urls, stop } = await serve(store, "--audit", join(folder.path, "tokens.audit.db"));
    const made = await sluice(["token", "new", "--name", "ada", "--role", "viewer", "--days", "3", "--store", store], { env });
    expect(made.status).toBe(0);
    const token = made.stdout.trim();
    expect(token).toMatch(/^sluice_pat_[0-9A-Za-z]{60}$/);
    expect(made.stderr).not.toContain(token);
    expect(await status(`${urls[0]}/sluice/plans`, token)).toBe(200);
    expect(await status(`${urls[0]}/sluice/tokens`, token)).toBe(403);
    const listed = await sluice(["token", "list", "--store", store, "--json"], { env });
    const [info] = (JSON.parse(listed.stdout) as { tokens: { id: string; name: string; isValid: boolean }[] }).tokens;
    expect(info).toMatchObject({ name: "ada", role: "viewer", isValid: true });
    expect(listed.stdout).not.toContain(token.slice(22, 60));
    const revoked = await sluice(["token", "revoke", info?.id ?? "", "--store", store], { env });
    expect(revoked.stdout).toContain("is revoked");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await status(`${urls[0]}/sluice/plans`, token)).toBe(403);
    expect((await sluice(["token", "list", "--store", store], { env })).stdout).toMatch(/ada {2,}viewer {2,}revoked \S+ by cli:/);
    await stop();
    const log = await sluice(["audit", "export", join(folder.path, "tokens.audit.db")], { env });
    expect(log.stdout).toContain("token-made");
    expect(log.stdout).toContain("token-revoked");
    expect(log.stdout).not.toContain(token.slice(22, 60));
  });

  it("prints an address that logs a browser in once", async () => {
    const store = join(folder.path, "login.db");
    const { urls, stop } = await serve(store);
    const url = `${urls[0]}/dashboard`;
    const made = await sluice(["token", "login-url", "--store", store, "--url", url], { env });
    const code = /#code=(\S+)/.exec(made.stdout)?.[1] ?? "";
    const login = (): Promise<Response> =>
      fetch(`${url}/login`, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ credential: code }),
        headers: { origin: urls[0] ?? "", "sec-fetch-site": "same-origin" },
      });
    const first = await login();
    expect(first.status).toBe(303);
    expect(first.headers.get("set-cookie")).toMatch(/^sluice-\d+=.*HttpOnly; SameSite=Strict/);
    expect((await login()).status).toBe(401);
    await stop();
  });

  it.each([
    [["new", "--name", "a b", "--role", "viewer"], "--name: 1 to 64"],
    [["new", "--name", "ada", "--role", "owner"], "--role: one of viewer, approver, administrator"],
    [["new", "--name", "ada", "--role", "viewer", "--days", "0"], "--days: a whole number of days from 1 to 366"],
    [["revoke", "nobody"], "there is no such token"],
    [["login-url", "--token", "nobody"], "there is no such token"],
    [["login-url", "--url", "ftp://x"], "the http or https URL of the dashboard"],
  ])("refuses %j", async (args, why) => {
    const store = folder.write("empty.db", "");
    const done = await sluice(["token", ...args, "--store", store], { env });
    expect(done.status).toBe(2);
    expect(done.stderr).toContain(why);
  });

  it.each(["memory", "no-such-file.db"])("works on no store that ends or is not there: %s", async (store) => {
    expect((await sluice(["token", "list", "--store", store], { env })).status).toBe(2);
    expect(existsSync(store)).toBe(false);
  });
});

describe("a listener of the host's own", () => {
  it("has the host's routes and nothing for agents; the first has the tools and nothing of the host's but health", async () => {
    const store = join(folder.path, "doors.db");
    const { urls, stop } = await serve(store, "--admin-port", "0");
    const [tools = "", host = ""] = urls;
    expect(host).not.toBe("");
    const token = readFileSync(`${store}.token`, "utf8").trim();
    for (const path of [
      "/sluice/plans",
      "/sluice/approvals",
      "/dashboard",
      "/dashboard/login",
      "/%73luice/plans",
      "/sluice//plans",
    ])
      expect(await status(`${tools}${path}`, token), path).toBe(404);
    for (const path of ["/sluice/live", "/sluice/ready"]) {
      expect(await status(`${tools}${path}`), path).toBe(200);
      expect(await status(`${host}${path}`), path).toBe(200);
    }
    expect(await status(`${host}/sluice/plans`, token)).toBe(200);
    expect(await status(`${host}/sluice/plans`)).toBe(401);
    expect(await status(`${host}/dashboard/login`)).toBe(200);
    const call = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    expect(await status(`${host}/tools/find`, token, call)).toBe(404);
    expect(await status(`${tools}/tools/find`, token, call)).toBe(400);
    await stop();
  });

  it("takes tokens of the identity provider that the configuration names, and says where what it says is wrong", async () => {
    const keys = await generateKeyPair("ES256");
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1" }] };
    const oidc = { issuer: "https://login.example", audience: "sluice", jwks, roles: { claim: "groups", viewer: ["staff"] } };
    const write = (access: unknown): string => folder.write("oidc.json", JSON.stringify({ admin: { port: 0 }, access }));
    const { urls, stop } = await serve(join(folder.path, "oidc.db"), "--config", write({ oidc }));
    const token = (groups: readonly string[]): Promise<string> =>
      new SignJWT({ groups })
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .setIssuer(oidc.issuer)
        .setAudience("sluice")
        .setSubject("ada")
        .setExpirationTime("5m")
        .sign(keys.privateKey);
    expect(await status(`${urls[1]}/sluice/plans`, await token(["staff"]))).toBe(200);
    expect(await status(`${urls[1]}/sluice/tokens`, await token(["staff"]))).toBe(403);
    expect(await status(`${urls[1]}/sluice/plans`, await token(["guests"]))).toBe(403);
    await stop();
    for (const [wrong, why] of [
      [{ ...oidc, jwks: undefined }, "either `jwks` or `jwksUri` is needed"],
      [{ ...oidc, algorithms: ["HS256"] }, "`oidc.algorithms` must be among"],
      [{ ...oidc, jwks: undefined, jwksUri: "http://login.example/keys" }, "must be https"],
      [{ ...oidc, secret: "x" }, "secret"],
    ] as const) {
      const done = await sluice(["serve", "--plan", frozen, "--store", "memory", "--config", write({ oidc: wrong })], { env });
      expect(done.status, why).toBe(2);
      expect(done.stderr).toContain(why);
    }
  });

  it("lets no request in under a name that is not the server's, but where it was given", async () => {
    const { request } = await import("node:http");
    const named = (url: string, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        request(`${url}/sluice/live`.replace("live", "plans"), { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on("error", reject)
          .end();
      });
    const { urls, stop } = await serve(join(folder.path, "names.db"), "--admin-name", "desk.example");
    expect(await named(urls[0] ?? "", "desk.example")).toBe(401);
    expect(await named(urls[0] ?? "", "evil.example")).toBe(403);
    await stop();
  });
});
