/** Labelled values and the engine: what a program says of its arguments counts, and what the engine says of results is in the types. */
import { describe, expect, it } from "vitest";
import { createGuard, type Session } from "../../src/guard.ts";
import { createGuard as createCoreGuard } from "../../src/engine.ts";
import { label, labeled, labelOf, narrow, sanitizer } from "../../src/labeled.ts";
import type { FrozenPlan, Plan } from "../../src/plan/plan.ts";
import { freeze, type Scheme } from "../attacks/world.ts";

const scheme: Scheme = {
  nodes: {
    page: { tool: "web/get", args: { url: "https://a.example/" }, optional: true },
    note: { tool: "box/put", args: { key: "k", value: { write: { maxLength: 200, links: "none" } } }, optional: true },
    pay: { tool: "bank/pay", args: { to: { choose: { enum: ["ann", "bob"] } }, amount: 5 }, optional: true },
    blessed: {
      tool: "bank/pay",
      args: {
        to: { choose: { enum: ["ann", "bob"] }, endorse: { from: "web", to: "safe", why: "either is ours" } },
        amount: 6,
      },
      optional: true,
    },
    held: {
      tool: "box/file",
      args: { path: "p", text: { write: { maxLength: 99, links: "none" } } },
      constraints: { approve: "human" },
      optional: true,
    },
  },
  flows: [{ id: "no-web", deny: ["web"], to: ["box/*"] }],
};

function frozenOf(over: Partial<Plan> = {}): FrozenPlan {
  const frozen = freeze({ ...scheme, ...over });
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}

const open = (over: Partial<Plan> = {}): Session => createGuard(frozenOf(over), { clock: () => 1_000 }).session();
const codeOf = (verdict: ReturnType<Session["check"]>): string => (verdict.decision === "allow" ? "allow" : verdict.code);
const web = label("buy now", "web");

describe("a labelled value among the arguments", () => {
  it("is forwarded as a plain one, and its labels are those of the argument", () => {
    const verdict = open({ flows: [] }).check({ tool: "box/put", args: { value: labeled`He says: ${web}` } });
    expect(verdict).toMatchObject({ decision: "allow", args: { key: "k", value: "He says: buy now" } });
    expect(verdict.decision === "allow" && verdict.labels.value?.sources).toEqual(["user_input", "web"]);
    expect(verdict.decision === "allow" && verdict.labels.key?.sources).toEqual([]);
  });

  it("is denied where a rule forbids one of its labels, though the conversation has not seen it", () => {
    const session = open();
    expect(codeOf(session.check({ tool: "box/put", args: { value: web } }))).toBe("FLOW_SINK_DENIED");
    expect(codeOf(session.check({ tool: "box/put", args: { value: "buy now" } }))).toBe("allow");
  });

  it("is found at any depth, and as the whole of the arguments", () => {
    for (const args of [label({ value: "x" }, "web"), { value: label(web, "safe") }])
      expect(codeOf(open().check({ tool: "box/put", args }))).toBe("FLOW_SINK_DENIED");
    const nested = { tool: "box/put", args: { value: "x", data: [{ deep: web }] } };
    expect(codeOf(open().check(nested))).toBe("ARG_UNEXPECTED");
  });

  it("is no choice where it is untrusted, unless the plan endorses it", () => {
    const session = open();
    expect(codeOf(session.check({ tool: "bank/pay", node: "pay", args: { to: label("ann", "web") } }))).toBe(
      "FLOW_CHOICE_UNTRUSTED",
    );
    expect(codeOf(session.check({ tool: "bank/pay", node: "blessed", args: { to: label("ann", "web") } }))).toBe("allow");
    expect(codeOf(session.check({ tool: "bank/pay", node: "pay", args: { to: label("ann", "safe") } }))).toBe("allow");
  });

  it("with a name that nobody declared is untrusted", () => {
    const choice = { tool: "bank/pay", node: "pay", args: { to: label("ann") } };
    expect(codeOf(open().check(choice))).toBe("FLOW_CHOICE_UNTRUSTED");
  });

  it("never lowers what the plan says", () => {
    const session = open();
    const got = session.check({ tool: "web/get", args: {} });
    session.record(got, "attack");
    expect(codeOf(session.check({ tool: "box/put", args: { value: label("x", "safe") } }))).toBe("FLOW_SINK_DENIED");
  });

  it("is no longer denied when a sanitizer took the label away", () => {
    const digits = sanitizer("web")((text: string) => text.replace(/\D/g, ""));
    expect(codeOf(open().check({ tool: "box/put", args: { value: digits(web) } }))).toBe("allow");
  });

  it("labels the result of the call, also when the session is folded again", () => {
    const frozen = frozenOf({ flows: [] });
    const guard = createCoreGuard(frozen, { clock: () => 1_000 });
    if (!guard.ok) throw new Error("guard");
    const session = createGuard(frozen, { clock: () => 1_000 }).session({ id: "s" });
    session.record(session.check({ tool: "box/put", args: { value: web } }), "stored");
    const again = guard.value.resume(session.events);
    expect(again.resultLabel(0)?.sources).toEqual(["safe", "user_input", "web"]);
    expect(again.context()).toEqual(session.context());
  });

  it("keeps its labels while the call waits for a human", () => {
    const session = open({ flows: [] });
    const call = { tool: "box/file", args: { text: web } };
    const denied = session.check(call);
    expect(codeOf(denied)).toBe("CALL_NEEDS_APPROVAL");
    const [hold] = session.holds();
    if (hold === undefined) throw new Error("no hold");
    // Asked for the same text without its label, the first hold is not the answer.
    session.check({ tool: "box/file", args: { text: "buy now" } });
    expect(session.holds()).toHaveLength(2);
    session.approve(hold.id, { by: "ann", decision: "approve" });
    const released = session.release(hold.id);
    expect(released.decision === "allow" && released.labels.text?.sources).toEqual(["user_input", "web"]);
  });
});

describe("a result", () => {
  it("can be lifted with the labels that the engine gives it, once it is there", () => {
    const session = open();
    const call = { tool: "web/get", args: {} };
    session.check(call);
    expect(session.labeled(call, "x")).toBe(undefined);
    const seen = session.record(call, { title: "buy now" });
    const title = seen.ok ? session.labeled(call, "buy now") : undefined;
    if (title === undefined) throw new Error("no label");
    expect(labelOf(title)).toEqual({ sources: ["web"], readers: null, untrusted: ["web"] });
    const known = narrow(title, "web");
    expect(codeOf(session.check({ tool: "box/put", args: { value: labeled`${known}!` } }))).toBe("FLOW_SINK_DENIED");
    expect(session.labeled(99, "x")).toBe(undefined);
  });
});
