/** What a plan may spend: amounts, budgets, numbers of payments, and people who are asked in the wrong place. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { catalogueOf, plan, said, tool } from "../linting.ts";

const number = { type: "number" };
const catalogue = catalogueOf(
  [
    tool("own/get", ["q"], { effects: ["read"], labels: ["own"], roles: { q: "selector" } }),
    tool("net/get", ["q"], { effects: ["read", "network"], labels: ["own"], roles: { q: "selector" } }),
    tool(
      "bank/pay",
      { to: {}, amount: number, fee: { type: "integer" }, total: { type: "string" }, count: number },
      {
        effects: ["money"],
        labels: ["own"],
        roles: { to: "target", amount: "target", fee: "target", total: "target", count: "target" },
      },
    ),
    tool("bank/put", { amount: number }, { effects: ["money"], labels: ["own"] }, { annotations: { idempotentHint: true } }),
    tool("note/save", { amount: number }, { effects: ["write"], labels: ["own"], roles: { amount: "target" } }),
    tool("mail/send", { amount: number }, { effects: ["network", "message"], labels: ["own"], roles: { amount: "target" } }),
    tool("sh/run", ["command"], { effects: ["execute"], labels: ["own"], roles: { command: "command" } }),
    tool("shop/order", ["price"], { effects: ["money"], labels: ["own"], roles: { price: "target" } }),
    ...["sum", "price", "cost", "value", "notional", "payment", "unitPrice"].map((name) =>
      tool(`as/${name}`, { [name]: number }, { effects: ["money"], labels: ["own"], roles: { [name]: "target" } }),
    ),
  ],
  { own: { integrity: "trusted" } },
);

const get = { tool: "own/get", args: { q: "x" } };
const paying = (args: object, more: object = {}, params: object = {}): Plan =>
  plan({ get, pay: { tool: "bank/pay", args: { to: "x", ...args }, ...more } }, { params });
const open = { from: "get$.n" };
const missing = (arg: string): string =>
  `warning LINT_BUDGET_MISSING /nodes/pay/args/${arg}: nothing bounds the \`${arg}\` of \`bank/pay\`: a \`maximum\`, a \`budget\` with \`"sum": "${arg}"\` or \`approve: human\` would`;
const negative =
  "warning LINT_AMOUNT_NEGATIVE /nodes/pay/args/amount: the `amount` of `bank/pay` may be negative; a `minimum` or a `budget` over it would refuse that";
const match = (spec: object): Plan => paying({ amount: { ...open, match: spec } });
const given = (spec: object): Plan => paying({ amount: { param: "p" } }, {}, { p: spec });

const amounts: readonly (readonly [what: string, value: Plan, lines: readonly string[]])[] = [
  ["a reference", paying({ amount: open }), [missing("amount")]],
  ["a constant", paying({ amount: 5 }), []],
  ["a constant that is no number", paying({ amount: "5" }), [missing("amount")]],
  ["an integer", paying({ fee: open }), [missing("fee")]],
  ["two of them, in ascending order of their names", paying({ fee: open, amount: open }), [missing("amount"), missing("fee")]],
  ["a text that is called a total", paying({ total: open }), []],
  ["a number that is called a count", paying({ count: open }), []],
  ["an argument whose schema says no type", plan({ get, order: { tool: "shop/order", args: { price: open } } }), []],
  ["an argument that the tool does not know", paying({ payment: open }), []],
  ["an amount that is no money", plan({ get, save: { tool: "note/save", args: { amount: open } } }), []],
  ["a reference with both bounds", match({ minimum: 1, maximum: 5 }), []],
  ["a reference with both bounds, which are excluded", match({ exclusiveMinimum: 0, exclusiveMaximum: 5 }), []],
  ["a reference with a lower bound", match({ minimum: 1 }), [missing("amount")]],
  ["a reference with an upper bound", match({ maximum: 5 }), [negative]],
  ["a reference with an upper bound that is excluded", match({ exclusiveMaximum: 5 }), [negative]],
  ["a number out of a list", match({ enum: [1, 2] }), []],
  ["one number", match({ const: 1 }), []],
  ["a text out of a list", match({ enum: ["a"] }), [missing("amount")]],
  ["one text", match({ const: "a" }), [missing("amount")]],
  ["a choice with both bounds", paying({ amount: { choose: { type: "integer", minimum: 1, maximum: 5 } } }), []],
  ["a choice without bounds", paying({ amount: { choose: { type: "number" } } }), [missing("amount")]],
  ["a choice whose lower bound is in its `match`", paying({ amount: { choose: { maximum: 5 }, match: { minimum: 1 } } }), []],
  ["a choice whose upper bound is in its `match`", paying({ amount: { choose: { minimum: 1 }, match: { maximum: 5 } } }), []],
  ["a choice with upper bounds in both", paying({ amount: { choose: { maximum: 5 }, match: { maximum: 6 } } }), [negative]],
  ["a parameter with both bounds", given({ type: "number", minimum: 1, maximum: 5 }), []],
  ["a parameter without bounds", given({ type: "number" }), [missing("amount")]],
  [
    "a parameter of a plan that declares none",
    plan({ pay: { tool: "bank/pay", args: { to: "x", amount: { param: "q" } } } }),
    [missing("amount")],
  ],
  ["a parameter that is not declared", paying({ amount: { param: "q" } }), [missing("amount")]],
  ["a reference that a condition looks at", paying({ amount: open }, { require: ["args.amount <= 5"] }), []],
  ["a reference that a condition looks at by its name", paying({ amount: open }, { require: ['args["amount"] <= 5'] }), []],
  ["a reference that a condition looks at in single quotes", paying({ amount: open }, { require: ["args['amount'] <= 5"] }), []],
  [
    "a reference beside a condition about another argument",
    paying({ amount: open, count: 1 }, { require: ["args.count <= 5"] }),
    [missing("amount")],
  ],
  [
    "a reference beside a condition about an argument whose name begins alike",
    paying({ fee: open, fee_max: 5 }, { require: ["args.fee_max <= 5"] }),
    [missing("fee")],
  ],
  ["a reference under a budget over it", paying({ amount: open }, { constraints: { budget: { sum: "amount", max: 5 } } }), []],
  [
    "a reference under one of two budgets",
    paying({ amount: open }, { constraints: { budget: [{ max: 1 }, { sum: "amount", max: 5 }] } }),
    [],
  ],
  ["a reference under a budget of calls", paying({ amount: open }, { constraints: { budget: { max: 1 } } }), [missing("amount")]],
  [
    "a reference beside a budget over another argument",
    paying({ amount: open, fee: 1 }, { constraints: { budget: { sum: "fee", max: 5 } } }),
    [missing("amount")],
  ],
  ["a reference that a human approves", paying({ amount: open }, { constraints: { approve: "human" } }), []],
];

describe("an amount of money is", () => {
  it.each(amounts)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_BUDGET_MISSING", "LINT_AMOUNT_NEGATIVE")).toEqual(lines);
  });

  it.each(["sum", "price", "cost", "value", "notional", "payment", "unitPrice"])("called %s, too", (name) => {
    const value = plan({ get, pay: { tool: `as/${name}`, args: { [name]: open } } });
    expect(said(value, catalogue, "LINT_BUDGET_MISSING")).toHaveLength(1);
  });
});

const budgeted = (budget: unknown, args: object = {}, more: object = {}): Plan =>
  paying({ amount: { ...open, match: { minimum: 1, maximum: 10 } }, ...args }, { times: 3, constraints: { budget }, ...more });
const sum = (more: object): object => ({ sum: "amount", ...more });

const budgets: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  ["of what the node can just spend", budgeted(sum({ max: 30 })), []],
  [
    "of more than the node can spend",
    budgeted(sum({ max: 31 })),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 30 in a session, and `max` is 31",
    ],
  ],
  [
    "of more, in the session",
    budgeted(sum({ max: 31, scope: "session" })),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 30 in a session, and `max` is 31",
    ],
  ],
  ["of more, which other sessions share", budgeted(sum({ max: 31, scope: "plan" })), []],
  [
    "of more, on a node that may try again",
    budgeted(sum({ max: 31 }), {}, { constraints: { idempotent: true, budget: sum({ max: 31 }) } }),
    [],
  ],
  ["of more, over an amount without a bound", budgeted(sum({ max: 31 }), { amount: open }), []],
  [
    "of more, over an amount out of a list",
    budgeted(sum({ max: 31 }), { amount: { ...open, match: { enum: [1, 10, 2] } } }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 30 in a session, and `max` is 31",
    ],
  ],
  ["of less, over an amount out of a list", budgeted(sum({ max: 29 }), { amount: { ...open, match: { enum: [1, 10, 2] } } }), []],
  [
    "of more, over an amount with two upper bounds",
    budgeted(sum({ max: 29 }), { amount: { ...open, match: { maximum: 10, exclusiveMaximum: 9 } } }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 27 in a session, and `max` is 29",
    ],
  ],
  ["over an argument that is not there", budgeted({ sum: "gone", max: 30 }), []],
  [
    "of more, over a choice with a bound in its `match`",
    budgeted(sum({ max: 31 }), { amount: { choose: { type: "number" }, match: { maximum: 10 } } }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 30 in a session, and `max` is 31",
    ],
  ],
  ["of as many calls as there are", budgeted({ max: 3 }), []],
  [
    "of more calls than there are",
    budgeted({ max: 4 }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 3 calls in a session, and `max` is 4; a budget of money names its argument by `sum`",
    ],
  ],
  [
    "of more calls than the one that there is",
    budgeted({ max: 4 }, {}, { times: 1 }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget: the budget is never reached: the node can spend at most 1 call in a session, and `max` is 4; a budget of money names its argument by `sum`",
    ],
  ],
  [
    "of more calls than there are, of a tool that does not pay",
    plan({ save: { tool: "note/save", args: { amount: 1 }, constraints: { budget: { max: 4 } } } }),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/save/constraints/budget: the budget is never reached: the node can spend at most 1 call in a session, and `max` is 4",
    ],
  ],
  [
    "in a list, the second of which is too wide",
    budgeted([sum({ max: 9 }), sum({ max: 31, per: "day" })]),
    [
      "warning LINT_BUDGET_VACUOUS /nodes/pay/constraints/budget/1: the budget is never reached: the node can spend at most 30 in a session, and `max` is 31",
    ],
  ],
  [
    "for a second",
    budgeted(sum({ max: 9, per: "second" })),
    [
      "warning LINT_BUDGET_WINDOW /nodes/pay/constraints/budget/per: the sum is bounded for a second only; `hour`, `day` or no `per` would bound what is spent",
    ],
  ],
  [
    "for a minute",
    budgeted(sum({ max: 9, per: "minute" })),
    [
      "warning LINT_BUDGET_WINDOW /nodes/pay/constraints/budget/per: the sum is bounded for a minute only; `hour`, `day` or no `per` would bound what is spent",
    ],
  ],
  ["for an hour", budgeted(sum({ max: 9, per: "hour" })), []],
  ["for a minute and for a day", budgeted([sum({ max: 5, per: "minute" }), sum({ max: 9, per: "day" })]), []],
  [
    "for a minute, and of calls for a day",
    budgeted([sum({ max: 5, per: "minute" }), { max: 2, per: "day" }]),
    [
      "warning LINT_BUDGET_WINDOW /nodes/pay/constraints/budget/0/per: the sum is bounded for a minute only; `hour`, `day` or no `per` would bound what is spent",
    ],
  ],
  ["of calls for a minute", budgeted({ max: 2, per: "minute" }), []],
  [
    "for a minute, of a tool that does not pay",
    plan({ get, save: { tool: "note/save", args: { amount: open }, constraints: { budget: sum({ max: 9, per: "minute" }) } } }),
    [],
  ],
];

describe("a budget", () => {
  it.each(budgets)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_BUDGET_VACUOUS", "LINT_BUDGET_WINDOW")).toEqual(lines);
  });
});

const often = (times: number, constraints: object = {}): Plan => paying({ amount: 1 }, { times, constraints });

const repeated: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  ["fifty payments", often(50), []],
  [
    "more than fifty payments",
    often(51),
    [
      "warning LINT_RUNS_MONEY /nodes/pay/times: `bank/pay` may be called 51 times in one session; a smaller `max` or a `budget` would bound what that costs",
    ],
  ],
  [
    "more than fifty rows",
    paying({ amount: { item: "$.n" } }, { each: { from: "get$.rows", max: 51 } }),
    [
      "warning LINT_RUNS_MONEY /nodes/pay/each: `bank/pay` may be called 51 times in one session; a smaller `max` or a `budget` would bound what that costs",
    ],
  ],
  ["more payments, under a budget", often(51, { budget: { max: 9 } }), []],
  ["more payments, at a rate", often(51, { rate: { calls: 9, per: "day" } }), []],
  ["more payments that a human approves", often(51, { approve: "human" }), []],
  ["more of what does not pay", plan({ save: { tool: "note/save", args: { amount: 1 }, times: 51 } }), []],
  [
    "a payment that may be tried again",
    often(1, { idempotent: true }),
    [
      "warning LINT_IDEMPOTENT /nodes/pay/constraints/idempotent: `bank/pay` has the effect `money`: a call that timed out may have happened, and `idempotent` lets it be made again without counting it",
    ],
  ],
  ["a payment that may not", often(1, { idempotent: false }), []],
  [
    "a payment that may be tried again, as its tool says",
    plan({ put: { tool: "bank/put", args: { amount: 1 }, constraints: { idempotent: true } } }),
    [],
  ],
  [
    "a message that may be tried again",
    plan({ send: { tool: "mail/send", args: { amount: 1 }, constraints: { idempotent: true } } }),
    [
      "warning LINT_IDEMPOTENT /nodes/send/constraints/idempotent: `mail/send` has the effect `message`: a call that timed out may have happened, and `idempotent` lets it be made again without counting it",
    ],
  ],
  [
    "a record that may be written again",
    plan({ save: { tool: "note/save", args: { amount: 1 }, constraints: { idempotent: true } } }),
    [],
  ],
];

describe("lint says of", () => {
  it.each(repeated)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_RUNS_MONEY", "LINT_IDEMPOTENT")).toEqual(lines);
  });
});

const human = { constraints: { approve: "human" } };
const asked = { ...get, ...human };
const pay = (more: object = {}): object => ({ tool: "bank/pay", args: { to: { from: "get$.x" }, amount: 1 }, ...more });
const approvals: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  [
    "before a reader, and not before what pays",
    plan({ get: asked, pay: pay() }),
    [
      "warning LINT_APPROVE_READER /nodes/get/constraints/approve: a human is asked before this is read, and nobody before `pay` calls `bank/pay` with it",
    ],
  ],
  [
    "before a reader, and not before what executes",
    plan({ get: asked, run: { tool: "sh/run", args: { command: { from: "get$.x" } } } }),
    [
      "warning LINT_APPROVE_READER /nodes/get/constraints/approve: a human is asked before this is read, and nobody before `run` calls `sh/run` with it",
    ],
  ],
  [
    "before a reader, and not before what writes",
    plan({ get: asked, save: { tool: "note/save", args: { amount: { from: "get$.x" } } } }),
    [],
  ],
  ["before both", plan({ get: asked, pay: pay(human) }), []],
  ["before what pays", plan({ get, pay: pay(human) }), []],
  ["before nothing", plan({ get, pay: pay() }), []],
  [
    "before a reader that pays nothing with what it reads",
    plan({ get: asked, other: get, pay: { tool: "bank/pay", args: { to: { from: "other$.x" }, amount: 1 } } }),
    [],
  ],
  ["before a reader that does more than read", plan({ get: { ...asked, tool: "net/get" }, pay: pay() }), []],
  [
    "before a reader of two payments, and is said once",
    plan({ get: asked, pay: pay(), pay2: pay() }),
    [
      "warning LINT_APPROVE_READER /nodes/get/constraints/approve: a human is asked before this is read, and nobody before `pay` calls `bank/pay` with it",
    ],
  ],
  [
    "before two readers",
    plan({ get: asked, other: asked, pay: { tool: "bank/pay", args: { to: { from: "get$.x" }, amount: { from: "other$.n" } } } }),
    [
      "warning LINT_APPROVE_READER /nodes/other/constraints/approve: a human is asked before this is read, and nobody before `pay` calls `bank/pay` with it",
      "warning LINT_APPROVE_READER /nodes/get/constraints/approve: a human is asked before this is read, and nobody before `pay` calls `bank/pay` with it",
    ],
  ],
];

describe("a human is asked", () => {
  it.each(approvals)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_APPROVE_READER")).toEqual(lines);
  });
});
