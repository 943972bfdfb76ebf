/**
 * Every case of `test/corpus`: a plan, what happened, and what is said of it; by the engine and by the reference interpreter.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../src/catalogue/catalogue.ts";
import { CODES } from "../src/codes.ts";
import { readJson } from "../src/json/read.ts";
import type { Json, JsonObject } from "../src/json/value.ts";
import { freezePlan } from "../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../src/plan/plan.ts";
import { openWorld } from "./laws/worlds.ts";
import { startsAt } from "./spec/generate-plan.ts";
import type { Step } from "./spec/generate-trace.ts";
import { check, open, settle } from "./spec/interpreter.ts";

/** One file. `at` is in milliseconds after the opening; an event without it happens when the one before it did. */
interface Case {
  /** The sentence of "Meaning of a plan" that the case holds the code to. */
  readonly says: string;
  readonly catalogue: Json;
  readonly plan: Plan;
  readonly params?: JsonObject;
  readonly agentParams?: readonly string[];
  readonly events: readonly CaseEvent[];
  readonly verdicts: readonly JsonObject[];
}
type CaseEvent = { readonly at?: number } & (
  | { readonly call: { readonly tool: string; readonly args: Json } }
  | { readonly result: { readonly run: number; readonly value: Json } | { readonly run: number; readonly error: Json } }
);

const folder = new URL("./corpus/", import.meta.url);
const handleKey = "00112233445566778899aabbccddeeff";

function readCase(name: string): Case {
  const read = readJson(readFileSync(new URL(name, folder), "utf8"));
  if (!read.ok) throw new Error(`${name} is not JSON: ${read.error.code}`);
  return read.value as unknown as Case;
}

function freeze({ catalogue, plan }: Case): FrozenPlan {
  const tools = readCatalogue(catalogue);
  const frozen = tools.ok ? freezePlan(plan, tools.value) : tools;
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

function stepsOf({ events }: Case): readonly Step[] {
  let at = startsAt;
  return events.map((event): Step => {
    at = event.at === undefined ? at : startsAt + event.at;
    return "call" in event ? { kind: "call", call: { ...event.call, at } } : { kind: "settle", result: { ...event.result, at } };
  });
}

/** What the engine says of each event, in the words of a case. */
function engineSays(one: Case): readonly JsonObject[] {
  const frozen = freeze(one);
  const world = openWorld({ frozen, params: one.params ?? {}, agentParams: one.agentParams ?? [] }, frozen);
  if (world === undefined) throw new Error("the engine refuses the plan");
  return stepsOf(one).map((step): JsonObject => {
    const said = world.step(step);
    if (said.kind === "delivered") return { delivered: said.delivered };
    if (said.kind === "refused") return { refused: said.code };
    return said.verdict.decision === "allow"
      ? { allow: said.verdict.node, args: said.verdict.args }
      : { deny: said.verdict.code };
  });
}

/** The same of the interpreter. */
function interpreterSays(one: Case): readonly JsonObject[] {
  const opening = { params: one.params ?? {}, agentParams: one.agentParams ?? [], session: "s-1", handleKey, at: startsAt };
  const session = open(freeze(one), opening);
  return stepsOf(one).map((step): JsonObject => {
    if (step.kind === "call") {
      const verdict = check(session, step.call);
      return verdict.verdict === "allow" ? { allow: verdict.node, args: verdict.args } : { deny: verdict.code };
    }
    const settled = settle(session, step.result);
    return "code" in settled ? { refused: settled.code } : { delivered: settled.delivered };
  });
}

describe("the corpus", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const cases = names.map((name) => ({ name, one: readCase(name) }));

  for (const { name, one } of cases) {
    it(`${name}: ${one.says}`, () => {
      expect(engineSays(one)).toEqual(one.verdicts);
      expect(interpreterSays(one)).toEqual(one.verdicts);
    });
  }

  it("has a case for every code that denies a call", () => {
    const denied = new Set(cases.flatMap(({ one }) => one.verdicts.map((verdict) => verdict.deny ?? verdict.refused)));
    // The breaker is the enforcement point's (test/surfaces/breaker.test.ts): a decision never answers with it.
    const codes = Object.keys(CODES).filter((code) => /^(CALL|ARG|FLOW|RUN)_|^HIDDEN$/.test(code) && code !== "CALL_BREAKER");
    expect(codes.filter((code) => !denied.has(code))).toEqual([]);
  });
});
