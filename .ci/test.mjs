/**
 * `npm test`: the vitest suite on Node, then the runtime vectors on Node, Bun, Deno and workerd, and last the line
 * `N passed, N failed` over all of them. With arguments (`npm test -- test/json`) only those vitest files.
 * It must never count a run that did not happen as passed: a runner that dies, or finds nothing, is a failure.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findNode, root } from "./install.mjs";

const report = join(root, ".cache", "vitest.json");

/** Runs a command at the root with the terminal's output; resolves to its exit code. Never reads stdin. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function vitest(node, files) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(report, { force: true });
  const cli = join(root, "node_modules", "vitest", "vitest.mjs");
  const code = await run(node, [cli, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...files]);
  return countVitest(code);
}

/** Counts of vitest's report. A file that did not load, or an error outside a test, is one failure more. */
function countVitest(code) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const broken = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

async function runtimes(node) {
  const file = join(root, ".cache", "runtimes.json");
  rmSync(file, { force: true });
  const code = await run(node, [join(root, "test", "runtimes", "all.ts"), file]);
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { passed, failed } = JSON.parse(readFileSync(file, "utf8"));
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

async function main() {
  const files = process.argv.slice(2);
  const node = findNode();
  const counts = [await vitest(node, files)];
  if (files.length === 0) counts.push(await runtimes(node));
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

await main();
