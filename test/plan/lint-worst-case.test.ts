/**
 * Findings that rest on the static analysis, or say how much a plan leaves open: each on a plan that has the fault, and not on one without it.
 */
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../src/catalogue/catalogue.ts";
import type { Json } from "../../src/json/value.ts";
import { lintPlan } from "../../src/plan/lint.ts";
import type { Plan } from "../../src/plan/plan.ts";

const tool = (name: string, args: readonly string[], sluice: object, more: object = {}): object => ({
  name,
  inputSchema: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, {}])) },
  sluice,
  ...more,
});
const read = readCatalogue({
  labels: { web: { integrity: "untrusted" }, bank: { integrity: "trusted" }, own: { integrity: "trusted" } },
  tools: [
    tool("web/get", ["q"], { effects: ["read"], labels: ["web"], roles: { q: "selector" } }),
    tool(
      "risk/check",
      ["data"],
      { effects: ["read"], labels: ["own"], roles: { data: "selector" } },
      {
        outputSchema: {
          type: "object",
          properties: { n: { type: "integer" }, note: { type: "string" } },
          required: ["n"],
          additionalProperties: false,
        },
      },
    ),
    tool("bank/pay", ["to", "amount"], { effects: ["money"], labels: ["bank"], roles: { to: "target", amount: "target" } }),
    tool("mail/send", ["to", "cc", "body"], {
      effects: ["message"],
      labels: ["own"],
      roles: { to: "target", cc: "target", body: "content" },
      audience: { arg: "to" },
    }),
    tool("note/save", ["id", "text"], { effects: ["write"], labels: ["own"], roles: { id: "target", text: "content" } }),
    tool("note/read", ["id"], { effects: ["read"], labels: ["own"], roles: { id: "selector" } }),
  ],
} as unknown as Json);
if (!read.ok) throw new Error(JSON.stringify(read.error));
const catalogue = read.value;

const plan = (nodes: object, more: object = {}): Plan =>
  ({ sluice: 1, name: "p", limits: { calls: 9, seconds: 9 }, nodes, ...more }) as unknown as Plan;
const found = (value: Plan, code: string): readonly string[] =>
  lintPlan(value, catalogue)
    .filter((finding) => finding.code === code)
    .map(({ severity, pointer }) => `${severity} ${pointer}`);

const get = { tool: "web/get", args: { q: "x" }, show: "none" };
const risk = { tool: "risk/check", args: { data: { from: "get$" } }, removes: { labels: ["web"], paths: ["$.n"] }, show: "none" };
const pay = (amount: unknown, more: object = {}): object => ({ tool: "bank/pay", args: { to: "AC1", amount }, ...more });
const send = (args: object, more: object = {}): object => ({
  tool: "mail/send",
  args: { to: "a@example.com", body: "Hello", ...args },
  ...more,
});
const flows = [{ id: "f", deny: ["web"], to: "bank/*" }];

