import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { importPython } from "../../../src/intent/python/import-python.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { mutatedFrom } from "../mutations.ts";
import { desk, parting, type Recorded, recordedRuns, untypedDesk } from "./native.ts";

/**
 * Programs that are made and run now, besides the recorded ones: in long fuzzing, where there is a CPython. Elsewhere some of the recorded
 * runs stand in for them, so that the test says the same of them.
 */
const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 0);
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const recorder = fileURLToPath(new URL("record.py", import.meta.url));

const hasPython = numRuns > 0 && spawnSync("python3", ["--version"]).status === 0;
if (numRuns > 0 && !hasPython) console.warn("there is no python3 here: recorded runs stand in for new ones");
const standIns = hasPython ? [] : recordedRuns().slice(0, 60);

function record(args: readonly string[], input: string): readonly Recorded[] {
  const made = spawnSync("python3", ["-W", "ignore", recorder, ...args], { input, maxBuffer: 2 ** 30, encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  return recordedRuns(made.stdout);
}

/** What is wrong with the plan of a recorded run; a denial is fine where types are not known. */
function fault(run: Recorded, catalogue: Catalogue): unknown {
  const imported = importPython(run.code, catalogue);
  if (!imported.ok) return undefined;
  const frozen = freezePlan(imported.value.plan, catalogue);
  if (!frozen.ok) return { code: run.code, error: frozen.error };
  const found = parting(frozen.value, run);
  return found === undefined || found.kind === "denied" ? undefined : { ...found, name: run.name, code: run.code };
}

describe("a plan imported from Python", () => {
  it(`makes the calls of CPython and no other, on programs with mistakes in them (seed ${seed})`, () => {
    const corpus = [...new Set(recordedRuns().map(({ code }) => code))];
    const texts = fc
      .sample(mutatedFrom(corpus), { seed, numRuns: hasPython ? numRuns * 5 : 1 })
      // What is not imported needs no run, and a program must end.
      .filter((text) => importPython(text, desk).ok || importPython(text, untypedDesk).ok);
    const lines = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
    const runs = hasPython ? record([String(seed), "-"], lines) : standIns;
    const faults = runs.flatMap((run) => [fault(run, desk), fault(run, untypedDesk)]).filter((one) => one !== undefined);
    expect(faults).toEqual([]);
    expect(runs.filter(({ raised }) => raised === "SyntaxError").map(({ code }) => code)).toEqual([]);
  });

  it(`makes the calls of CPython and no other, on new programs (seed ${seed})`, () => {
    const batch = 500;
    for (let start = 0; start < Math.max(numRuns, 1); start += batch) {
      const runs = hasPython ? record([String(seed + start), String(Math.min(batch, numRuns - start))], "") : standIns;
      const faults = runs.flatMap((run) => [fault(run, desk), fault(run, untypedDesk)]).filter((one) => one !== undefined);
      expect(faults).toEqual([]);
    }
  });
});
