/**
 * Every label that a session keeps is one of the new plan after an amendment, under its name; and what people say of an amendment that waits.
 */
import { describe, expect, it } from "vitest";
import { continueUnder } from "../../src/decide/continue.ts";
import { apply } from "../../src/decide/fold.ts";
import { paramLabelsOf, type ReceivedParams } from "../../src/decide/received.ts";
import { keep } from "../../src/decide/resources.ts";
import type { SessionState } from "../../src/decide/state.ts";
import type { Session } from "../../src/engine.ts";
import type { Json } from "../../src/json/value.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";
import type { Label, LabelValue } from "../../src/taint/label.ts";
import { frozenPlan, guardOf, run, sessionOf } from "../amend/world.ts";

const read: PlanNode = { tool: "inbox/read", args: { id: "m1" }, times: { min: 0, max: 9 } };
const list: PlanNode = { tool: "ledger/list" };
const rest: Partial<Plan> = { envelope: [] };
const message: LabelValue = { sources: ["external_api"], readers: null };
const asker: LabelValue = { sources: ["ledger"], readers: null };
const received: readonly ReceivedParams[] = [
  {
    params: ["p", "q"],
    parts: { q: asker },
    label: message,
    context: asker,
    links: [{ kind: "receipt", labels: ["external_api"], issuer: "partner" }],
  },
];

/** All labels of a state, as a plan says them. */
function labelsIn(state: SessionState, nameOf: (label: Label) => readonly string[]): Json {
  const named = (all: Iterable<readonly [string, Label]>): Json =>
    Object.fromEntries([...all].map(([name, label]) => [name, nameOf(label)]));
  return {
    context: nameOf(state.context),
    openContext: nameOf(state.openContext),
    inbound: state.inbound.map(({ params, label, context }) => ({
      params: named(params),
      label: nameOf(label),
      context: nameOf(context),
    })),
    params: named(state.paramLabels),
    runs: state.runs.map(({ base, regions }) => [nameOf(base), ...regions.map(({ label }) => nameOf(label))]),
    nodes: [...state.nodes.values()].map(({ successes, failures }) => [nameOf(successes), nameOf(failures)]),
    resources: named(state.resources),
    delivered: state.delivered.map(({ run: number, label }) => ({ run: number, label: nameOf(label) })),
  } as Json;
}

describe("the labels of a session that goes on under another plan", () => {
  const params = { p: { type: "string" }, q: { type: "string" } } as const;
  const labels = { aaa: { integrity: "trusted" }, aab: { integrity: "untrusted" } } as const;
  const from = frozenPlan({ read, list }, { ...rest, params });
  // Whatever the old plan trusted becomes untrusted, and its names have other numbers.
  const to = frozenPlan(
    { read, list, again: list },
    { ...rest, params, labels: { ...labels, ledger: { integrity: "untrusted" } } },
  );

  it("are those of the new plan, wherever they are kept", () => {
    const [old, next] = [guardOf(from), guardOf(to)];
    const opened = old.session({ id: "s-1", key: "00".repeat(16), params: { p: "a", q: "b" }, received });
    if (!opened.ok) throw new Error(opened.error.message);
    const { value: session } = opened;
    const { state } = session;
    run(session, "ledger/list", {}, "x");
    const failed = session.check({ tool: "inbox/read", args: {} });
    if (failed.decision === "deny") throw new Error(failed.code);
    session.record(failed.run, { error: "down" });
    keep(state, ["ledger"], state.runs[0]?.base as Label);
    const isLedger = (label: Label): boolean => old.program.labels.toValue(label).sources.includes("ledger");
    const before = labelsIn(state, (label) => old.program.labels.toValue(label).sources);
    const trusted = labelsIn(state, (label) => (isLedger(label) ? ["ledger"] : []));
    continueUnder(state, old.program, next.program, {
      type: "amend",
      at: 1_000,
      plan: to.digest,
      parent: from.digest,
      by: "ada",
    });
    expect(labelsIn(state, (label) => next.program.labels.toValue(label).sources)).toEqual(before);
    // A label of the old plan would still be trusted.
    const distrusted = labelsIn(state, (label) =>
      label.isUntrusted && next.program.labels.toValue(label).sources.includes("ledger") ? ["ledger"] : [],
    );
    expect(distrusted).toEqual(trusted);
    expect(state.inbound.map(({ links }) => links)).toEqual(received.map(({ links }) => links));
    expect(labelsIn({ ...state, paramLabels: paramLabelsOf(state.inbound) }, (label) => [String(label.isUntrusted)])).toEqual(
      labelsIn(state, (label) => [String(label.isUntrusted)]),
    );
  });

  it("keep the readers that were added to a label of several, where the new plan says no other ones", () => {
    const mine = { mine: { integrity: "trusted", readers: ["ana", "bob"] } } as const;
    const body = { from: "list$", declassify: { from: ["mine"], to: ["eve"], why: "she asked for it" } } as const;
    const nodes: { readonly [name: string]: PlanNode } = {
      list: { ...list, labels: ["mine"] } as PlanNode,
      send: { tool: "mail/send", args: { to: "eve", body } },
    };
    const session = sessionOf(frozenPlan(nodes, { ...rest, labels: mine }));
    run(session, "ledger/list", {}, "x");
    run(session, "mail/send", {}, "sent");
    expect(session.amend(frozenPlan({ ...nodes, read }, { ...rest, labels: mine }), { by: "ada" }).ok).toBe(true);
    expect(session.resultLabel(1)?.readers).toEqual(["ana", "bob", "eve"]);
  });
});

