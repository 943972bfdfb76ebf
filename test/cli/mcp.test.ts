/**
 * `sluice mcp` as a desktop client starts it: the official client's stdio transport, the wrapper, and the filesystem server.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFrozen } from "../../src/plan/freeze.ts";
import { startProcess } from "../../src/cli/mcp/process.ts";
import { stdioServer } from "../../src/surfaces/mcp/upstream-stdio.ts";
import { freeze, toolsOf } from "../mcp/world.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const require = createRequire(import.meta.url);
const files = join(dirname(require.resolve("@modelcontextprotocol/server-filesystem/package.json")), "dist/index.js");

let folder: string;
let plan: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "sluice-mcp-")));
  plan = join(folder, "plan.json");
  await writeFile(join(folder, "in.txt"), "the text");
  const start = (): ReturnType<typeof startProcess> =>
    startProcess({ command: process.execPath, args: [files, folder], env: {}, onErrorOutput: () => {} });
  const tools = await toolsOf(stdioServer({ name: "files", start }));
  const frozen = freeze(
    {
      sluice: 1,
      name: "read-one",
      labels: { lab: { integrity: "trusted" } },
      params: { file: { type: "string" } },
      nodes: { read: { tool: "files/read_text_file", args: { path: { param: "file" } }, times: 2 } },
    },
    tools,
  );
  await writeFile(plan, writeFrozen(frozen));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
}

/** Runs the command to its end, with this standard input; one that is `held` stays open until then. */
function run(args: readonly string[], input = "", isHeld = false): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, "mcp", ...args], { stdio: "pipe" });
    let [out, err] = ["", ""];
    child.stdout.on("data", (bytes) => (out += String(bytes)));
    child.stderr.on("data", (bytes) => (err += String(bytes)));
    child.on("close", (code) => resolve({ code, out, err }));
    child.stdin.on("error", () => {});
    child.stdin.write(input);
    if (!isHeld) child.stdin.end();
  });
}

test("an audit log is kept of what a client did, and verifies when it is gone", async () => {
  const client = new Client({ name: "desktop", version: "1" });
  const params = JSON.stringify({ file: join(folder, "in.txt") });
  const kept = ["--store", join(folder, "store.db"), "--audit", join(folder, "audit.db"), "--otlp", "http://127.0.0.1:9"];
  const args = [
    main,
    "mcp",
    "--plan",
    plan,
    "--params",
    params,
    "--principal",
    "ada",
    ...kept,
    "--",
    process.execPath,
    files,
    folder,
  ];
  const transport = new StdioClientTransport({ command: process.execPath, args, stderr: "pipe" });
  await client.connect(transport);
  await client.callTool({ name: "read_text_file", arguments: {} });
  expect((await client.callTool({ name: "read_text_file", arguments: { path: plan } })).isError).toBe(true);
  await client.close();
  const verify = (): Finished => {
    const { status, stdout } = spawnSync(process.execPath, [main, "audit", "verify", join(folder, "audit.db")], {
      encoding: "utf8",
    });
    return { status, stdout };
  };
  // The client does not wait for the process, which chains what there is at its end.
  await expect
    .poll(verify, { timeout: 30_000, interval: 500 })
    .toEqual({ status: 0, stdout: expect.stringContaining("verdicts    2 follow") });
  await Promise.all(
    ["store.db", "audit.db"].flatMap((name) =>
      ["", "-wal", "-shm", ".keys.json"].map((end) => rm(join(folder, name + end), { force: true })),
    ),
  );
});

test("a desktop client works with the one thing that the plan grants, and with nothing else", async () => {
  const client = new Client({ name: "desktop", version: "1" });
  const params = JSON.stringify({ file: join(folder, "in.txt") });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, "mcp", "--plan", plan, "--params", params, "--principal", "ada", "--", process.execPath, files, folder],
    stderr: "pipe",
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["read_text_file"]);
  const read = (await client.callTool({ name: "read_text_file", arguments: {} })) as { content: { text: string }[] };
  expect(read.content[0]?.text).toBe("the text");
  const stolen = await client.callTool({ name: "read_text_file", arguments: { path: plan } });
  expect(stolen.isError).toBe(true);
  const written = await client.callTool({ name: "write_file", arguments: { path: join(folder, "x"), content: "x" } });
  expect(written.isError).toBe(true);
  expect(await readdir(folder)).not.toContain("x");
  await client.close();
});

test("threat 22: without a plan nothing starts, and the one line says what would", async () => {
  const { code, out, err } = await run(["--", process.execPath, files, folder]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("--plan");
  expect(err.trim().split("\n")).toHaveLength(1);
});

test("a server that ends takes the wrapper with it, by its own exit code; one that cannot start is exit 2", async () => {
  const hello =
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}\n{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read_text_file","arguments":{}}}\n';
  const given = ["--plan", plan, "--params", JSON.stringify({ file: "/x" }), "--"];
  const ended = await run([...given, process.execPath, "-e", "console.error('said aloud'); process.exit(7)"], hello, true);
  expect([ended.code, ended.err.includes("said aloud")]).toEqual([7, true]);
  const missing = await run([...given, join(folder, "no-such-program")], hello, true);
  expect([missing.code, missing.err.includes("cannot be started")]).toEqual([2, true]);
});

test("observing passes everything, says so aloud, and records the calls", async () => {
  const records = join(folder, "records");
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const lines = [
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    JSON.stringify({
      jsonrpc: "2.0",
      id: 2,
      method: "tools/call",
      params: { name: "read_text_file", arguments: { path: join(folder, "in.txt") } },
    }),
  ];
  const args = [
    "--observe",
    "first week",
    "--until",
    until,
    "--record",
    records,
    "--server",
    "files",
    "--",
    process.execPath,
    files,
    folder,
  ];
  const { err, out } = await run(args, `${lines.join("\n")}\n`);
  expect(err).toContain("NOTHING IS ENFORCED");
  expect(out).toContain("the text");
  const [file] = await readdir(records);
  const recorded = await readFile(join(records, file ?? ""), "utf8");
  expect(recorded).toContain('"files/read_text_file"');
  expect(recorded).toContain("the text");
});
