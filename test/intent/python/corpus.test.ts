import { describe, expect, it } from "vitest";
import { importPython } from "../../../src/intent/python/import-python.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { desk, parting, recordedRuns, untypedDesk } from "./native.ts";

const runs = recordedRuns();
const byCode = new Map<string, typeof runs>();
for (const run of runs) byCode.set(run.code, [...(byCode.get(run.code) ?? []), run]);

/** Examples that must be imported: they are what the front end is for. */
const written = [...byCode].filter(([, [first]]) => first?.name.includes("#"));
const generated = [...byCode].filter(([, [first]]) => !first?.name.includes("#"));

function frozenOf(code: string, catalogue: Catalogue = desk) {
  const imported = importPython(code, catalogue);
  if (!imported.ok) return { refused: imported.error };
  const frozen = freezePlan(imported.value.plan, catalogue);
  if (!frozen.ok) throw new Error(`accepted, and not frozen: ${JSON.stringify(frozen.error)}\n${code}`);
  return { frozen: frozen.value };
}

describe("a plan imported from Python", () => {
  it.each(written.map(([code, its]) => [its[0]?.name.replace(/#.*/u, "") ?? "", code, its] as const))(
    "allows exactly the calls that CPython made with %s",
    (_name, code, its) => {
      const { frozen, refused } = frozenOf(code);
      if (frozen === undefined) throw new Error(JSON.stringify(refused));
      for (const run of its) expect([run.name, parting(frozen, run)]).toEqual([run.name, undefined]);
    },
  );

  it("makes the calls of CPython and no other on generated programs, or is refused", () => {
    let accepted = 0;
    let denied = 0;
    const parted: unknown[] = [];
    for (const [code, its] of generated) {
      const { frozen } = frozenOf(code);
      if (frozen === undefined) continue;
      accepted += 1;
      for (const run of its) {
        const found = parting(frozen, run);
        if (found?.kind === "denied") denied += 1;
        else if (found !== undefined) parted.push({ name: run.name, code, found });
      }
    }
    expect(parted).toEqual([]);
    // What cannot be computed exactly is denied, and that must stay the exception.
    expect(denied).toBeLessThan(accepted / 20);
    // A front end that refuses everything would agree with everything.
    expect(accepted).toBeGreaterThan(generated.length / 4);
  });

  it("makes no other call and fills in no other value where nothing is known of results", () => {
    const parted: unknown[] = [];
    for (const [code, its] of byCode) {
      const { frozen } = frozenOf(code, untypedDesk);
      if (frozen === undefined) continue;
      for (const run of its) {
        const found = parting(frozen, run);
        if (found !== undefined && found.kind !== "denied") parted.push({ name: run.name, code, found });
      }
    }
    expect(parted).toEqual([]);
  });
});
