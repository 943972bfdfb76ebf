/**
 * Operation of a real process: one file of settings, health, reload, an end that loses nothing.
 */
import type { ChildProcess } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/stores/sqlite/open.ts";
import { begin, catalogue, finished, openFolder, plan, sluice } from "./cli-process.ts";

const folder = openFolder();
const admin = "an-admin-secret-of-a-file";
const running: ChildProcess[] = [];
const held: ServerResponse[] = [];
let isHolding = false;
const upstream = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    if (isHolding) held.push(response);
    else response.end('{"email":"ada@corp.example"}');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  folder.write("catalogue.json", catalogue);
  for (const [name, text] of [
    ["frozen", plan],
    ["other", plan.replace("name: greet", "name: other")],
  ] as const) {
    const made = await sluice([
      "freeze",
      folder.write(`${name}.yaml`, text),
      "--catalog",
      join(folder.path, "catalogue.json"),
      "-o",
      join(folder.path, `${name}.json`),
    ]);
    expect(made).toMatchObject({ status: 0 });
  }
  chmodSync(folder.write("admin", `${admin}\n`), 0o600);
}, 60_000);
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.closeAllConnections();
  upstream.close();
  folder.remove();
});

/** Writes a configuration; its plans are in the folder. */
function configure(name: string, more: object = {}): string {
  return folder.write(
    name,
    JSON.stringify({
      plans: ["frozen.json"],
      listen: { port: 0 },
      store: `${name}.db`,
      secrets: { admin: { file: "admin" } },
      serve: { upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/` },
      ...more,
    }),
  );
}

async function serve(
  config: string,
  env: Readonly<Record<string, string>> = {},
  command = "serve",
): Promise<{ readonly url: string; readonly child: ChildProcess; readonly end: ReturnType<typeof finished>; said(): string }> {
  const child = begin([command, "--config", config], { env });
  running.push(child);
  let text = "";
  const url = new Promise<string>((resolve, reject) => {
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/127\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error(text)));
  });
  return { end: finished(child), child, url: await url, said: () => text };
}

function post(url: string, headers: Readonly<Record<string, string>>, body: unknown = {}): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}

async function open(url: string, name = "greet"): Promise<string> {
  const response = await post(
    `${url}/sluice/sessions`,
    { authorization: `Bearer ${admin}` },
    { plan: name, principal: "ana", params: { who: "Ada" } },
  );
  expect(response.status).toBe(201);
  return ((await response.json()) as { token: string }).token;
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}

describe("a process that serves by a file of settings", { timeout: 60_000 }, () => {
  it("is live and ready without a credential, and says no more than that", async () => {
    const { url, child, end } = await serve(configure("health"));
    const live = await fetch(`${url}/sluice/live`);
    expect([live.status, await live.text()]).toEqual([200, '{"status":"live"}']);
    const ready = await fetch(`${url}/sluice/ready`);
    expect([ready.status, await ready.text()]).toEqual([200, '{"status":"ready"}']);
    child.kill("SIGTERM");
    expect((await end).status).toBe(0);
  });

  it("answers for its health on the ports of the gateway and the model proxy, too", async () => {
    const config = configure("others", {
      plans: ["frozen.json"],
      store: "memory",
      servers: { people: { url: "http://127.0.0.1:9/mcp" }, mail: { url: "http://127.0.0.1:9/mcp" } },
      modelProxy: { upstream: "http://127.0.0.1:9" },
    });
    for (const name of ["gateway", "model-proxy"]) {
      const { url, child, end } = await serve(config, {}, name);
      const { origin } = new URL(url);
      expect((await fetch(`${origin}/sluice/live`)).status, name).toBe(200);
      expect((await fetch(`${origin}/sluice/ready`)).status, name).toBe(200);
      child.kill("SIGTERM");
      expect((await end).status, name).toBe(0);
    }
  });

  it("asked to end, settles the call that is in flight, refuses new ones, and ends with exit 0", async () => {
    const config = configure("drain", { shutdownSeconds: 30 });
    const { url, child, end } = await serve(config);
    const token = await open(url);
    isHolding = true;
    const call = post(`${url}/tools/people/find`, { "sluice-session": token });
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(1);
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/sluice/ready`)).status, { timeout: 10_000 }).toBe(503);
    expect((await fetch(`${url}/sluice/live`)).status).toBe(200);
    const refused = await post(`${url}/tools/people/find`, { "sluice-session": token });
    expect([refused.status, refused.headers.get("retry-after"), await codeOf(refused)]).toEqual([503, "1", "SHUTTING_DOWN"]);
    isHolding = false;
    held.pop()?.end('{"email":"ada@corp.example"}');
    expect(await (await call).json()).toEqual({ email: "ada@corp.example" });
    expect((await end).status).toBe(0);
    const store = openSqliteStore(join(folder.path, "drain.db"));
    const loaded = await store.load(token.split(".")[0] ?? "", 0);
    store.close();
    expect(loaded.ok && loaded.value.entries.map(({ event }) => event.type)).toEqual(["open", "allow", "settle"]);
  });

  it("whose calls do not end in time, says so and ends with exit 1", async () => {
    const { url, child, end } = await serve(configure("late", { shutdownSeconds: 1 }));
    const token = await open(url);
    isHolding = true;
    const call = post(`${url}/tools/people/find`, { "sluice-session": token }).catch(() => undefined);
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(1);
    child.kill("SIGTERM");
    const { status, stderr } = await end;
    isHolding = false;
    held.pop()?.destroy();
    await call;
    expect(status).toBe(1);
    expect(stderr).toContain("1 calls had not ended after 1 s");
  });

  it("reads its plans again when the host or a signal says so, all of them or none", async () => {
    const config = configure("reload");
    const { url, child, said } = await serve(config);
    const token = await open(url);
    const reload = (secret: string): Promise<Response> => post(`${url}/sluice/reload`, { authorization: `Bearer ${secret}` });
    configure("reload", { plans: ["frozen.json", "other.json"] });
    expect((await reload("another-secret-than-that")).status).toBe(403);
    const done = await reload(admin);
    expect([done.status, ((await done.json()) as { plans: string[] }).plans.length]).toEqual([200, 2]);
    await open(url, "other");
    writeFileSync(
      join(folder.path, "policy.json"),
      '{ "sluicePolicy": 1, "name": "p", "forbid": [{ "id": "no", "effects": ["read"] }] }',
    );
    configure("reload", { plans: ["other.json"], policies: ["policy.json"] });
    const refused = await reload(admin);
    expect([refused.status, await codeOf(refused)]).toEqual([422, "RELOAD_REFUSED"]);
    await open(url);
    configure("reload", { plans: ["other.json"] });
    child.kill("SIGHUP");
    await expect.poll(said, { timeout: 10_000 }).toContain("reloaded: 1 plans");
    const gone = await post(`${url}/sluice/sessions`, { authorization: `Bearer ${admin}` }, { plan: "greet", principal: "ana" });
    expect(await codeOf(gone)).toBe("PLAN_UNKNOWN");
    // A session that runs goes on under the plan that it was opened with.
    expect((await post(`${url}/tools/people/find`, { "sluice-session": token })).status).toBe(200);
  });

  it("takes the environment before the file, and limits what a principal may ask", async () => {
    const config = configure("limits", { store: "/nowhere/x.db", limits: { principalPerMinute: 1, principalBurst: 1 } });
    const { url } = await serve(config, { SLUICE_STORE: "memory" });
    const token = await open(url);
    const codes: string[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await post(`${url}/tools/mail/delete`, { "sluice-session": token });
      codes.push(`${await codeOf(response)} ${response.headers.get("retry-after")}`);
    }
    expect(codes[0]).toBe("CALL_NOT_IN_PLAN null");
    expect(codes.at(-1)).toMatch(/^RATE_LIMITED (?:[1-5]?\d|60)$/);
  });
});

