/**
 * The tests of holds, approvals, amendments, child plans, receipts between agents, budgets over sessions, resources, MCP and model APIs, run once
 * more with an audit log beside them: each log verifies, and each verdict in it follows.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Test files, and how many verdicts their logs must at least have. */
const files: { readonly [file: string]: number } = {
  "test/approval/enforcer.test.ts": 40,
  "test/approval/delivery.test.ts": 8,
  "test/amend/enforcer.test.ts": 35,
  "test/amend/waiting.test.ts": 2,
  "test/amend/counted.test.ts": 8,
  "test/amend/outliving.test.ts": 3,
  "test/receipts/hops.test.ts": 50,
  "test/receipts/surfaces.test.ts": 20,
  "test/policy/budgets.test.ts": 2,
  "test/observe/mode.test.ts": 1,
  "test/surfaces/enforce-batch.test.ts": 12,
  "test/surfaces/resources.test.ts": 25,
  "test/surfaces/model-api/history.test.ts": 50,
  "test/surfaces/threats/mcp.test.ts": 800,
};

interface Line {
  readonly file: string;
  readonly test: string;
  readonly isValid: boolean;
  readonly events: { readonly [outcome: string]: number };
  readonly faults: readonly object[];
  readonly kinds: readonly string[];
  readonly missed: readonly string[];
}

let lines: readonly Line[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-runs-"));
  const path = join(folder, "runs.jsonl");
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/audit/every-run.config.ts", ...Object.keys(files)];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, SLUICE_AUDIT_RUNS: path }, stdio: "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect([status, said.slice(-3_000)]).toEqual([0, expect.anything()]);
  const text = await readFile(path, "utf8");
  lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  await rm(folder, { recursive: true });
}, 400_000);

describe("the log of every run in the tests of other parts", () => {
  it("verifies", () => {
    expect(lines.length).toBeGreaterThan(190);
    expect(lines.filter(({ isValid }) => !isValid)).toEqual([]);
  });

  it.each(Object.entries(files))("has verdicts of %s, and each follows", (file, atLeast) => {
    const own = lines.filter((line) => line.file === file);
    const count = (outcome: string): number => own.reduce((sum, { events }) => sum + (events[outcome] ?? 0), 0);
    expect(count("follows")).toBeGreaterThan(atLeast);
    expect([count("differs"), count("erased"), count("unknown")]).toEqual([0, 0, 0]);
    // Too long to be kept, or refused by a surface before there was a call.
    expect(count("unrecorded") + count("surface")).toBeLessThan(count("follows"));
  });

  it("is found to be changed, whichever kind of record is changed, dropped, doubled or moved", () => {
    expect(lines.flatMap(({ missed }) => missed)).toEqual([]);
    const kinds = [
      "allow",
      "amend",
      "approve",
      "ask-amend",
      "begin",
      "context",
      "deny",
      "error",
      "hold",
      "judge-amend",
      "open",
      "plan-loaded",
      "receipt",
      "refuse",
      "release",
      "settle",
    ];
    expect([...new Set(lines.flatMap((line) => line.kinds))].sort()).toEqual(expect.arrayContaining(kinds));
  });
});
