/**
 * What is recorded of a result, and what of it the agent is shown, where a plan shows parts.
 */
import { describe, expect, it } from "vitest";
import { observe } from "../../src/decide/observe.ts";
import type { Session } from "../../src/engine.ts";
import { isArray, isObject, type Json } from "../../src/json/value.ts";
import type { PlanNode } from "../../src/plan/plan.ts";
import { frozenPlan, guardOf, sessionOf } from "../amend/world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" } };

function started(nodes: { readonly [name: string]: PlanNode }): Session {
  const session = sessionOf(frozenPlan(nodes));
  const verdict = session.check({ tool: "inbox/read", args: {} });
  if (verdict.decision === "deny") throw new Error(verdict.code);
  return session;
}

function withoutHandles(value: Json): Json {
  if (typeof value === "string") return value.startsWith("sluice:h:") ? "#" : value;
  if (isArray(value)) return value.map(withoutHandles);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutHandles(each)]));
}

/** What is shown of a value, with `#` for a handle. */
function shown(show: readonly string[], value: Json): Json {
  const observed = started({ read: { ...read, show } as PlanNode }).record(0, { value });
  if (!observed.ok) throw new Error(observed.code);
  return withoutHandles(observed.delivered);
}

describe("a result of which parts are shown", () => {
  it("tells of the members that lead there, and stands for what is beside them below a choice of many", () => {
    const value = { rows: [{ id: 1, text: "x" }, { text: "y" }, 5], secret: "z" };
    expect(shown(["$.rows[*].id"], value)).toEqual({ rows: [{ id: 1, text: "#" }, "#", "#"] });
    expect(shown(["$.rows[0].id"], value)).toEqual({ rows: [{ id: 1 }] });
    expect(shown(["$.rows"], value)).toEqual({ rows: value.rows });
  });

  it("stands for the rows beside those that are shown, where the result itself is the list", () => {
    expect(shown(["$[*].id"], [{ id: 1 }, { text: "y" }])).toEqual([{ id: 1 }, "#"]);
    expect(shown(["$[*].id"], ["x"])).toEqual({ sluice_handle: "#" });
  });
});

describe("what is recorded of a result", () => {
  const settled = { type: "settle", at: 1_000, run: 0 };
  const eventOf = (
    more: Partial<Parameters<typeof observe>[3]>,
    nodes: { readonly [name: string]: PlanNode } = { read },
  ): unknown => {
    const session = started(nodes);
    const { program } = guardOf(frozenPlan(nodes));
    const observed = observe(program, session.state, 0, { result: { value: { id: "x" } }, at: 1_000, ...more });
    return observed.ok ? observed.event : observed.code;
  };

  it("has no member that says nothing", () => {
    expect(eventOf({})).toStrictEqual({ ...settled, ok: true, valid: false });
    expect(eventOf({ claims: [] })).toStrictEqual({ ...settled, ok: true, valid: false });
    expect(eventOf({ result: { error: "down" } })).toStrictEqual({ ...settled, ok: false, valid: false });
  });

  it("has the value where a rule may refer to it, and what it claims of itself", () => {
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$.id" } } };
    expect(eventOf({ claims: ["ledger"] }, { read, send })).toStrictEqual({
      ...settled,
      ok: true,
      value: { id: "x" },
      valid: false,
      claims: ["ledger"],
    });
  });

  it("has the text as the plan says that it is written, and the text itself where it is not", () => {
    const send: PlanNode = { tool: "mail/send", args: { to: "ana", body: { from: "read$.id" } } };
    const parsed = (parse: "json" | "yaml", value: string): unknown =>
      (eventOf({ result: { value } }, { read: { ...read, parse } as PlanNode, send }) as { readonly value: Json }).value;
    expect(parsed("yaml", "id: x")).toEqual({ id: "x" });
    expect(parsed("json", "id: x")).toBe("id: x");
    expect(parsed("json", '{"id":"x"}')).toEqual({ id: "x" });
  });

  it("has what came with it where that is more than the run carries already", () => {
    const kept = { sources: ["ledger"], readers: null };
    expect(eventOf({ kept })).toMatchObject({ brought: { sources: ["ledger"], readers: null } });
    expect(eventOf({ kept: { sources: ["external_api"], readers: null } })).toStrictEqual({ ...settled, ok: true, valid: false });
  });

  it("is nothing of a run that there is not, or from the end of its lease on", () => {
    expect(eventOf({ at: 1_000 + 300_000 })).toBe("RUN_SETTLED");
    expect(eventOf({ at: 1_000 + 299_999 })).toMatchObject({ ok: true });
    const session = started({ read });
    expect(session.record(1, { value: 1 })).toEqual({ ok: false, code: "RUN_UNKNOWN" });
  });
});
