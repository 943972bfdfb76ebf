import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/json/value.ts";
import type { Trace } from "../src/trace.ts";
import { freezePlan } from "../src/plan/freeze.ts";
import type { FrozenPlan, Plan } from "../src/plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../src/replay.ts";
import { catalogueOf, type Exchange, traceOf } from "./learn/worlds.ts";

const catalogue = catalogueOf({
  get_account: ["Returns an account.", { name: "string" }],
  list_mail: ["Lists messages.", {}],
  pay: ["Pays.", { account: "string", amount: "number" }],
});

function freeze(nodes: Plan["nodes"], params: Plan["params"] = {}): FrozenPlan {
  const frozen = freezePlan({ sluice: 1, name: "test", params, nodes }, catalogue);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

function replay(frozen: FrozenPlan, trace: Trace, params?: JsonObject): readonly ReplayedCall[] {
  const calls = replayTrace(frozen, trace, params === undefined ? {} : { params });
  if (!calls.ok) throw new Error(calls.error[0]?.message);
  return calls.value;
}

const lookUp: Exchange = ["get_account", { name: "Ada" }, { number: "AC-1" }];
const nodes: Plan["nodes"] = {
  account: { tool: "get_account", args: { name: "Ada" } },
  pay: { tool: "pay", args: { account: { from: "account$.number" }, amount: 5 } },
};

describe("replayTrace", () => {
  it("gives one line for each call, in order, with the node it ran as", () => {
    const calls = replay(freeze(nodes), traceOf("", [lookUp, ["pay", { account: "AC-1", amount: 5 }, "ok"]]));
    expect(calls).toEqual([
      { i: 0, verdict: "allow", code: null, node: "account", chain: [] },
      { i: 1, verdict: "allow", code: null, node: "pay", chain: [] },
    ]);
  });

  it("denies a literal that differs from the filled value and names the argument", () => {
    const [, pay] = replay(freeze(nodes), traceOf("", [lookUp, ["pay", { account: "AC-2", amount: 5 }, "ok"]]));
    expect(pay).toMatchObject({ i: 1, verdict: "deny", code: "ARG_MISMATCH", node: "pay", argument: "account" });
  });

  it("ignores the result of a denied call", () => {
    const denied: Exchange = ["get_account", { name: "Eve" }, { number: "AC-9" }];
    const calls = replay(freeze(nodes), traceOf("", [denied, lookUp, ["pay", { account: "AC-1", amount: 5 }, "ok"]]));
    expect(calls.map(({ verdict }) => verdict)).toEqual(["deny", "allow", "allow"]);
  });

  it("takes an error result as a failed run, which nothing may refer to", () => {
    const calls = replay(
      freeze(nodes),
      traceOf("", [
        ["get_account", { name: "Ada" }, { error: "down" }],
        ["pay", { amount: 5 }, "ok"],
      ]),
    );
    expect(calls.map(({ code }) => code)).toEqual([null, "CALL_OUT_OF_ORDER"]);
  });

  it("counts a literal that equals a hidden value as omitted, and no other literal", () => {
    const account = { ...nodes.account, show: "none" as const };
    const hidden = freeze({ ...nodes, account });
    const codes = (number: string): readonly (string | null)[] =>
      replay(hidden, traceOf("", [lookUp, ["pay", { account: number, amount: 5 }, "ok"]])).map(({ code }) => code);
    expect(codes("AC-1")).toEqual([null, null]);
    expect(codes("AC-2")).toEqual([null, "HIDDEN"]);
  });

  it("counts a literal that equals the hidden value of any row of a loop as omitted", () => {
    const looped = freeze({
      mail: { tool: "list_mail", show: "none" },
      pay: { tool: "pay", each: { from: "mail$[*]", max: 3 }, args: { account: { item: "$.to" }, amount: 5 } },
    });
    const list: Exchange = ["list_mail", {}, [{ to: "AC-1" }, { to: "AC-2" }]];
    const calls = replay(
      looped,
      traceOf("", [list, ["pay", { account: "AC-1", amount: 5 }, "ok"], ["pay", { account: "AC-7", amount: 5 }, "ok"]]),
    );
    expect(calls.map(({ code }) => code)).toEqual([null, null, "HIDDEN"]);
  });

  it("opens the session with the given parameters and the defaults of the others", () => {
    const frozen = freeze(
      { pay: { tool: "pay", args: { account: { param: "account" }, amount: { param: "amount" } } } },
      { account: { type: "string", default: "AC-1" }, amount: { type: "number", default: 1 } },
    );
    const call = (account: string, amount: number): Trace => traceOf("", [["pay", { account, amount }, "ok"]]);
    expect(replay(frozen, call("AC-1", 7), { amount: 7 })[0]?.code).toBeNull();
    expect(replay(frozen, call("AC-2", 1))[0]?.code).toBe("ARG_MISMATCH");
    expect(replayTrace(frozen, call("AC-1", 1), { params: { amount: "x" } })).toMatchObject({
      ok: false,
      error: [{ code: "SESSION_PARAMS" }],
    });
  });

  it("denies a tool that the plan does not use, whatever its name", () => {
    const calls = replay(
      freeze(nodes),
      traceOf("", [
        ["wipe", {}, null],
        ["other/get_account", { name: "Ada" }, null],
      ]),
    );
    expect(calls.map(({ code }) => code)).toEqual(["CALL_NOT_IN_PLAN", "CALL_NOT_IN_PLAN"]);
  });

  it("shows the chain of a data-flow denial from its source to the argument", () => {
    const frozen = freeze({
      mail: { tool: "list_mail" },
      pay: { tool: "pay", args: { account: { choose: { type: "string" } }, amount: 5 } },
    });
    const [, pay] = replay(
      frozen,
      traceOf("", [
        ["list_mail", {}, []],
        ["pay", { account: "AC-1", amount: 5 }, "ok"],
      ]),
    );
    expect(pay?.code).toBe("FLOW_CHOICE_UNTRUSTED");
    expect(pay?.chain.map(({ kind }) => kind)).toEqual(["result", "context", "argument"]);
  });
});
