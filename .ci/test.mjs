/**
 * `npm test`: the vitest suite on Node, then the runtime vectors on Node, Bun, Deno and workerd, and last the line
 * `N passed, N failed` over all of them. With arguments (`npm test -- test/json`) only those vitest files.
 * Tests that play with other processes have a second try by themselves, and are named: two cores that are busy with everything else are no
 * finding. What needs no other process must pass at once, whatever else runs.
 * It must never count a run that did not happen as passed: a runner that dies, or finds nothing, is a failure.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { findNode, root } from "./install.mjs";

const report = join(root, ".cache", "vitest.json");
const secondReport = join(root, ".cache", "vitest-second.json");

/** Folders of tests that wait for processes, servers, sockets or a browser. */
const withProcesses =
  /^test\/(?:access|audit|bench|ci|cli|cost|dashboard|deploy|docs|exactness|mcp|python|runtimes|scale|security|services|signals|start|stores|surfaces|telemetry|workers)\//;
/** More files than these are no matter of a busy machine. */
const secondTriesMax = 4;

/** Runs a command at the root with the terminal's output; resolves to its exit code. Never reads stdin. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function runVitest(node, files, to) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(to, { force: true });
  const cli = join(root, "node_modules", "vitest", "vitest.mjs");
  return await run(node, [cli, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${to}`, ...files]);
}

/** Runs the tests, and those files again that may have a second try; their counts then stand for them. */
async function vitest(node, files) {
  const first = countVitest(await runVitest(node, files, report), report);
  const again = first.broken.map((file) => relative(root, file.name));
  const mayTry = again.length > 0 && again.length <= secondTriesMax && again.every((file) => withProcesses.test(file));
  if (files.length > 0 || !mayTry) return first;
  process.stdout.write(`\nA second try, by themselves: ${again.join(", ")}\n`);
  const second = countVitest(await runVitest(node, ["--no-file-parallelism", ...again], secondReport), secondReport);
  const passedBefore = first.broken.reduce((sum, file) => sum + passedOf(file), 0);
  if (second.failed === 0) process.stdout.write(`PASSED AT THE SECOND TRY ONLY: ${again.join(", ")}\n`);
  return { passed: first.passed - passedBefore + second.passed, failed: second.failed };
}

function passedOf(file) {
  return file.assertionResults.filter((test) => test.status === "passed").length;
}

/** Counts of a report, and its files that failed. A file that did not load, or an error outside a test, is one failure more. */
function countVitest(code, from) {
  if (!existsSync(from)) return { passed: 0, failed: 1, broken: [] };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(from, "utf8"));
  const broken = testResults.filter((file) => file.status === "failed");
  const silent = broken.filter((file) => !file.assertionResults.some((test) => test.status === "failed"));
  const failed = numFailedTests + silent.length;
  // What failed outside of every file has no second try: nothing says which it was.
  return failed === 0 && code !== 0
    ? { passed: numPassedTests, failed: 1, broken: [] }
    : { passed: numPassedTests, failed, broken };
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
