/**
 * Freezing is idempotent: what is frozen freezes to itself, its file thaws to the same digest, and the order of members means nothing.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import { readJson } from "../../src/json/read.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/json/value.ts";
import { freezePlan, thawPlan, writeFrozen } from "../../src/plan/freeze.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { diceOf } from "../spec/dice.ts";
import { type Generated, generatePlan } from "../spec/generate-plan.ts";

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 200);
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 800, maxLength: 800, size: "max" }));

/** The catalogue that a generated plan was made with, as a file. */
function catalogueOf({ frozen }: Generated): JsonObject {
  const tools = Object.values(frozen.tools).map(({ name, definition, facts }): JsonObject => {
    const { labels, effects, roles, audience } = facts;
    const declared = {
      effects,
      roles,
      ...(labels === undefined || labels.length === 0 ? {} : { labels }),
      ...(audience === undefined ? {} : { audience }),
    };
    return { ...definition, name, sluice: declared as unknown as Json };
  });
  return { tools, labels: frozen.labels as unknown as Json };
}

/** A plan without what freezing mostly refuses in generated plans: labels that are taken away without a bound. */
function tame(value: Json): Json {
  if (isArray(value)) return value.map(tame);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => name !== "removes" && name !== "endorse");
  return Object.fromEntries(kept.map(([name, part]) => [name, tame(part)]));
}

const planOf = ({ frozen }: Generated): Plan => tame(frozen.plan as unknown as Json) as unknown as Plan;

/** The same value with the members of every object in the opposite order. */
function reversed(value: Json): Json {
  if (isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, part]) => [name, reversed(part)]),
  );
}

describe("freezing a plan", () => {
  it("gives the same digest again: for the frozen plan, for its file, and for any order of members", () => {
    let frozenOnes = 0;
    fc.assert(
      fc.property(entropy, (numbers) => {
        const generated = generatePlan(diceOf(numbers), new Set());
        const catalogue = readCatalogue(catalogueOf(generated));
        expect(catalogue.ok ? [] : catalogue.error).toEqual([]);
        if (!catalogue.ok) return;
        const once = freezePlan(planOf(generated), catalogue.value);
        if (!once.ok) return;
        frozenOnes++;
        const again = freezePlan(once.value.plan, catalogue.value);
        expect(again.ok && again.value).toEqual(once.value);
        const other = freezePlan(reversed(planOf(generated) as unknown as Json) as unknown as Plan, catalogue.value);
        expect(other.ok && other.value.digest).toBe(once.value.digest);
        const text = writeFrozen(once.value);
        const read = readJson(text);
        const thawed = read.ok ? thawPlan(read.value) : read;
        expect(thawed.ok && writeFrozen(thawed.value)).toBe(text);
      }),
      { numRuns, endOnFailure: true },
    );
    expect(frozenOnes).toBeGreaterThan(numRuns / 2);
  });

  it("is void after any change of a value in its file", () => {
    let changed = 0;
    fc.assert(
      fc.property(entropy, fc.nat(), (numbers, place) => {
        const generated = generatePlan(diceOf(numbers), new Set());
        const catalogue = readCatalogue(catalogueOf(generated));
        const once = catalogue.ok ? freezePlan(planOf(generated), catalogue.value) : catalogue;
        if (!once.ok) return;
        const read = readJson(writeFrozen(once.value));
        if (!read.ok) throw new Error("a frozen plan is written as JSON");
        const other = changeAt(read.value, { left: place % countOf(read.value) });
        if (canonicalJson(other) === canonicalJson(read.value)) return;
        changed++;
        expect(thawPlan(other).ok).toBe(false);
      }),
      { numRuns, endOnFailure: true },
    );
    expect(changed).toBeGreaterThan(numRuns / 2);
  });
});

function countOf(value: Json): number {
  return isArray(value) || isObject(value) ? Object.values(value).reduce((sum: number, part: Json) => sum + countOf(part), 1) : 1;
}

/** The value with its leaf or container number `left`, in order, replaced. */
function changeAt(value: Json, at: { left: number }): Json {
  if (at.left-- === 0) return isObject(value) ? { ...value, added: 1 } : isArray(value) ? [...value, "added"] : [value];
  if (isArray(value)) return value.map((part) => changeAt(part, at));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, changeAt(part, at)]));
}
