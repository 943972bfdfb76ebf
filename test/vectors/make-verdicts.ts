/**
 * Writes verdicts.json from the cases: freezes each plan and puts the times in. `node test/vectors/make-verdicts.ts`
 * Never runs the engine: what is expected was written by hand.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { canonicalJson } from "../../src/json/canonical.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { type Case, catalogue, openedAt, sessionId, sessionKey } from "./cases/case.ts";
import { classCases } from "./cases/classes.ts";
import { computedCases } from "./cases/computed.ts";
import { controlCases } from "./cases/control.ts";
import { flowCases } from "./cases/flows.ts";
import { hiddenCases } from "./cases/hidden.ts";
import { limitCases } from "./cases/limits.ts";
import { sinkCases } from "./cases/sinks.ts";
import type { VerdictVector } from "./verdicts.ts";

const cases = [...classCases, ...computedCases, ...controlCases, ...flowCases, ...sinkCases, ...hiddenCases, ...limitCases];

function freeze(each: Case): FrozenPlan {
  const tools = readCatalogue(catalogue);
  if (!tools.ok) throw new Error(`the catalogue: ${JSON.stringify(tools.error[0])}`);
  const { params, labels, flows, limits, notAfter, nodes } = each;
  const optional = { params, labels, flows, limits, notAfter };
  const members = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  const frozen = freezePlan({ sluice: 1, name: "vector", ...members, nodes } as Plan, tools.value);
  if (!frozen.ok) throw new Error(`${each.name}: ${JSON.stringify(frozen.error[0])}`);
  return frozen.value;
}

function vectorOf(each: Case): VerdictVector {
  const { given = {}, agentParams, context } = each;
  let seconds = 0;
  const events = each.steps.map((step) => {
    seconds = step.at ?? seconds + 1;
    return step.event(openedAt + seconds * 1_000);
  });
  return {
    name: each.name,
    version: 1,
    plan: freeze(each) as unknown as Json,
    params: given,
    ...(agentParams === undefined ? {} : { agentParams }),
    ...(context === undefined ? {} : { context }),
    session: { id: sessionId, key: sessionKey, at: openedAt },
    events,
    expect: each.steps.map((step) => step.expect),
  };
}

/** The text of verdicts.json: one vector a line, canonical JSON. */
export function verdictsText(): string {
  const names = new Set(cases.map(({ name }) => name));
  if (names.size !== cases.length) throw new Error("two cases have one name");
  return `[\n${cases.map((each) => canonicalJson(vectorOf(each) as unknown as Json)).join(",\n")}\n]\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("verdicts.json", import.meta.url), verdictsText());
  console.log(`${cases.length} vectors`);
}
