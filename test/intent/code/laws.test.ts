import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { programs } from "./generated.ts";
import { office, parting, runNatively, untypedOffice } from "./native.ts";

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 150);
const seeds = [1, 2, 3];

describe("a generated program", () => {
  it.each([
    ["of whose results the types are known", office],
    ["of whose results nothing is known", untypedOffice],
  ] as const)(
    "%s is refused, or its plan allows exactly the calls that it makes",
    async (_name, catalogue) => {
      let accepted = 0;
      let agreed = 0;
      let denied = 0;
      await fc.assert(
        fc.asyncProperty(programs, async (code) => {
          const imported = importJavaScript(code, catalogue);
          if (!imported.ok) {
            expect(imported.error.code).toMatch(/^IMPORT_(CODE_OUTSIDE|TOO_LARGE|EMPTY|UNREPRESENTABLE)$/);
            return;
          }
          accepted += 1;
          const frozen = freezePlan(imported.value.plan, catalogue);
          if (!frozen.ok) throw new Error(`accepted, and not frozen: ${JSON.stringify(frozen.error)}`);
          for (const seed of seeds) {
            const run = await runNatively(code, seed);
            const found = parting(frozen.value, run);
            if (found?.kind === "denied") denied += 1;
            else {
              expect([seed, found]).toEqual([seed, undefined]);
              agreed += 1;
            }
          }
        }),
        { numRuns },
      );
      // A front end that refuses everything, or a plan that denies everything, would agree with everything.
      expect(accepted).toBeGreaterThan(numRuns / 4);
      expect(agreed).toBeGreaterThan(catalogue === office ? denied : 0);
    },
    30_000 + 100 * numRuns,
  );
});