it("a gateway that is asked to end delivers the result that is in flight, denies the next call, and ends with exit 0", {
  timeout: 90_000,
}, async () => {
  const sdk = (path: string): string => JSON.stringify(fileURLToPath(import.meta.resolve(`@modelcontextprotocol/sdk/${path}`)));
  const go = join(folder.path, "go");
  const program = folder.write(
    "slow.mjs",
    `import { existsSync } from "node:fs";
import { McpServer } from ${sdk("server/mcp.js")};
import { StdioServerTransport } from ${sdk("server/stdio.js")};
const server = new McpServer({ name: "slow", version: "1" });
server.registerTool("wait", { description: "waits" }, async () => {
  while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 20));
  return { content: [{ type: "text", text: "waited" }] };
});
await server.connect(new StdioServerTransport());
`,
  );
  const config = configure("gateway", {
    plans: ["slow.frozen.json"],
    store: "memory",
    session: { principal: "ada" },
    shutdownSeconds: 60,
    servers: { slow: { command: process.execPath, args: [program] } },
  });
  const [tools, frozen] = [join(folder.path, "slow.tools.json"), join(folder.path, "slow.frozen.json")];
  expect(await sluice(["catalog", "mcp", "--config", config, "-o", tools])).toMatchObject({ status: 0 });
  const draft = folder.write(
    "slow.json",
    '{ "sluice": 1, "name": "slow", "nodes": { "wait": { "tool": "slow/wait", "args": {}, "times": 5 } } }',
  );
  expect(await sluice(["freeze", draft, "--catalog", tools, "-o", frozen])).toMatchObject({ status: 0 });
  const { url, child, end, said } = await serve(config, {}, "gateway");
  await expect.poll(said, { timeout: 10_000 }).toMatch(/token is \S+/);
  const [, token = ""] = /token is (\S+)/.exec(said()) ?? [];
  const client = new Client({ name: "agent", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  const call = async (): Promise<string> => JSON.stringify(await client.callTool({ name: "slow__wait", arguments: {} }));
  const first = call();
  await expect.poll(said, { timeout: 20_000 }).toContain("allow slow/wait");
  child.kill("SIGTERM");
  const health = `${new URL(url).origin}/sluice/ready`;
  await expect.poll(async () => (await fetch(health)).status, { timeout: 10_000 }).toBe(503);
  expect(await call()).toContain("SHUTTING_DOWN");
  folder.write("go", "");
  expect(await first).toContain("waited");
  expect((await end).status).toBe(0);
});

describe("sluice config", { timeout: 60_000 }, () => {
  it("knows every variable that the documentation names, with and without a file, and no other", async () => {
    const env = {
      SLUICE_AUDIT_KEYS_FILE: "keys",
      SLUICE_AUDIT_FILE: "log",
      SLUICE_AUDIT_STREAM_FILE: "s",
      SLUICE_AUDIT_KEY: "k",
    };
    const { stderr } = await sluice(["config", "check", configure("named")], { env });
    expect(stderr.match(/^SLUICE_\w+/gm)).toEqual(["SLUICE_AUDIT_KEY"]);
  });

  it("check names everything that is wrong, and takes what can be used", async () => {
    expect(await sluice(["config", "check", configure("good")])).toMatchObject({ status: 0 });
    const bad = configure("bad", { listen: { prot: 1 }, limits: { checks: 0 } });
    const { status, stdout } = await sluice(["config", "check", bad]);
    expect(status).toBe(1);
    expect(stdout).toContain("/listen/prot: unknown member `prot`");
    expect(stdout).toContain("/limits/checks: expected an integer from 1");
    const deep = await sluice([
      "config",
      "check",
      configure("deep", { plans: ["none.json"], secrets: { admin: { env: "SLUICE_NO" } } }),
    ]);
    expect(deep.status).toBe(1);
    expect(deep.stdout).toContain("deep: /secrets/admin: the environment has no SLUICE_NO");
    expect(deep.stdout).toContain("there is no such file");
  });

  it("show says what holds and where it is from, and no secret", async () => {
    const { status, stdout } = await sluice(["config", "show", "serve", "--config", configure("show"), "--json"], {
      env: { SLUICE_PORT: "4711", SLUICE_STORE: "postgres://me:hunter2@db.example/x", SLUICE_WEBHOOK_SECRET: "hunter2hunter2" },
    });
    expect(status).toBe(0);
    expect(stdout).not.toContain("hunter2");
    expect(stdout).not.toContain(admin);
    expect(JSON.parse(stdout)).toMatchObject({
      options: {
        port: { value: 4711, from: "environment" },
        store: { value: "postgres://db.example/x", from: "environment" },
        plan: { value: [join(folder.path, "frozen.json")], from: "file" },
        host: { value: "127.0.0.1", from: "default" },
      },
    });
  });

  it("a file that is wrong stops the start with one line and exit 2", async () => {
    const { status, stderr, stdout } = await sluice(["gateway", "--config", configure("stop", { servers: [], nope: 1 })]);
    expect([status, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
    expect(stderr).toContain("sluice config check");
  });
});
