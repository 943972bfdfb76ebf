/** The one command: a benchmark that fails is named, and the others go on. Nothing is measured here. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { root } from "../../tidy/source.ts";

function bench(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, SLUICE_PERF: "/nonexistent" };
  return spawnSync(process.execPath, ["bench/run.ts", ...args], { cwd: root, env, encoding: "utf8" });
}

describe("npm run bench", () => {
  it("names a benchmark that fails, shows the rows of the others, and fails", () => {
    const { status, stdout, stderr } = bench("--quick", "--only=peers,cost");
    expect(stdout).toMatch(/^peers: failed: exit code 1$/m);
    expect(stdout).toMatch(/^claimed: the article/m);
    expect(stderr).toMatch(/the workload is missing[\s\S]*── node bench\/cost\/run\.ts/);
    expect(status).toBe(1);
  });

  it("knows its benchmarks by name, and measures none where it does not", () => {
    const { status, stdout, stderr } = bench("--only=check,chekc");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^--only knows check, hono, surfaces, start, peers, cost, not chekc$/m);
  });
});
