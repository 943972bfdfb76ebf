import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import type { Finding } from "../../src/plan/finding.ts";
import { freezePlan } from "../../src/plan/freeze.ts";
import { lintPlan, worstCaseFlows } from "../../src/plan/lint.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { approvalSummary } from "../../src/plan/lint/approver/summary.ts";
import { catalogueWith, type Loose, places, planWith } from "./market.ts";

const tool = (name: string, args: readonly string[], sluice: object): object => ({
  name,
  inputSchema: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, { type: "string" }])) },
  sluice,
});

const read = readCatalogue({
  labels: {
    inbox: { integrity: "untrusted" },
    crm: { integrity: "trusted", readers: ["me@example.com"] },
    page: { integrity: "untrusted" },
  },
  tools: [
    tool("inbox/read", ["folder"], { effects: ["read"], labels: ["inbox"], roles: { folder: "selector" } }),
    tool("crm/find", ["name"], { effects: ["read"], labels: ["crm"], roles: { name: "selector" } }),
    tool("mail/send", ["recipient", "body"], {
      effects: ["message"],
      labels: ["crm"],
      roles: { recipient: "target", body: "content" },
    }),
    tool("web/fetch", ["url"], { effects: ["read", "network"], labels: ["page"], roles: { url: "target" } }),
    tool("shell/run", ["command"], { effects: ["execute"], labels: ["page"], roles: { command: "command" } }),
    tool("data/purge", ["table"], {}),
  ],
} as unknown as Json);
if (!read.ok) throw new Error(JSON.stringify(read.error));
const catalogue = read.value;

const plan = (nodes: object, more: object = {}): Plan => ({ sluice: 1, name: "p", nodes, ...more }) as unknown as Plan;
const lint = (value: Plan): readonly Finding[] => lintPlan(value, catalogue);
/** `severity CODE pointer` of the findings that are no standing remarks. */
const remarks = (value: Plan): readonly string[] =>
  lint(value)
    .filter(({ code }) => !["LINT_READERS_OPEN", "LINT_INFERRED", "LINT_UNUSED_RESULT", "LINT_NO_LIMITS"].includes(code))
    .map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);

const inbox = { tool: "inbox/read", args: { folder: "new" } };
const send = (recipient: unknown, body: unknown = "Hello"): object => ({ tool: "mail/send", args: { recipient, body } });

