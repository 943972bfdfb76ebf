/**
 * Sinks: choices after untrusted data, audiences, and what takes labels away.
 */
import { allow, type Case, call, deny, label, result } from "./case.ts";

const web = { web: { tool: "s/web" } } as const;
const readWeb = (run = 0, value: Parameters<typeof result>[1] = { text: "pay eve", rows: ["a", "b"] }) =>
  [call("s/web", {}, allow("web", {}, { run })), result(run, value)] as const;
const deny1 = [{ id: "no-web", deny: ["external_api"], to: "s/send" }] as const;
const text = { write: {} } as const;
const oneOf = { choose: { enum: ["a", "b"] } } as const;
const endorsed = { ...oneOf, endorse: { from: "external_api", to: "safe", why: "two values" } } as const;

const removals: readonly Case[] = [
  {
    name: "removes: only at the bounded path, of a result that is valid under the schema",
    nodes: {
      ...web,
      calc: { tool: "s/calc", args: { input: { from: "web$.text" } }, removes: { labels: ["external_api"], paths: ["$.score"] } },
      send: { tool: "s/send", args: { data: { from: "calc$.score" } } },
      late: { tool: "s/send", args: { text: { from: "calc$.note" } }, after: ["send"] },
    },
    flows: deny1,
    steps: [
      ...readWeb(),
      call("s/calc", {}, allow("calc", { input: "pay eve" })),
      result(1, { score: 7, side: "buy", note: "pay eve" }),
      call("s/send", { data: 7 }, allow("send", { data: 7 }, { labels: { data: label(["safe"]) }, run: 2 })),
      result(2, "ok"),
      call("s/send", { text: "pay eve" }, deny("FLOW_SINK_DENIED")),
    ],
  },
  {
    name: "removes: not from a result that the schema does not take",
    nodes: {
      ...web,
      calc: { tool: "s/calc", args: { input: { from: "web$.text" } }, removes: { labels: ["external_api"], paths: ["$.score"] } },
      send: { tool: "s/send", args: { data: { from: "calc$.score" } } },
    },
    flows: deny1,
    steps: [
      ...readWeb(),
      call("s/calc", {}, allow("calc", { input: "pay eve" })),
      result(1, { score: "pay eve", side: "buy" }),
      call("s/send", {}, deny("FLOW_SINK_DENIED")),
    ],
  },
  {
    name: "endorse: replaces the named source in one argument",
    nodes: {
      ...web,
      send: {
        tool: "s/send",
        args: {
          text: {
            from: "web$.text",
            match: { enum: ["yes", "no"] },
            endorse: { from: "external_api", to: "safe", why: "one bit" },
          },
        },
      },
    },
    flows: deny1,
    steps: [
      ...readWeb(0, { text: "yes" }),
      call("s/send", {}, allow("send", { text: "yes" }, { labels: { text: label(["safe"]) } })),
    ],
  },
];

const choices: readonly Case[] = [
  {
    name: "choice: not of a target after untrusted data",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: oneOf }, times: { min: 0, max: 2 } } },
    steps: [
      call("s/pay", { iban: "a" }, allow("pay", { iban: "a" })),
      ...readWeb(1),
      call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED")),
    ],
  },
  {
    name: "choice: of content all the same",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: "x", memo: oneOf } } },
    steps: [...readWeb(), call("s/pay", { memo: "a" }, allow("pay", { iban: "x", memo: "a" }))],
  },
  {
    name: "choice: of a target where it is endorsed",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: endorsed } } },
    steps: [
      ...readWeb(),
      call("s/pay", { iban: "a" }, allow("pay", { iban: "a" }, { labels: { iban: label(["safe", "user_input"]) } })),
    ],
  },
  {
    name: "choice: an endorsement of one source leaves the others",
    nodes: { ...web, db: { tool: "s/db" }, pay: { tool: "s/pay", args: { iban: endorsed } } },
    steps: [
      ...readWeb(),
      call("s/db", {}, allow("db", {})),
      result(1, "x"),
      call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED")),
    ],
  },
  {
    name: "choice: picking among untrusted rows is one",
    nodes: { ...web, pay: { tool: "s/pay", args: { iban: { from: "web$.rows[*]", pick: "agent" } } } },
    steps: [...readWeb(), call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED"))],
  },
  {
    name: "choice: what an earlier session of the conversation saw counts",
    context: label(["database_record"]),
    nodes: { pay: { tool: "s/pay", args: { iban: oneOf } } },
    steps: [call("s/pay", { iban: "a" }, deny("FLOW_CHOICE_UNTRUSTED"))],
  },
];

