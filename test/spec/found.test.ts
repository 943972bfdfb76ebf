/**
 * Sessions on which the engine and the reference interpreter once said different things, as small as they could be made: kept, and played again.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openPair } from "./compare.ts";
import type { Generated } from "./generate-plan.ts";
import type { TraceStep } from "./generate-trace.ts";

interface Found {
  readonly about: string;
  readonly generated: Generated;
  readonly steps: readonly TraceStep[];
}

const folder = new URL("found/", import.meta.url);

it.each(readdirSync(folder))("%s: both say the same now", (name) => {
  const { generated, steps } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Found;
  const pair = openPair(generated);
  if (!("step" in pair)) throw new Error("the session is opened");
  const said = steps.map((step) => pair.step(step));
  expect(said.length).toBeGreaterThan(1);
  for (const { engine, spec } of said) expect(engine).toBe(spec);
});
