/**
 * Limits, rates, budgets and constraints by effect.
 */
import { allow, type Case, call, deny, failure, result } from "./case.ts";

const often = { min: 0, max: 99 } as const;
const amount = { choose: { type: "number" } } as const;
const iban = "DE89370400440532013000";

/** A node that pays, with this budget. */
function paying(budget: object, more: object = {}): Case["nodes"] {
  return {
    pay: {
      tool: "s/pay",
      args: { iban, amount },
      times: often,
      constraints: { budget, ...more } as Case["nodes"][string]["constraints"] & object,
    },
  };
}

const paid = (value: number) => allow("pay", { iban, amount: value });

export const limitCases: readonly Case[] = [
  {
    name: "limits: calls of a session, denied ones not counted",
    limits: { calls: 2 },
    nodes: { calc: { tool: "s/calc", times: often } },
    steps: [
      call("s/calc", { x: 1 }, deny("ARG_UNEXPECTED")),
      call("s/calc", {}, allow("calc", {})),
      call("s/calc", {}, allow("calc", {})),
      call("s/calc", {}, deny("CALL_LIMIT")),
    ],
  },
  {
    name: "limits: seconds of a session",
    limits: { seconds: 10 },
    nodes: { calc: { tool: "s/calc", times: often } },
    steps: [call("s/calc", {}, allow("calc", {}), { at: 10 }), call("s/calc", {}, deny("SESSION_EXPIRED"), { at: 11 })],
  },
  {
    name: "limits: a plan past its day",
    notAfter: "2026-01-01T00:00:05Z",
    nodes: { calc: { tool: "s/calc", times: often } },
    steps: [call("s/calc", {}, allow("calc", {}), { at: 5 }), call("s/calc", {}, deny("PLAN_EXPIRED"), { at: 6 })],
  },
  {
    name: "limits: bytes of the canonical arguments, as UTF-8",
    limits: { maxBytes: 20 },
    nodes: { send: { tool: "s/send", args: { text: { write: {} } }, times: often } },
    steps: [
      call("s/send", { text: "1234567890" }, deny("CALL_TOO_LARGE")),
      call("s/send", { text: "\u00e912345678" }, deny("CALL_TOO_LARGE")),
      call("s/send", { text: "\u00e91234567" }, allow("send", { text: "\u00e91234567" })),
      call("s/send", { text: "123456789" }, allow("send", { text: "123456789" })),
    ],
  },
  {
    name: "constraints: bytes of the final arguments, filled ones included",
    nodes: {
      send: { tool: "s/send", args: { to: "bob@example.com", text: { write: {} } }, times: often, constraints: { maxBytes: 40 } },
    },
    steps: [
      call("s/send", { text: "1234567" }, deny("CALL_TOO_LARGE")),
      call("s/send", { text: "123456" }, allow("send", { to: "bob@example.com", text: "123456" })),
    ],
  },
  {
    name: "constraints: a result that is too large is an error",
    nodes: {
      calc: { tool: "s/calc", times: often, constraints: { maxBytes: 10 } },
      send: { tool: "s/send", args: { text: { from: "calc$" } } },
    },
    steps: [
      call("s/calc", {}, allow("calc", {}, { run: 0 })),
      result(0, "123456789", { delivered: null, isError: true, code: "RESULT_TOO_LARGE" }),
      call("s/send", {}, deny("ARG_UNRESOLVED")),
      call("s/calc", {}, allow("calc", {}, { run: 1 })),
      result(1, "12345678"),
      call("s/send", {}, allow("send", { text: "12345678" })),
    ],
  },
  {
    name: "rate: calls in a sliding window",
    nodes: { calc: { tool: "s/calc", times: often, constraints: { rate: { calls: 2, per: "minute" } } } },
    steps: [
      call("s/calc", {}, allow("calc", {}), { at: 1 }),
      call("s/calc", {}, allow("calc", {}), { at: 31 }),
      call("s/calc", {}, deny("CALL_RATE"), { at: 60 }),
      call("s/calc", {}, allow("calc", {}), { at: 61 }),
      call("s/calc", {}, deny("CALL_RATE"), { at: 62 }),
    ],
  },
  {
    name: "budget: the sum of an argument",
    nodes: paying({ sum: "amount", max: 100 }),
    steps: [
      call("s/pay", { amount: 60 }, paid(60)),
      call("s/pay", { amount: 40.5 }, deny("CALL_BUDGET")),
      call("s/pay", { amount: 40 }, paid(40)),
      call("s/pay", { amount: 0 }, paid(0)),
    ],
  },
  {
    name: "budget: nothing is given back by a negative amount",
    nodes: paying({ sum: "amount", max: 100 }),
    steps: [call("s/pay", { amount: -1 }, deny("CALL_BUDGET"))],
  },
  {
    name: "budget: in a sliding window",
    nodes: paying({ sum: "amount", max: 100, per: "minute" }),
    steps: [
      call("s/pay", { amount: 60 }, paid(60), { at: 1 }),
      call("s/pay", { amount: 50 }, deny("CALL_BUDGET"), { at: 60 }),
      call("s/pay", { amount: 50 }, paid(50), { at: 61 }),
    ],
  },
  {
    name: "budget: a number of calls",
    nodes: paying({ max: 1 }),
    steps: [call("s/pay", { amount: 60 }, paid(60)), call("s/pay", { amount: 1 }, deny("CALL_BUDGET"))],
  },
  {
    name: "budget: each of several must hold",
    nodes: paying([{ max: 5 }, { sum: "amount", max: 10 }]),
    steps: [
      call("s/pay", { amount: 10 }, paid(10)),
      call("s/pay", { amount: 1 }, deny("CALL_BUDGET")),
      call("s/pay", { amount: 0 }, paid(0)),
    ],
  },
  {
    name: "budget: a failed call is spent",
    nodes: paying({ sum: "amount", max: 100 }),
    steps: [call("s/pay", { amount: 60 }, paid(60)), failure(0, "no"), call("s/pay", { amount: 60 }, deny("CALL_BUDGET"))],
  },
  {
    name: "budget: a failed call of an idempotent node is not",
    nodes: paying({ sum: "amount", max: 100 }, { idempotent: true }),
    steps: [call("s/pay", { amount: 60 }, paid(60)), failure(0, "no"), call("s/pay", { amount: 60 }, paid(60))],
  },
  {
    name: "approve: a human comes first, after all else fits",
    nodes: { pay: { tool: "s/pay", args: { iban, amount: 5 }, constraints: { approve: "human" } } },
    steps: [call("s/pay", { amount: 6 }, deny("ARG_MISMATCH")), call("s/pay", {}, deny("CALL_NEEDS_APPROVAL"))],
  },
  {
    name: "hosts: of every target, whatever the address pretends",
    nodes: {
      get: {
        tool: "s/get",
        args: { url: { choose: { type: "string" } } },
        times: often,
        constraints: { hosts: ["*.example.com"] },
      },
    },
    steps: [
      call("s/get", { url: "https://evil.example/" }, deny("ARG_CONSTRAINT")),
      call("s/get", { url: "https://api.example.com@evil.example/" }, deny("ARG_CONSTRAINT")),
      call("s/get", { url: "https://api.example.com.evil.example/" }, deny("ARG_CONSTRAINT")),
      call("s/get", { url: "https://evil.example\\@api.example.com/" }, deny("ARG_CONSTRAINT")),
      call("s/get", { url: "https://api.example.com/x" }, allow("get", { url: "https://api.example.com/x" })),
    ],
  },
  {
    name: "paths: under a prefix, without a way out",
    nodes: {
      save: { tool: "s/save", args: { path: { choose: { type: "string" } } }, times: often, constraints: { paths: ["/data"] } },
    },
    steps: [
      call("s/save", { path: "/database/x" }, deny("ARG_CONSTRAINT")),
      call("s/save", { path: "/data/../etc/passwd" }, deny("ARG_CONSTRAINT")),
      call("s/save", { path: "/data/%2e%2e/etc" }, deny("ARG_CONSTRAINT")),
      call("s/save", { path: "/data/a/b.txt" }, allow("save", { path: "/data/a/b.txt" })),
    ],
  },
  {
    name: "sql: statements and tables",
    nodes: {
      sql: {
        tool: "s/sql",
        args: { text: { choose: { type: "string" } } },
        times: often,
        constraints: { sql: { statements: ["SELECT"], tables: ["people"] } },
      },
    },
    steps: [
      call("s/sql", { text: "DELETE FROM people" }, deny("ARG_CONSTRAINT")),
      call("s/sql", { text: "SELECT id FROM secrets" }, deny("ARG_CONSTRAINT")),
      call("s/sql", { text: "SELECT id FROM people; DROP TABLE people" }, deny("ARG_CONSTRAINT")),
      call("s/sql", { text: "SELECT id FROM people UNION SELECT id FROM secrets" }, deny("ARG_CONSTRAINT")),
      call("s/sql", { text: "SELECT id FROM people WHERE id = 1" }, allow("sql", { text: "SELECT id FROM people WHERE id = 1" })),
    ],
  },
];
