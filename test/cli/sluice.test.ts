/**
 * The launcher, apart from the program: which program it runs, and what it says when there is none.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("../../src/cli/sluice.mjs", import.meta.url));
let folder = "";

function launch(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "src/cli/sluice.mjs"), ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const echo = "process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = 3;\n";
const canRun = 'export const runsSource = () => true; export const findNode = () => "";';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-launch-"));
  write("package.json", '{"type":"module"}');
  cpSync(launcher, join(folder, "src/cli/sluice.mjs"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the launcher", () => {
  it("runs the compiled program of a published package, with its arguments and exit code", () => {
    write("dist/cli/main.js", echo);
    expect(launch("lint", "--json")).toEqual({ status: 3, stdout: '["lint","--json"]', stderr: "" });
  });

  it("prefers the source in a checkout, after the installation", () => {
    write("dist/cli/main.js", "throw new Error();");
    write("src/cli/main.ts", `const text: string = "source ";\nprocess.stdout.write(text);\n${echo}`);
    write(
      ".ci/install.mjs",
      `export class InstallError extends Error {}\nexport async function ensure() { process.stderr.write("ensured"); }\n${canRun}`,
    );
    expect(launch("a")).toEqual({ status: 3, stdout: 'source ["a"]', stderr: "ensured" });
  });

  it("hands the program to another Node with arguments and exit code when its own cannot run the source", () => {
    write("src/cli/main.ts", echo);
    const other = `export const runsSource = () => false; export const findNode = () => ${JSON.stringify(process.execPath)};`;
    write(".ci/install.mjs", `export class InstallError extends Error {}\nexport async function ensure() {}\n${other}`);
    expect(launch("a b")).toEqual({ status: 3, stdout: '["a b"]', stderr: "" });
  });

  it("refuses with exit 2 and one line when the installation fails", () => {
    write("src/cli/main.ts", echo);
    write(
      ".ci/install.mjs",
      `export class InstallError extends Error {}\nexport async function ensure() { throw new InstallError("no network"); }\n${canRun}`,
    );
    expect(launch()).toEqual({ status: 2, stdout: "", stderr: "sluice: no network\n" });
  });

  it("keeps what was compiled in a folder of this user's own, and nowhere else", () => {
    write("dist/cli/main.js", "process.exitCode = 0;\n");
    const start = (cache: string): readonly string[] => {
      const { NODE_COMPILE_CACHE: _, ...others } = process.env;
      const env = { ...others, XDG_CACHE_HOME: join(folder, cache) };
      expect(spawnSync(process.execPath, [join(folder, "src/cli/sluice.mjs")], { env }).status).toBe(0);
      return readdirSync(join(folder, cache, "sluice"));
    };
    expect(start("own")).toHaveLength(1);
    expect(statSync(join(folder, "own/sluice")).mode & 0o777).toBe(0o700);
    mkdirSync(join(folder, "shared/sluice"), { recursive: true });
    chmodSync(join(folder, "shared/sluice"), 0o777);
    expect(start("shared")).toEqual([]);
    mkdirSync(join(folder, "linked"));
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(folder, "linked/sluice"));
    expect(start("linked")).toEqual([]);
  });

  it("refuses with exit 2 and one line when there is no program", () => {
    expect(launch()).toEqual({
      status: 2,
      stdout: "",
      stderr: "sluice: src/cli/main.ts is missing; this is not a whole checkout\n",
    });
  });
});
