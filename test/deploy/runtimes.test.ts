/**
 * Sluice on Deno and Bun as a process of its own, with nothing more of the machine than it needs: the recorded runs of the example have
 * their verdicts, and each permission that is taken away stops it.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoPermissions, programs } from "../../plans/deployments/programs.ts";
import { startDeployment } from "../../plans/deployments/start.ts";
import { readExample } from "../../src/cli/demo/example.ts";
import { writeFrozen } from "../../src/plan/freeze.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-runtimes-"));
const [plan, database] = [join(folder, "plan.json"), join(folder, "sluice.db")];
beforeAll(async () => writeFileSync(plan, writeFrozen((await readExample("trading")).frozen)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timeoutMs = 120_000;

describe("a deployment", () => {
  for (const name of ["deno", "bun"] as const)
    it(
      `on ${name} allows what the plan permits, denies the attack, and ends in order`,
      async () => {
        const deployment = await startDeployment(name);
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

  it(
    "on Bun reads no .env out of the folder that it is started in",
    async () => {
      writeFileSync(join(folder, ".env"), "SLUICE_ADMIN_TOKEN=too-short\n");
      const { command, args } = await programs.bun();
      const run = (...flags: readonly string[]): string =>
        spawnSync(command, [...flags, "serve", "--plan", plan, "--store", "memory", "--port", "1", "--host", "192.0.2.1"], {
          cwd: folder,
          encoding: "utf8",
          env: { PATH: process.env.PATH },
        }).stderr;
      expect(run(...args)).toMatch(/192\.0\.2\.1 is no address of this machine/);
      // So the file would have been noticed.
      expect(run(args.at(-1) ?? "")).toMatch(/SLUICE_ADMIN_TOKEN/);
    },
    timeoutMs,
  );
});

/** Whether it comes to listen with these permissions. */
function startsOnDeno(permissions: readonly string[]): Promise<boolean> {
  const main = join(root, "src/cli/main.ts");
  const child = spawn(
    join(root, "node_modules/.bin/deno"),
    ["run", ...permissions, main, "serve", "--plan", plan, "--store", database, "--port", "0"],
    { cwd: folder, env: { PATH: process.env.PATH }, stdio: ["ignore", "ignore", "pipe"] },
  );
  return new Promise((resolve) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("http://127.0.0.1:")) child.kill("SIGKILL");
    });
    child.on("close", () => resolve(said.includes("http://127.0.0.1:")));
  });
}

describe("the permissions on Deno", () => {
  const grounds = { reads: [plan], database, hosts: ["127.0.0.1"] };
  /** Everything that is permitted, a part each: what may be taken away. */
  const parts = denoPermissions(grounds)
    .filter((flag) => flag.startsWith("--allow-"))
    .flatMap((flag) => {
      const [name = "", values = ""] = flag.split("=");
      return values.split(",").map((value) => [name, value] as const);
    });

  it("name no program to run, no native code and nothing of the system", () => {
    expect([...new Set(parts.map(([name]) => name))].sort()).toEqual([
      "--allow-env",
      "--allow-net",
      "--allow-read",
      "--allow-write",
    ]);
  });

  it(
    "are enough",
    async () => {
      expect(await startsOnDeno(denoPermissions(grounds))).toBe(true);
    },
    timeoutMs,
  );

  // Only a terminal is asked what it is.
  const needed = parts.filter(([, value]) => value !== "TERM");
  it.each(needed)(
    "are all needed: %s %s",
    async (name, value) => {
      const less = denoPermissions(grounds).map((flag) =>
        flag.startsWith(`${name}=`) ? `${name}=${without(flag.slice(name.length + 1), value)}` : flag,
      );
      expect(await startsOnDeno(less.filter((flag) => !flag.endsWith("=")))).toBe(false);
    },
    timeoutMs,
  );
});

it(
  "the task of deno.json has the permissions that its own help and a start need",
  async () => {
    const { command } = await programs.deno({ reads: [], hosts: [] });
    const task = (...args: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync(command, ["task", "--quiet", "serve", ...args], {
        cwd: root,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" },
        encoding: "utf8",
      });
    expect(task("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: sluice serve") });
    // It reads its settings, and gets as far as its plan.
    const refused = task("--plan", "test/vectors/none.json", "--store", "memory");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("none.json: there is no such file") });
  },
  timeoutMs,
);

function without(list: string, value: string): string {
  return list
    .split(",")
    .filter((each) => each !== value)
    .join(",");
}
