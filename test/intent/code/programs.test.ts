import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { office, parting, runNatively, untypedOffice } from "./native.ts";

const folder = new URL("programs/", import.meta.url);
const programs = readdirSync(folder).map((name) => ({ name, code: readFileSync(new URL(name, folder), "utf8") }));
const params = { email: "hal@example.com", threshold: 40 };
const seeds = Array.from({ length: 12 }, (_, i) => i);

function frozenOf(code: string, catalogue: Catalogue) {
  const imported = importJavaScript(code, catalogue);
  if (!imported.ok) throw new Error(JSON.stringify(imported.error));
  const frozen = freezePlan(imported.value.plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return { frozen: frozen.value, given: imported.value.plan.params === undefined ? {} : params };
}

describe("a plan imported from JavaScript", () => {
  it.each(programs)("allows exactly the calls that $name makes, with the same values", async ({ code }) => {
    const { frozen, given } = frozenOf(code, office);
    let agreed = 0;
    for (const seed of seeds) {
      const run = await runNatively(code, seed, params);
      const found = parting(frozen, run, given);
      // JavaScript goes on with `undefined` where there is no such member: a plan denies.
      if (found?.kind === "denied") continue;
      expect([seed, found]).toEqual([seed, undefined]);
      if (run.calls.length > 1) agreed += 1;
    }
    expect(agreed).toBeGreaterThan(3);
  });

  it.each(programs)(
    "fills in no other value and allows no other call of $name where nothing is known of results",
    async ({ code }) => {
      const imported = importJavaScript(code, untypedOffice);
      if (!imported.ok) {
        expect(imported.error.code).toBe("IMPORT_CODE_OUTSIDE");
        return;
      }
      const { frozen, given } = frozenOf(code, untypedOffice);
      for (const seed of seeds) {
        const found = parting(frozen, await runNatively(code, seed, params), given);
        if (found?.kind !== "denied") expect([seed, found]).toEqual([seed, undefined]);
      }
    },
  );
});
