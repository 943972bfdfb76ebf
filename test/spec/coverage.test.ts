/**
 * What the generated plans and traces of the differential test hold of everything that can be said: each member of the plan's schema, each value of
 * its enumerations, and each input of a call, a result and an opening. What is never generated is listed with its reason; the lists only shrink.
 */
import { describe, expect, it } from "vitest";
import schema from "../../src/plan/plan.schema.json" with { type: "json" };
import type { Outcome } from "../../src/decide/observe.ts";
import type { AttemptedCall, SessionOptions } from "../../src/engine.ts";
import type { Json, JsonObject } from "../../src/json/value.ts";
import { compare, type Statistics } from "./compare.ts";
import { markMembers, membersOf } from "./coverage.ts";
import { diceOf } from "./dice.ts";
import { withOpening } from "./generate-inputs.ts";
import { generatePlan } from "./generate-plan.ts";

/** Members of the schema that no generated plan has, and why. */
const neverGenerated: { readonly [place: string]: string } = {
  "Plan.params.*.read": "what was read is in the opening: the reading is `test/lang/input` and `test/plan`",
  "Constraints.readOnly": "looked at when a plan is frozen, and never in a call: `test/plan/lint`",
  "Constraints.noExternalNetwork": "looked at when a plan is frozen, and never in a call: `test/plan/lint`",
  "Constraints.sandbox": "the operator's word, which no check reads",
  "Constraints.sql.dialect": "needs a parser that is passed in: `test/constraints/sql` and `test/sql`",
  "Constraints.sql.dialect=postgres": "needs a parser that is passed in",
  "Constraints.sql.dialect=sqlite": "needs a parser that is passed in",
  "Constraints.sql.dialect=mysql": "needs a parser that is passed in",
  "Constraints.sql.columns": "needs a parser that is passed in",
};

/** The inputs of a check, a result and an opening: `true` where generated, else why not. The compiler asks for every member. */
const inputs: {
  readonly call: { readonly [K in keyof AttemptedCall]-?: true };
  readonly result: { readonly [K in keyof Omit<Outcome, "result" | "at">]-?: true } & {
    readonly value: true;
    readonly error: true;
  };
  readonly opening: { readonly [K in keyof SessionOptions]-?: true | string };
} = {
  call: { tool: true, args: true, node: true, labels: true },
  result: { value: true, error: true, claims: true, kept: true, received: true },
  opening: {
    params: true,
    agentParams: true,
    received: true,
    context: true,
    id: "one session at a time: the name is part of every handle that is compared",
    key: "as `id`",
    principal: "counts budgets over sessions, which is the store's: `test/stores`",
    conversation: "what other sessions left in it comes as `context`",
    user: "reads parameters, before a session is one: `test/lang/input`",
  },
};

const ofPlan = { schema: schema as unknown as JsonObject, defs: schema.$defs as unknown as JsonObject };

/** Numbers that are the same in every run. */
function numbersOf(seed: number): readonly number[] {
  let state = seed;
  return Array.from({ length: 1_500 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  });
}

/** A plan as its author could have written it: what a policy adds is no member of the schema. */
function asWritten(plan: JsonObject): Json {
  const nodes = Object.entries(plan.nodes as JsonObject).map(([name, node]) => {
    const { within: _, ...own } = node as JsonObject;
    return [name, own] as const;
  });
  return { ...plan, nodes: Object.fromEntries(nodes) };
}

describe("generated plans", () => {
  const marks = new Set<string>();
  const strange = new Set<string>();
  const opened = new Set<string>();
  for (let seed = 0; seed < 3_000; seed++) {
    const dice = diceOf(numbersOf(seed * 7_919));
    const { frozen, ...opening } = withOpening(dice, generatePlan(dice, new Set()));
    for (const name of Object.keys(opening)) opened.add(name);
    for (const place of markMembers(ofPlan, asWritten(frozen.plan as unknown as JsonObject), marks)) strange.add(place);
  }

  it("hold every member of the schema and every value of its enumerations, but those that are listed with a reason", () => {
    const all = [...membersOf(ofPlan)];
    expect(all.length).toBeGreaterThan(240);
    expect(all.filter((place) => !marks.has(place)).sort()).toEqual(Object.keys(neverGenerated).sort());
  });

  it("have nothing that the schema does not know", () => {
    expect([...strange]).toEqual([]);
  });

  it("are opened with every input, but those that are listed with a reason", () => {
    const expected = Object.entries(inputs.opening).flatMap(([name, isGenerated]) => (isGenerated === true ? [name] : []));
    expect([...opened].sort()).toEqual(expected.sort());
  });
});

describe("generated traces", () => {
  it("hold every input of a call and of a result, batches, approvals, releases, and the end of a session", () => {
    const statistics: Statistics = { counts: new Map() };
    for (let seed = 0; seed < 400; seed++) compare(diceOf(numbersOf(seed * 104_729)), statistics);
    const { call, result } = inputs;
    const names = [
      ...Object.keys(call).map((name) => `call ${name}`),
      ...Object.keys(result).map((name) => `result ${name}`),
      ...["batch", "approve", "release", "close"],
    ];
    expect(names.filter((name) => (statistics.counts.get(`input ${name}`) ?? 0) < 3)).toEqual([]);
  });
});
