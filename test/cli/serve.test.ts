/**
 * sluice serve: a real process, a real port, a real upstream.
 */
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { begin, catalogue, finished, firstMatch, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const frozen = join(folder.path, "frozen.json");
const admin = "an-admin-token-for-tests";
const forwarded: { readonly path: string | undefined; readonly body: string }[] = [];
const upstream = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    forwarded.push({ path: request.url, body });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(request.url === "/base/people/find" ? '{"email":"ada@corp.example"}' : '{"id":7}');
  });
});
const running: ChildProcess[] = [];

beforeAll(async () => {
  const made = await sluice([
    "freeze",
    folder.write("plan.yaml", plan),
    "--catalog",
    folder.write("catalogue.json", catalogue),
    "-o",
    frozen,
  ]);
  expect(made.status).toBe(0);
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.close();
  folder.remove();
});

function upstreamUrl(): string {
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/base`;
}

/** Starts a server and waits for the line that says where it listens. */
async function serve(
  ...args: readonly string[]
): Promise<{ readonly url: string; readonly child: ChildProcess; readonly end: ReturnType<typeof finished> }> {
  const child = begin(["serve", "--plan", frozen, "--port", "0", "--upstream", upstreamUrl(), ...args], {
    env: { SLUICE_ADMIN_TOKEN: admin, SLUICE_WEBHOOK_SECRET: "a-secret-for-the-webhook" },
  });
  running.push(child);
  const url = firstMatch(child, "stderr", /http:\/\/\S+/);
  return { end: finished(child), child, url: await url };
}

function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}

async function open(url: string): Promise<string> {
  const response = await post(
    `${url}/sluice/sessions`,
    { authorization: `Bearer ${admin}` },
    { plan: "greet", principal: "ana", params: { who: "Ada" } },
  );
  expect(response.status).toBe(201);
  return ((await response.json()) as { token: string }).token;
}

describe("sluice serve", () => {
  it("tells a webhook of a call that waits for a human, and refuses one without a secret", async () => {
    const policy = folder.write("policy.yaml", "{ sluicePolicy: 1, name: ask, approve: { tools: [people/*] } }");
    const { url } = await serve("--store", "memory", "--policy", policy, "--approval-webhook", `${upstreamUrl()}/hook`);
    const token = await open(url);
    const held = await post(`${url}/tools/people/find`, { "sluice-session": token }, {});
    expect(((await held.json()) as { code: string }).code).toBe("CALL_NEEDS_APPROVAL");
    await expect.poll(() => forwarded.at(-1)?.path, { timeout: 5_000 }).toBe("/base/hook");
    expect(forwarded.at(-1)?.body).toContain('"tool":"people/find"');
    const refused = await sluice(["serve", "--plan", frozen, "--store", "memory", "--approval-webhook", "https://a.example/"]);
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(/^sluice: --approval-webhook: .*SLUICE_WEBHOOK_SECRET.*\n$/);
  });

  it("takes the amendments that its denials propose", async () => {
    const { url } = await serve("--store", "memory");
    const token = await open(url);
    const denied = await post(`${url}/tools/files/erase`, { "sluice-session": token }, {});
    expect(((await denied.json()) as { remedies: unknown }).remedies).toEqual([{ kind: "propose-amendment" }]);
    const amended = await post(`${url}/amendments`, { "sluice-session": token }, { limits: { calls: 1 } });
    expect([amended.status, ((await amended.json()) as { status: string }).status]).toEqual([200, "applied"]);
  });

  it("forwards the checked bytes, denies the rest, and keeps its sessions in the file over a restart", async () => {
    const store = join(folder.path, "sluice.db");
    const first = await serve("--store", store);
    const token = await open(first.url);
    const found = await post(`${first.url}/tools/people/find`, { "sluice-session": token }, {});
    expect([found.status, await found.json()]).toEqual([200, { email: "ada@corp.example" }]);
    expect(forwarded.at(-1)).toEqual({ path: "/base/people/find", body: '{"name":"Ada"}' });
    const count = forwarded.length;
    const denied = await post(`${first.url}/tools/send`, { "sluice-session": token }, { to: "eve@evil.example", body: "Hi" });
    expect([denied.status, ((await denied.json()) as { code: string }).code]).toEqual([403, "ARG_MISMATCH"]);
    expect(forwarded.length).toBe(count);
    first.child.kill("SIGTERM");
    const { status, stderr } = await first.end;
    expect(status).toBe(0);
    expect(stderr).toMatch(/allow people\/find as person\ndeny {2}mail\/send ARG_MISMATCH at mail\n/);
    expect(stderr).not.toContain("eve@evil.example");
    expect(stderr).not.toContain(admin);

    const second = await serve("--store", store);
    const sent = await post(`${second.url}/tools/send`, { "sluice-session": token }, { body: "Hi" });
    expect([sent.status, forwarded.at(-1)]).toEqual([
      200,
      { path: "/base/mail/send", body: '{"body":"Hi","subject":"Hello","to":"ada@corp.example"}' },
    ]);
    // A terminal and a launcher may both send it: twice at once is one wish.
    second.child.kill("SIGINT");
    second.child.kill("SIGINT");
    expect((await second.end).status).toBe(0);
  });

  it("answers nobody without a credential: neither the host's routes nor the tools", async () => {
    const { url, child, end } = await serve("--store", "memory");
    const answers = await Promise.all([
      post(`${url}/sluice/sessions`, {}, {}),
      post(`${url}/sluice/sessions`, { authorization: "Bearer not-the-admin-token" }, {}),
      post(`${url}/tools/people/find`, {}, {}),
      post(`${url}/tools/people/find`, { authorization: `Bearer ${admin}` }, {}),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 403, 400, 400]);
    child.kill("SIGTERM");
    expect((await end).status).toBe(0);
  });

  it("leads whoever opens its address in a browser to the dashboard", async () => {
    const { url, child, end } = await serve("--store", "memory");
    const { status, headers } = await fetch(url, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([303, "/dashboard"]);
    child.kill("SIGTERM");
    await end;
  });

  it("denies with UPSTREAM_FAILED when the tools cannot be reached", async () => {
    const { url, child, end } = await serve("--store", "memory", "--upstream", "http://127.0.0.1:9");
    const response = await post(`${url}/tools/find`, { "sluice-session": await open(url) }, {});
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, "UPSTREAM_FAILED"]);
    child.kill("SIGTERM");
    const { stderr } = await end;
    expect(stderr).toMatch(/^fail {2}people\/find UPSTREAM_FAILED: fetch failed/m);
    // Whoever runs a server without its tools has done nothing that a stack would explain.
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("refuses a port that is taken, with exit 2 and one line", async () => {
    const { port } = upstream.address() as AddressInfo;
    const { status, stderr } = await sluice(["serve", "--plan", frozen, "--store", "memory", "--port", String(port)]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `sluice: port ${port} on 127.0.0.1 is taken by another program: choose one with --port\n`,
    });
  });

  it("says where an unusable store is named, and what is wrong with it", async () => {
    const missing = join(folder.path, "none/sluice.db");
    const config = folder.write("unusable.yaml", `plans: [${JSON.stringify(frozen)}]\nstore: none/sluice.db\n`);
    const why = (place: string): object => ({
      status: 2,
      stdout: "",
      stderr: `sluice: ${place}: ${missing}: there is no such folder\n`,
    });
    const [option, environment, file] = await Promise.all([
      sluice(["serve", "--plan", frozen, "--store", missing]),
      sluice(["serve", "--plan", frozen], { env: { SLUICE_STORE: missing } }),
      sluice(["serve", "--config", config]),
    ]);
    expect(option).toEqual(why("--store"));
    expect(environment).toEqual(why("SLUICE_STORE"));
    expect(file).toEqual(why(`${config}: /store`));
  });

  it("refuses an admin token that can be guessed, and a store that is no SQLite file", async () => {
    const [weak, store] = await Promise.all([
      sluice(["serve", "--plan", frozen, "--store", "memory"], { env: { SLUICE_ADMIN_TOKEN: "short" } }),
      sluice([
        "serve",
        "--plan",
        frozen,
        "--store",
        folder.write("not.db", "not a database at all, but long enough to be read as one".repeat(20)),
      ]),
    ]);
    expect(weak).toMatchObject({ status: 2, stderr: expect.stringMatching(/^sluice: SLUICE_ADMIN_TOKEN: 16 to 512 .*\n$/) });
    expect(store).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^sluice: --store: .*not\.db: it cannot be opened as a SQLite file of Sluice\n$/),
    });
  });
});
