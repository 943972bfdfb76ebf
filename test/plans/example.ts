/**
 * Reads an example of `plans/` and replays its traces against a guard.
 * Never edits a trace: what an agent sent is what is checked, but that a literal equal to a hidden value counts as omitted.
 */
import { readFileSync, readdirSync } from "node:fs";
import { type Catalogue, readCatalogue } from "../../src/catalogue/catalogue.ts";
import { type Guard, type Session, createGuard } from "../../src/engine.ts";
import type { Verdict } from "../../src/decide/verdict.ts";
import { readJsonLines } from "../../src/json/lines.ts";
import { readJson } from "../../src/json/read.ts";
import { type Json, type JsonObject, isObject, jsonEqual, member } from "../../src/json/value.ts";
import { readYaml } from "../../src/json/yaml.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { parsePlan } from "../../src/plan/schema.ts";
import type { Result } from "../../src/result.ts";

/** The examples. */
export const exampleNames = ["trading", "support", "research"] as const;

/** A call of a trace with what followed. */
export interface TracedCall {
  readonly tool: string;
  readonly args: Json;
  readonly result: Json | undefined;
}

/** The verdict on one call, as `expected.json` writes it. */
export interface ExpectedVerdict {
  readonly i: number;
  readonly verdict: "allow" | "deny";
  readonly code: string | null;
}

/** What an example holds. */
export interface Example {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly traces: ReadonlyMap<string, readonly TracedCall[]>;
  readonly expected: ReadonlyMap<string, readonly ExpectedVerdict[]>;
  paramsOf(trace: string): JsonObject;
}

/** The value of a result, or an error with what went wrong. */
export function must<T>(result: Result<T, unknown>, what: string): T {
  if (!result.ok) throw new Error(`${what}: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** Reads one example folder. */
export function readExample(name: string): Example {
  const folder = new URL(`../../plans/${name}/`, import.meta.url);
  const text = (file: string) => readFileSync(new URL(file, folder), "utf8");
  const json = (file: string) => must(readJson(text(file)), file);
  const plan = must(parsePlan(must(readYaml(text("plan.yaml")), "plan.yaml")), "plan.yaml");
  const catalogue = must(readCatalogue(json("catalogue.json")), "catalogue.json");
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const traces = new Map(files.sort().map((file) => [file, callsOf(text(file))]));
  const expected = json("expected.json") as unknown as { readonly [file: string]: readonly ExpectedVerdict[] };
  const params = json("params.json");
  return {
    plan,
    catalogue,
    traces,
    expected: new Map(Object.entries(expected)),
    paramsOf: (trace) => {
      const own = member(params, trace) ?? member(params, "*");
      return isObject(own) ? own : {};
    },
  };
}

function callsOf(text: string): readonly TracedCall[] {
  const lines = must(readJsonLines(text), "a trace").map(({ value }) => value);
  const results = new Map(
    lines.filter((line) => member(line, "type") === "result").map((line) => [member(line, "id"), member(line, "value")]),
  );
  return lines
    .filter((line) => member(line, "type") === "call")
    .map((line) => ({
      tool: String(member(line, "tool")),
      args: member(line, "args") ?? null,
      result: results.get(member(line, "id")),
    }));
}

/** Freezes an example's plan. */
export function freeze(example: Example): FrozenPlan {
  return must(freezePlan(example.plan, example.catalogue), "freezePlan");
}

/** Replays a trace: a verdict for each call; the results of denied calls are ignored. */
export function replay(frozen: FrozenPlan, calls: readonly TracedCall[], params: JsonObject): readonly Verdict[] {
  let now = Date.UTC(2026, 0, 1);
  const guard = must(createGuard(frozen, { clock: () => (now += 1_000) }), "createGuard");
  const session = must(
    guard.session({ id: "example", key: "00112233445566778899aabbccddeeff", principal: "ana", params }),
    "session",
  );
  return calls.map((call) => {
    const verdict = session.check({ tool: call.tool, args: forgetHidden(guard, session, call) });
    if (verdict.decision === "allow") {
      const error = member(call.result, "error");
      session.record(verdict.run, error === undefined ? { value: call.result ?? null } : { error });
    }
    return verdict;
  });
}

/**
 * The arguments of a call without those that equal what Sluice fills in from hidden data. An agent without a firewall saw that data
 * and sent it; one behind the firewall cannot have seen it and leaves it out.
 */
export function forgetHidden(guard: Guard, session: Session, { tool, args }: TracedCall): Json {
  const scratch = guard.resume(session.events);
  const verdict = scratch.check({ tool, args });
  if (verdict.decision === "allow" || verdict.code !== "HIDDEN" || !isObject(args)) return args;
  const without = guard.resume(session.events).check({ tool, args: {} });
  if (without.decision === "deny") return args;
  return Object.fromEntries(Object.entries(args).filter(([name, value]) => !jsonEqual(member(without.args, name), value)));
}
