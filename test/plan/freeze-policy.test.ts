/**
 * A plan held to a policy: what is enforced then, what is said and in which order, and that the policy that was frozen with a plan counts
 * whatever else is given.
 */
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/plan/finding.ts";
import type { Json } from "../../src/json/value.ts";
import { freezePlan, thawPlan } from "../../src/plan/freeze.ts";
import { holdTo, lintUnderPolicy, underPolicy, withPolicy } from "../../src/plan/freeze-policy.ts";
import type { PlanNode } from "../../src/plan/plan.ts";
import { worstCaseFlows } from "../../src/plan/lint.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { catalogue, freeze, must, page, planOf, policyWith } from "../policy/plans.ts";

const mail: PlanNode = { tool: "mail/send", args: { text: "hi", to: "a" } };
const mailing: PlanNode = { tool: "mail/send", args: { text: "hi", to: { from: "page$.to" } } };
const labels = { page: { integrity: "untrusted" } } as const;
const noPage = policyWith({ labels, flows: [{ id: "no-page", deny: ["page"], to: "mail/*", roles: ["target"] }] });
const few = policyWith({ limits: { calls: 3 } });
const lines = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);

describe("holding a plan to a policy", () => {
  const frozen = must(freeze(planOf({ page, mail })));

  it("is the plan itself where there is no policy, and the tightened plan where there is one", () => {
    expect(must(holdTo(frozen, undefined))).toBe(frozen);
    expect(must(holdTo(frozen, few)).plan.limits?.calls).toBe(3);
    expect(must(holdTo(frozen, few)).digest).toBe(frozen.digest);
    expect(must(withPolicy(frozen, undefined))).toBe(frozen);
  });

  it("carries the policy with the plan, which stays as it was", () => {
    const held = must(withPolicy(frozen, few));
    expect([held.plan, held.digest, (held.policy as Policy | undefined)?.limits?.calls]).toEqual([frozen.plan, frozen.digest, 3]);
  });

  it("holds it to the frozen policy and the given one, the stricter of both", () => {
    const under = { ...frozen, policy: few };
    expect(must(holdTo(under, undefined)).plan.limits?.calls).toBe(3);
    expect(must(holdTo(under, policyWith({ limits: { calls: 9 } }))).plan.limits?.calls).toBe(3);
    expect((must(withPolicy(under, policyWith({ limits: { calls: 2 } }))).policy as Policy | undefined)?.limits?.calls).toBe(2);
  });

  it("refuses what is no policy, wherever it came from, and a plan that violates one, with the errors alone", () => {
    const none = { nonsense: 1 } as unknown as Policy;
    for (const held of [
      holdTo(frozen, none),
      withPolicy(frozen, none),
      holdTo({ ...frozen, policy: none }, undefined),
      withPolicy({ ...frozen, policy: none }, few),
    ]) {
      expect(held.ok).toBe(false);
      if (!held.ok) expect(held.error.every(({ severity }) => severity === "error")).toBe(true);
    }
    const violating = must(freeze(planOf({ page, mail: mailing })));
    const held = holdTo(violating, noPage);
    expect(held.ok ? [] : lines(held.error)).toEqual(["error POLICY_FLOW /nodes/mail/args/to"]);
    const with_ = withPolicy(violating, noPage);
    expect(with_.ok ? [] : lines(with_.error)).toEqual(["error POLICY_FLOW /nodes/mail/args/to"]);
  });

  it("says no fault twice, neither as the policy's nor as the plan's own", () => {
    const { findings } = underPolicy(must(freeze(planOf({ page, mail: mailing }))), noPage);
    const errors = findings.filter(({ severity }) => severity === "error").map(({ code, pointer }) => `${code} ${pointer}`);
    expect(new Set(errors).size).toBe(errors.length);
  });
});

