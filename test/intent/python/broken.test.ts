import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importPython } from "../../../src/intent/python/import-python.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { desk, overplayed, recordedRuns, untypedDesk } from "./native.ts";

/** Runs of `record.py` whose tools gave other types than they promise. */
const runs = recordedRuns(readFileSync(new URL("broken.jsonl", import.meta.url), "utf8"));

describe("a plan from Python that plays itself where tools break their promises", () => {
  it.each([
    ["of whose results the types are promised", desk],
    ["of whose results nothing is known", untypedDesk],
  ] as const)(
    "makes no call that CPython does not make, %s",
    (_name, catalogue) => {
      let played = 0;
      for (const run of runs) {
        const imported = importPython(run.code, catalogue);
        if (!imported.ok) continue;
        const frozen = freezePlan(imported.value.plan, catalogue);
        if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
        expect([run.name, overplayed(frozen.value, run)]).toEqual([run.name, undefined]);
        played += 1;
      }
      expect(played).toBeGreaterThan(runs.length / 2);
    },
    120_000,
  );
});
