import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { startDeployment } from "../../plans/deployments/start.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Cloudflare takes at most on its free plan, compressed. */
const bundleBytesMax = 3 * 1024 * 1024;

describe("`wrangler deploy`", () => {
  it("has nothing to complain about, and its bundle is small and without what a Worker has not", { timeout: 120_000 }, () => {
    const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
    const offline = { CI: "1", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_LOG_PATH: folder };
    const { status, stdout, stderr } = spawnSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...offline },
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    for (const binding of ["SLUICE_SESSIONS", "SLUICE_SHARED", "SLUICE_DB"]) expect(stdout).toContain(`env.${binding}`);
    const script = readFileSync(join(folder, "worker.js"), "utf8");
    // Not `toMatch`: it would print the bundle. What calls `eval` fails in the other tests, since workerd has none.
    expect(/["']node:[a-z_/]+["']|cloudflare:|onnxruntime|ioredis|kysely|new Function\(/.exec(script)?.[0]).toBe(undefined);
    expect(gzipSync(script).byteLength).toBeLessThan(bundleBytesMax / 4);
  });
});

describe("the Worker of `npm run serve:worker`", () => {
  it("decides a run of the example as every other deployment does", { timeout: 180_000 }, async () => {
    const deployment = await startDeployment("worker");
    try {
      const [run, attack] = [
        deployment.example.runs.find(({ file }) => !file.startsWith("attack-")),
        deployment.example.runs.find(({ file }) => file.startsWith("attack-")),
      ];
      for (const file of [run?.file, attack?.file]) {
        const outcomes = await deployment.play(file ?? "");
        expect(outcomes.length).toBeGreaterThan(0);
        expect(outcomes.filter(({ isExpected }) => !isExpected)).toEqual([]);
      }
    } finally {
      expect(await deployment.stop()).toBe(0);
    }
  });
});
