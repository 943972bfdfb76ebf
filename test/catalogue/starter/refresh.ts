/**
 * For maintainers: installs the servers of the starter catalogues, asks them for their tools and shows what is no longer as the project
 * has it. `node test/catalogue/starter/refresh.ts [NAME…] [--latest] [--write DATE]`. Needs the network, so no test runs it.
 * Never writes facts: what a new tool or argument is for is decided by a person, and a test fails until it is.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isStarterName, type StarterName, starterNames } from "../../../src/catalogue/starter/starter.ts";
import { starterOf } from "../../../src/catalogue/starter/starters.ts";
import { readJson } from "../../../src/json/read.ts";
import { isArray, isObject, type Json, jsonEqual, type JsonObject, member } from "../../../src/json/value.ts";
import { packages, type ServerPackage } from "./packages.ts";

const definitions = fileURLToPath(new URL("../../../src/catalogue/starter/definitions/", import.meta.url));
const secondsMax = 120;
const pagesMax = 50;

interface Listed {
  readonly version: string;
  readonly server: Json;
  readonly tools: readonly JsonObject[];
}

/** Sends a request and waits for its answer. */
type Ask = (message: JsonObject) => Promise<Json>;

function parse(text: string): Json {
  const read = readJson(text);
  if (!read.ok) throw new Error(`no JSON: ${read.error.message}`);
  return read.value;
}

