/**
 * What `sluice serve` and `sluice gateway` read into memory before the first call: a stand-in for the memory that they take, which differs from
 * run to run. A package that only other commands need does not belong there.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, plan, sluice } from "../cli/cli-process.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-modules-"));
const loaded = join(folder, "loaded.json");
/** Writes the URLs of everything that was loaded when the process ends. */
const hook = `
import { registerHooks } from "node:module";
import { writeFileSync } from "node:fs";
const urls = [];
registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
process.on("exit", () => writeFileSync(${JSON.stringify(loaded)}, JSON.stringify(urls)));
`;

beforeAll(async () => {
  for (const [name, text] of Object.entries({ "plan.yaml": plan, "catalogue.json": catalogue, "hook.mjs": hook }))
    writeFileSync(join(folder, name), text);
  const file = (name: string): string => join(folder, name);
  const made = await sluice(["freeze", file("plan.yaml"), "--catalog", file("catalogue.json"), "-o", file("frozen.json")]);
  expect(made.status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is loaded until the command listens: packages, and the number of our own files. */
async function loadedBy(command: string, ...args: readonly string[]): Promise<{ packages: readonly string[]; own: number }> {
  const child = spawn(
    process.execPath,
    ["--import", join(folder, "hook.mjs"), main, command, "--plan", join(folder, "frozen.json"), "--port", "0", ...args],
    { cwd: folder, env: { ...process.env, SLUICE_ADMIN_TOKEN: "an-admin-token-for-tests" }, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
    // The first of its lines comes a moment before it listens to signals.
    if (said.includes("http://127.0.0.1:")) setTimeout(() => child.kill("SIGTERM"), 500);
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  expect([status, said]).toEqual([0, expect.stringContaining("http://127.0.0.1:")]);
  const urls = JSON.parse(readFileSync(loaded, "utf8")) as readonly string[];
  const packages = new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []));
  return { packages: [...packages].sort(), own: urls.filter((url) => url.includes("/src/")).length };
}

/** Packages that have a command, a store or a dialect of their own, and are loaded by it alone. */
const elsewhere = [
  "@babel/parser",
  "@huggingface/tokenizers",
  "@huggingface/transformers",
  "@lezer/python",
  "chrono-node",
  "ioredis",
  "kysely",
  "libpg-query",
  "node-sql-parser",
  "onnxruntime-node",
  "pg",
];

describe("what is loaded before the first call", () => {
  it.each([
    ["serve", ["--store", "memory"]],
    ["serve", ["--store", "file.db"]],
    [
      "gateway",
      ["--store", "file.db", "--upstream", "people=http://127.0.0.1:1/mcp", "--upstream", "mail=http://127.0.0.1:1/mcp"],
    ],
  ] as const)(
    "of %s %j is no package of another command, store or dialect",
    async (command, args) => {
      const { packages, own } = await loadedBy(command, ...args);
      expect(packages).toEqual(expect.arrayContaining(["hono", "zod"]));
      expect(packages.filter((name) => elsewhere.includes(name))).toEqual([]);
      // As it is, and some room: each file more is memory in every process.
      expect(own).toBeLessThan(440);
    },
    60_000,
  );
});
