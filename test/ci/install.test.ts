/**
 * The installer in a checkout of its own, with an npm that is a script of ours: no network, and what it was asked is known.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const installer = fileURLToPath(new URL("../../.ci/install.mjs", import.meta.url));

/** Installs two packages (the second only with dev packages), slowly enough that two at once would be seen. */
const fakeNpm = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
const dev = process.argv.includes("--include=dev");
appendFileSync("npm.log", (dev ? "dev" : "lean") + "\\n");
await new Promise((resolve) => setTimeout(resolve, 150));
const packages = { "node_modules/a": { version: "1.0.0" }, ...(dev ? { "node_modules/b": { version: "2.0.0" } } : {}) };
for (const path of Object.keys(packages)) { mkdirSync(path, { recursive: true }); writeFileSync(path + "/package.json", "{}"); }
writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
`;

let checkout = "";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installer on this Node. */
function install(mode: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(checkout, ".ci/install.mjs"), mode], {
      cwd: checkout,
      env: { ...process.env, npm_execpath: join(checkout, "npm-cli.js") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

function npmRuns(): readonly string[] {
  const log = join(checkout, "npm.log");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "sluice-install-"));
  for (const folder of [".ci", "src/cli"]) mkdirSync(join(checkout, folder), { recursive: true });
  cpSync(installer, join(checkout, ".ci/install.mjs"));
  for (const file of ["src/cli/start.ts", "src/cli/sluice.mjs", ".ci/test.mjs"]) writeFileSync(join(checkout, file), "");
  writeFileSync(join(checkout, "package.json"), '{"type":"module"}');
  writeFileSync(join(checkout, "npm-cli.js"), fakeNpm);
  const packages = {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "2.0.0", dev: true },
    "node_modules/other-platform": { version: "3.0.0", optional: true },
  };
  writeFileSync(join(checkout, "package-lock.json"), JSON.stringify({ packages }));
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

describe("the installer", () => {
  it("asks npm once, for the lean set, and then never again", async () => {
    expect(await install("start")).toMatchObject({ code: 0, stdout: "" });
    expect(await install("start")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(npmRuns()).toEqual(["lean"]);
  });

  it("adds the dev packages when the tests need them", async () => {
    await install("start");
    expect(await install("test")).toMatchObject({ code: 0, stdout: "" });
    expect(await install("start")).toMatchObject({ code: 0, stderr: "" });
    expect(npmRuns()).toEqual(["lean", "dev"]);
  });

  it("notices a package that was deleted, and one of another version", async () => {
    await install("start");
    rmSync(join(checkout, "node_modules/a"), { recursive: true });
    await install("start");
    writeFileSync(join(checkout, "node_modules/.package-lock.json"), '{"packages":{"node_modules/a":{"version":"0.9.0"}}}');
    await install("start");
    expect(npmRuns()).toHaveLength(3);
  });

  it("lets one of three processes install while the others wait", async () => {
    const ended = await Promise.all([install("start"), install("start"), install("start")]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(npmRuns()).toEqual(["lean"]);
  });

  it("takes over the lock of a process that died", async () => {
    const dead = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => dead.on("close", resolve));
    mkdirSync(join(checkout, ".cache"));
    writeFileSync(join(checkout, ".cache/install.lock"), String(dead.pid));
    expect((await install("start")).code).toBe(0);
    expect(existsSync(join(checkout, ".cache/install.lock"))).toBe(false);
  });

  it("says in one line that the registry cannot be reached", async () => {
    writeFileSync(
      join(checkout, "npm-cli.js"),
      'console.error("npm error code ENOTFOUND\\nnpm error more\\nnpm error and more"); process.exit(1);',
    );
    const { code, stdout, stderr } = await install("test");
    const last = stderr.trim().split("\n").slice(1);
    expect({ code, stdout, last }).toEqual({
      code: 2,
      stdout: "",
      last: [
        "sluice: packages are missing and the npm registry cannot be reached; connect to the network and run the same command again",
      ],
    });
  });

  it.each([
    ["a broken lockfile", "package-lock.json", "sluice: package-lock.json is missing or broken; this is not a whole checkout\n"],
    ["a missing program", "src/cli/start.ts", "sluice: src/cli/start.ts is missing; this is not a whole checkout\n"],
  ])("says in one line that there is %s", async (_, file, line) => {
    rmSync(join(checkout, file));
    expect(await install("start")).toEqual({ code: 2, stdout: "", stderr: line });
    expect(npmRuns()).toEqual([]);
  });
});
