import { describe, expect, it } from "vitest";
import { createGuard, definePlan, freezePlan, type FrozenPlan } from "../src/index.ts";

function frozen(): FrozenPlan {
  const plan = definePlan({
    sluice: 1,
    name: "greet",
    params: { who: { type: "string" } },
    nodes: {
      person: { tool: "people/find", args: { name: { param: "who" } }, times: 2, constraints: { idempotent: true } },
      mail: { tool: "mail/send", args: { to: { from: "person$.email" }, body: { write: { maxLength: 400 } } } },
    },
  });
  const result = freezePlan(plan);
  if (!result.ok) throw new Error(result.error[0]?.message);
  return result.value;
}

const find = { tool: "people/find", args: {} };

describe("createGuard", () => {
  it("opens sessions that take the call itself, its verdict or its run for the call", () => {
    const session = createGuard(frozen()).session({ params: { who: "Kim" } });
    expect(session.check(find)).toMatchObject({ decision: "allow", args: { name: "Kim" } });
    expect(session.record(find, { email: "kim@lab.example" })).toMatchObject({
      ok: true,
      delivered: { email: "kim@lab.example" },
    });
    const again = session.check({ ...find });
    expect(session.record(again, { email: "other@lab.example" })).toMatchObject({ ok: true });
    const mail = { tool: "mail/send", args: { body: "Hello" } };
    expect(session.check(mail)).toMatchObject({ decision: "allow", args: { to: "kim@lab.example", body: "Hello" } });
    expect(session.record(2, null)).toMatchObject({ ok: true, delivered: null });
  });

  it("takes an error for a failed call, and knows no run of a call that was denied or never checked", () => {
    const session = createGuard(frozen()).session({ params: { who: "Kim" } });
    session.check(find);
    expect(session.record(find, { error: "no such person" })).toMatchObject({ ok: true, isError: true });
    const denied = session.check({ tool: "mail/send", args: { body: "Hello" } });
    expect(denied).toMatchObject({ decision: "deny", code: "CALL_OUT_OF_ORDER" });
    expect(session.record(denied, 1)).toEqual({ ok: false, code: "RUN_UNKNOWN" });
    expect(session.record({ ...find }, 1)).toEqual({ ok: false, code: "RUN_UNKNOWN" });
  });

  it("says which parameter is wrong, as an error or thrown", () => {
    const guard = createGuard(frozen());
    expect(guard.open({ params: { who: 5 } })).toMatchObject({
      ok: false,
      error: { code: "SESSION_PARAMS", pointer: "/params/who" },
    });
    expect(() => guard.session()).toThrow(/params\/who/);
  });

  it("throws for a plan that cannot be enforced", () => {
    const plan = frozen();
    expect(() => createGuard({ ...plan, tools: {} })).toThrow(/cannot be enforced/);
  });
});
