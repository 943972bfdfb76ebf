/**
 * sluice adapt: what it refuses and how, and what it writes where there are weights.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCalibration } from "../../src/infer/adapt/calibration.ts";
import { readJson } from "../../src/json/read.ts";
import { catalogue, openFolder, sluice } from "./cli-process.ts";

const folder = openFolder();
afterAll(() => folder.remove());
const catalogueFile = folder.write("catalogue.json", catalogue);
const hasWeights = existsSync(new URL("../../models/planner.onnx", import.meta.url));

describe("sluice adapt", () => {
  it("needs a catalogue that has tools", async () => {
    const empty = folder.write("empty.json", '{"tools":[]}');
    const [none, without] = await Promise.all([sluice(["adapt"]), sluice(["adapt", "--catalog", empty])]);
    expect([none.status, none.stderr]).toEqual([2, "sluice: --catalog: the tools that the model is adapted to are needed\n"]);
    expect([without.status, without.stderr]).toEqual([2, `sluice: ${empty}: the catalogue has no tool\n`]);
  });

  it.each([
    [["--tasks", "0"], "--tasks: a whole number from 1 to 10000 is needed"],
    [["--threads", "x"], "--threads: a whole number from 1 to 64 is needed"],
    [["--target", "1"], "--target: a number between 0 and 1 is needed"],
  ])("refuses %j in one line", async (args, message) => {
    const { status, stdout, stderr } = await sluice(["adapt", "--catalog", catalogueFile, ...args]);
    expect([status, stdout, stderr]).toEqual([2, "", `sluice: ${message}\n`]);
  });

  it("refuses a folder without a model, and one without an approved plan", async () => {
    const models = await sluice(["adapt", "--catalog", catalogueFile, "--models", folder.path]);
    expect(models).toMatchObject({ status: 2, stdout: "" });
    expect(models.stderr).toMatch(/^sluice: there is no `?manifest\.json`? .*\(INFER_NO_MODELS\)\n$/);
    const plans = await sluice(["adapt", "--catalog", catalogueFile, "--plans", join(folder.path, "none")]);
    expect([plans.status, plans.stderr]).toEqual([
      2,
      `sluice: ${join(folder.path, "none")}: there is no approved plan with a task in it\n`,
    ]);
  });

  it("trains nothing where the training code is not beside the model", async () => {
    const { status, stderr } = await sluice([
      "adapt",
      "--catalog",
      catalogueFile,
      "--models",
      folder.path,
      "--fine-tune",
      join(folder.path, "new"),
    ]);
    expect([status, stderr]).toEqual([
      2,
      `sluice: --fine-tune: the models in ${folder.path} come without their training code (train/adapt.py)\n`,
    ]);
  });

  it("says what the training lacks, and what it ended with", async () => {
    const models = join(folder.path, "with-training");
    mkdirSync(join(models, "train"), { recursive: true });
    writeFileSync(join(models, "train", "adapt.py"), "");
    const python = (name: string, script: string): string => {
      const path = folder.write(name, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    };
    const tune = async (command: string): Promise<readonly [number | null, string]> => {
      const out = join(folder.path, "tuned");
      const args = [
        "adapt",
        "--catalog",
        catalogueFile,
        "--models",
        models,
        "--fine-tune",
        out,
        "--tasks",
        "5",
        "--python",
        command,
      ];
      const { status, stderr } = await sluice(args);
      return [status, stderr];
    };
    const absent = join(folder.path, "no-python");
    expect(await tune(absent)).toEqual([2, `sluice: --fine-tune: there is no command ${absent}: name a Python with --python\n`]);
    const bare = python("bare-python", "exit 1");
    const lacking = `${bare} lacks one of torch, onnx, onnxruntime: pip install -r ${join(models, "train", "requirements.txt")}`;
    expect(await tune(bare)).toEqual([2, `sluice: --fine-tune: ${lacking}\n`]);
    const [status, stderr] = await tune(python("failing-python", '[ "$1" = -c ] || exit 7'));
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^Training on \d+ tasks …\nsluice: --fine-tune: the training ended with code 7; no model was written\n$/,
    );
    expect(readFileSync(join(folder.path, "tuned", "tasks.jsonl"), "utf8").split("\n")[0]).toMatch(/^\{"id":"adapt\/0","task":/);
  });

  it("writes a calibration, the same each time, that drafting takes", async (context) => {
    if (!hasWeights) {
      if (process.env.CI === "true") throw new Error("models/planner.onnx is missing");
      return context.skip("models/planner.onnx is not there");
    }
    const out = join(folder.path, "calibration.json");
    const args = ["adapt", "--catalog", catalogueFile, "--tasks", "12", "-o", out];
    const first = await sluice([...args, "--json"]);
    const written = readFileSync(out, "utf8");
    const second = await sluice(args);
    expect([0, 1]).toContain(first.status);
    expect(second.status).toBe(first.status);
    expect(readFileSync(out, "utf8")).toBe(written);
    const read = readJson(written);
    expect(read.ok && readCalibration(read.value)).toMatchObject({ ok: true });
    const json = readJson(first.stdout);
    expect(json).toMatchObject({ ok: true, value: { isWhole: false } });
    expect(second.stderr).toContain("Made-up");
  });
});
