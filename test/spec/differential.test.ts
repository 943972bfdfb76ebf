/**
 * The engine and the reference interpreter give the same verdicts, arguments, labels and deliveries on generated plans and traces.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, type Statistics } from "./compare.ts";
import { diceOf } from "./dice.ts";
import { minimise } from "./minimise.ts";

const runsOfTest = Number(process.env.SLUICE_FUZZ_RUNS ?? 300);
const entropy = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 1500, maxLength: 1500, size: "max" }));

/** Runs generated plans on both sides until one differs. */
function agree(options: { readonly seed: number; readonly numRuns: number }): ReadonlyMap<string, number> {
  const statistics: Statistics = { counts: new Map() };
  fc.assert(
    fc.property(entropy, (numbers) => {
      const difference = compare(diceOf(numbers), statistics);
      if (difference !== undefined) throw new Error(JSON.stringify(minimise(difference), null, 1));
    }),
    { ...options, endOnFailure: true },
  );
  if (process.env.SLUICE_FUZZ_STATISTICS !== undefined) console.log(Object.fromEntries([...statistics.counts].sort()));
  return statistics.counts;
}

/** What 1,200 plans of the fixed seed must hold at least, so that agreement means something. */
const codes = {
  20: [
    "CALL_OUT_OF_ORDER",
    "CALL_REPEATED",
    "CALL_NOT_IN_PLAN",
    "CALL_MALFORMED",
    "CALL_GUARD",
    "CALL_REQUIRE",
    "ARG_MISMATCH",
    "ARG_MISSING",
    "ARG_UNEXPECTED",
    "ARG_UNRESOLVED",
    "ARG_CONSTRAINT",
    "ARG_HANDLE",
    "HIDDEN",
  ],
  5: [
    "FLOW_SINK_DENIED",
    "FLOW_CONTROL_DENIED",
    "FLOW_CHOICE_UNTRUSTED",
    "FLOW_AUDIENCE_DENIED",
    "CALL_BUDGET",
    "CALL_NEEDS_APPROVAL",
    "released",
    "APPROVAL_DENIED",
    "APPROVAL_STALE",
    "SESSION_CLOSED",
  ],
  2: [
    "CALL_AMBIGUOUS",
    "CALL_EACH",
    "CALL_LIMIT",
    "CALL_RATE",
    "CALL_TOO_LARGE",
    "SESSION_EXPIRED",
    "APPROVAL_UNKNOWN",
    "APPROVAL_EXPIRED",
    "RUN_SETTLED",
    "RUN_UNKNOWN",
  ],
};
const classes = ["literal", "const", "param", "from", "item", "expr", "template", "choose", "write", "list", "object", "extract"];
const forms = [
  "let",
  "each-from",
  "each-node",
  "when",
  "after",
  "require",
  "optional",
  "times",
  "removes",
  "show",
  "constraints",
  "flow",
];
const options = ["where", "pick-first", "pick-last", "pick-agent", "match", "endorse", "declassify", "otherwise", "labels"];

describe("the engine and the reference interpreter", () => {
  it("agree on plans of a fixed seed, which hold every class, form and code", () => {
    const counts = agree({ seed: 20_260_107, numRuns: 1_200 });
    const few = Object.entries(codes).flatMap(([least, names]) =>
      names.filter((name) => (counts.get(`outcome ${name}`) ?? 0) < Number(least)),
    );
    expect(few).toEqual([]);
    expect([...classes, ...forms, ...options].filter((name) => (counts.get(`plan with ${name}`) ?? 0) < 20)).toEqual([]);
    expect(classes.filter((name) => (counts.get(`allowed ${name}`) ?? 0) < 3)).toEqual([]);
    expect(counts.get("outcome allow")).toBeGreaterThan(1000);
    expect(counts.get("brought")).toBeGreaterThan(20);
    expect(counts.get("received")).toBeGreaterThan(100);
    expect(counts.get("allowed with received parameters")).toBeGreaterThan(100);
    expect(counts.get("allowed with labels")).toBeGreaterThan(100);
  });

  const seed = Number(process.env.SLUICE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
  it(`agree on plans of another seed each time (seed ${seed})`, () => {
    expect(agree({ seed, numRuns: runsOfTest }).get("plans")).toBe(runsOfTest);
  });
});
