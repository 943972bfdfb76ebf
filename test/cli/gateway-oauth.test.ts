/**
 * `sluice gateway --oauth FILE`, as a process: an access token opens its principal's session, and nobody else's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProcess } from "../../src/cli/mcp/process.ts";
import { writeFrozen } from "../../src/plan/freeze.ts";
import { stdioServer } from "../../src/surfaces/mcp/upstream-stdio.ts";
import { freeze, toolsOf } from "../mcp/world.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const require = createRequire(import.meta.url);
const files = join(dirname(require.resolve("@modelcontextprotocol/server-filesystem/package.json")), "dist/index.js");
const issuer = "https://login.example";
const resource = "https://gateway.example/mcp";

let folder: string;
let url: string;
let gateway: ChildProcess;
let tokenOf: (subject: string) => Promise<string>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "sluice-oauth-")));
  await writeFile(join(folder, "in.txt"), "the text");
  const start = (): ReturnType<typeof startProcess> =>
    startProcess({ command: process.execPath, args: [files, folder], env: {}, onErrorOutput: () => {} });
  const tools = await toolsOf(stdioServer({ name: "files", start }));
  const labels = { lab: { integrity: "trusted" } };
  const nodes = { read: { tool: "files/read_text_file", args: { path: { param: "file" } }, times: 2 } };
  const plan = freeze({ sluice: 1, name: "read-one", labels, params: { file: { type: "string" } }, nodes }, tools);
  await writeFile(join(folder, "plan.json"), writeFrozen(plan));
  const pair = await generateKeyPair("ES256", { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k" }] };
  const principals = [{ subject: "ada", plan: "read-one", params: { file: join(folder, "in.txt") } }];
  await writeFile(join(folder, "oauth.json"), JSON.stringify({ resource, issuers: [{ issuer, jwks }], principals }));
  tokenOf = (subject) =>
    new SignJWT({ iss: issuer, aud: resource, sub: subject })
      .setExpirationTime("5m")
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .sign(pair.privateKey);
  const upstream = `files=${process.execPath} ${files} ${folder}`;
  const args = ["--plan", join(folder, "plan.json"), "--upstream", upstream, "--oauth", join(folder, "oauth.json")];
  gateway = spawn(process.execPath, [main, "gateway", ...args, "--store", "memory", "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  url = await new Promise((resolve, reject) => {
    let said = "";
    gateway.stderr?.on("data", (bytes) => {
      said += String(bytes);
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+)\/mcp/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    gateway.once("exit", () => reject(new Error(said)));
  });
});
afterAll(async () => {
  gateway.kill("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

async function connect(bearer: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${bearer}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }) as never);
  return client;
}

test("a client with an access token works under the plan that the host has named for it", async () => {
  const metadata = await fetch(`${url}/.well-known/oauth-protected-resource/mcp`);
  expect(await metadata.json()).toEqual({ resource, authorization_servers: [issuer], bearer_methods_supported: ["header"] });
  const client = await connect(await tokenOf("ada"));
  const { tools } = await client.listTools();
  const read = (await client.callTool({ name: tools[0]?.name ?? "", arguments: {} })) as { content: { text: string }[] };
  expect([tools.length, read.content[0]?.text]).toEqual([1, "the text"]);
  await client.close();
});

test("a token of somebody without a plan, and no token, open nothing", async () => {
  await expect(connect(await tokenOf("eve"))).rejects.toThrow();
  const bare = await fetch(`${url}/mcp`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("resource_metadata=")]);
});
