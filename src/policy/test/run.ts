/**
 * Runs the examples of a policy: plans and recorded runs with what must come of them.
 * Pure. A denial counts only if the policy is its reason: what is denied without the policy as well shows nothing about it.
 */
import type { Catalogue } from "../../catalogue/catalogue.ts";
import type { JsonObject } from "../../json/value.ts";
import { freezePlan } from "../../plan/freeze.ts";
import type { FrozenPlan, Plan } from "../../plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../../replay.ts";
import type { Trace } from "../../trace.ts";
import type { Example, Policy } from "../policy.ts";

/** An example with everything that it names read. */
export interface LoadedExample {
  readonly example: Example;
  readonly plan: Plan;
  readonly catalogue: Catalogue | undefined;
  readonly trace: Trace | undefined;
  readonly params: JsonObject | undefined;
}

/** What came of an example. */
export interface ExampleOutcome {
  readonly name: string;
  readonly expect: "allow" | "deny";
  readonly got: "allow" | "deny";
  /** Codes of the findings or denials, each once. */
  readonly codes: readonly string[];
  readonly isPassed: boolean;
  /** Why it did not pass. */
  readonly reason?: string;
}

/** What a plan and its run come to, with or without a policy. */
interface Course {
  /** Codes of the findings that refuse the plan; empty, if it can be enforced. */
  readonly refused: readonly string[];
  readonly calls: readonly ReplayedCall[];
}

/** Runs an example against a policy. */
export function runExample(policy: Policy, loaded: LoadedExample): ExampleOutcome {
  const without = withoutPolicy(loaded);
  const course = courseOf(loaded, policy);
  const { name, expect } = loaded.example;
  const denied = deniedOf(course, loaded.example.call);
  const got = denied.length === 0 ? "allow" : "deny";
  const codes = [...new Set(denied.map(({ code }) => code))].sort();
  const reason = reasonOf(loaded.example, { without, denied, got });
  return { name, expect, got, codes, isPassed: reason === undefined, ...(reason === undefined ? {} : { reason }) };
}

const known = new WeakMap<LoadedExample, Course>();

/** What an example comes to without any policy; the same for every mutant. */
function withoutPolicy(loaded: LoadedExample): Course {
  const course = known.get(loaded) ?? courseOf(loaded, undefined);
  known.set(loaded, course);
  return course;
}

function courseOf({ plan, catalogue, trace, params }: LoadedExample, policy: Policy | undefined): Course {
  const frozen = freezePlan(plan, catalogue, policy === undefined ? {} : { policy });
  if (!frozen.ok) return { refused: frozen.error.map(({ code }) => code), calls: [] };
  return trace === undefined ? { refused: [], calls: [] } : replayed(frozen.value, trace, params);
}

function replayed(frozen: FrozenPlan, trace: Trace, params: JsonObject | undefined): Course {
  const calls = replayTrace(frozen, trace, params === undefined ? {} : { params });
  return calls.ok ? { refused: [], calls: calls.value } : { refused: calls.error.map(({ code }) => code), calls: [] };
}

/** What denies: the findings that refuse the plan, or the denied calls (that one, where the example means one). */
function deniedOf(
  { refused, calls }: Course,
  call: number | undefined,
): readonly { readonly code: string; readonly i: number }[] {
  if (refused.length > 0) return refused.map((code) => ({ code, i: -1 }));
  return calls.flatMap(({ i, code }) => (code !== null && (call === undefined || call === i) ? [{ code, i }] : []));
}

function reasonOf(
  { expect, code, call }: Example,
  course: {
    readonly without: Course;
    readonly denied: readonly { readonly code: string; readonly i: number }[];
    readonly got: "allow" | "deny";
  },
): string | undefined {
  const { without, denied, got } = course;
  if (without.refused.length > 0) return `the plan cannot be used without the policy either (${without.refused[0]})`;
  if (call !== undefined && denied.every(({ i }) => i >= 0) && without.calls.length <= call)
    return `the trace has no call ${call}`;
  if (got !== expect) return got === "allow" ? "nothing is denied" : `denied with ${denied[0]?.code}`;
  if (expect === "allow") return undefined;
  const already = new Set(deniedOf(without, call).map((each) => each.i));
  const own = denied.filter(({ i }) => !already.has(i));
  if (own.length === 0) return "it is denied without the policy as well, so the example shows nothing";
  return code === undefined || own.some((each) => each.code === code)
    ? undefined
    : `denied with ${own[0]?.code} and not with ${code}`;
}
