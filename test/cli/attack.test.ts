/**
 * sluice attack: a table for people, JSON for machines, and a run for each line that `sluice replay` allows.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readJson } from "../../src/json/read.ts";
import { isArray, member } from "../../src/json/value.ts";
import { openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const example = (file: string): string => fileURLToPath(new URL(`../../plans/support/${file}`, import.meta.url));
const plan = [example("plan.yaml"), "--catalog", example("catalogue.json")];

describe("sluice attack", () => {
  it("says what remains possible, worst first, and writes a run for each line that replays", async () => {
    const out = join(folder.path, "runs");
    const { status, stdout, stderr } = await sluice(["attack", ...plan, "--out", out]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/tries, from: made-up run of every node/);
    expect(stdout).toMatch(/^\d{3} of them without a trace: time, batches, sessions, amendments, approvals, definitions\.$/m);
    expect(stdout).toMatch(/reworded approval +\d+ +0 +CALL_NEEDS_APPROVAL/);
    expect(stdout).toContain("Nothing was tried at refund: a person approves each call.");
    expect(stdout).toMatch(/off-plan tool +\d+ +0 +CALL_NOT_IN_PLAN \d+\n/);
    expect(stdout).toMatch(/ 1 +close\.priority +target +2 +endorsed +write\n +the agent: chosen value/);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).toMatch(/nothing beyond what the approver is told\n$/);
    const runs = readdirSync(out).filter((name) => name.endsWith(".jsonl"));
    expect(runs.length).toBeGreaterThan(3);
    const replays = await Promise.all(
      runs.map((name) =>
        sluice(["replay", ...plan, join(out, name), "--params", `@${join(out, name.replace(".jsonl", ".params.json"))}`]),
      ),
    );
    expect(replays.map((replay) => replay.status)).toEqual(runs.map(() => 0));
  }, 120_000);

  it("prints JSON alone, with the trace of each line, and starts from a recorded run", async () => {
    const params = '{"ticket":4711,"customer":"C-7777"}';
    const { status, stdout, stderr } = await sluice([
      "attack",
      ...plan,
      "--trace",
      example("benign.jsonl"),
      "--params",
      params,
      "--json",
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    const read = readJson(stdout);
    if (!read.ok) throw new Error("no JSON");
    const [lines, runs] = [member(read.value, "possible"), member(read.value, "runs")];
    expect(isArray(runs) && member(runs[0], "origin")).toBe("recorded run 1");
    expect(isArray(lines) && lines.every((line) => isArray(member(line, "trace")))).toBe(true);
  }, 60_000);

  it("exits with 1 under --strict if untrusted data steers a tool, though the summary says so", async () => {
    const strict = await sluice(["attack", ...plan, "--strict"]);
    expect(strict.status).toBe(1);
    expect(strict.stdout).toMatch(/[1-9]\d* beyond what the approver is told\n$/);
  }, 60_000);

  it("refuses options that are no numbers, and a plan that is none", async () => {
    const wrong = await sluice(["attack", ...plan, "--tries", "many"]);
    expect(wrong).toMatchObject({
      status: 2,
      stdout: "",
      stderr: "sluice: --tries: expected a whole number of at most nine digits\n",
    });
    const none = await sluice(["attack", "-"], { stdin: "[]" });
    expect(none.status).toBe(2);
    expect(none.stderr).toMatch(/^sluice: standard input: [^\n]+\n$/);
  });
});