const cases: readonly (readonly [what: string, plan: Plan, expected: readonly string[]])[] = [
  ["a plan of constants", plan({ mail: send("a@example.com") }), []],
  [
    "untrusted data in a target",
    plan({ inbox, mail: send({ from: "inbox$.sender" }) }),
    ["info LINT_UNTRUSTED_TARGET /nodes/mail/args/recipient"],
  ],
  ["untrusted data in content", plan({ inbox, mail: send("a@example.com", { from: "inbox$.text" }) }), []],
  [
    "a choice without a bound in a target",
    plan({ mail: send({ choose: { type: "string" } }) }),
    ["warning LINT_CHOICE_UNBOUNDED /nodes/mail/args/recipient"],
  ],
  [
    "a bounded choice in a target",
    plan({ mail: send({ choose: { enum: ["a", "b"] } }) }),
    ["info LINT_CHOICE /nodes/mail/args/recipient"],
  ],
  ["free text in a target", plan({ mail: send({ write: {} }) }), ["error PLAN_WRITE_ROLE /nodes/mail/args/recipient"]],
  [
    "a choice after untrusted data was shown",
    plan({ inbox, mail: { ...send({ choose: { enum: ["a", "b"] } }), after: ["inbox"] } }),
    ["warning LINT_CHOICE_DENIED /nodes/mail/args/recipient", "info LINT_CHOICE /nodes/mail/args/recipient"],
  ],
  [
    "a choice after untrusted data that is hidden",
    plan({ inbox: { ...inbox, show: "none" }, mail: { ...send({ choose: { enum: ["a", "b"] } }), after: ["inbox"] } }),
    ["info LINT_CHOICE /nodes/mail/args/recipient"],
  ],
  [
    "a parameter that nothing reads",
    plan({ mail: send({ param: "to" }) }, { params: { to: { type: "string" }, cc: { type: "string" } } }),
    ["warning LINT_UNUSED_PARAM /params/cc"],
  ],
  [
    "parameters read by expressions only",
    plan(
      { n: { let: "params.a" }, mail: { ...send({ expr: "params.b + n" }), when: "params.c == 1", require: ["params.d == 1"] } },
      { params: { a: {}, b: {}, c: {}, d: {} } },
    ),
    [],
  ],
  [
    "a label that nothing carries",
    plan({ mail: send("a") }, { labels: { spare: { integrity: "trusted" } } }),
    ["warning LINT_UNUSED_LABEL /labels/spare"],
  ],
  ["a computation that nothing reads", plan({ n: { let: "1 + 1" }, mail: send("a") }), ["warning LINT_UNUSED_LET /nodes/n"]],
  [
    "a source without a label",
    plan({ purge: { tool: "data/purge", args: { table: "t" } } }),
    ["info LINT_UNLABELLED /nodes/purge"],
  ],
  [
    "a source without a label that a node reads",
    plan({ purge: { tool: "data/purge", args: { table: "t" } }, mail: send("a", { from: "purge$" }) }),
    ["warning LINT_UNLABELLED /nodes/purge"],
  ],
  [
    "a flow rule without a tool",
    plan({ mail: send("a") }, { flows: [{ id: "f", deny: ["untrusted"], to: ["mial/*"] }] }),
    ["warning LINT_FLOW_NO_TOOL /flows/0/to"],
  ],
  [
    "a flow rule without an argument",
    plan({ mail: send("a") }, { flows: [{ id: "f", deny: ["untrusted"], to: "mail/*", args: ["to"] }] }),
    ["warning LINT_FLOW_NO_ARG /flows/0"],
  ],
  [
    "a flow rule that always denies",
    plan({ inbox, mail: send({ from: "inbox$.sender" }) }, { flows: [{ id: "f", deny: ["untrusted"], to: "mail/*" }] }),
    ["warning LINT_FLOW_DENIED /nodes/mail/args/recipient"],
  ],
  [
    "a loop of many messages",
    plan({ inbox, mail: { ...send({ item: "$.to" }), each: { from: "inbox$.all", max: 2000 } } }),
    [
      "warning LINT_EACH_UNBOUNDED /nodes/mail/each",
      "info LINT_UNTRUSTED_TARGET /nodes/mail/args/recipient",
      "info LINT_GUARD_UNTRUSTED /nodes/mail/each",
    ],
  ],
  [
    "a loop of many messages with a budget",
    plan({
      inbox,
      mail: { ...send({ item: "$.to" }), each: { from: "inbox$.all", max: 2000 }, constraints: { budget: { max: 5 } } },
    }),
    ["info LINT_UNTRUSTED_TARGET /nodes/mail/args/recipient", "info LINT_GUARD_UNTRUSTED /nodes/mail/each"],
  ],
  [
    "hosts without an argument that steers",
    plan({ c: { tool: "crm/find", constraints: { hosts: ["example.com"] } } }),
    ["error LINT_CONSTRAINT_EMPTY /nodes/c/constraints/hosts"],
  ],
  [
    "a constant that the schema refuses",
    plan({ c: { tool: "crm/find", args: { name: 5 } } }),
    ["warning LINT_ARG_SCHEMA /nodes/c/args/name"],
  ],
  [
    "a text turned round",
    plan({ mail: send("a@example.com", "pay \u202e001$") }),
    ["warning LINT_HIDDEN_TEXT /nodes/mail/args/body"],
  ],
  [
    "a look-alike host",
    plan({ page: { tool: "web/fetch", args: { url: "https://pаypal.example/" } } }),
    ["warning LINT_MIXED_SCRIPT /nodes/page/args/url"],
  ],
  ["two scripts in two words", plan({ mail: send("a@example.com", "Привет from London 日本") }), []],
  [
    "an endorsement",
    plan({ mail: send({ choose: { enum: ["a", "b"] }, endorse: { from: "inbox", to: "crm", why: "two people" } }) }),
    ["info LINT_CHOICE /nodes/mail/args/recipient", "info LINT_ENDORSE /nodes/mail/args/recipient/endorse"],
  ],
];

