import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/json/value.ts";
import { type Learned, learnPlan } from "../../src/learn/learn.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import type { ArgRule, PlanNode } from "../../src/plan/plan.ts";
import { type ReplayedCall, replayTrace } from "../../src/replay.ts";
import type { Trace } from "../../src/trace.ts";
import { catalogues, ordered, runFamily, seeds } from "./families.ts";
import { catalogueOf, type Exchange, traceOf } from "./worlds.ts";

const office = catalogueOf({
  list_orders: ["Lists orders.", { customer: "string" }],
  get_profile: ["Returns the profile.", {}],
  find_contact: ["Finds a contact.", { name: "string" }],
  pay_order: ["Pays an order.", { order: "string", amount: "number", account: "string", urgent: "boolean" }],
  send_mail: ["Sends a message.", { to: "string", subject: "string", body: "string" }],
  post_note: ["Posts a note.", { channel: "string", text: "string" }],
});

function learn(traces: readonly Trace[]): Learned {
  const learned = learnPlan(traces, office);
  if (!learned.ok) throw new Error(learned.error[0]?.message);
  return learned.value;
}

function replay(learned: Learned, trace: Trace, place: number): readonly ReplayedCall[] {
  const frozen = freezePlan(learned.plan, office);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  const calls = replayTrace(frozen.value, trace, { params: learned.params[place] ?? {} });
  if (!calls.ok) throw new Error(calls.error[0]?.message);
  return calls.value;
}

function node(learned: Learned, name: string): PlanNode {
  const found = learned.plan.nodes[name];
  if (found === undefined) throw new Error(`no node ${name}: ${Object.keys(learned.plan.nodes)}`);
  return found;
}

function rule(learned: Learned, name: string, arg: string): ArgRule | undefined {
  return node(learned, name).args?.[arg];
}

function codes(learned: Learned): readonly string[] {
  return learned.findings.map(({ code }) => code);
}

const order = (id: string, customer: string, total: number, status = "open"): Json => ({ id, customer, total, status });
const pay = (id: string, amount: number, more: { readonly [arg: string]: Json } = {}): Exchange => [
  "pay_order",
  { order: id, amount, account: "DE89370400440532013000", ...more },
  "paid",
];

describe("a value that is the same in all runs", () => {
  it("is a constant, and one that each task names is a parameter of the tightest kind", () => {
    const runs = ["kim@a.example", "lee@b.example", "ann@c.example"].map((to) =>
      traceOf(`Write to ${to}.`, [["send_mail", { to, subject: "Hello", body: "Hi there." }, "sent"]]),
    );
    const learned = learn(runs);
    expect(rule(learned, "send_mail", "subject")).toBe("Hello");
    expect(rule(learned, "send_mail", "to")).toEqual({ param: "to" });
    expect(learned.plan.params).toEqual({ to: { type: "string", format: "email" } });
    expect(learned.params).toEqual([{ to: "kim@a.example" }, { to: "lee@b.example" }, { to: "ann@c.example" }]);
    expect(learned.plan.task).toBe("Write to {to}.");
    expect(learned.evidence["/nodes/send_mail/args/subject"]).toEqual({ kind: "constant", runs: 3, of: 3 });
    expect(learned.evidence["/nodes/send_mail/args/to"]).toEqual({ kind: "parameter", runs: 3, of: 3 });
  });
});

