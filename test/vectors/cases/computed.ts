/**
 * Arguments that are computed: extracts, expressions, templates, and nodes that compute (`let`).
 */
import { allow, type Case, call, deny, result } from "./case.ts";

function after(args: Case["nodes"][string]["args"] & object, more: Case["nodes"] = {}): Case["nodes"] {
  return { calc: { tool: "s/calc" }, ...more, send: { tool: "s/send", args } };
}

const calc = (value: Parameters<typeof result>[1]) =>
  [call("s/calc", {}, allow("calc", {}, { run: 0 })), result(0, value)] as const;
const iban = "DE89370400440532013000";

export const computedCases: readonly Case[] = [
  {
    name: "extract: one IBAN out of prose, normalised",
    nodes: after({ to: { from: "calc$.text", extract: "iban" } }),
    steps: [
      ...calc({ text: "Please pay to DE89 3704 0044 0532 0130 00 today" }),
      call("s/send", {}, allow("send", { to: iban })),
    ],
  },
  {
    name: "extract: the same IBAN twice is one match",
    nodes: after({ to: { from: "calc$.text", extract: "iban" } }),
    steps: [...calc({ text: `${iban}, again ${iban}` }), call("s/send", {}, allow("send", { to: iban }))],
  },
  {
    name: "extract: two different matches deny",
    nodes: after({ to: { from: "calc$.text", extract: "iban" } }),
    steps: [...calc({ text: `${iban} or GB82WEST12345698765432` }), call("s/send", {}, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "extract: none denies, and so does what is no text",
    nodes: {
      calc: { tool: "s/calc" },
      web: { tool: "s/db" },
      send: { tool: "s/send", args: { to: { from: "calc$.text", extract: "iban" } } },
      other: { tool: "s/post", args: { text: { from: "web$.n", extract: "integer" } } },
    },
    steps: [
      ...calc({ text: "DE00 0000" }),
      call("s/db", {}, allow("web", {}, { run: 1 })),
      result(1, { n: 5 }),
      call("s/send", {}, deny("ARG_UNRESOLVED")),
      call("s/post", {}, deny("ARG_UNRESOLVED")),
    ],
  },
  {
    name: "extract: an amount in a locale, behind a label",
    nodes: after({ data: { from: "calc$.text", extract: { kind: "amount", locale: "de", after: "Summe:" } } }),
    steps: [...calc({ text: "Netto: 1.000,00\nSumme: 1.195,50" }), call("s/send", {}, allow("send", { data: 1195.5 }))],
  },
  {
    name: "expr: computed from parameters and results",
    params: { rate: { type: "number" } },
    given: { rate: 1.5 },
    nodes: after({ data: { expr: "round(calc.total * params.rate, 2)" } }),
    steps: [
      ...calc({ total: 10.12 }),
      call("s/send", { data: 15 }, deny("ARG_MISMATCH")),
      call("s/send", {}, allow("send", { data: 15.18 })),
    ],
  },
  {
    name: "expr: an error denies",
    nodes: after({ data: { expr: "calc.total * 2" } }),
    steps: [...calc({ total: "ten" }), call("s/send", {}, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "expr: a member that is not there denies",
    nodes: after({ data: { expr: "calc.total" } }),
    steps: [...calc({}), call("s/send", {}, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "expr: 2 and 2.0 are one number",
    nodes: after({ data: { expr: "calc.n == 2 && calc.n == 2.0" } }),
    steps: [...calc({ n: 2 }), call("s/send", {}, allow("send", { data: true }))],
  },
  {
    name: "let: a value without a tool, of a result",
    nodes: after({ data: { from: "sum$" } }, { sum: { let: "calc.rows.map(r, r.n).exists(n, n > 2)" } }),
    steps: [
      call("s/send", {}, deny("CALL_OUT_OF_ORDER")),
      ...calc({ rows: [{ n: 1 }, { n: 3 }] }),
      call("s/send", {}, allow("send", { data: true })),
    ],
  },
  {
    name: "template: a value is encoded for its hole in an address",
    nodes: {
      calc: { tool: "s/calc" },
      get: {
        tool: "s/get",
        args: { url: { template: "url", text: "https://api.example.com/find?q={q}", with: { q: { from: "calc$.q" } } } },
      },
    },
    steps: [
      ...calc({ q: "a&b=c d#e" }),
      call("s/get", {}, allow("get", { url: "https://api.example.com/find?q=a%26b%3Dc%20d%23e" })),
    ],
  },
  {
    name: "template: a quote in SQL is doubled",
    nodes: {
      calc: { tool: "s/calc" },
      sql: {
        tool: "s/sql",
        args: {
          text: { template: "sql", text: "SELECT id FROM people WHERE name = {name}", with: { name: { from: "calc$.name" } } },
        },
      },
    },
    steps: [
      ...calc({ name: "O'Brien' OR 1=1 --" }),
      call("s/sql", {}, allow("sql", { text: "SELECT id FROM people WHERE name = 'O''Brien'' OR 1=1 --'" })),
    ],
  },
  {
    name: "template: a backslash in SQL denies, since databases read it differently",
    nodes: {
      calc: { tool: "s/calc" },
      sql: {
        tool: "s/sql",
        args: {
          text: { template: "sql", text: "SELECT id FROM people WHERE name = {name}", with: { name: { from: "calc$.name" } } },
        },
      },
    },
    steps: [...calc({ name: "\\' OR 1=1" }), call("s/sql", {}, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "template: a path takes one segment and never climbs",
    nodes: {
      calc: { tool: "s/calc" },
      save: {
        tool: "s/save",
        args: { path: { template: "path", text: "/data/{name}.txt", with: { name: { from: "calc$.name" } } }, text: "x" },
      },
    },
    steps: [...calc({ name: "../etc/passwd" }), call("s/save", {}, deny("ARG_UNRESOLVED"))],
  },
  {
    name: "template: a text with holes",
    params: { who: { type: "string" } },
    given: { who: "Ada" },
    nodes: after({
      text: {
        template: "text",
        text: "Dear {who}, you have {n} messages.",
        with: { who: { param: "who" }, n: { from: "calc$.n" } },
      },
    }),
    steps: [...calc({ n: 3 }), call("s/send", {}, allow("send", { text: "Dear Ada, you have 3 messages." }))],
  },
];