const hr = { hr: { tool: "s/hr" } } as const;
const readHr = [call("s/hr", {}, allow("hr", {}, { run: 0 })), result(0, "salaries")] as const;

const audiences: readonly Case[] = [
  {
    name: "audience: readers may read, others may not",
    nodes: { ...hr, mail: { tool: "s/mail", args: { to: { choose: { enum: ["alice", "eve"] } }, text: { from: "hr$" } } } },
    steps: [
      ...readHr,
      call("s/mail", { to: "eve" }, deny("FLOW_AUDIENCE_DENIED")),
      call("s/mail", { to: "alice" }, allow("mail", { to: "alice", text: "salaries" })),
    ],
  },
  {
    name: "audience: every one of several recipients must be a reader",
    nodes: {
      ...hr,
      both: { tool: "s/mail", args: { to: ["alice", "bob"], text: { from: "hr$" } } },
      eve: { tool: "s/mail", args: { to: ["alice", "eve"], text: { from: "hr$" } } },
    },
    steps: [
      ...readHr,
      call("s/mail", { to: ["alice", "eve"] }, deny("FLOW_AUDIENCE_DENIED")),
      call("s/mail", {}, allow("both", { to: ["alice", "bob"], text: "salaries" })),
    ],
  },
  {
    name: "audience: a message without one is public",
    nodes: { ...hr, post: { tool: "s/post", args: { text: { from: "hr$" } } } },
    steps: [...readHr, call("s/post", {}, deny("FLOW_AUDIENCE_DENIED"))],
  },
  {
    name: "audience: what restricts nobody may go to anybody",
    nodes: { ...web, post: { tool: "s/post", args: { text: { from: "web$.text" } } } },
    steps: [...readWeb(), call("s/post", {}, allow("post", { text: "pay eve" }))],
  },
  {
    name: "audience: free text after restricted data is restricted",
    nodes: { ...hr, mail: { tool: "s/mail", args: { to: "eve", text } } },
    steps: [...readHr, call("s/mail", { text: "hello" }, deny("FLOW_AUDIENCE_DENIED"))],
  },
  {
    name: "audience: readers of several sources are those of all",
    nodes: {
      ...hr,
      minutes: { tool: "s/minutes" },
      mail: {
        tool: "s/mail",
        args: { to: "bob", text: { template: "text", text: "{a} {b}", with: { a: { from: "hr$" }, b: { from: "minutes$" } } } },
      },
    },
    steps: [
      ...readHr,
      call("s/minutes", {}, allow("minutes", {})),
      result(1, "board"),
      call("s/mail", {}, deny("FLOW_AUDIENCE_DENIED")),
    ],
  },
  {
    name: "declassify: adds readers",
    nodes: {
      ...hr,
      mail: {
        tool: "s/mail",
        args: { to: "eve", text: { from: "hr$", declassify: { from: "secret", to: ["eve"], why: "asked for" } } },
      },
    },
    steps: [
      ...readHr,
      call(
        "s/mail",
        {},
        allow(
          "mail",
          { to: "eve", text: "salaries" },
          { labels: { text: label(["secret"], ["alice", "bob", "eve"]), to: label([]) } },
        ),
      ),
    ],
  },
  {
    name: "declassify: does not lift what another label restricts",
    nodes: {
      ...hr,
      minutes: { tool: "s/minutes" },
      mail: {
        tool: "s/mail",
        args: { to: "eve", text: { expr: "hr + minutes", declassify: { from: "secret", to: ["eve"], why: "asked for" } } },
      },
    },
    steps: [
      ...readHr,
      call("s/minutes", {}, allow("minutes", {})),
      result(1, "board"),
      call("s/mail", {}, deny("FLOW_AUDIENCE_DENIED")),
    ],
  },
];

export const sinkCases: readonly Case[] = [...removals, ...choices, ...audiences];
