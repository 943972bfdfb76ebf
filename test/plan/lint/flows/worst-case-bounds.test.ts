/** What is left out of the worst case: what a flow rule denies, and what is too much to list. */
import { describe, expect, it } from "vitest";
import { lintPlan, subjectOf, worstCaseFlows } from "../../../../src/plan/lint.ts";
import { worstCaseOf } from "../../../../src/plan/lint/flows/worst-case.ts";
import type { Plan } from "../../../../src/plan/plan.ts";
import { plan, said } from "../linting.ts";
import { catalogue, flowsOf, get, hidden, line, pay, save, write } from "./worst-case.ts";

const rule = (more: object): object => ({ flows: [{ id: "f", deny: ["untrusted"], to: "bank/*", ...more }] });
const toBank = { hidden, pay: pay({ to: { from: "hidden$.to" } }) };
const remains = "untrusted: hidden [web] > pay.to";

const denials: readonly (readonly [what: string, value: Plan, flows: readonly string[], denied: unknown])[] = [
  [
    "of everything untrusted",
    plan(toBank, rule({})),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  [
    "of the label by its name",
    plan(toBank, rule({ deny: ["web"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another label", plan(toBank, rule({ deny: ["page"] })), [remains], []],
  [
    "of tools in a list, one of which fits",
    plan(toBank, rule({ to: ["mail/*", "bank/*"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of other tools", plan(toBank, rule({ to: ["mail/*"] })), [remains], []],
  [
    "of the argument",
    plan(toBank, rule({ args: ["to"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another argument", plan(toBank, rule({ args: ["memo"] })), [remains], []],
  [
    "of the role",
    plan(toBank, rule({ roles: ["target"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/pay/args/to: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  ["of another role", plan(toBank, rule({ roles: ["content"] })), [remains], []],
  ["that a human may lift", plan(toBank, rule({ approve: "human" })), [remains], []],
  [
    "of an argument of role control, which only a rule that says so means",
    plan({ hidden, save: save({ id: "1", mode: { from: "hidden$.m" } }) }, rule({ to: "note/*" })),
    ["untrusted: hidden [web] > save.mode"],
    [],
  ],
  [
    "of control",
    plan({ hidden, save: save({ id: "1", mode: { from: "hidden$.m" } }) }, rule({ to: "note/*", roles: ["control"] })),
    [],
    ["warning LINT_FLOW_DENIED /nodes/save/args/mode: the flow rule `f` denies this argument as long as it carries `web`"],
  ],
  [
    "of an argument that may be left out",
    plan({ hidden, pay: pay({ to: { from: "hidden$.to", optional: true } }) }, rule({})),
    [],
    [],
  ],
  ["of what the agent writes", plan({ get, pay: pay({ to: "x", memo: write }, { after: ["get"] }) }, rule({})), [], []],
  [
    "of a value that is endorsed",
    plan(
      {
        hidden,
        pay: pay({ to: { from: "hidden$.to", match: { enum: ["a", "b"] }, endorse: { from: "web", to: "own", why: "seen" } } }),
      },
      rule({}),
    ),
    ["untrusted: hidden [web] > pay.to > 1 bits, 1 in a session > endorsed"],
    [],
  ],
];

describe("a flow rule", () => {
  it.each(denials)("%s", (_what, value, flows, denied) => {
    expect(flowsOf(value)).toEqual(flows);
    expect(said(value, catalogue, "LINT_FLOW_DENIED")).toEqual(denied);
  });
});

describe("a plan with more sources than are kept for one node", () => {
  const many = (count: number): Record<string, object> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`s${String(i).padStart(3, "0")}`, { ...hidden, labels: [`l${i}`] }]),
    );
  const labels = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, { integrity: "untrusted" }]));
  const sumOf = (count: number): object => ({ let: `[${Object.keys(many(count)).join(", ")}][0]` });

  it("loses no label: what the listing dropped is found by another way, with the nodes between", () => {
    const nodes = {
      ...many(34),
      sum: sumOf(34),
      mid: { tool: "own/get", args: { q: { from: "sum$" } }, show: "none" },
      pay: pay({ to: { from: "mid$.x" } }),
    };
    const flows = worstCaseFlows(plan(nodes, { labels: labels(34) }), catalogue).filter(({ node }) => node === "pay");
    const reached = new Set(flows.flatMap((flow) => flow.labels));
    for (let i = 0; i < 34; i++) expect(reached).toContain(`l${i}`);
    expect(flows.filter(({ from }) => from === "s033" || from === "s032").map(line)).toEqual([
      "untrusted: s032 [l32] > mid > pay.to",
      "untrusted: s033 [l33] > mid > pay.to",
    ]);
    expect(said(plan(nodes, { labels: labels(34) }), catalogue, "LINT_FLOWS_CUT")).toEqual([
      "info LINT_FLOWS_CUT /nodes: the plan is too large to list every flow: the worst are listed",
    ]);
  });

  it("says nothing of a cut where all are kept", () => {
    const nodes = { ...many(31), sum: sumOf(31), pay: pay({ to: { from: "sum$.x" } }) };
    const value = plan(nodes, { labels: labels(31) });
    expect(worstCaseFlows(value, catalogue)).toHaveLength(31);
    expect(said(value, catalogue, "LINT_FLOWS_CUT")).toEqual([]);
  });

  it("says that they are cut from one more on, which the payment's own result is", () => {
    const value = plan({ ...many(32), sum: sumOf(32), pay: pay({ to: { from: "sum$.x" } }) }, { labels: labels(32) });
    expect(worstCaseFlows(value, catalogue)).toHaveLength(32);
    expect(said(value, catalogue, "LINT_FLOWS_CUT")).toHaveLength(1);
  });

  it("searches first for what is lost where most harm is done", () => {
    const saves = Array.from({ length: 60 }, (_, i) => [`a${i}`, save({ id: "1", text: { from: "mid$.x" } })]);
    const nodes = {
      ...many(34),
      sum: sumOf(34),
      mid: { tool: "own/get", args: { q: { from: "sum$" } }, show: "none" },
      ...Object.fromEntries(saves),
      z: { tool: "sh/run", args: { command: { from: "mid$.x" } } },
    };
    const flows = worstCaseFlows(plan(nodes, { labels: labels(34) }), catalogue).filter(({ node }) => node === "z");
    expect(flows).toHaveLength(34);
  });
});

describe("a plan with more flows than are listed", () => {
  const square = (sources: number, sinks: number, more: object = {}): ReturnType<typeof worstCaseOf> => {
    const names = Array.from({ length: sources }, (_, i) => `s${i}`);
    const expr = `[${names.join(", ")}][0]`;
    const value = plan({
      ...Object.fromEntries(names.map((name) => [name, hidden])),
      ...Object.fromEntries(Array.from({ length: sinks }, (_, i) => [`t${i}`, pay({ to: { expr } })])),
      ...more,
    });
    return worstCaseOf(subjectOf(value, catalogue, {}));
  };

  it.each([
    [31, 322, 9_982, false],
    [25, 400, 10_000, false],
    [31, 323, 10_000, true],
    [25, 800, 10_000, true],
  ])("lists of %i sources in %i arguments %i flows, cut: %s", (sources, sinks, count, isCut) => {
    const all = square(sources, sinks);
    expect([all.flows.length, all.isCut]).toEqual([count, isCut]);
    expect(all.flows.slice(0, 2).map(({ node, from }) => `${from} ${node}`)).toEqual(["s0 t0", "s1 t0"]);
  });

  it("lists the worst, however many milder ones come before", () => {
    const run = { tool: "sh/run", args: { command: { from: "s0$.x" } } };
    for (const sinks of [400, 801]) {
      const { flows, isCut } = square(25, sinks, { zz: run });
      expect([flows.length, isCut, flows[0] === undefined ? "" : line(flows[0])]).toEqual([
        10_000,
        true,
        "untrusted: s0 [web] > zz.command",
      ]);
    }
  });
});

describe("the order in which arguments are looked at", () => {
  it("is that of their names, whatever the plan's", () => {
    const flows = (args: object): readonly string[] =>
      lintPlan(plan({ hidden, pay: pay(args) }, rule({})), catalogue)
        .filter(({ code }) => code === "LINT_FLOW_DENIED")
        .map(({ pointer }) => pointer);
    const read = { from: "hidden$.x" };
    expect(flows({ to: read, memo: read, amount: read })).toEqual([
      "/nodes/pay/args/amount",
      "/nodes/pay/args/memo",
      "/nodes/pay/args/to",
    ]);
  });
});
