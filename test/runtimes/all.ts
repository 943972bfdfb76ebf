/**
 * Runs the vectors on Node, Bun, Deno and workerd and compares their reports: `node test/runtimes/all.ts [COUNTS.json]`.
 * A runtime that cannot be started, dies or disagrees with Node is a failure, never a smaller count.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Report } from "./run.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = join(root, "test/runtimes/local.ts");
const work = join(root, ".cache/workerd");
const runtimeTimeoutMs = 120_000;

/**
 * The oldest behaviour that we promise for Workers: a day before `nodejs_compat` became the default (2026-08-04), so that a use of
 * Node's modules fails here.
 */
const workerdDate = "2026-08-03";

/** One runtime: how to start it. The last line of its stdout is the report. */
interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly prepare?: () => Promise<void>;
}

function binary(name: string): string {
  return join(root, "node_modules/.bin", name);
}

const runtimes: readonly Runtime[] = [
  { name: "node", command: process.execPath, args: [entry, "node"] },
  { name: "bun", command: binary("bun"), args: [entry, "bun"] },
  { name: "deno", command: binary("deno"), args: ["run", "--no-prompt", "--cached-only", `--allow-read=${root}`, entry, "deno"] },
  { name: "workerd", command: binary("workerd"), args: ["test", join(work, "config.capnp")], prepare: bundle },
];

/** Bundles the worker and writes its configuration. Platform neutral: an import of `node:*` cannot be resolved and fails. */
async function bundle(): Promise<void> {
  const folder = join(root, "test/vectors");
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  mkdirSync(work, { recursive: true });
  await build({
    entryPoints: [join(root, "test/runtimes/worker.ts")],
    outfile: join(work, "bundle.js"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
    define: { VECTOR_TEXTS: JSON.stringify(texts) },
    logLevel: "silent",
  });
  writeFileSync(
    join(work, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [(name = "bundle.js", esModule = embed "bundle.js")], compatibilityDate = "${workerdDate}"))]);
`,
  );
}

/** Starts one runtime and reads its report; a text says why there is none. */
async function report({ name, command, args, prepare }: Runtime): Promise<Report | string> {
  try {
    await prepare?.();
  } catch (error) {
    return `cannot be bundled: ${String(error).slice(0, 500)}`;
  }
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: runtimeTimeoutMs });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.on("error", (error) => resolve(`cannot be started: ${error.message}`));
    child.on("close", (code, signal) => {
      const line = `${output}\n${name === "workerd" ? errors : ""}`.split("\n").find((text) => text.startsWith('{"runtime":'));
      resolve(
        line && code === 0 ? (JSON.parse(line) as Report) : `ended with ${signal ?? code}: ${errors.trim() || output.trim()}`,
      );
    });
  });
}

/** Which files two reports differ in. */
function differences(one: Report, other: Report): readonly string[] {
  return Object.keys(one.files).filter((name) => one.files[name] !== other.files[name]);
}

let passed = 0;
let failed = 0;
let reference: Report | undefined;
for (const runtime of runtimes) {
  const result = await report(runtime);
  if (typeof result === "string") {
    failed++;
    console.log(`✗ ${runtime.name} ${result}`);
    continue;
  }
  passed += result.passed;
  failed += result.failed;
  reference ??= result;
  const differs = result.digest !== reference.digest;
  if (differs) failed++;
  console.log(
    `${differs || result.failed > 0 ? "✗" : "✓"} ${result.runtime}: ${result.passed} vectors passed, ${result.failed} failed (${result.digest.slice(0, 12)})`,
  );
  for (const failure of result.failures) console.log(`    ${failure}`);
  if (differs) console.log(`    differs from ${reference.runtime} in ${differences(reference, result).join(", ")}`);
}
const target = process.argv[2];
if (target) writeFileSync(target, JSON.stringify({ passed, failed }));
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
