/**
 * The installer of Python environments in a checkout of its own, with a uv that is a script of ours: no network, and what it was asked is
 * known. Never makes a real environment.
 */
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Writes down what it is asked; makes an environment with a python; slow enough that two at once would be seen. */
const fakeUv = `#!/bin/sh
echo "$1 $2" >> "$LOG"
case "$1" in
  venv) for folder in "$@"; do :; done; mkdir -p "$folder/bin"; echo > "$folder/bin/python" ;;
  pip) sleep 0.2; [ "$BREAK" = "" ] || { echo "error: $BREAK" >&2; exit 1; } ;;
esac
`;

let checkout = "";
const log = () => join(checkout, "uv.log");
const asked = () => (existsSync(log()) ? readFileSync(log(), "utf8").trim().split("\n") : []);

/** Runs the installer with a PATH of our own. */
function install(name: string, env: { readonly [name: string]: string } = {}) {
  return new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [join(checkout, ".ci/python.mjs"), name], {
      env: { PATH: `${join(checkout, "bin")}:/usr/bin:/bin`, LOG: log(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "sluice-python-"));
  for (const folder of [".ci", "bin", "plans/python/desk"]) mkdirSync(join(checkout, folder), { recursive: true });
  for (const file of ["install.mjs", "python.mjs"])
    cpSync(fileURLToPath(new URL(`../../.ci/${file}`, import.meta.url)), join(checkout, ".ci", file));
  writeFileSync(join(checkout, "plans/python/desk/requirements-agents.txt"), "a==1\n");
  writeFileSync(join(checkout, "bin/uv"), fakeUv);
  chmodSync(join(checkout, "bin/uv"), 0o755);
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

describe("the installer of Python environments", () => {
  it("makes an environment once, and again when its pins change", async () => {
    const first = await install("agents");
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/agents-[0-9a-f]{12}\/bin\/python\n$/) });
    expect(asked()).toEqual(["--version ", "venv --quiet", "pip install"]);
    expect(await install("agents")).toMatchObject({ code: 0, stdout: first.stdout, stderr: "" });
    expect(asked()).toHaveLength(3);
    writeFileSync(join(checkout, "plans/python/desk/requirements-agents.txt"), "a==2\n");
    const changed = await install("agents");
    expect(changed.code).toBe(0);
    expect(changed.stdout).not.toBe(first.stdout);
    expect(asked()).toHaveLength(6);
  });

  it("makes it once if two ask at the same time", async () => {
    const both = await Promise.all([install("agents"), install("agents")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(asked().filter((line) => line === "pip install")).toHaveLength(1);
  });

  it("leaves no environment behind that is not complete", async () => {
    const broken = await install("agents", { BREAK: "error sending request for url" });
    expect(broken).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Python packages are missing and their index cannot be reached"),
    });
    expect(await install("agents")).toMatchObject({ code: 0 });
    expect(asked().filter((line) => line === "pip install")).toHaveLength(2);
  });

  it("says in one line what is missing, and ends at once", async () => {
    rmSync(join(checkout, "bin/uv"));
    const started = performance.now();
    expect(await install("agents", { PATH: join(checkout, "bin") })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/\nsluice: neither uv nor python3 was found; install one of them\n$/),
    });
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await install("snakes")).toMatchObject({ code: 2, stderr: expect.stringContaining("no such environment: snakes") });
  });
});
