import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../../src/catalogue/catalogue.ts";
import { importJavaScript } from "../../../src/intent/code/javascript.ts";
import { freezePlan } from "../../../src/plan/freeze.ts";
import { programs } from "./generated.ts";
import { brokenFrom, office, overplayed, runNatively, untypedOffice } from "./native.ts";

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 40);
const catalogues = [
  ["of whose results the types are promised", office],
  ["of whose results nothing is known", untypedOffice],
] as const;

/** Expressions whose meaning follows the types of values: one each line. */
const expressions = readFileSync(new URL("expressions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter(Boolean);
const before =
  'const c = await crm.contact({ email: "ann@example.com" });\nconst q = await shop.quote({ sku: "A-1" });\nconst s = await mail.search({ query: "x", limit: 5 });';

/** What the plan of a program allows besides its calls, where tools give anything at all; and how often it was played. */
async function broken(code: string, catalogue: Catalogue, seeds: readonly number[]): Promise<readonly [number, unknown[]]> {
  const imported = importJavaScript(code, catalogue);
  if (!imported.ok) return [0, []];
  const frozen = freezePlan(imported.value.plan, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const faults: unknown[] = [];
  let played = 0;
  for (const seed of seeds) {
    const run = await runNatively(code, seed);
    if (run.raised === undefined) played += 1;
    // What a plan denies in one round does not keep it from the next one, so that only promises that are kept are held to an order.
    const isOrdered = seed < brokenFrom && !code.includes("Promise.all");
    const fault = overplayed(frozen.value, run, { seed, isOrdered });
    if (fault !== undefined) faults.push({ code, seed, fault });
  }
  return [played, faults];
}

describe("a plan that plays itself where tools break their promises", () => {
  it.each(catalogues)(
    "makes no call that the code does not make, %s",
    async (_name, catalogue) => {
      // Worlds in which plans of promised types were once found to allow other calls.
      const seeds = [3, 7, 14, 19, 26, 34, 46, 51, 69, 98, 106, 119, 159, 193].map((seed) => brokenFrom + seed);
      let all = 0;
      for (const expression of expressions) {
        const code = `${before}\nconst v = ${expression};\nif (v) await chat.post({ channel: "#log", text: v });\nelse await mail.send({ to: "x", subject: "s", body: \`\${v}\` });`;
        const [played, faults] = await broken(code, catalogue, seeds);
        expect(faults).toEqual([]);
        all += played;
      }
      expect(all).toBeGreaterThan(expressions.length);
    },
    120_000,
  );

  it.each(catalogues)(
    "makes no call that a generated program does not make, %s",
    async (_name, catalogue) => {
      let all = 0;
      await fc.assert(
        fc.asyncProperty(programs, fc.nat(10_000), async (code, seed) => {
          const [played, faults] = await broken(code, catalogue, [seed % brokenFrom, brokenFrom + seed, brokenFrom + 7 * seed]);
          expect(faults).toEqual([]);
          all += played;
        }),
        { numRuns },
      );
      expect(all).toBeGreaterThan(numRuns / 4);
    },
    30_000 + 100 * numRuns,
  );

  it.each(catalogues)(
    "makes no call with what a loop over the characters of a text leaves behind, %s",
    async (_name, catalogue) => {
      const code = `${before}\nconst out = [];\nfor (const o of c.orders) {\n  const m = await mail.read({ id: o.id });\n  out.push(m.subject);\n}\nawait chat.post({ channel: "#l", text: out.join("|") });`;
      // In the first of these worlds `orders` is a text.
      const [played, faults] = await broken(code, catalogue, [1053, 1, 2, 3, 1001, 1002]);
      expect(faults).toEqual([]);
      expect(played).toBeGreaterThan(3);
    },
  );
});
