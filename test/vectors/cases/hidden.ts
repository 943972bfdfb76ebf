/**
 * Hidden results: handles, one code for whatever depends on them, and what the conversation learns from verdicts.
 */
import { allow, type Case, call, deny, failure, handle, label, result } from "./case.ts";

const value = { to: "bob@example.com", name: "Bob", rows: [{ id: 1, iban: "DE1" }] };
const secret = { db: { tool: "s/db", show: "none" } } as const;
const often = { min: 0, max: 9 } as const;
const whole = { sluice_handle: handle("db", 0) };
const seen = label(["database_record", "user_input"]);
const readSecret = [
  call("s/db", {}, allow("db", {}, { run: 0 })),
  result(0, value, { delivered: whole, isError: false, context: label(["user_input"]) }),
] as const;

export const hiddenCases: readonly Case[] = [
  {
    name: "hidden: a literal is denied with one code, equal or not",
    nodes: { ...secret, send: { tool: "s/send", args: { to: { from: "db$.to" } }, times: often } },
    steps: [
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      ...readSecret,
      call("s/send", { to: "bob@example.com" }, deny("HIDDEN", { context: seen })),
      call("s/send", { to: "eve@example.com" }, deny("HIDDEN")),
      call("s/send", { to: 5 }, deny("HIDDEN")),
      call("s/send", { to: handle("db", 0, ["name"]) }, deny("HIDDEN")),
      call("s/send", { to: "bob@example.com", cc: "x" }, deny("HIDDEN")),
    ],
  },
  {
    name: "hidden: omitted, null and its handle are filled in",
    nodes: { ...secret, send: { tool: "s/send", args: { to: { from: "db$.to" } }, times: often } },
    steps: [
      ...readSecret,
      call("s/send", {}, allow("send", { to: value.to }, { run: 1, context: seen })),
      call("s/send", { to: null }, allow("send", { to: value.to })),
      call("s/send", { to: handle("db", 0, ["to"]) }, allow("send", { to: value.to })),
      call("s/send", { to: handle("db", 0) }, allow("send", { to: value.to })),
    ],
  },
  {
    name: "hidden: what a call with a hidden value returns is hidden too",
    nodes: { ...secret, send: { tool: "s/send", args: { to: { from: "db$.to" } } } },
    steps: [
      ...readSecret,
      call("s/send", {}, allow("send", { to: value.to }, { run: 1 })),
      result(1, "sent to bob@example.com", { delivered: { sluice_handle: handle("send", 1) }, isError: false }),
    ],
  },
  {
    name: "hidden: unless the node shows it",
    nodes: { ...secret, send: { tool: "s/send", args: { to: { from: "db$.to" } }, show: "all" } },
    steps: [
      ...readSecret,
      call("s/send", {}, allow("send", { to: value.to }, { run: 1 })),
      result(1, "sent", { delivered: "sent", isError: false, context: label(["database_record", "safe", "user_input"]) }),
    ],
  },
  {
    name: "hidden: an error is told like a result",
    nodes: { ...secret, send: { tool: "s/send", args: { to: { from: "db$.to" } } } },
    steps: [
      call("s/db", {}, allow("db", {}, { run: 0 })),
      failure(0, "no such customer: Bob", { delivered: whole, isError: false, context: label(["user_input"]) }),
      call("s/send", {}, deny("HIDDEN", { context: seen })),
    ],
  },
  {
    name: "hidden: while the agent has seen nothing, its choices are its own",
    nodes: { ...secret, pay: { tool: "s/pay", args: { iban: { choose: { enum: ["a", "b"] } } } } },
    steps: [...readSecret, call("s/pay", { iban: "a" }, allow("pay", { iban: "a" }))],
  },
  {
    name: "hidden: a verdict that depends on hidden data is seen, and choices after it are not its own",
    nodes: {
      ...secret,
      send: { tool: "s/send", args: { to: { from: "db$.to" } }, optional: true },
      pay: { tool: "s/pay", args: { iban: { choose: { enum: ["a", "b"] } } } },
    },
    steps: [
      ...readSecret,
      call("s/send", {}, allow("send", { to: value.to })),
      call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED")),
    ],
  },
  {
    name: "hidden: a condition over hidden data fails with the same code",
    nodes: { ...secret, send: { tool: "s/send", args: { text: "x" }, require: ["db.name == 'Ada'"] } },
    steps: [...readSecret, call("s/send", {}, deny("HIDDEN"))],
  },
  {
    name: "hidden: a guard over hidden data fails with the same code",
    nodes: { ...secret, send: { tool: "s/send", args: { text: "x" }, when: "db.name == 'Ada'" } },
    steps: [...readSecret, call("s/send", {}, deny("HIDDEN"))],
  },
  {
    name: "hidden: a computed value of hidden data is hidden",
    nodes: {
      ...secret,
      initial: { let: "db.name + '!'" },
      send: { tool: "s/send", args: { text: { from: "initial$" } }, times: often },
    },
    steps: [...readSecret, call("s/send", { text: "Bob!" }, deny("HIDDEN")), call("s/send", {}, allow("send", { text: "Bob!" }))],
  },
  {
    name: "show: only the members that lead to what is shown",
    nodes: {
      db: { tool: "s/db", show: ["$.name"] },
      send: { tool: "s/send", args: { to: { from: "db$.to" }, text: { from: "db$.name" } }, times: often },
    },
    steps: [
      call("s/db", {}, allow("db", {}, { run: 0 })),
      result(0, value, { delivered: { name: "Bob" }, isError: false, context: seen }),
      call("s/send", { to: value.to, text: "Bob" }, deny("HIDDEN")),
      call("s/send", { text: "Bob" }, allow("send", { to: value.to, text: "Bob" })),
    ],
  },
  {
    name: "show: below a wildcard the siblings are handles",
    nodes: { db: { tool: "s/db", show: ["$.rows[*].id"] }, send: { tool: "s/send", args: { to: { from: "db$.rows[0].iban" } } } },
    steps: [
      call("s/db", {}, allow("db", {}, { run: 0 })),
      result(0, value, { delivered: { rows: [{ id: 1, iban: handle("db", 0, ["rows", 0, "iban"]) }] }, isError: false }),
      call("s/send", { to: handle("db", 0, ["rows", 0, "iban"]) }, allow("send", { to: "DE1" })),
    ],
  },
  {
    name: "show: what is shown is compared openly",
    nodes: { db: { tool: "s/db", show: ["$.name"] }, send: { tool: "s/send", args: { text: { from: "db$.name" } } } },
    steps: [
      call("s/db", {}, allow("db", {}, { run: 0 })),
      result(0, value, { delivered: { name: "Bob" } }),
      call("s/send", { text: "Eve" }, deny("ARG_MISMATCH")),
      call("s/send", { text: "Bob" }, allow("send", { text: "Bob" })),
    ],
  },
];