const cases: readonly (readonly [code: string, at: string, bad: Plan, good: Plan])[] = [
  [
    "LINT_SANITIZER_PASSED",
    "warning /nodes/pay/args/to",
    plan({ get, risk, pay: { tool: "bank/pay", args: { to: { from: "risk$.note" }, amount: { from: "risk$.n" } } } }),
    plan({ get, risk, pay: pay({ from: "risk$.n" }) }, { flows }),
  ],
  [
    "LINT_REMOVES_UNGUARDED",
    "warning /nodes/pay/args/amount",
    plan({ get, risk, pay: pay({ from: "risk$.n" }) }),
    plan({ get, risk, pay: pay({ from: "risk$.n" }) }, { flows }),
  ],
  [
    "LINT_GUARD_UNTRUSTED",
    "warning /nodes/pay/when",
    plan({ get, pay: pay(5, { when: "get.ok == true" }) }),
    plan({ get, risk, pay: pay(5, { when: "risk.n == 1" }) }),
  ],
  [
    "LINT_LINKS_UNTRUSTED",
    "warning /nodes/send/args/body",
    plan({ get, send: send({ to: { from: "get$.to" }, body: { write: { links: "plan" } } }) }),
    plan({ get, send: send({ to: { from: "get$.to" }, body: { write: { links: "none" } } }) }),
  ],
  [
    "LINT_CHOICE_WIDE",
    "warning /nodes/pay/args/amount/choose",
    plan({ pay: pay({ choose: { type: "integer", minimum: 0, maximum: 1000000 } }) }),
    plan({ pay: pay({ choose: { type: "integer", minimum: 0, maximum: 100 } }) }),
  ],
  [
    "LINT_CHOICE_TEXT",
    "warning /nodes/send/args/body/choose",
    plan({ send: send({ body: { choose: { type: "string" } } }) }),
    plan({ send: send({ body: { choose: { type: "string", maxLength: 40 } } }) }),
  ],
  [
    "LINT_AUDIENCE_MISSED",
    "warning /nodes/send/args/cc",
    plan({ send: send({ cc: "b@example.com" }) }),
    plan({ send: send({}) }),
  ],
  [
    "LINT_LABEL_TRUSTED",
    "warning /labels/external_api",
    plan({ send: send({}) }, { labels: { external_api: { integrity: "trusted" } } }),
    plan({ send: send({}) }, { labels: { external_api: { integrity: "untrusted" } } }),
  ],
  [
    "LINT_RESOURCE",
    "info /nodes/save",
    plan({ save: { tool: "note/save", args: { id: "1", text: "x" } }, read: { tool: "note/read", args: { id: "1" } } }),
    plan({ save: { tool: "note/save", args: { id: "1", text: "x" } } }),
  ],
  [
    "LINT_MATCH_NEVER",
    "warning /nodes/pay/args/amount/match",
    plan({ pay: pay({ const: 9, match: { maximum: 5 } }) }),
    plan({ pay: pay({ const: 4, match: { maximum: 5 } }) }),
  ],
  [
    "LINT_MATCH_NEVER",
    "warning /nodes/send/args/body/choose",
    plan({ send: send({ body: { choose: { enum: ["a", "b"], pattern: "c+" } } }) }),
    plan({ send: send({ body: { choose: { enum: ["a", "c"], pattern: "c+" } } }) }),
  ],
  [
    "LINT_MATCH_ALL",
    "warning /nodes/send/args/to/match",
    plan({ get, send: send({ to: { from: "get$.to", match: { type: "string", pattern: ".*" } } }) }),
    plan({ get, send: send({ to: { from: "get$.to", match: { type: "string", pattern: "[a-z]+" } } }) }),
  ],
  [
    "LINT_CONDITION_CONSTANT",
    "warning /nodes/pay/require/0",
    plan({ pay: pay(5, { require: ["1 < 2"] }) }),
    plan({ pay: pay({ choose: { type: "integer", minimum: 1, maximum: 20 } }, { require: ["args.amount < 9"] }) }),
  ],
  [
    "LINT_CONDITION_CONSTANT",
    "warning /nodes/pay/when",
    plan({ pay: pay(5, { when: "1 > 2" }) }),
    plan({ get, pay: pay(5, { when: "get.ok" }) }),
  ],
  [
    "LINT_NEVER_RUNS",
    "warning /nodes/send",
    plan({ get, pay: pay({ from: "get$.n" }), send: send({}, { after: ["pay"] }) }, { flows }),
    plan({ get, pay: pay(5), send: send({}, { after: ["pay"] }) }, { flows }),
  ],
  [
    "LINT_NO_SUCH_PLACE",
    "warning /nodes/pay/args/amount/from",
    plan({ get, risk, pay: pay({ from: "risk$.total" }) }),
    plan({ get, risk, pay: pay({ from: "risk$.n" }) }),
  ],
  [
    "LINT_EACH_SINGLE",
    "warning /nodes/pay/each/from",
    plan({ get, risk, pay: pay({ item: "$" }, { each: { from: "risk$.n", max: 3 } }) }),
    plan({ get, pay: pay({ item: "$" }, { each: { from: "get$.rows", max: 3 } }) }),
  ],
  [
    "LINT_AMBIGUOUS",
    "info /nodes/pay2",
    plan({ pay1: pay(1), pay2: pay(2) }),
    plan({ pay1: pay(1), pay2: pay(2, { after: ["pay1"] }) }),
  ],
  [
    "LINT_AMBIGUOUS",
    "warning /nodes/pay2",
    plan({ pay1: pay(1), pay2: pay(1) }),
    plan({ pay1: pay(1), pay2: pay({ choose: { enum: [1] } }) }),
  ],
  ["LINT_NO_LIMITS", "info ", plan({ pay: pay(1) }, { limits: { calls: 3 } }), plan({ pay: pay(1) })],
  [
    "LINT_CONFUSABLE",
    "warning /nodes/pay/args/to",
    plan({ pay: { tool: "bank/pay", args: { to: "раурас", amount: 1 } } }),
    plan({ pay: { tool: "bank/pay", args: { to: "Привет", amount: 1 } } }),
  ],
  [
    "LINT_LOOKALIKE",
    "warning /nodes/send/args/body/choose/enum",
    plan({ send: send({ body: { choose: { enum: ["modern", "modem", "other"] } } }) }),
    plan({ send: send({ body: { choose: { enum: ["modern", "other"] } } }) }),
  ],
];

describe("lintPlan", () => {
  it.each(cases)("finds %s at %s, and not where it is put right", (code, at, bad, good) => {
    expect(found(bad, code)).toContain(at);
    expect(found(good, code)).toEqual([]);
  });

  it("says how a label comes past a sanitizer", () => {
    const bad = plan({ get, risk, pay: { tool: "bank/pay", args: { to: { from: "risk$.note" }, amount: { from: "risk$.n" } } } });
    const message = lintPlan(bad, catalogue).find(({ code }) => code === "LINT_SANITIZER_PASSED")?.message;
    expect(message).toContain("`get` → `risk` → `pay`");
  });

  it("shows values on both sides of a constraint that a constant misses", () => {
    const bad = plan({ pay: pay({ const: 9, match: { type: "integer", minimum: 1, maximum: 5 } }) });
    const message = lintPlan(bad, catalogue).find(({ code }) => code === "LINT_MATCH_NEVER")?.message;
    expect(message).toMatch(/it takes `\d`.* and refuses `/);
  });
});
