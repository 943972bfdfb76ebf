/**
 * The command as one file: it works in a folder where nothing of the project is, and takes nothing out of that folder.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildExecutable } from "../../.ci/executable.mjs";
import { startDeployment } from "../../plans/deployments/start.ts";
import { catalogue, params, plan, trace } from "../cli/cli-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const timeoutMs = 120_000;
const folder = mkdtempSync(join(tmpdir(), "sluice-executable-"));
const program = join(folder, "sluice");

beforeAll(async () => {
  // What a start must not look at: a .env that sets a credential, a bunfig.toml that loads a program, packages of this folder.
  writeFileSync(join(folder, ".env"), "SLUICE_ADMIN_TOKEN=too-short\n");
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
  writeFileSync(join(folder, "preload.ts"), "console.log('preloaded'); process.exit(9);\n");
  for (const [name, text] of Object.entries({ "plan.yaml": plan, "catalogue.json": catalogue, "trace.jsonl": trace }))
    writeFileSync(join(folder, name), text);
  await buildExecutable({ out: program, isQuick: true });
}, timeoutMs);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sluice(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(program, args, { cwd: folder, encoding: "utf8", env: {}, timeout: timeoutMs });
}

describe("the single-file executable", () => {
  it("says the version of the package", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
    expect(sluice("--version")).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("loads every command", () => {
    const names = [...sluice("--help").stdout.matchAll(/^ {2}([a-z][a-z-]+)(?: |$)/gm)].map((match) => match[1] as string);
    expect(names.length).toBeGreaterThan(25);
    for (const name of names) expect(sluice(name, "--help"), name).toMatchObject({ status: 0, stderr: "" });
  }, 300_000);

  it("freezes a plan and replays a run against it", () => {
    expect(sluice("freeze", "plan.yaml", "--catalog", "catalogue.json", "-o", "frozen.json")).toMatchObject({ status: 0 });
    const replayed = sluice("replay", "frozen.json", "trace.jsonl", "--params", params, "--json");
    expect(replayed).toMatchObject({ status: 1, stderr: "" });
    expect(replayed.stdout).toContain('"CALL_NOT_IN_PLAN"');
  });

  it("reads PostgreSQL's and Redis's URLs with the clients that are inside", () => {
    for (const store of ["redis://127.0.0.1:1", "postgres://127.0.0.1:1/sluice"]) {
      const { status, stderr } = sluice("serve", "--plan", "frozen.json", "--store", store, "--port", "0");
      expect(status).toBe(2);
      expect(stderr).toMatch(/^sluice: .*\n$/);
      expect(stderr).not.toMatch(/npm install/);
    }
  });

  it("says in one line that the local planner is not inside", () => {
    const { status, stderr } = sluice("draft", "greet Ada", "--catalog", "catalogue.json");
    expect(status).toBe(2);
    expect(stderr).toMatch(/^sluice: [^\n]+\n$/);
  });

  it("takes no setting, program or package out of the folder that it is started in", async () => {
    const child = spawn(program, ["serve", "--plan", "frozen.json", "--store", "memory", "--port", "0"], {
      cwd: folder,
      env: {},
    });
    const said = await new Promise<string>((resolve) => {
      let text = "";
      child.stderr.on("data", (chunk) => {
        text += chunk;
        if (/SLUICE_ADMIN_TOKEN was not set/.test(text)) child.kill();
      });
      child.on("close", () => resolve(text));
    });
    expect(said).toMatch(/^sluice http:\/\/127/);
    expect(said).not.toMatch(/preloaded|16 to 512/);
  });

  it(
    "serves the example over a SQLite file, and denies the attack",
    async () => {
      const deployment = await startDeployment("executable", { executable: program });
      try {
        for (const file of ["benign.jsonl", "attack-second-account.jsonl"]) {
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