describe("a session that goes on", () => {
  it("does so where a node that has run hides its results, and still does", () => {
    const hidden: PlanNode = { ...read, show: "none" };
    const session = sessionOf(frozenPlan({ hidden }, rest));
    expect(run(session, "inbox/read", {}, "x")).toBe("allow");
    expect(session.amend(frozenPlan({ hidden, list }, rest), { by: "ada" }).ok).toBe(true);
    expect(run(session, "ledger/list", {}, "x")).toBe("allow");
  });

  it("voids what may still be released, and leaves what was said of the rest", () => {
    const send: PlanNode = {
      tool: "mail/send",
      args: { to: "ana", body: { write: {} } },
      times: 4,
      constraints: { approve: "human" },
    };
    const session = sessionOf(frozenPlan({ send }, rest));
    for (const body of ["a", "b", "c", "d"]) expect(run(session, "mail/send", { body })).toBe("CALL_NEEDS_APPROVAL");
    const [released, denied, approved] = session.holds().map(({ id }) => id) as [string, string, string];
    for (const id of [released, approved]) session.approve(id, { by: "ada", decision: "approve" });
    session.approve(denied, { by: "ada", decision: "deny" });
    expect(session.release(released).decision).toBe("allow");
    session.amend(frozenPlan({ send, read }, rest), { by: "ada" });
    expect(session.holds().map(({ status }) => status)).toEqual(["released", "denied", "void", "void"]);
  });

  const payUnder = (constraints: PlanNode["constraints"]): PlanNode =>
    ({
      tool: "bank/pay",
      args: { iban: "DE1", amount: { choose: { type: "number", minimum: 0, maximum: 50 } } },
      times: { min: 0, max: 9 },
      constraints,
    }) as PlanNode;
  const pay = (session: Session, amount: number): string => run(session, "bank/pay", { amount });

  it("begins a sum that no budget counted before", () => {
    const session = sessionOf(frozenPlan({ pay: payUnder({}) }, rest));
    expect(pay(session, 5)).toBe("allow");
    expect(session.amend(frozenPlan({ pay: payUnder({ budget: { sum: "amount", max: 8 } }) }, rest), { by: "ada" }).ok).toBe(
      true,
    );
    expect(pay(session, 9)).toBe("CALL_BUDGET");
    expect(pay(session, 8)).toBe("allow");
  });

  it("goes on with each of several budgets from its own sum", () => {
    const budgets = (most: number): PlanNode["constraints"] => ({
      budget: [{ max: 9 }, { sum: "amount", max: most }],
    });
    const session = sessionOf(frozenPlan({ pay: payUnder(budgets(100)) }, rest));
    expect(pay(session, 5)).toBe("allow");
    expect(session.amend(frozenPlan({ pay: payUnder(budgets(8)) }, rest), { by: "ada" }).ok).toBe(true);
    expect(pay(session, 4)).toBe("CALL_BUDGET");
    expect(pay(session, 3)).toBe("allow");
  });
});

describe("what a person says of an amendment that waits", () => {
  const frozen = frozenPlan({ read }, rest);
  const { program } = guardOf(frozen);
  const waiting = (): SessionState => {
    const { state } = sessionOf(frozen);
    apply(program, state, { type: "ask-amend", at: 5, ask: { plan: "sha256:1", parent: frozen.digest } });
    return state;
  };
  const say = (state: SessionState, by: string, decision: "approve" | "deny", ask = 0): void =>
    apply(program, state, { type: "judge-amend", at: 6, ask, by, decision });

  it("is counted once for each person, and it goes on waiting", () => {
    const state = waiting();
    expect(state.asks).toEqual([{ plan: "sha256:1", parent: frozen.digest, at: 5, status: "waiting", approvers: [] }]);
    for (const by of ["ada", "bob", "ada"]) say(state, by, "approve");
    expect(state.asks).toMatchObject([{ status: "waiting", approvers: ["ada", "bob"] }]);
  });

  it("is the last word where it is no", () => {
    const state = waiting();
    say(state, "ada", "approve");
    say(state, "bob", "deny");
    expect(state.asks).toMatchObject([{ status: "denied", approvers: ["ada"] }]);
    expect(() => say(state, "cy", "approve")).toThrow("only an amendment that waits is judged");
    expect(state.asks).toMatchObject([{ status: "denied", approvers: ["ada"] }]);
  });

  it("is of an amendment that was asked for", () => {
    expect(() => say(waiting(), "ada", "approve", 1)).toThrow("only an amendment that waits is judged");
  });
});
