/**
 * Figures of README.md are those of the last run of the bench that it names.
 */
import { describe, expect, it } from "vitest";
import { codesOf, readProjectFile, tableBelow } from "./blocks.ts";

interface Row {
  readonly group: string;
  readonly name: string;
  readonly times: { readonly [contender: string]: { readonly p50: number } };
}

interface Served {
  readonly setting: string;
  readonly store: string;
  readonly kind: string;
  readonly toKeeping: number;
  readonly toBare: number;
}

const readme = readProjectFile("README.md");
const { rows: served } = JSON.parse(readProjectFile("bench/results/hono.json")) as { readonly rows: readonly Served[] };
const { rows } = JSON.parse(readProjectFile("bench/results/check.json")) as { readonly rows: readonly Row[] };

/** A ratio of two medians of one machine moves this much from run to run. */
const tolerance = 0.3;

describe("the cost of a check", () => {
  const cells = tableBelow(readme, "### Cost of a check");
  it.each(cells.map(([scenario, ratio]) => [scenario ?? "", ratio ?? ""] as const))(
    "of %s is what the bench measured",
    (scenario, ratio) => {
      const [group, name] = codesOf(scenario);
      const row = rows.find((each) => each.group === group && each.name === name);
      const { check, parse } = row?.times ?? {};
      const measured = (check?.p50 ?? Number.NaN) / (parse?.p50 ?? Number.NaN);
      const said = Number(ratio.replace("×", ""));
      expectNear(said, measured);
    },
  );
});

describe("the cost of the middleware", () => {
  const cells = tableBelow(readme, "### Cost of the middleware");
  it.each(cells)("%s with %s is what the bench measured", (setting, store, keeping, bare) => {
    const row = served.find(
      (each) => each.kind === "sluice" && each.setting === setting && each.store === codesOf(store ?? "")[0],
    );
    expectNear(Number(keeping), row?.toKeeping ?? Number.NaN);
    expectNear(Number(bare), row?.toBare ?? Number.NaN);
  });
});

function expectNear(said: number, measured: number): void {
  expect(said).toBeGreaterThan(measured * (1 - tolerance));
  expect(said).toBeLessThan(measured * (1 + tolerance));
}
