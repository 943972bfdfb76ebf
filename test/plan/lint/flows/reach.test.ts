/** What data can do under a plan: past a sanitizer, in a guard, as a host that the agent may link to. Each finding with all its words. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../src/plan/plan.ts";
import { plan, said } from "../linting.ts";
import { catalogue } from "./reach.ts";

const get = { tool: "web/get", args: { q: "x" }, show: "none" };
const check = (data: unknown = { from: "get$" }, labels: readonly string[] = ["web"]): object => ({
  tool: "risk/check",
  args: { data },
  removes: { labels, paths: ["$.n"] },
  show: "none",
});
const pay = (args: object, more: object = {}): object => ({ tool: "bank/pay", args, ...more });
const save = (args: object, more: object = {}): object => ({ tool: "note/save", args, ...more });
const send = (args: object, more: object = {}): object => ({
  tool: "mail/send",
  args: { to: "a@example.com", ...args },
  ...more,
});
const through = (count: number): object =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `m${i}`,
      { tool: "own/get", args: { q: { from: i === 0 ? "risk$.note" : `m${i - 1}$.x` } }, show: "none" },
    ]),
  );

const sanitizers: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  [
    "a part of the result that is not removed from",
    plan({ get, risk: check(), pay: pay({ to: { from: "risk$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a credential",
    plan({ get, risk: check(), pay: pay({ pin: { from: "risk$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/pin: `web` reaches `pin` (`get` → `risk` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a command",
    plan({ get, risk: check(), run: { tool: "sh/run", args: { command: { from: "risk$.note" } } } }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/run/args/command: `web` reaches `command` (`get` → `risk` → `run`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a target of a tool that writes",
    plan({ get, risk: check(), save: save({ id: { from: "risk$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/save/args/id: `web` reaches `id` (`get` → `risk` → `save`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a target of a tool that sends",
    plan({ get, risk: check(), send: send({ to: { from: "risk$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/send/args/to: `web` reaches `to` (`get` → `risk` → `send`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  ["content", plan({ get, risk: check(), pay: pay({ memo: { from: "risk$.note" } }) }), []],
  ["an argument of a reader", plan({ get, risk: check(), own: { tool: "own/get", args: { q: { from: "risk$.note" } } } }), []],
  [
    "a call that takes one value past the sanitizer",
    plan({ get, risk: check(), pay: pay({ to: { from: "get$.to" }, amount: { from: "risk$.n" } }) }),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `web` reaches `amount` (`get` → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a call that has nothing to do with the sanitizer",
    plan({
      get,
      risk: check(),
      pay: pay({ to: { from: "get$.to" } }),
      other: { tool: "own/get", args: { q: { from: "risk$.n" } } },
    }),
    [],
  ],
  [
    "a label that the node does not remove",
    plan({ get, risk: check({ from: "get$" }, ["a"]), pay: pay({ to: { from: "risk$.note" } }) }),
    [],
  ],
  [
    "one of two labels that the node removes",
    plan({ get, risk: check({ from: "get$" }, ["a", "web"]), pay: pay({ to: { from: "risk$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "`unknown`, which nothing removes",
    plan({
      get: { tool: "raw/get", args: { q: "x" }, show: "none" },
      risk: check({ from: "get$" }, ["unknown"]),
      pay: pay({ to: { from: "risk$.n" } }),
    }),
    [],
  ],
  [
    "a result that need not fit its schema",
    plan({ get, risk: check(), pay: pay({ amount: { from: "risk$.n" } }) }),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `web` reaches `amount` (`get` → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
    ],
  ],
  [
    "a result that need not fit its schema, with a rule against it",
    plan(
      { get, risk: check(), pay: pay({ amount: { from: "risk$.n" } }) },
      { flows: [{ id: "f", deny: ["web"], to: "bank/*" }] },
    ),
    [],
  ],
  [
    "two arguments, each said once",
    plan({ get, risk: check(), pay: pay({ to: { from: "risk$.note" }, amount: { from: "risk$.n" } }) }),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `web` reaches `amount` (`get` → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "two sanitizers, the first of which it passed",
    plan({ get, risk: check(), risk2: check({ from: "risk$" }), pay: pay({ to: { from: "risk2$.note" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `risk2` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a text of the agent, who has read it, that is stored and used",
    plan({
      get: { ...get, show: "all" },
      risk: check(),
      save: save({ id: "1", text: { write: {} } }, { after: ["get"] }),
      pay: pay({ to: { from: "save$.id" }, amount: { from: "risk$.n" } }),
    }),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `web` reaches `amount` (`get` → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → the conversation → `save` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a resource that it was written to",
    plan({
      get,
      risk: check(),
      save: save({ id: "1", text: { from: "get$.x" } }),
      load: { tool: "note/load", args: { id: "1" }, after: ["save"], show: "none" },
      pay: pay({ to: { from: "load$.x" }, amount: { from: "risk$.n" } }),
    }),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `web` reaches `amount` (`get` → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `save` → a resource → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "a parameter",
    plan(
      { risk: check({ param: "who" }, ["user_input"]), pay: pay({ to: { param: "who" }, amount: { from: "risk$.n" } }) },
      { params: { who: { type: "string" } } },
    ),
    [
      "warning LINT_REMOVES_UNGUARDED /nodes/pay/args/amount: `user_input` reaches `amount` (a parameter → `risk` → `pay`) whenever the result of `risk` does not fit its schema; a flow rule against it would stop that",
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `user_input` reaches `to` (a parameter → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "six places on the way",
    plan({ get, risk: check(), ...through(3), pay: pay({ to: { from: "m2$.x" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `m0` → `m1` → `m2` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  [
    "more than six places on the way",
    plan({ get, risk: check(), ...through(5), pay: pay({ to: { from: "m4$.x" } }) }),
    [
      "warning LINT_SANITIZER_PASSED /nodes/pay/args/to: `web` reaches `to` (`get` → `risk` → `m0` → … → `m4` → `pay`), although `risk` removes it: it does not sit on every path",
    ],
  ],
  ["no sanitizer", plan({ get, pay: pay({ to: { from: "get$.to" } }) }), []],
];

describe("a label that a sanitizer removes reaches", () => {
  it.each(sanitizers)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_SANITIZER_PASSED", "LINT_REMOVES_UNGUARDED")).toEqual(lines);
  });

  it("as many arguments as there are, of which 200 are said", () => {
    const pays = Array.from({ length: 201 }, (_, i) => [`p${i}`, pay({ to: { from: "risk$.note" } })]);
    const lines = (count: number): number =>
      said(plan({ get, risk: check(), ...Object.fromEntries(pays.slice(0, count)) }), catalogue, "LINT_SANITIZER_PASSED").length;
    expect([lines(199), lines(200), lines(201)]).toEqual([199, 200, 200]);
  });
});

const six = Object.fromEntries(
  ["a", "b", "c", "d", "e", "f"].map((name) => [name, { tool: `${name}/get`, args: { q: "x" }, show: "none" }]),
);
const own = { tool: "own/get", args: { q: "x" }, show: "none" };

const guardCases: readonly (readonly [what: string, value: Plan, lines: unknown])[] = [
  [
    "a payment",
    plan({ get, pay: pay({ to: "x" }, { when: "get.ok" }) }),
    ["warning LINT_GUARD_UNTRUSTED /nodes/pay/when: untrusted data decides whether `pay` may run: `web` (1 bits)"],
  ],
  [
    "a payment that a human approves",
    plan({ get, pay: pay({ to: "x" }, { when: "get.ok", constraints: { approve: "human" } }) }),
    ["info LINT_GUARD_UNTRUSTED /nodes/pay/when: untrusted data decides whether `pay` may run: `web` (1 bits)"],
  ],
  [
    "a reader",
    plan({ get, own: { ...own, when: "get.ok" } }),
    ["info LINT_GUARD_UNTRUSTED /nodes/own/when: untrusted data decides whether `own` may run: `web` (1 bits)"],
  ],
  ["a payment, by a trusted answer", plan({ own, pay: pay({ to: "x" }, { when: "own.ok" }) }), []],
  [
    "a payment, by a trusted answer beside an untrusted one",
    plan({ own, get, pay: pay({ to: "x" }, { when: "own.ok && get.ok" }) }),
    ["warning LINT_GUARD_UNTRUSTED /nodes/pay/when: untrusted data decides whether `pay` may run: `web` (1 bits)"],
  ],
  [
    "a payment, by six answers, of which five are named",
    plan({ ...six, pay: pay({ to: "x" }, { when: "a.ok && b.ok && c.ok && d.ok && e.ok && f.ok" }) }),
    [
      "warning LINT_GUARD_UNTRUSTED /nodes/pay/when: untrusted data decides whether `pay` may run: `a`, `b`, `c`, `d`, `e` (1 bits)",
    ],
  ],
  [
    "a payment for each row",
    plan({ get, pay: pay({ to: { item: "$.to" } }, { each: { from: "get$.rows", max: 3 } }) }),
    ["info LINT_GUARD_UNTRUSTED /nodes/pay/each: untrusted data decides how often `pay` runs, up to 3 times (2 bits)"],
  ],
  [
    "two payments for each row",
    plan({ get, pay: pay({ to: { item: "$.to" } }, { each: { from: "get$.rows", max: 4 }, times: 2 }) }),
    ["info LINT_GUARD_UNTRUSTED /nodes/pay/each: untrusted data decides how often `pay` runs, up to 8 times (2.33 bits)"],
  ],
  [
    "a payment for each trusted row",
    plan({ own, pay: pay({ to: { item: "$.to" } }, { each: { from: "own$.rows", max: 3 } }) }),
    [],
  ],
  [
    "a payment for each run of another node",
    plan({
      get,
      list: { ...own, args: { q: { item: "$.q" } }, each: { from: "get$.rows", max: 3 } },
      pay: pay({ to: "x" }, { each: "list" }),
    }),
    ["info LINT_GUARD_UNTRUSTED /nodes/list/each: untrusted data decides how often `list` runs, up to 3 times (2 bits)"],
  ],
];

describe("untrusted data decides", () => {
  it.each(guardCases)("%s", (_what, value, lines) => {
    expect(said(value, catalogue, "LINT_GUARD_UNTRUSTED")).toEqual(lines);
  });
});

const linking = (args: object, more: object = {}): Plan =>
  plan({ get, send: send({ body: { write: { links: "plan" } }, ...args }, more) });
const from = (more: object): object => ({ from: "get$.x", ...more });

const links: readonly (readonly [what: string, value: Plan, isFound: boolean])[] = [
  ["a reference", linking({ to: from({}) }), true],
  ["a field of a row", linking({ to: { item: "$.to" } }, { each: { from: "get$.rows", max: 2 } }), true],
  ["a url in a text", linking({ to: from({ extract: "url" }) }), true],
  ["an address in a text", linking({ to: from({ extract: "email" }) }), true],
  ["an account in a text", linking({ to: from({ extract: "iban" }) }), false],
  [
    "an account in a text of a row",
    linking({ to: { item: "$.to", extract: "iban" } }, { each: { from: "get$.rows", max: 2 } }),
    false,
  ],
  ["an expression", linking({ to: { expr: "get.x" } }), true],
  ["an object, one member of which it is", linking({ to: { object: { a: "x", b: from({}) } } }), true],
  ["an object without such a member", linking({ to: { object: { a: "x", b: from({ extract: "iban" }) } } }), false],
  ["a list, one element of which it is", linking({ to: ["x", from({})] }), true],
  ["a list without such an element", linking({ to: ["x", from({ extract: "iban" })] }), false],
  [
    "a template, one hole of which it is",
    linking({ to: { template: "text", text: "{a}{b}", with: { a: from({ extract: "iban" }), b: from({}) } } }),
    true,
  ],
  [
    "a template without such a hole",
    linking({ to: { template: "text", text: "{a}", with: { a: from({ extract: "iban" }) } } }),
    false,
  ],
  ["a value out of a list", linking({ to: from({ match: { enum: ["a", "b"] } }) }), false],
  ["a value that must be a number", linking({ to: from({ match: { type: "number" } }) }), false],
  ["a value that must be true or false", linking({ to: from({ match: { type: "boolean" } }) }), false],
  ["a value that must be a text", linking({ to: from({ match: { type: "string" } }) }), true],
  ["a number, by the tool's schema", linking({ count: from({}) }), false],
  ["an integer, by the tool's schema", linking({ nth: from({}) }), false],
  ["true or false, by the tool's schema", linking({ urgent: from({}) }), false],
  ["a text, by the tool's schema", linking({ subject: from({}) }), true],
  ["a value that the agent picks", linking({ subject: { from: "get$.x[*]", pick: "agent" } }), false],
  ["a constant", linking({ subject: "x" }), false],
  ["a trusted reference", plan({ own, send: send({ body: { write: { links: "plan" } }, subject: { from: "own$.x" } }) }), false],
  [
    "a choice of an agent that has read it",
    plan({
      get: { ...get, show: "all" },
      send: send({ body: { write: { links: "plan" } }, subject: { choose: { type: "string" } } }, { after: ["get"] }),
    }),
    false,
  ],
  ["a reference beside a text without links", linking({ to: from({}), body: { write: { links: "none" } } }), false],
  [
    "a reference beside a text with a list of hosts",
    linking({ to: from({}), body: { write: { links: ["example.com"] } } }),
    false,
  ],
  ["a reference beside a fixed text", linking({ to: from({}), body: "x" }), false],
];

describe("hosts that the agent may link to", () => {
  it.each(links)("in %s", (_what, value, isFound) => {
    expect(said(value, catalogue, "LINT_LINKS_UNTRUSTED")).toHaveLength(isFound ? 1 : 0);
  });

  it("are warned of where `links` says so, and a remark where it is left to its default", () => {
    expect(said(linking({ to: from({}) }), catalogue, "LINT_LINKS_UNTRUSTED")).toEqual([
      "warning LINT_LINKS_UNTRUSTED /nodes/send/args/body: the agent's text may link to hosts in `to`, which is untrusted data; list the hosts, or say `links: none`",
    ]);
    expect(said(linking({ to: from({}), body: { write: {} } }), catalogue, "LINT_LINKS_UNTRUSTED")).toEqual([
      "info LINT_LINKS_UNTRUSTED /nodes/send/args/body: the agent's text may link to hosts in `to`, which is untrusted data; list the hosts, or say `links: none`",
    ]);
    expect(said(linking({ to: from({}), subject: { write: {} } }), catalogue, "LINT_LINKS_UNTRUSTED")).toEqual([
      "warning LINT_LINKS_UNTRUSTED /nodes/send/args/body: the agent's text may link to hosts in `to`, which is untrusted data; list the hosts, or say `links: none`",
      "info LINT_LINKS_UNTRUSTED /nodes/send/args/subject: the agent's text may link to hosts in `to`, which is untrusted data; list the hosts, or say `links: none`",
    ]);
  });
});

describe("rules about reach", () => {
  it("say nothing of a plan that cannot be compiled", () => {
    const broken = plan({
      get,
      risk: check(),
      pay: pay({ to: { from: "risk$.note" } }, { when: "1 +" }),
      send: send({ to: { from: "get$.x" }, body: { write: { links: "plan" } } }),
    });
    expect(said(broken, catalogue, "LINT_SANITIZER*", "LINT_REMOVES_UN*", "LINT_GUARD*", "LINT_LINKS*")).toEqual([]);
  });
});
