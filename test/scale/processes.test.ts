/**
 * Real processes behind one SQLite file: `sluice serve` and `sluice gateway`, each request at another one, some of them killed.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { begin, catalogue, openFolder, plan, sluice } from "../cli/cli-process.ts";

const folder = openFolder();
const admin = "an-admin-token-for-tests";
const running: ChildProcess[] = [];
const upstream = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(request.url === "/people/find" ? '{"email":"ada@corp.example"}' : '{"id":7}');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  upstream.close();
  folder.remove();
});

/** Starts a command that listens. */
function start(...args: readonly string[]): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = begin([...args, "--port", "0"], { env: { SLUICE_ADMIN_TOKEN: admin } });
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
      if (url !== undefined) resolve({ url, child });
    });
    child.on("close", () => reject(new Error(text)));
  });
}

function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
}

/** Opens a session at a process; returns its token. */
async function open(url: string, session: unknown): Promise<string> {
  const opened = await post(`${url}/sluice/sessions`, { authorization: `Bearer ${admin}` }, session);
  expect(opened.status).toBe(201);
  return ((await opened.json()) as { readonly token: string }).token;
}

async function frozenOf(name: string, text: string, tools: string): Promise<string> {
  const frozen = join(folder.path, `${name}.frozen.json`);
  const made = await sluice(["freeze", folder.write(`${name}.yaml`, text), "--catalog", tools, "-o", frozen]);
  expect([made.status, made.stderr]).toEqual([0, expect.any(String)]);
  return frozen;
}

it("a session goes on at a process that was started with another plan, and after the first was killed", {
  timeout: 120_000,
}, async () => {
  const tools = folder.write("catalogue.json", catalogue);
  const [greet, other] = [await frozenOf("greet", plan, tools), await frozenOf("other", plan.replace("greet", "other"), tools)];
  const shared = ["--store", join(folder.path, "serve.db")];
  const tool = ["--upstream", `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`];
  const [first, second] = await Promise.all([
    start("serve", "--plan", greet, ...shared, ...tool),
    start("serve", "--plan", other, ...shared, ...tool),
  ]);
  const token = await open(first.url, { plan: "greet", principal: "ana", params: { who: "Ada" } });
  const call = async (url: string, tool: string, args: unknown): Promise<string> => {
    const answered = await post(`${url}/tools/${tool}`, { "sluice-session": token }, args);
    const { code } = (await answered.json()) as { readonly code?: string };
    return code ?? `${answered.status}`;
  };
  expect(await call(first.url, "people/find", {})).toBe("200");
  first.child.kill("SIGKILL");
  // The recipient is in a result that the dead process has seen.
  expect(await call(second.url, "mail/send", { to: "eve@evil.example", subject: "Hello", body: "Hi" })).toBe("ARG_MISMATCH");
  expect(await call(second.url, "people/find", {})).toBe("CALL_REPEATED");
  expect(await call(second.url, "mail/send", { subject: "Hello", body: "Hi" })).toBe("200");
  // Where its plan is not loaded, a session goes on, and none begins.
  const refused = await post(
    `${second.url}/sluice/sessions`,
    { authorization: `Bearer ${admin}` },
    { plan: "greet", principal: "ana" },
  );
  expect(refused.status).not.toBe(201);
});

it("an MCP client goes on at another gateway under the same id, until it says goodbye to any", { timeout: 120_000 }, async () => {
  const notes = join(folder.path, "notes");
  mkdirSync(notes);
  writeFileSync(join(notes, "today.txt"), "Buy milk");
  const program = join(
    dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/server-filesystem/package.json")),
    "dist/index.js",
  );
  const servers = { files: { command: process.execPath, args: [program, notes] } };
  const config = folder.write("servers.json", JSON.stringify({ servers }));
  const tools = join(folder.path, "files.json");
  expect(await sluice(["catalog", "mcp", "--config", config, "-o", tools])).toMatchObject({ status: 0 });
  const args = { path: join(notes, "today.txt") };
  const nodes = { read: { tool: "files/read_text_file", args, times: { max: 2 } } };
  const frozen = await frozenOf("notes", JSON.stringify({ sluice: 1, name: "notes", nodes }), tools);
  const options = ["gateway", "--plan", frozen, "--store", join(folder.path, "gateway.db"), "--config", config];
  const [first, second] = await Promise.all([start(...options), start(...options)]);
  const token = await open(first.url, { plan: "notes", principal: "ana" });
  const send = async (url: string, client: string, message: unknown): Promise<Response> =>
    post(
      `${url}/mcp`,
      {
        accept: "application/json",
        "sluice-session": token,
        ...(client === "" ? {} : { "mcp-session-id": client, "mcp-protocol-version": "2025-11-25" }),
      },
      message,
    );
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1" } };
  const greeted = await send(first.url, "", { jsonrpc: "2.0", id: 0, method: "initialize", params: hello });
  const client = greeted.headers.get("mcp-session-id") ?? "";
  const read = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "files__read_text_file", arguments: args } };
  const results: string[] = [];
  for (const { url } of [second, first, second]) results.push(await (await send(url, client, read)).text());
  expect(results.slice(0, 2)).toEqual([expect.stringContaining("Buy milk"), expect.stringContaining("Buy milk")]);
  expect(results[2]).toContain("CALL_REPEATED");
  first.child.kill("SIGKILL");
  const own = { "sluice-session": token, "mcp-session-id": client };
  expect((await fetch(`${second.url}/mcp`, { method: "DELETE", headers: own })).status).toBe(200);
  const third = await start(...options);
  expect((await send(third.url, client, read)).status).toBe(404);
});