describe("linting a plan under a policy", () => {
  it("says the errors of a plan that cannot be frozen, and its own worst case, without the policy", () => {
    const broken = planOf({ page, mail: { tool: "mail/sendd" } });
    const { findings, flows } = lintUnderPolicy(broken, catalogue, noPage);
    expect(lines(findings)).toContain("error TOOL_UNKNOWN /nodes/mail/tool");
    expect(findings.some(({ code }) => code.startsWith("POLICY_"))).toBe(false);
    expect(flows).toEqual(worstCaseFlows(broken, catalogue));
  });

  it("says the most severe first, and of one severity the policy's before the plan's own", () => {
    const { findings } = lintUnderPolicy(planOf({ page, mail: mailing }), catalogue, noPage);
    const severities = findings.map(({ severity }) => severity);
    const order = { error: 0, warning: 1, info: 2 };
    expect(severities).toEqual([...severities].sort((a, b) => order[a] - order[b]));
    expect(new Set(severities).size).toBeGreaterThan(1);
    expect(lines(findings)[0]).toBe("error POLICY_FLOW /nodes/mail/args/to");
  });

  it("shows the worst case as the policy leaves it: its rules deny what the plan lets through", () => {
    const plan = planOf({ page, mail: mailing });
    const reach = (flows: ReturnType<typeof worstCaseFlows>): readonly string[] => flows.map((flow) => JSON.stringify(flow));
    const [without, under] = [worstCaseFlows(plan, catalogue), lintUnderPolicy(plan, catalogue, noPage).flows];
    expect(reach(under)).not.toEqual(reach(without));
  });

  it("judges by the labels that the policy declares, which the plan need not know", () => {
    const foreign = policyWith({
      labels: { hr: { integrity: "untrusted" } },
      flows: [{ id: "no-hr", deny: ["hr"], to: "mail/*" }],
    });
    const { findings } = lintUnderPolicy(
      planOf({ page, mail }, { flows: [{ id: "own", deny: ["hr"], to: "desk/*" }] }),
      catalogue,
      foreign,
    );
    expect(lines(findings).filter((line) => line.includes("PLAN_LABEL_UNDECLARED"))).toEqual([]);
  });
});

describe("freezing under a policy", () => {
  const plan = planOf({ page, mail });

  it("refuses what is no policy and a plan that violates one, and freezes the policy with a plan that does not", () => {
    const none = freezePlan(plan, catalogue, { policy: { nonsense: 1 } as unknown as Policy });
    expect(none.ok ? [] : none.error.map(({ severity }) => severity)).toContain("error");
    const violating = freezePlan(planOf({ page, mail: mailing }), catalogue, { policy: noPage });
    expect(violating.ok ? [] : lines(violating.error)).toEqual(["error POLICY_FLOW /nodes/mail/args/to"]);
    const [without, under] = [must(freezePlan(plan, catalogue)), must(freezePlan(plan, catalogue, { policy: few }))];
    expect((under.policy as Policy | undefined)?.limits?.calls).toBe(3);
    expect(under.digest).not.toBe(without.digest);
  });

  it("knows the labels that the policy declares", () => {
    const foreign = policyWith({ labels: { hr: { integrity: "untrusted" } } });
    const naming = planOf({ page, mail }, { flows: [{ id: "own", deny: ["hr"], to: "desk/*" }] });
    const without = freezePlan(naming, catalogue);
    expect(without.ok ? [] : lines(without.error)).toEqual(["error PLAN_LABEL_UNDECLARED /flows/0/deny/0"]);
    expect(freezePlan(naming, catalogue, { policy: foreign }).ok).toBe(true);
  });

  it("says which part of a catalogue cannot be frozen, where it was not read from a text", () => {
    const inbox = catalogue.tools.get("web/read");
    if (inbox === undefined) throw new Error("the catalogue of the test");
    const definition = { ...inbox.definition, inputSchema: { type: "object", maximum: Number.NaN } };
    const broken: typeof catalogue = {
      ...catalogue,
      resolve: (name, place) => {
        const found = catalogue.resolve(name, place);
        return found.ok && found.value.name === "web/read" ? { ok: true, value: { ...found.value, definition } } : found;
      },
    };
    expect(freezePlan(plan, broken)).toEqual({
      ok: false,
      error: [
        {
          code: "PLAN_JSON",
          severity: "error",
          pointer: "",
          message: "the catalogue's tools cannot be frozen: expected a finite number",
        },
      ],
    });
  });

  it("says of a frozen plan that was changed what to do", () => {
    const frozen = must(freezePlan(plan, catalogue));
    const changed = { ...frozen, plan: { ...frozen.plan, task: "another" } };
    expect(thawPlan(changed as unknown as Json)).toEqual({
      ok: false,
      error: [
        {
          code: "PLAN_DIGEST_MISMATCH",
          severity: "error",
          pointer: "/digest",
          message: "the frozen plan was changed after it was frozen: freeze it again",
        },
      ],
    });
  });
});
