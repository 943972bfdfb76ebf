import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/guard.ts";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import { diffPlans } from "../../src/amend/diff.ts";
import { createGuard as createCoreGuard } from "../../src/engine.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { approvalSummary } from "../../src/plan/lint/approver/summary.ts";
import { constraintOf } from "../../src/plan/param.ts";
import type { FrozenPlan, ParamSpec, Plan } from "../../src/plan/plan.ts";

const catalogue = readCatalogue([
  {
    name: "pay",
    server: "bank",
    inputSchema: { type: "object", properties: { to: { type: "string" }, amount: { type: "number" }, due: { type: "string" } } },
  },
]);
if (!catalogue.ok) throw new Error("the catalogue of the test");
const known = catalogue.value;

function planOf(spec: ParamSpec): Plan {
  return { sluice: 1, name: "pay", params: { p: spec }, nodes: { pay: { tool: "bank/pay", args: { to: { param: "p" } } } } };
}

function freeze(spec: ParamSpec): FrozenPlan {
  const frozen = freezePlan(planOf(spec), known);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

function faultsOf(spec: ParamSpec): readonly string[] {
  const frozen = freezePlan(planOf(spec), known);
  return frozen.ok ? [] : frozen.error.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe("parameters that are read", () => {
  it.each<[ParamSpec, string]>([
    [{ read: "day" }, "PLAN_PARAM_READ /params/p/read"],
    [{ read: { kind: "amount" } }, "PLAN_PARAM_READ /params/p/read/currency"],
    [{ read: "date", type: "number" }, "PLAN_PARAM_READ /params/p/type"],
    [{ read: "email", format: "uri" }, "PLAN_PARAM_READ /params/p/format"],
    [{ read: { kind: "date", list: true }, items: { format: "email" } }, "PLAN_PARAM_READ /params/p/items/format"],
    [{ read: "email", default: "kim" }, "PLAN_PARAM_DEFAULT /params/p/default"],
    [{ read: "email", maxLength: 5, default: "kim@example.com" }, "PLAN_PARAM_DEFAULT /params/p/default"],
  ])("do not freeze as %j: %s", (spec, fault) => {
    expect(faultsOf(spec)).toContain(fault);
  });

  it("hold what is read to the author's constraint and to what reading yields", () => {
    expect(constraintOf({ read: { kind: "amount", currency: "EUR" }, maximum: 5, default: 1, description: "d" })).toEqual({
      type: "number",
      maximum: 5,
    });
    const frozen = freeze({ read: "email", pattern: ".*@example[.]com" });
    const guard = createGuard(frozen);
    expect(guard.open({ params: { p: "Kim@EXAMPLE.com" } }).ok).toBe(true);
    expect(guard.open({ params: { p: "kim@evil.example" } })).toMatchObject({
      ok: false,
      error: { code: "SESSION_PARAMS", pointer: "/params/p", message: "the value does not satisfy `pattern` of the parameter" },
    });
  });

  it("are constant from then on: the agent omits what was read, or sends it as it was read", () => {
    const session = createGuard(freeze({ read: "email" })).session({ params: { p: " Kim@EXAMPLE.com " } });
    expect(session.check({ tool: "bank/pay", args: { to: "Kim@EXAMPLE.com" } })).toMatchObject({ code: "ARG_MISMATCH" });
    expect(session.check({ tool: "bank/pay", args: {} })).toMatchObject({ decision: "allow", args: { to: "Kim@example.com" } });
  });

  it("have their default read on the day of the session, in the user's zone", () => {
    const frozen = freeze({ read: "date", default: "tomorrow" });
    const at = (clock: number, zone: string): unknown => {
      const opened = createGuard(frozen, { clock: () => clock }).open({ user: { zone } });
      return opened.ok ? opened.value.events[0] : opened.error;
    };
    expect(at(Date.UTC(2026, 10, 25, 23, 30), "Europe/Berlin")).toMatchObject({ params: { p: "2026-11-27" } });
    expect(at(Date.UTC(2027, 0, 1, 12), "UTC")).toMatchObject({ params: { p: "2027-01-02" } });
    expect(at(0, "Mars/Olympus")).toMatchObject({ code: "SESSION_PARAMS" });
  });

  it("replay to the same state, since the event has what was read", () => {
    const guard = createCoreGuard(freeze({ read: "date", default: "today" }), { clock: () => Date.UTC(2026, 10, 25) });
    if (!guard.ok) throw new Error("the plan of the test");
    const opened = guard.value.session({ id: "s", key: "0".repeat(32), user: { zone: "UTC" } });
    if (!opened.ok) throw new Error(opened.error.message);
    expect(guard.value.resume(opened.value.events).state.params).toEqual({ p: "2026-11-25" });
  });

  it("change the digest, and another way of reading is not narrower", () => {
    const [date, text] = [freeze({ read: "date" }), freeze({ read: "text" })];
    expect(date.digest).not.toBe(text.digest);
    const diff = diffPlans(text, date);
    expect(diff.ok && diff.value.relation).toBe("incomparable");
  });

  it("are shown to the approver with the way they are read", () => {
    const plan = planOf({ read: { kind: "amount", currency: "EUR" } });
    const sentences = approvalSummary(plan, known);
    expect(JSON.stringify(sentences)).toContain("`p` (read as amount in EUR)");
  });
});
