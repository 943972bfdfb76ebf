/**
 * The tests of a policy: a denial counts only if the policy is its reason, and what no example notices survives.
 */
import { describe, expect, it } from "vitest";
import type { Example, Policy } from "../../src/policy/policy.ts";
import { mutantsOf } from "../../src/policy/test/mutate.ts";
import { type LoadedExample, runExample } from "../../src/policy/test/run.ts";
import { mutate, runExamples } from "../../src/policy/test/suite.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";
import { readTrace } from "../../src/trace.ts";
import { catalogue, must, page, planOf, policyWith } from "./plans.ts";

const labels = { page: { integrity: "untrusted" } } as const;
const mail = (to: PlanNode["args"]): Plan => planOf({ page, mail: { tool: "mail/send", args: { text: "hi", ...to } } });
const call =
  '{"type":"call","id":1,"tool":"web/read","args":{}}\n{"type":"result","id":1,"value":{"to":"a"}}\n{"type":"call","id":2,"tool":"mail/send","args":{}}\n';

function example(plan: Plan, expected: Omit<Example, "name" | "plan">, trace?: string): LoadedExample {
  return {
    example: { name: "x", plan: {}, ...expected },
    plan,
    catalogue,
    trace: trace === undefined ? undefined : must(readTrace(trace)),
    params: undefined,
  };
}

const policy: Policy = policyWith({
  labels,
  flows: [{ id: "f", deny: ["page"], to: "mail/*", roles: ["target"] }],
  approve: { tools: ["mail/*"], effects: ["execute"] },
});

describe("an example", () => {
  it("passes if the plan is refused, or the call denied, with the code", () => {
    const refused = mail({ to: { from: "page$.to" } });
    expect(runExample(policy, example(refused, { expect: "deny", code: "POLICY_FLOW" }))).toMatchObject({
      got: "deny",
      codes: ["POLICY_FLOW"],
      isPassed: true,
    });
    expect(runExample(policy, example(refused, { expect: "allow" }))).toMatchObject({
      isPassed: false,
      reason: "denied with POLICY_FLOW",
    });
    expect(
      runExample(policy, example(mail({ to: "a" }), { expect: "deny", code: "CALL_NEEDS_APPROVAL", call: 1 }, call)),
    ).toMatchObject({ isPassed: true });
    expect(runExample(policy, example(mail({ to: "a" }), { expect: "allow", call: 0 }, call))).toMatchObject({ isPassed: true });
    expect(runExample(policy, example(mail({ to: "a" }), { expect: "deny", code: "CALL_RATE" }, call))).toMatchObject({
      isPassed: false,
    });
  });

  it("fails if it shows nothing about the policy", () => {
    const wrong = call.replace("mail/send", "mail/delete");
    expect(runExample(policy, example(mail({ to: "a" }), { expect: "deny", call: 1 }, wrong)).reason).toMatch(
      /without the policy as well/,
    );
    const broken = planOf({ mail: { tool: "mail/send", args: { nobody: "x" } } });
    expect(runExample(policy, example(broken, { expect: "deny" })).reason).toMatch(/cannot be used without the policy either/);
    expect(runExample(policy, example(mail({ to: "a" }), { expect: "allow", call: 7 }, call)).reason).toMatch(/no call 7/);
  });
});

describe("mutation testing", () => {
  const noticing = [
    example(mail({ to: { from: "page$.to" } }), { expect: "deny", code: "POLICY_FLOW" }),
    example(mail({ to: "a" }), { expect: "deny", code: "CALL_NEEDS_APPROVAL" }, call),
  ];

  it("lists the entries that could be removed without any example noticing", () => {
    expect(runExamples(policy, noticing).every(({ isPassed }) => isPassed)).toBe(true);
    const { mutants, survivors } = mutate(policy, noticing);
    expect(mutants).toBe(3);
    expect(survivors).toEqual([{ pointer: "/approve/effects/0", message: "removed" }]);
    expect(mutate(policy, noticing.slice(1)).survivors.map(({ pointer }) => pointer)).toContain("/flows/0");
  });

  it("takes away every entry once, and nothing that only makes the policy stricter", () => {
    const rich = policyWith({
      labels: { ...labels, record: { integrity: "trusted", readers: ["crm"] } },
      readers: "closed",
      flows: [{ id: "f", deny: ["page", "unknown"], to: ["a/*", "b/*"], roles: ["target"] }],
      sanitizers: [{ id: "s", labels: ["page"], to: "a/*", through: "c/*" }],
      roles: { "a/*": { x: "target" } },
      audience: { "a/*": ["x"] },
      limits: { calls: 3, seconds: 5, text: { bits: 4 } },
      constraints: [{ id: "c", tools: "a/*", hold: { maxBytes: 5, hosts: ["a.example"] } }],
    });
    expect(mutantsOf(rich).map(({ pointer }) => pointer)).toEqual([
      "/readers",
      "/labels/record/readers",
      "/flows/0",
      "/flows/0/deny/0",
      "/flows/0/deny/1",
      "/flows/0/to/0",
      "/flows/0/to/1",
      "/sanitizers/0",
      "/constraints/0",
      "/constraints/0/hold/maxBytes",
      "/constraints/0/hold/hosts",
      "/roles/a~1*/x",
      "/audience/a~1*",
      "/limits/calls",
      "/limits/text/bits",
      "/sanitizers/0/through",
    ]);
  });
});