describe("a value that one run leaves open", () => {
  it("is the reference that holds in every run", () => {
    const run = (owner: string, payer: string, id: string): Trace =>
      traceOf("Tell the owner.", [
        ["get_profile", {}, { owner, payer }],
        ["send_mail", { to: owner, subject: id, body: "Done." }, "sent"],
      ]);
    // In the first run owner and payer are one person.
    const learned = learn([run("kim@a.example", "kim@a.example", "x"), run("lee@a.example", "ann@a.example", "x")]);
    expect(rule(learned, "send_mail", "to")).toEqual({ from: "get_profile$.owner" });
    expect(learned.evidence["/nodes/send_mail/args/to"]).toEqual({ kind: "reference", runs: 2, of: 2 });
  });

  it("is of the row that each task names, with the name as a parameter", () => {
    const run = (customer: string, orders: readonly Json[], id: string): Trace =>
      traceOf(`Pay the order of ${customer}.`, [["list_orders", {}, { orders }], pay(id, 5)]);
    const traces = [
      run("Ruiz SA", [order("o-1", "Falk", 3), order("o-2", "Ruiz SA", 4)], "o-2"),
      run("Ono KK", [order("o-5", "Ono KK", 3), order("o-6", "Falk", 4)], "o-5"),
    ];
    const learned = learn(traces);
    expect(learned.plan.nodes.list_orders_of_customer).toEqual({
      let: "list_orders.orders.filter(r, r.customer == params.customer)",
    });
    expect(rule(learned, "pay_order", "order")).toEqual({ from: "list_orders_of_customer$[*].id" });
    expect(traces.flatMap((trace, place) => replay(learned, trace, place)).map(({ code }) => code)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    const other = traces[1] as Trace;
    const stolen = {
      ...other,
      events: other.events.map((event) =>
        event.type === "call" && event.tool === "pay_order" ? { ...event, args: { ...event.args, order: "o-6" } } : event,
      ),
    };
    expect(replay(learned, stolen, 1).map(({ code }) => code)).toEqual([null, "ARG_MISMATCH"]);
  });

  it("is computed, if all runs are", () => {
    const run = (customer: string, total: number, rate: number): Trace =>
      traceOf(`Pay what ${customer} is owed, in pounds.`, [
        ["list_orders", {}, { orders: [order("o-1", "Falk", 7), order("o-2", customer, total)] }],
        ["get_profile", {}, { rate }],
        pay("o-2", total * rate),
      ]);
    const learned = learn([run("Ruiz SA", 44, 0.75), run("Ono KK", 90.5, 0.5), run("Lind AB", 12, 1.25)]);
    expect(rule(learned, "pay_order", "amount")).toEqual({ expr: "amount_of_customer[0].total * get_profile.rate" });
    expect(learned.plan.nodes.amount_of_customer).toEqual({ let: "list_orders.orders.filter(r, r.customer == params.customer)" });
    expect(codes(learned)).toContain("LEARN_COMPUTED");
  });

  it("is given by the host where nothing explains a target, and is never the agent's", () => {
    const runs = ["blue", "grey", "pink"].map((channel) =>
      traceOf("Post it.", [["post_note", { channel, text: `About ${channel}.` }, "ok"]]),
    );
    const learned = learn(runs);
    expect(rule(learned, "post_note", "channel")).toEqual({ param: "channel" });
    expect(rule(learned, "post_note", "text")).toEqual({ write: { maxLength: 4000 } });
    expect(codes(learned)).toContain("LEARN_HOST_PARAM");
  });
});

describe("steps that differ between runs", () => {
  const rows = (count: number): readonly Json[] =>
    Array.from({ length: count }, (_, at) => order(`o-${count}${at}`, `C${at}`, at + 0.5, at % 2 === 0 ? "due" : "paid"));
  const loop = (count: number, isDue: boolean): Trace => {
    const due = rows(count).filter((row) => !isDue || (row as { status: string }).status === "due");
    return traceOf("Pay what is to be paid.", [
      ["list_orders", {}, rows(count)],
      ...due.map((row) => pay((row as { id: string }).id, (row as { total: number }).total)),
    ]);
  };

  it("are a loop over the rows of a list, how long it may be", () => {
    const learned = learn([loop(3, false), loop(1, false), loop(4, false)]);
    expect(node(learned, "pay_order").each).toEqual({ from: "list_orders$[*]", max: 6 });
    expect(rule(learned, "pay_order", "order")).toEqual({ item: "$.id" });
    expect(rule(learned, "pay_order", "amount")).toEqual({ item: "$.total" });
  });

  it("are a loop over the rows with one value of a member, and a person is told", () => {
    const learned = learn([loop(5, true), loop(2, true), loop(4, true)]);
    expect(node(learned, "pay_order").each).toEqual({ from: "list_orders$[*]", max: 4, where: 'item.status == "due"' });
    expect(codes(learned)).toContain("LEARN_ROWS");
  });

  const flagged = (vip: boolean, isNoted: boolean): Trace =>
    traceOf("Handle it.", [
      ["get_profile", {}, { vip, name: vip ? "Kim" : "Lee" }],
      ...(isNoted ? [["post_note", { channel: "vip", text: "A guest." }, "ok"] as const] : []),
    ]);

  it("run where a flag of a result says so, if at least two runs on either side agree", () => {
    const learned = learn([flagged(true, true), flagged(false, false), flagged(true, true), flagged(false, false)]);
    expect(node(learned, "post_note").when).toBe("get_profile.vip == true");
    expect(codes(learned)).toContain("LEARN_GUARD");
    expect(learned.evidence["/nodes/post_note/when"]).toEqual({ kind: "guard", runs: 4, of: 4, alternatives: 1 });
  });

  it("are optional where nothing separates the runs", () => {
    const learned = learn([flagged(true, true), flagged(true, false), flagged(false, false)]);
    expect(node(learned, "post_note").optional).toBe(true);
    expect(node(learned, "post_note").when).toBeUndefined();
    expect(learned.evidence["/nodes/post_note/optional"]).toEqual({ kind: "optional", runs: 1, of: 3 });
  });

  it("keep no order that one run does not have", () => {
    const first: Exchange = ["send_mail", { to: "kim@a.example", subject: "A", body: "x" }, "sent"];
    const second: Exchange = ["send_mail", { to: "kim@a.example", subject: "B", body: "y" }, "sent"];
    const together = learn([traceOf("", [first, second]), traceOf("", [first, second])]);
    const apart = learn([traceOf("", [first, second]), traceOf("", [second, first])]);
    const edges = (learned: Learned): number =>
      Object.values(learned.plan.nodes).reduce((sum, one) => sum + (one.after?.length ?? 0), 0);
    expect([edges(together), edges(apart)]).toEqual([1, 0]);
  });

  it("are called an argument that may be absent, given by the host or not at all", () => {
    const with_ = traceOf("", [pay("o-1", 5, { urgent: true })]);
    const without = traceOf("", [pay("o-1", 5)]);
    const learned = learn([with_, without]);
    expect(rule(learned, "pay_order", "urgent")).toEqual({ from: "given_urgent$[*]", optional: true });
    expect(learned.params).toEqual([{ urgent: [true] }, {}]);
    expect([with_, without].flatMap((trace, place) => replay(learned, trace, place)).map(({ code }) => code)).toEqual([
      null,
      null,
    ]);
  });
});

describe("what all runs satisfy", () => {
  it("is a budget, rounded up, and a domain that was seen more than once", () => {
    const money = learnPlan(
      [3, 41, 7].map((seed) => runFamily(["list", "pay-named", "mail-task"], seed)),
      catalogues.trusted,
    );
    if (!money.ok) throw new Error(money.error[0]?.message);
    const { nodes } = money.value.plan;
    expect(nodes.pay_order?.constraints?.budget).toMatchObject({ sum: "amount" });
    expect(nodes.send_mail?.constraints?.domains).toEqual(["mail.example"]);
    expect(nodes.list_orders?.constraints).toEqual({ readOnly: true });
  });

  it("is no list of values that were seen once each", () => {
    const runs = ["kim@a.example", "lee@b.example"].map((to) =>
      traceOf(`Write to ${to}.`, [["send_mail", { to, subject: "Hello", body: "Hi." }, "sent"]]),
    );
    expect(node(learn(runs), "send_mail").constraints).toBeUndefined();
  });
});

describe("runs of different tasks", () => {
  const mail = traceOf("Write.", [["send_mail", { to: "kim@a.example", subject: "x", body: "y" }, "sent"]]);
  const note = traceOf("Post.", [["post_note", { channel: "x", text: "y" }, "ok"]]);

  it("make no plan if they have no tool in common, and the traces are named", () => {
    const learned = learnPlan([mail, note, mail], office);
    expect(learned.ok).toBe(false);
    if (learned.ok) return;
    expect(learned.error.map(({ code }) => code)).toEqual(["LEARN_TASKS_DIFFER"]);
    expect(learned.error[0]?.message).toContain("trace 1, 3; trace 2");
  });
});

describe("families of runs", () => {
  it("make a plan that allows each of its runs", () => {
    fc.assert(
      fc.property(ordered, seeds(2, 6), fc.constantFrom("trusted" as const, "untrusted" as const), (steps, from, kind) => {
        const traces = from.map((seed) => runFamily(steps, seed)).filter(({ events }) => events.length > 0);
        if (traces.length < 2) return;
        const learned = learnPlan(traces, catalogues[kind]);
        if (!learned.ok) return void expect(learned.error[0]?.code).toBe("LEARN_TASKS_DIFFER");
        expect(codes(learned.value)).not.toContain("LEARN_DENIES_RUN");
        const frozen = freezePlan(learned.value.plan, catalogues[kind]);
        if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
        for (const [place, trace] of traces.entries()) {
          const calls = replayTrace(frozen.value, trace, { params: learned.value.params[place] ?? {} });
          expect(calls.ok && calls.value.every(({ verdict }) => verdict === "allow"), JSON.stringify([steps, from, place])).toBe(
            true,
          );
        }
      }),
      { numRuns: 120 },
    );
  });

  it("give the same plan to the byte when learned again", () => {
    const traces = [11, 12, 13, 14].map((seed) =>
      runFamily(["list", "rate", "pay-named", "remind-overdue", "log-sometimes"], seed),
    );
    expect(JSON.stringify(learnPlan(traces, catalogues.untrusted))).toBe(JSON.stringify(learnPlan(traces, catalogues.untrusted)));
  });
});
