import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readMemoryFolder, rememberInFolder } from "../../../src/infer/memory/folder.ts";
import { forecasts, journeys } from "./plans.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-memory-"));
});
afterEach(async () => rm(folder, { recursive: true }));

describe("a folder of approved plans", () => {
  it("gives back what was remembered, with what its dates are relative to", async () => {
    const [one, two] = journeys;
    if (one === undefined || two === undefined) throw new Error("no plans");
    await rememberInFolder(folder, one);
    await rememberInFolder(folder, two, { context: { now: "2026-04-01", zone: "Europe/Berlin" } });
    const read = await readMemoryFolder(folder);
    expect(read.ok && read.value.leftOut).toEqual([]);
    expect(read.ok && new Map(read.value.plans.map(({ plan, context }) => [plan.digest, context]))).toEqual(
      new Map([
        [one.digest, undefined],
        [two.digest, { now: "2026-04-01", zone: "Europe/Berlin" }],
      ]),
    );
  });

  it("never changes a file that is there, and leaves nothing else behind", async () => {
    const [plan] = forecasts;
    if (plan === undefined) throw new Error("no plan");
    const first = await rememberInFolder(folder, plan);
    const before = first.ok ? await readFile(first.value, "utf8") : "";
    expect(await rememberInFolder(folder, plan, { context: { now: "2026-04-01" } })).toEqual(first);
    expect(first.ok && (await readFile(first.value, "utf8"))).toBe(before);
    expect(await readdir(folder)).toEqual([`${plan.digest.slice("sha256:".length)}.json`]);
  });

  it("leaves out a file that was changed, cut off or is none, and keeps the others", async () => {
    const [plan, other] = forecasts;
    if (plan === undefined || other === undefined) throw new Error("no plans");
    const written = await rememberInFolder(folder, plan);
    await rememberInFolder(folder, other);
    const text = written.ok ? await readFile(written.value, "utf8") : "";
    await writeFile(join(folder, "changed.json"), text.replace('"Leeds"', '"Evils"'));
    await writeFile(join(folder, "cut.json"), text.slice(0, 100));
    await writeFile(join(folder, "other.json"), '{"sluiceMemory": 2}');
    const read = await readMemoryFolder(folder);
    expect(read.ok && read.value.plans).toHaveLength(2);
    expect(read.ok && read.value.leftOut.map(({ file }) => file)).toEqual(["changed.json", "cut.json", "other.json"]);
  });

  it("is empty where there is none", async () => {
    expect(await readMemoryFolder(join(folder, "none"))).toEqual({ ok: true, value: { plans: [], leftOut: [] } });
  });
});