function quietly(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Installs a package in a folder; returns where its programs are, and its version. */
function install(server: ServerPackage, folder: string, isLatest: boolean): { readonly bin: string; readonly version: string } {
  if (server.registry === "npm") {
    quietly(
      "npm",
      [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefix",
        folder,
        `${server.package}@${isLatest ? "latest" : server.version}`,
      ],
      folder,
    );
    const manifest = parse(quietly("npm", ["ls", "--json", "--depth=0", "--prefix", folder], folder));
    return {
      bin: join(folder, "node_modules", ".bin"),
      version: String(member(member(member(manifest, "dependencies"), server.package), "version")),
    };
  }
  const bin = join(folder, "venv", "bin");
  const pip = (args: readonly string[]): string => quietly(join(bin, "pip"), args, folder);
  quietly(server.python ?? "python3", ["-m", "venv", join(folder, "venv")], folder);
  pip([
    "install",
    "-q",
    ...(server.alone ? ["--no-deps"] : []),
    isLatest ? server.package : `${server.package}==${server.version}`,
  ]);
  if (server.beside !== undefined) pip(["install", "-q", ...server.beside]);
  const version = /^Version: (.+)$/m.exec(pip(["show", server.package]))?.[1] ?? "";
  return { bin, version };
}

function begin(server: ServerPackage, bin: string, folder: string): ChildProcess {
  const place = (text: string): string => text.replaceAll("{dir}", folder);
  // What Google's servers look for: a client that nobody registered.
  const client = { client_id: "none", client_secret: "none", redirect_uris: ["http://localhost:3000/oauth2callback"] };
  writeFileSync(join(folder, "oauth.json"), JSON.stringify({ installed: client }));
  const [program = "", ...args] = server.run;
  const env = Object.fromEntries(Object.entries(server.env ?? {}).map(([name, value]) => [name, place(value)]));
  return spawn(join(bin, program), args.map(place), {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
}

function askOverStdio(child: ChildProcess): Ask {
  const waiting = new Map<number, (answer: Json) => void>();
  if (child.stdout === null) throw new Error("no standard output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const read = readJson(line);
    if (!read.ok) return;
    const id = member(read.value, "id");
    if (member(read.value, "method") === undefined) return waiting.get(Number(id))?.(read.value);
    // A server may ask too (for roots, say); it gets an empty answer.
    if (id !== undefined) child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: {} })}\n`);
  });
  return (message) =>
    new Promise((resolve, reject) => {
      const id = member(message, "id");
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      if (id === undefined) resolve(null);
      else waiting.set(Number(id), resolve);
      child.stdin?.write(`${JSON.stringify(message)}\n`);
    });
}

function askOverHttp(url: string): Ask {
  let session: string | undefined;
  return async (message) => {
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const init = { method: "POST", headers: { ...headers, ...(session === undefined ? {} : { "mcp-session-id": session }) } };
    for (let tries = 0; ; tries++) {
      const response = await fetch(url, { ...init, body: JSON.stringify(message) }).catch(() => undefined);
      if (response === undefined && tries < 20) await sleep(500);
      else if (response === undefined) throw new Error(`nothing listens at ${url}`);
      else {
        session = response.headers.get("mcp-session-id") ?? session;
        const text = await response.text();
        const data = text.startsWith("{") ? text : (/^data: (.+)$/m.exec(text)?.[1] ?? "null");
        return parse(data);
      }
    }
  };
}

async function listTools(ask: Ask): Promise<Omit<Listed, "version">> {
  const hello = await ask({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "sluice-starter", version: "1" } },
  });
  await ask({ jsonrpc: "2.0", method: "notifications/initialized" });
  const tools: JsonObject[] = [];
  let cursor: Json | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const answer = await ask({
      jsonrpc: "2.0",
      id: 2 + page,
      method: "tools/list",
      params: cursor === undefined ? {} : { cursor },
    });
    const result = member(answer, "result");
    const list = member(result, "tools");
    if (!isArray(list)) throw new Error("the server lists no tools");
    tools.push(...list.filter(isObject));
    cursor = member(result, "nextCursor") ?? undefined;
    if (cursor === undefined || cursor === null) break;
  }
  return { server: member(member(hello, "result"), "serverInfo") ?? null, tools };
}

async function take(name: StarterName, isLatest: boolean): Promise<Listed> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-starter-${name}-`));
  try {
    return await takeIn(folder, name, isLatest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function takeIn(folder: string, name: StarterName, isLatest: boolean): Promise<Listed> {
  const server = packages[name];
  const { bin, version } = install(server, folder, isLatest);
  const child = begin(server, bin, folder);
  const late = sleep(secondsMax * 1000, undefined, { ref: false }).then((): never => {
    throw new Error(`no answer within ${secondsMax} s`);
  });
  try {
    const ask = server.url === undefined ? askOverStdio(child) : askOverHttp(server.url);
    return { version, ...(await Promise.race([listTools(ask), late])) };
  } finally {
    child.kill();
  }
}

/** What changed between the project's list and the server's, one line each. */
function differences(before: ReadonlyMap<string, JsonObject>, now: readonly JsonObject[]): readonly string[] {
  const after = new Map(now.map((tool) => [String(member(tool, "name")), tool]));
  const lines: string[] = [];
  for (const [name, tool] of after) {
    const old = before.get(name);
    if (old === undefined) lines.push(`+ ${name}`);
    else
      for (const key of new Set([...Object.keys(old), ...Object.keys(tool)]))
        if (!jsonEqual(member(old, key) ?? null, member(tool, key) ?? null)) lines.push(`~ ${name}.${key}`);
  }
  for (const name of before.keys()) if (!after.has(name)) lines.push(`- ${name}`);
  return lines;
}

async function refresh(
  name: StarterName,
  options: { readonly isLatest: boolean; readonly date: string | undefined },
): Promise<boolean> {
  const { registry, package: own, license, how } = packages[name];
  const listed = await take(name, options.isLatest);
  const lines = differences(starterOf(name).definitions, listed.tools);
  console.log(`${name}: ${own} ${listed.version}, ${listed.tools.length} tools, ${lines.length === 0 ? "as before" : "changed"}`);
  for (const line of lines) console.log(`  ${line}`);
  if (options.date !== undefined && lines.length > 0) {
    const server = { name: member(listed.server, "name") ?? "", version: member(listed.server, "version") ?? "" };
    const origin = { registry, package: own, version: listed.version, license, taken: options.date, how, server };
    writeFileSync(join(definitions, `${name}.json`), `${JSON.stringify({ origin, tools: listed.tools }, null, 2)}\n`);
  }
  return lines.length > 0;
}

const args = process.argv.slice(2);
const at = args.indexOf("--write");
const date = at < 0 ? undefined : args[at + 1];
if (at >= 0 && !/^\d{4}-\d\d-\d\d$/.test(date ?? ""))
  throw new Error("--write needs the day on which the lists were taken, as 2026-01-31");
const named = args.filter((arg) => isStarterName(arg));
if (!existsSync(definitions)) throw new Error(`no folder ${definitions}`);
for (const name of named.length === 0 ? starterNames : named) {
  const isChanged = await refresh(name, { isLatest: args.includes("--latest"), date }).catch((error: unknown) => {
    console.log(`${name}: not taken: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  });
  if (isChanged) process.exitCode = 1;
}