describe("lintPlan", () => {
  it.each(cases)("says of %s what there is to say", (_what, value, expected) => {
    expect(remarks(value)).toEqual(expected);
  });

  it("reports what parsePlan refuses, and nothing else", () => {
    expect(places(lintPlan({ sluice: 1 } as unknown as Plan))).toEqual(["PLAN_MISSING /name", "PLAN_MISSING /nodes"]);
  });

  it("gives every error that freezing gives", () => {
    const wrong = planWith((p) => {
      p.nodes.order.tool = "broker/ordr";
      p.nodes.risk.args.quotes = { from: "quote$" };
      p.flows[0].deny = ["nobody"];
    });
    const errors = lintPlan(wrong, catalogueWith()).filter(({ severity }) => severity === "error");
    const frozen = freezePlan(wrong, catalogueWith());
    expect(frozen.ok ? [] : frozen.error).toEqual(errors);
    expect(places(errors)).toEqual([
      "TOOL_UNKNOWN /nodes/order/tool",
      "PLAN_LABEL_UNDECLARED /flows/0/deny/0",
      "PLAN_UNKNOWN_NODE /nodes/risk/args/quotes/from",
    ]);
    expect(errors[0]?.message).toContain("did you mean `broker/order`?");
  });

  it("says what was inferred, and only that", () => {
    const inferred = lint(plan({ purge: { tool: "data/purge", args: { table: "t" } }, mail: send("a") })).filter(
      ({ code }) => code === "LINT_INFERRED",
    );
    expect(inferred.map(({ pointer }) => pointer)).toEqual(["/nodes/purge/tool"]);
    expect(inferred[0]?.message).toMatch(/inferred about `data\/purge`: effects `.*write.*; `table` is target/);
  });

  it("never throws without a catalogue", () => {
    expect(lintPlan(planWith()).map(({ code }) => code)).toContain("LINT_READERS_OPEN");
  });

  it("stays linear: 10,000 nodes in a chain, with all rules", { timeout: 60_000 }, () => {
    const nodes: Loose = { n0: inbox };
    for (let i = 1; i < 10_000; i++) nodes[`n${i}`] = { tool: "crm/find", args: { name: { from: `n${i - 1}$.x` } } };
    expect(lint(plan(nodes)).some(({ severity }) => severity === "error")).toBe(false);
  });
});

describe("worstCaseFlows", () => {
  it("lists the data, its way, and the argument that it reaches", () => {
    const value = plan({
      inbox,
      who: { tool: "crm/find", args: { name: { from: "inbox$.name" } } },
      mail: send({ from: "who$.email", match: { enum: ["a", "b"] } }),
    });
    expect(worstCaseFlows(value, catalogue).filter(({ node }) => node === "mail")).toEqual([
      {
        from: "inbox",
        source: "inbox/read",
        labels: ["inbox"],
        concern: "untrusted",
        node: "mail",
        to: "mail/send",
        argument: "recipient",
        role: "target",
        via: ["who"],
        bits: 1,
        bitsPerSession: 1,
      },
      {
        from: "who",
        source: "crm/find",
        labels: ["crm"],
        concern: "readers",
        node: "mail",
        to: "mail/send",
        argument: "recipient",
        role: "target",
        via: [],
        bits: 1,
        bitsPerSession: 1,
      },
    ]);
  });

  it("puts what runs code before what sends, and both before what reads", () => {
    const value = plan({
      inbox,
      fetch: { tool: "web/fetch", args: { url: { from: "inbox$.link" } } },
      mail: send({ from: "inbox$.sender" }),
      run: { tool: "shell/run", args: { command: { from: "inbox$.cmd" } } },
    });
    expect(worstCaseFlows(value, catalogue).map(({ to }) => to)).toEqual(["shell/run", "mail/send", "web/fetch"]);
  });

  it("leaves out what a sanitizing node removes, and what a flow rule denies", () => {
    const flows = worstCaseFlows(planWith(), catalogueWith());
    expect(flows.map(({ from, to, argument }) => `${from} ${to} ${argument}`)).toEqual(["quotes risk/check quotes"]);
    const open = worstCaseFlows(
      planWith((p) => void delete p.nodes.risk.removes),
      catalogueWith(),
    );
    expect(open.map(({ to }) => to)).toEqual(["risk/check"]);
    const unguarded = planWith((p) => {
      delete p.nodes.risk.removes;
      p.flows = [];
    });
    expect(
      worstCaseFlows(unguarded, catalogueWith())
        .filter(({ to }) => to === "broker/order")
        .map(({ argument }) => argument)
        .sort(),
    ).toEqual(["limit", "quantity", "side", "symbol"]);
  });

  it("sees through computations, templates and objects", () => {
    const value = plan({
      inbox,
      name: { let: "inbox.sender" },
      mail: send({ template: "text", text: "{x}", with: { x: { from: "name$" } } }),
      page: { tool: "web/fetch", args: { url: { expr: "'https://' + name" } } },
    });
    expect(worstCaseFlows(value, catalogue).map(({ from, argument, partly }) => [from, argument, partly])).toEqual([
      ["inbox", "recipient", true],
      ["inbox", "url", true],
    ]);
  });

  it("lists free text as coming from the conversation", () => {
    const value = plan({ inbox, mail: send("a@example.com", { write: {} }) });
    expect(worstCaseFlows(value, catalogue)).toMatchObject([
      { from: "conversation", labels: ["inbox"], argument: "body", role: "content" },
    ]);
  });
});

describe("approvalSummary", () => {
  it("says first who chooses the recipient", () => {
    const sentences = approvalSummary(plan({ inbox, mail: send({ from: "inbox$.sender" }, { write: {} }) }), catalogue);
    expect(sentences).toEqual([
      "whoever writes in `inbox/read` chooses `recipient` of `mail/send`",
      "whoever writes what the agent has read (`inbox`) writes into `body` of `mail/send`",
      "`mail` sends messages with `mail/send`, once",
      "no limit on the calls of a session",
    ]);
  });

  it("reads the same from the plan and from the frozen plan", () => {
    const frozen = freezePlan(planWith(), catalogueWith());
    if (!frozen.ok) throw new Error("not frozen");
    expect(approvalSummary(frozen.value)).toEqual(approvalSummary(planWith(), catalogueWith()));
  });

  it("has one sentence for what is no plan", () => {
    expect(approvalSummary({} as Plan)).toEqual(["this is not a plan: lint it first"]);
  });
});
